// Pictures of text, as somebody would take them of a page.
import sharp from "sharp";

export async function photograph(lines: string[]): Promise<Uint8Array> {
  const rows = lines.map((line, i) =>
    `<text x="120" y="${
      180 + i * 90
    }" font-family="DejaVu Sans, sans-serif" font-size="48">${line}</text>`
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1654" height="1200">
    <rect width="100%" height="100%" fill="#fdfdfa"/>${rows.join("")}</svg>`;
  return new Uint8Array(await sharp(Buffer.from(svg)).png().toBuffer());
}
