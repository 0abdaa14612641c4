import { expect, test } from "vitest";
import { structure } from "../../functions/_shared/timetable/index.ts";
import { readDocument } from "../../scripts/ocr/read.ts";
import { cell, docx, paragraph, row, tableOf } from "./docx.ts";

const noEngine = {
  engine: () => Promise.reject(new Error("a Word file with a table needs no engine")),
};
const read = async (body: string) => {
  const document = await readDocument(docx(body), noEngine);
  const blocks = structure(document).map((b) =>
    `${b.day.slice(0, 3)} ${b.start}-${b.end ?? "?"} ${b.name}${b.notes ? ` (${b.notes})` : ""}`
  );
  return { document, blocks };
};

test("merged cells, turned text, shading, bold", async () => {
  const restart = '<w:vMerge w:val="restart"/><w:textDirection w:val="btLr"/>';
  const { document, blocks } = await read(
    paragraph("Class 2EJ") + tableOf(
      4,
      row(cell(""), cell("9 – 9.30"), cell("9.30 - 10"), cell("10 - 11am")),
      row(
        cell(paragraph("Monday", "<w:b/>")),
        cell("Register", restart),
        cell("Maths", '<w:gridSpan w:val="2"/><w:shd w:fill="FFE599"/>'),
      ),
      row(cell("Tuesday"), cell("", "<w:vMerge/>"), cell("Art"), cell("PE")),
      row(
        cell("Wednesday"),
        cell("", "<w:vMerge/>"),
        cell(paragraph("Latin") + paragraph("(Room 12)", '<w:sz w:val="16"/>')),
        cell(tableOf(1, row(cell("Choir")))),
      ),
    ),
  );
  expect(blocks).toEqual([
    "Mon 09:00-09:30 Register",
    "Mon 09:30-11:00 Maths",
    "Tue 09:00-09:30 Register",
    "Tue 09:30-10:00 Art",
    "Tue 10:00-11:00 PE",
    "Wed 09:00-09:30 Register",
    "Wed 09:30-10:00 Latin (Room 12)",
    "Wed 10:00-11:00 Choir",
  ]);
  const cells = document.pages[0]!.tables[0]!.cells;
  expect(cells.find((c) => c.lines[0]?.text === "Register")).toMatchObject({ rowSpan: 3 });
  expect(cells.find((c) => c.lines[0]?.text === "Register")!.lines[0]!.rotation).toBe(270);
  expect(cells.find((c) => c.lines[0]?.text === "Maths")!.fill).toBe("#ffe599");
  expect(cells.find((c) => c.lines[0]?.text === "Monday")!.lines[0]!.isBold).toBe(true);
});

test("removed text and the copy of a text box for old programs are not read", async () => {
  const changed = "<w:p><w:del><w:r><w:delText>French</w:delText></w:r></w:del>" +
    "<w:ins><w:r><w:t>German</w:t></w:r></w:ins></w:p>";
  const { blocks } = await read(tableOf(
    3,
    row(cell(""), cell("9 - 10am"), cell("10 - 11am")),
    row(cell("Mon"), cell(changed), cell("Art")),
    row(cell("Tue"), cell("PE"), cell("Music")),
  ));
  expect(blocks[0]).toBe("Mon 09:00-10:00 German");
});
