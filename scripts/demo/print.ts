// What the terminal sees: plain lines that read the same in a pipe, with a little colour where it is one's own terminal.
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

const width = Math.min(process.stdout.columns || 100, 100);
const started = performance.now();

/** styleText itself honours NO_COLOR, FORCE_COLOR and a standard output that is no terminal. */
const paint = (style: Style, text: string): string =>
  styleText(style, text, { stream: process.stdout, validateStream: true });

export const dim = (text: string): string => paint("dim", text);
export const bold = (text: string): string => paint("bold", text);
export const green = (text: string): string => paint("green", text);
export const red = (text: string): string => paint("red", text);
export const cyan = (text: string): string => paint("cyan", text);

export const say = (text = ""): void => void process.stdout.write(`${text}\n`);

export const milliseconds = (ms: number): string =>
  ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

export const sinceStart = (): string =>
  `${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s`;

export function heading(number: number, title: string): void {
  say();
  say(bold(`${number}. ${title}`));
}

export function okLine(what: string, ms: number): void {
  const [first = "", ...more] = wrap(what, width - 18);
  say(`   ${green("ok")}  ${first.padEnd(width - 18)} ${dim(milliseconds(ms).padStart(9))}`);
  for (const line of more) say(`       ${line}`);
}

export function failLine(what: string, ms: number, expected: string, got: string): void {
  say(`   ${red("no")}  ${what} ${dim(milliseconds(ms))}`);
  for (const [label, text] of [["expected", expected], ["came", got]] as const) {
    const lines = text.split("\n").flatMap((line) => wrap(line, width - 18));
    lines.forEach((line, index) => say(`       ${(index ? "" : label).padEnd(10)}${line}`));
  }
}

export const detail = (text: string): void => say(indented(text, 7));
export const note = (text: string, deeper = 0): void => say(dim(indented(text, 7 + deeper)));

/** A quoted text, wrapped, with a bar at its side. */
export function quoted(text: string): void {
  for (const paragraph of text.split("\n")) {
    for (const line of wrap(paragraph, width - 11)) say(`       ${dim("│")} ${line}`.trimEnd());
  }
}

export function table(head: string[], rows: (string | number)[][]): void {
  const cells = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? "").length))
  );
  const isNumber = head.map((_, column) => rows.every((row) => typeof row[column] === "number"));
  cells.forEach((row, index) => {
    const line = row.map((cell, column) =>
      isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
    ).join("  ").trimEnd();
    say(`       ${index === 0 ? dim(line) : line}`);
  });
}

export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/[ \t]+/)) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}

function indented(text: string, indent: number): string {
  return text.split("\n").flatMap((part) => wrap(part, width - indent))
    .map((line) => " ".repeat(indent) + line).join("\n");
}
