// Documents for the tests of reading: rendered timetables with what has to be read from them, and PDFs of pictures.
import { createCanvas } from "@napi-rs/canvas";
import sharp from "sharp";
import { type GoldBlock, kinds, makeOne } from "../../../scripts/ocr/sample/index.ts";

/** A timetable as a school would draw it; another seed is another school. */
export async function rendered(seed: number): Promise<{ bytes: Uint8Array; gold: GoldBlock[] }> {
  const kind = kinds.find(({ name }) => name === "days-rows");
  if (!kind) throw new Error("no such kind of timetable");
  return await makeOne(kind, "none", seed);
}

/** How many of the blocks that stand on the page were read, day, name and times alike. */
export function shareRead(
  gold: GoldBlock[],
  read: { day_of_week: string; name: string; start_time: string; end_time: string | null }[],
): number {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");
  const found = new Set(
    read.map((b) =>
      [b.day_of_week, plain(b.name), b.start_time.slice(0, 5), b.end_time?.slice(0, 5)].join("|")
    ),
  );
  const right = gold.filter((b) =>
    found.has([b.day, plain(b.name), b.start, b.end ?? undefined].join("|"))
  );
  return right.length / gold.length;
}

/** A PDF that holds nothing but pictures, as scanners make them: it has to be recognised page by page. */
export async function scannedPdf(pictures: Uint8Array[]): Promise<Uint8Array> {
  const parts: Buffer[] = [Buffer.from("%PDF-1.4\n")];
  const offsets: number[] = [];
  const length = () => parts.reduce((sum, part) => sum + part.length, 0);
  const object = (number: number, head: string, stream?: Buffer) => {
    offsets[number] = length();
    parts.push(Buffer.from(`${number} 0 obj\n${head}\n`));
    if (stream) parts.push(Buffer.from("stream\n"), stream, Buffer.from("\nendstream\n"));
    parts.push(Buffer.from("endobj\n"));
  };
  const kids = pictures.map((_, i) => `${3 + 3 * i} 0 R`).join(" ");
  object(1, "<< /Type /Catalog /Pages 2 0 R >>");
  object(2, `<< /Type /Pages /Kids [${kids}] /Count ${pictures.length} >>`);
  for (const [i, picture] of pictures.entries()) {
    const page = 3 + 3 * i;
    const { data, info } = await sharp(picture).jpeg({ quality: 92 })
      .toBuffer({ resolveWithObject: true });
    const [w, h] = [842, Math.round(842 * info.height / info.width)];
    const draw = Buffer.from(`q ${w} 0 0 ${h} 0 0 cm /Im Do Q`);
    object(
      page,
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${w} ${h}] /Contents ${page + 1} 0 R ` +
        `/Resources << /XObject << /Im ${page + 2} 0 R >> >> >>`,
    );
    object(page + 1, `<< /Length ${draw.length} >>`, draw);
    object(
      page + 2,
      `<< /Type /XObject /Subtype /Image /Width ${info.width} /Height ${info.height} ` +
        `/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length ${data.length} >>`,
      data,
    );
  }
  const start = length();
  const rows = offsets.slice(1).map((at) => `${String(at).padStart(10, "0")} 00000 n \n`).join("");
  parts.push(Buffer.from(
    `xref\n0 ${offsets.length}\n0000000000 65535 f \n${rows}` +
      `trailer\n<< /Size ${offsets.length} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`,
  ));
  return new Uint8Array(Buffer.concat(parts));
}

/** A question on a picture, set in black on white. */
export async function written(lines: string[]): Promise<Buffer> {
  const canvas = createCanvas(1000, 60 + 60 * lines.length), context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#111111";
  context.font = '36px "Sample Sans"';
  for (const [i, line] of lines.entries()) context.fillText(line, 40, 70 + 60 * i);
  return await canvas.encode("png");
}
