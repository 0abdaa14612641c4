// The words of a line of Markdown, without its signs.

import { Lexer, type Token, type Tokens } from "marked";
import { textOfHtml } from "./html.ts";

/** Longer ones are no prose, and signs within signs take marked ever longer. */
const LONGEST = 50_000;
/** Brackets and asterisks: the same. */
const MOST_SIGNS = 2000;

const withoutSigns = (text: string): string =>
  text.replace(/!?\[([^\][]{0,500})\]\([^()\s]{0,2000}\)/g, "$1").replace(/[*_`~]{1,3}/g, "");

const decoded = (text: string): string => text.includes("&") ? textOfHtml(text) : text;

/** Lists and links hold tokens of their own; marked escapes nothing as long as it does not render. */
function wordsOf(tokens: Token[]): string {
  return tokens.map((token): string => {
    switch (token.type) {
      case "br":
        return "\n";
      case "codespan":
        return (token as Tokens.Codespan).text;
      case "html":
        return /^<br\b/i.test(token.raw) ? "\n" : "";
      case "image":
        return (token as Tokens.Image).text;
      case "escape":
        return (token as Tokens.Escape).text;
      default: {
        const inner = (token as { tokens?: Token[] }).tokens;
        return inner ? wordsOf(inner) : decoded((token as { text?: string }).text ?? "");
      }
    }
  }).join("");
}

const FOOTNOTE_MARK = /\[\^[^\]\s]{1,50}\]/g;

export function inlineText(markdown: string): string {
  const text = markdown.replace(FOOTNOTE_MARK, "");
  const signs = text.match(/[[\]*_`~<]/g)?.length ?? 0;
  if (text.length > LONGEST || signs > MOST_SIGNS) return decoded(withoutSigns(text));
  // A line that was wrapped goes on; two spaces at its end, or a backslash, break it.
  return wordsOf(Lexer.lexInline(text)).replace(/[^\S\n]*\n[^\S\n]*/g, "\n");
}
