// The title and language that stand above many Markdown files, between two lines of dashes.

export interface FrontMatter {
  title: string | null;
  language: string | null;
  /** What follows it. */
  rest: string;
}

const BLOCK = /^---[ \t]*\n([\s\S]{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)/;

function valueOf(block: string, names: string[]): string | null {
  for (const line of block.split("\n")) {
    const [, name = "", value = ""] = /^([A-Za-z_-]+)[ \t]*:[ \t]*(.*)$/.exec(line) ?? [];
    if (!names.includes(name.toLowerCase())) continue;
    const plain = value.trim().replace(/^(["'])(.*)\1$/, "$2").trim();
    // Nested values are not read.
    if (plain !== "" && !/^[[{|>&*]/.test(plain)) return plain;
  }
  return null;
}

export function readFrontMatter(text: string): FrontMatter {
  const found = BLOCK.exec(text);
  const block = found?.[1] ?? "";
  if (!found || !/^[A-Za-z_-]+[ \t]*:/m.test(block)) {
    return { title: null, language: null, rest: text };
  }
  return {
    title: valueOf(block, ["title"]),
    language: valueOf(block, ["lang", "language"]),
    rest: text.slice(found[0].length),
  };
}
