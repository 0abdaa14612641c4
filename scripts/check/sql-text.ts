// Just enough of SQL's grammar to tell code from comments and strings, and one statement from the
// next. Everything masked becomes spaces, so that offsets and lines stay those of the file.

export interface Statement {
  /** Where it begins in the file. */
  offset: number;
  /** Without comments and without the bodies of functions; strings are there. */
  head: string;
}

export interface SqlText {
  /** Without comments and strings; the code inside function bodies is there. */
  code: string;
  statements: Statement[];
}

const blank = (text: string): string => text.replace(/[^\n]/g, " ");

const part =
  /--[^\n]*|\/\*[\s\S]*?\*\/|\b[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1/g;

const isComment = (text: string): boolean => text.startsWith("--") || text.startsWith("/*");

/** Comments and strings go; what is inside dollar quotes is code and is treated alike. */
function maskText(sql: string): string {
  return sql.replace(
    part,
    (text: string, tag: string | undefined) =>
      tag === undefined
        ? blank(text)
        : blank(tag) + maskText(text.slice(tag.length, -tag.length)) + blank(tag),
  );
}

export function readSql(sql: string): SqlText {
  const strings = sql.replace(
    part,
    (text: string, tag: string | undefined) =>
      tag !== undefined || isComment(text) ? blank(text) : text,
  );
  const bare = sql.replace(part, blank);
  const statements: Statement[] = [];
  let start = 0;
  for (const match of bare.matchAll(/;|$(?![\s\S])/g)) {
    const head = strings.slice(start, match.index);
    const indent = /^\s*/.exec(head)?.[0].length ?? 0;
    if (indent < head.length) {
      statements.push({ offset: start + indent, head: head.slice(indent).trimEnd() });
    }
    start = match.index + 1;
  }
  return { code: maskText(sql), statements };
}
