// Word files made in memory: only the parts that are read.
import { strToU8, zipSync } from "fflate";

const escape = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
export const paragraph = (text: string, run = "") =>
  `<w:p><w:r>${run && `<w:rPr>${run}</w:rPr>`}<w:t xml:space="preserve">${
    escape(text)
  }</w:t></w:r></w:p>`;
export const cell = (content: string, look = "") =>
  `<w:tc><w:tcPr>${look}</w:tcPr>${content.startsWith("<") ? content : paragraph(content)}</w:tc>`;
export const row = (...cells: string[]) => `<w:tr>${cells.join("")}</w:tr>`;
export const tableOf = (columns: number, ...rows: string[]) =>
  `<w:tbl><w:tblGrid>${'<w:gridCol w:w="1800"/>'.repeat(columns)}</w:tblGrid>${
    rows.join("")
  }</w:tbl>`;

const namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';

export const docx = (body: string, head = '<?xml version="1.0"?>', more = {}): Uint8Array =>
  zipSync({
    "[Content_Types].xml": strToU8("<Types/>"),
    "word/document.xml": strToU8(
      `${head}<w:document ${namespace}><w:body>${body}</w:body></w:document>`,
    ),
    ...more,
  });
