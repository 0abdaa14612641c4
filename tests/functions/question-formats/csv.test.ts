import { describe, expect, it } from "vitest";
import { readCsv } from "../../../functions/_shared/question-formats/csv-read.ts";
import { writeCsv } from "../../../functions/_shared/question-formats/csv-write.ts";
import { plainItem } from "./samples.ts";

const HEADER = "vignette,option_1,option_2,option_3,correct";
const read = (rows: string, header = HEADER) => readCsv(`${header}\n${rows}`);
const first = (rows: string, header = HEADER) => read(rows, header).items[0]?.item;
const codes = (text: string) => readCsv(text).problems.map(({ line, code }) => [line, code]);

describe("reading", () => {
  it.each([
    ["2", ["b"], "single_choice"],
    ['"1;3"', ["a", "c"], "multiple_choice"],
    ['"1, 3"', ["a", "c"], "multiple_choice"],
    ["B", ["b"], "single_choice"],
    ["a c", ["a", "c"], "multiple_choice"],
  ])("takes %s for the right ones", (correct, right, type) => {
    const item = first(`q?,a,b,c,${correct}`);
    expect(item?.question_type).toBe(type);
    expect(item?.options.filter((o) => o.is_correct).map(({ text }) => text)).toEqual(right);
  });

  it("counts options by their columns, with gaps", () => {
    expect(first("q?,a,,c,3")?.options).toMatchObject([{ text: "a" }, {
      text: "c",
      is_correct: true,
    }]);
  });

  it.each([[";"], ["\t"]])("takes %j between cells", (delimiter) => {
    const [header, row] = [HEADER, "q?,a,b,c,1"].map((line) => line.replaceAll(",", delimiter));
    expect(first(row ?? "", header)?.options).toHaveLength(3);
  });

  it("knows other names of columns, in any case", () => {
    expect(first("q?,a,b,A,Why", "Question,Option A,option-b,Answer,Explanation")).toMatchObject({
      vignette: "q?",
      options: [{ text: "a", is_correct: true }, { text: "b" }],
      explanation: { correct_explanation: "Why" },
    });
  });

  it("names lines, also behind cells of several", () => {
    const text = `${HEADER}\n"q\n?",a,b,c,1\n\nr?,a,b,c,9\n"s?",a,b,c,1,2\n`;
    expect(readCsv(text).items[0]?.place).toEqual({ line: 2 });
    expect(codes(text)).toEqual([[5, "correct_invalid"], [6, "csv_row_too_long"]]);
  });

  it.each([
    ["", "csv_header_invalid"],
    ["a,b\n1,2", "csv_header_invalid"],
    [`${HEADER},correct\nq,a,b,c,1,1`, "csv_header_invalid"],
    [`${HEADER}\nq"?,a,b,c,1`, "csv_malformed"],
    [`${HEADER}\n"q?,a,b,c,1`, "csv_malformed"],
    [`${HEADER},question_type\nq?,a,b,c,1,essay`, "type_unsupported"],
    [`${HEADER}\nq?,a,b,c,first`, "correct_invalid"],
    [`${HEADER}\nq?,a,b,c,0`, "correct_invalid"],
    [`${HEADER}\nq?,a,b,c,-1`, "correct_invalid"],
    [`${HEADER}\nq?,a,b,c,1.5`, "correct_invalid"],
    [`${HEADER}\nq?,a,b,c,11`, "correct_invalid"],
    [`${HEADER}\nq?,a,b,,3`, "correct_invalid"],
    [`${HEADER}\nq?,a,b,c,4`, "correct_invalid"],
  ])("refuses %j: %s", (text, code) => {
    expect(readCsv(text).problems.map((p) => p.code)).toEqual([code]);
    expect(readCsv(text).items).toEqual([]);
  });

  it("says which columns it does not read", () => {
    const { items, warnings } = read("q?,a,b,c,1,x", `${HEADER},points`);
    expect([items.length, warnings[0]?.code]).toEqual([1, "column_ignored"]);
  });

  it("takes columns that are called like parts of every object", () => {
    const { items, warnings } = read("q?,a,b,c,1,x,y", `${HEADER},__proto__,constructor`);
    expect([items.length, warnings.length]).toEqual([1, 2]);
  });

  it("notices more questions than may be", () => {
    expect(read("q?,a,b,c,1\n".repeat(6000)).items.length).toBe(5001);
  });
});

describe("writing", () => {
  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "\uFF1D1"])("keeps %j from being run", (text) => {
    const written = writeCsv([plainItem({ vignette: text })]);
    expect(written).toContain(`'${text}`);
    expect(readCsv(written.replaceAll("\r\n", "\n")).items[0]?.item.vignette).toBe(text);
  });

  it("says that it is UTF-8", () => {
    expect(writeCsv([plainItem()]).startsWith("\uFEFFid,topic,")).toBe(true);
  });
});
