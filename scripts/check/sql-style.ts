// The rules of docs and review that a machine can see in a migration without running it. What only a
// database knows (grants, indexes, comments) is in tests/db/001_security.sql.
import { readSql, type Statement } from "./sql-text.ts";
import { type Finding, lineAt, type SourceFile } from "./tools.ts";

const migrations = "supabase/migrations/";
const name = /^\d{14}_(core|ops|qa|social|learning|market|timetable|study)(_[a-z0-9]+)+\.sql$/;

const keywords = new RegExp(
  "\\b(" +
    ("ADD ALL ALTER AND ANY AS ASC BEGIN BETWEEN BY CASCADE CASE CAST CHECK COALESCE COLUMN COMMENT " +
      "COMMIT CONSTRAINT CREATE CROSS CURRENT DECLARE DEFAULT DELETE DESC DISTINCT DO DROP ELSE END " +
      "EXCEPTION EXECUTE EXISTS FALSE FOR FOREIGN FROM FULL FUNCTION GRANT GROUP HAVING IF IMMUTABLE " +
      "IN INDEX INNER INSERT INTO INVOKER IS JOIN KEY LANGUAGE LATERAL LEFT LIKE LIMIT LOOP NOT NOTICE " +
      "NULL OFFSET ON OR ORDER OUTER PERFORM POLICY PRIMARY RAISE REFERENCES REPLACE RETURN RETURNING " +
      "RETURNS REVOKE RIGHT ROLLBACK ROW SCHEMA SECURITY SELECT SET STABLE TABLE THEN TO TRIGGER TRUE " +
      "TYPE UNION UNIQUE UPDATE USING VALUES VIEW VOLATILE WHEN WHERE WITH").replaceAll(" ", "|") +
    ")\\b",
  "g",
);

type Rule = (file: SourceFile, statements: Statement[], code: string) => [number, string][];

const opensWithComment: Rule = ({ text }) =>
  text.startsWith("--") ? [] : [[0, "a file opens with a comment: what is here, and why"]];

const lowerCase: Rule = (_file, _statements, code) =>
  [...code.matchAll(keywords)].map((match) => [match.index, `${match[0]} in upper case`]);

const tidy: Rule = ({ text }) => [
  ...[...text.matchAll(/[ \t]+$/gm)].map((
    { index },
  ): [number, string] => [index, "trailing space"]),
  ...[...text.matchAll(/\t/g)].map(({ index }): [number, string] => [index, "a tab"]),
];

const finished: Rule = ({ text }) =>
  [...text.matchAll(/\b(TODO|FIXME|XXX|HACK)\b/g)].map((match) => [match.index, `a ${match[0]}`]);

const searchPath: Rule = (_file, statements) =>
  statements
    .filter(({ head }) => /^create\s+(or\s+replace\s+)?(function|procedure)\b/i.test(head))
    .filter(({ head }) => !/\bset\s+search_path\s*(=|to)\s*''/i.test(head))
    .map(({ offset, head }) => [offset, `${named(head)} does not \`set search_path = ''\``]);

const policies: Rule = (_file, statements) =>
  statements.filter(({ head }) => /^create\s+policy\b/i.test(head)).flatMap(({ offset, head }) => {
    const who = /\bto\s+((?:\w+\s*,\s*)*\w+)/i.exec(
      head.replace(/\b(using|check)\s*\([\s\S]*/i, ""),
    );
    const problems: [number, string][] = [];
    if (!who?.[1]) problems.push([offset, `${named(head)} does not say \`to\` whom`]);
    else if (/\bpublic\b/i.test(who[1])) problems.push([offset, `${named(head)} is for public`]);
    for (const call of head.matchAll(/\bauth\.\w+\s*\(/gi)) {
      if (/\(\s*select\s+$/i.test(head.slice(0, call.index))) continue;
      problems.push([
        offset + call.index,
        `${call[0].slice(0, -1)}() is run for each row: select it`,
      ]);
    }
    return problems;
  });

/** `create policy messages_select_member` → `policy messages_select_member`. */
const named = (head: string): string =>
  /(function|procedure|policy)\s+[\w.]+/i.exec(head)?.[0].replace(/\s+/g, " ") ?? "this";

const everywhere: Rule[] = [opensWithComment, lowerCase, tidy, finished];
const inSchema: Rule[] = [searchPath, policies];

export function checkSql(files: SourceFile[]): Finding[] {
  const sql = files.filter(({ path }) => path.endsWith(".sql"));
  return [
    ...names(sql),
    ...sql.flatMap((file) => {
      const { statements, code } = readSql(file.text);
      // The platform is a copy of what Supabase has; tests may make functions for themselves.
      const rules = file.path.startsWith(migrations) ? [...everywhere, ...inSchema] : everywhere;
      return rules.flatMap((rule) => rule(file, statements, code)).map(([offset, message]) => ({
        path: file.path,
        line: lineAt(file.text, offset),
        message,
      }));
    }),
  ];
}

function names(sql: SourceFile[]): Finding[] {
  const versions = new Map<string, string>();
  return sql.filter(({ path }) => path.startsWith(migrations)).flatMap(({ path }) => {
    const file = path.slice(migrations.length);
    const version = file.slice(0, 14);
    const other = versions.get(version);
    versions.set(version, file);
    return [
      ...(name.test(file) ? [] : ["is not named <14 digits>_<module>_<layer>.sql"]),
      ...(other ? [`has the version of ${other}`] : []),
    ].map((message) => ({ path, message }));
  });
}
