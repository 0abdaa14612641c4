// Word files and presentations of a few elements.

import { DOCX, officeParts, PPTX, zip, type ZipPart } from "../../fixtures/office.ts";

const WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
const RELATIONS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"';
const POINT = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" ' +
  'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"';

const withParts = (mime: string, parts: ZipPart[]): Uint8Array => {
  const names = new Set(parts.map(({ name }) => name));
  return zip([...officeParts(mime).filter(({ name }) => !names.has(name)), ...parts]);
};

export const run = (text: string): string => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`;
export const paragraph = (text: string, style = "", more = ""): string =>
  `<w:p><w:pPr>${style ? `<w:pStyle w:val="${style}"/>` : ""}${more}</w:pPr>${run(text)}</w:p>`;
export const tableRow = (...cells: string[]): string =>
  `<w:tr>${cells.map((text) => `<w:tc>${paragraph(text)}</w:tc>`).join("")}</w:tr>`;

export interface DocxOptions {
  styles?: string;
  footnotes?: string;
  title?: string;
}

export const docxFile = (body: string, options: DocxOptions = {}): Uint8Array =>
  withParts(DOCX, [
    {
      name: "word/document.xml",
      content: `<w:document ${WORD}><w:body>${body}</w:body></w:document>`,
    },
    { name: "word/styles.xml", content: `<w:styles ${WORD}>${options.styles ?? ""}</w:styles>` },
    {
      name: "word/footnotes.xml",
      content: `<w:footnotes ${WORD}>${options.footnotes ?? ""}</w:footnotes>`,
    },
    {
      name: "docProps/core.xml",
      content:
        `<cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:creator>Ann</dc:creator><dc:title>${
          options.title ?? ""
        }</dc:title></cp:coreProperties>`,
    },
  ]);

export interface Shape {
  type?: string;
  paragraphs: { text: string; level?: number; bullet?: boolean }[];
}

const shapeXml = ({ type, paragraphs }: Shape): string =>
  `<p:sp><p:nvSpPr><p:cNvPr id="1" name="x"/><p:nvPr>${
    type === undefined ? "" : `<p:ph${type ? ` type="${type}"` : ""}/>`
  }</p:nvPr></p:nvSpPr><p:txBody>${
    paragraphs.map(({ text, level = 0, bullet }) =>
      `<a:p><a:pPr lvl="${level}">${
        bullet ? '<a:buChar char="•"/>' : ""
      }</a:pPr><a:r><a:t>${text}</a:t></a:r></a:p>`
    ).join("")
  }</p:txBody></p:sp>`;

export interface Slide {
  shapes: Shape[];
  notes?: string;
  isHidden?: boolean;
  more?: string;
}

/** `order` says which file is shown first, second …: files are named as they were made. */
export function pptxFile(slides: Slide[], order = slides.map((_, i) => i)): Uint8Array {
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="http://x/${type}" Target="${target}"/>`;
  const parts: ZipPart[] = [
    {
      name: "ppt/presentation.xml",
      content: `<p:presentation ${POINT} ${RELATIONS}><p:sldIdLst>${
        order.map((at, i) => `<p:sldId id="${256 + i}" r:id="rId${at}"/>`).join("")
      }</p:sldIdLst></p:presentation>`,
    },
    {
      name: "ppt/_rels/presentation.xml.rels",
      content: `<Relationships>${
        slides.map((_, i) => relation(`rId${i}`, "slide", `slides/slide${i + 1}.xml`)).join("")
      }</Relationships>`,
    },
  ];
  slides.forEach(({ shapes, notes, isHidden, more = "" }, i) => {
    parts.push({
      name: `ppt/slides/slide${i + 1}.xml`,
      content: `<p:sld ${POINT}${isHidden ? ' show="0"' : ""}><p:cSld><p:spTree>${
        shapes.map(shapeXml).join("")
      }${more}</p:spTree></p:cSld></p:sld>`,
    });
    if (notes === undefined) return;
    parts.push({
      name: `ppt/slides/_rels/slide${i + 1}.xml.rels`,
      content: `<Relationships>${
        relation("rId1", "notesSlide", `../notesSlides/notesSlide${i + 1}.xml`)
      }</Relationships>`,
    }, {
      name: `ppt/notesSlides/notesSlide${i + 1}.xml`,
      content: `<p:notes ${POINT}><p:cSld><p:spTree>${
        shapeXml({ type: "body", paragraphs: [{ text: notes }] })
      }${shapeXml({ type: "sldNum", paragraphs: [{ text: "7" }] })}</p:spTree></p:cSld></p:notes>`,
    });
  });
  return withParts(PPTX, parts);
}
