// PDFs by hand: text at given places in the fonts that every reader has, so that nothing has to be embedded.

import { deflateSync } from "node:zlib";

export interface Run {
  text: string;
  x: number;
  /** From the top of the page. */
  y: number;
  size?: number;
  font?: "plain" | "bold" | "mono";
  /** Degrees, against the clock. */
  angle?: number;
}

export interface PdfOptions {
  title?: string;
  /** More of the trailer, such as an /Encrypt. */
  trailer?: string;
  /** What the page tree says, in place of the truth. */
  count?: number;
  /** Pages turned by so many degrees. */
  rotate?: number;
  outline?: { title: string; page: number }[];
}

export const WIDTH = 612;
export const HEIGHT = 792;
const fonts = { plain: "F1", bold: "F2", mono: "F3" };

const latin1 = (text: string) => Buffer.from(text, "latin1");
const escaped = (text: string) => text.replace(/[\\()]/g, "\\$&");

export const contentOf = (runs: Run[]): string =>
  `BT\n${
    runs.map(({ text, x, y, size = 11, font = "plain", angle = 0 }) => {
      const [sin, cos] = [Math.sin(angle * Math.PI / 180), Math.cos(angle * Math.PI / 180)];
      const matrix = [cos, sin, -sin, cos, x, HEIGHT - y].map((n) => n.toFixed(2)).join(" ");
      return `/${fonts[font]} ${size} Tf ${matrix} Tm (${escaped(text)}) Tj`;
    }).join("\n")
  }\nET`;

interface LineOptions {
  size?: number;
  /** From one line to the next. */
  leading?: number;
  font?: Run["font"];
}

/** Lines of one paragraph, one under the other. */
export const linesAt = (
  x: number,
  y: number,
  lines: string[],
  { size = 11, leading, font = "plain" }: LineOptions = {},
): Run[] => lines.map((text, i) => ({ text, x, y: y + i * (leading ?? size * 1.2), size, font }));

/** A page is runs of text, or the operators themselves. */
export function pdfFile(pages: (Run[] | string)[], options: PdfOptions = {}): Uint8Array {
  const objects: (Buffer | string)[] = [];
  const put = (body: Buffer | string): number => objects.push(body);
  const stream = (data: Buffer, more = "") =>
    Buffer.concat([
      latin1(`<</Length ${data.length}${more}>>stream\n`),
      data,
      latin1("\nendstream"),
    ]);
  put("");
  put("");
  const fontNumbers = ["Helvetica", "Helvetica-Bold", "Courier"].map((name) =>
    put(`<</Type/Font/Subtype/Type1/BaseFont/${name}/Encoding/WinAnsiEncoding>>`)
  );
  const image = put(
    stream(
      deflateSync(Buffer.alloc(300 * 300)),
      "/Type/XObject/Subtype/Image/Width 300/Height 300" +
        "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode",
    ),
  );
  const resources = `/Resources<</Font<<${
    fontNumbers.map((n, i) => `/F${i + 1} ${n} 0 R`).join("")
  }>>/XObject<</Im0 ${image} 0 R>>>>`;
  const kids = pages.map((page) => {
    const text = typeof page === "string" ? page : contentOf(page);
    const content = put(stream(deflateSync(latin1(text)), "/Filter/FlateDecode"));
    return put(
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${WIDTH} ${HEIGHT}]/Rotate ${options.rotate ?? 0}` +
        `/Contents ${content} 0 R${resources}>>`,
    );
  });
  let outline = "";
  if (options.outline) {
    const root = objects.length + 1;
    const items = options.outline.map(({ title, page }, i, all) => {
      const number = root + 1 + i;
      return `<</Title(${escaped(title)})/Parent ${root} 0 R/Dest[${kids[page - 1]} 0 R/Fit]` +
        (i > 0 ? `/Prev ${number - 1} 0 R` : "") +
        (i < all.length - 1 ? `/Next ${number + 1} 0 R` : "") + ">>";
    });
    put(
      `<</Type/Outlines/First ${root + 1} 0 R/Last ${
        root + items.length
      } 0 R/Count ${items.length}>>`,
    );
    items.forEach(put);
    outline = `/Outlines ${root} 0 R`;
  }
  const info = put(`<</Title(${escaped(options.title ?? "")})>>`);
  objects[0] = `<</Type/Catalog/Pages 2 0 R${outline}>>`;
  objects[1] = `<</Type/Pages/Count ${options.count ?? kids.length}/Kids[${
    kids.map((n) => `${n} 0 R`).join(" ")
  }]>>`;

  const parts: Buffer[] = [latin1("%PDF-1.7\n")];
  const offsets: number[] = [];
  let at = parts[0]!.length;
  objects.forEach((body, i) => {
    const bytes = Buffer.concat([
      latin1(`${i + 1} 0 obj\n`),
      typeof body === "string" ? latin1(body) : body,
      latin1("\nendobj\n"),
    ]);
    offsets.push(at);
    at += bytes.length;
    parts.push(bytes);
  });
  const rows = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  parts.push(latin1(
    `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}` +
      `trailer<</Size ${objects.length + 1}/Root 1 0 R/Info ${info} 0 R${
        options.trailer ?? ""
      }>>\n` +
      `startxref\n${at}\n%%EOF\n`,
  ));
  return Uint8Array.from(Buffer.concat(parts));
}
