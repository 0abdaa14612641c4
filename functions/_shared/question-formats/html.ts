// HTML to the plain text that we keep: paragraphs, lists and line breaks stay, the rest of the markup goes.

import { Parser } from "htmlparser2";

const BLOCKS: ReadonlySet<string> = new Set(
  "address article blockquote dd div dl dt figure h1 h2 h3 h4 h5 h6 hr li ol p pre section table tr ul"
    .split(" "),
);
const SKIPPED: ReadonlySet<string> = new Set(
  "script style template head iframe object svg".split(" "),
);

/** Whether a text that says nothing of its format was meant to be HTML. */
export const looksLikeHtml = (text: string): boolean =>
  /<\/?(?:p|br|b|i|em|strong|sub|sup|ul|ol|li|div|span|img|table|h[1-6])(?:\s[^<>]*)?\/?>/i.test(
    text,
  );

export interface PlainText {
  text: string;
  /** Pictures and the like: what is left of them is their description. */
  hasMedia: boolean;
}

export function htmlToText(html: string): PlainText {
  const lines: string[] = [""];
  let [skipped, preformatted, hasMedia] = [0, 0, false];
  // Whether the last line says something: kept, since to look at a long line for each piece of it takes too long.
  let isOpen = false;
  const say = (text: string) => {
    lines[lines.length - 1] += text;
    isOpen ||= text.trim() !== "";
  };
  const breakLine = () => {
    lines.push("");
    isOpen = false;
  };
  const endBlock = () => {
    if (!isOpen) return;
    breakLine();
    breakLine();
  };
  const parser = new Parser({
    onopentag(name, attributes) {
      if (SKIPPED.has(name)) skipped += 1;
      if (skipped > 0) return;
      if (BLOCKS.has(name)) endBlock();
      if (name === "pre") preformatted += 1;
      if (name === "br") breakLine();
      if (name === "li") {
        // Lists stand close together.
        if (lines.length > 1 && lines.at(-2) === "" && /^- /.test(lines.at(-3) ?? "")) {
          lines.splice(-2, 2, "");
          isOpen = false;
        }
        say("- ");
      }
      if (name === "td" || name === "th") say(isOpen ? " | " : "");
      if (["img", "audio", "video", "embed"].includes(name)) {
        hasMedia = true;
        const alt = (attributes["alt"] ?? "").trim();
        if (alt !== "") say(`[${alt}]`);
      }
    },
    ontext(text) {
      if (skipped > 0) return;
      if (preformatted > 0) {
        for (const [i, line] of text.split("\n").entries()) {
          if (i > 0) breakLine();
          say(line);
        }
      } else {
        const run = text.replace(/[ \t\n\r\f]+/g, " ");
        say(isOpen ? run : run.trimStart());
      }
    },
    onclosetag(name) {
      if (SKIPPED.has(name)) skipped = Math.max(0, skipped - 1);
      if (skipped > 0) return;
      if (name === "pre") preformatted = Math.max(0, preformatted - 1);
      if (BLOCKS.has(name)) endBlock();
    },
  }, { decodeEntities: true });
  parser.write(html);
  parser.end();
  const text = lines.map((line) => line.trimEnd()).join("\n").replace(/\n{3,}/g, "\n\n").trim();
  return { text, hasMedia };
}
