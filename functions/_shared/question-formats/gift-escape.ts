// Escapes and formats of GIFT, as Moodle reads them. While a question is taken apart an escaped letter is a zero byte and a
// word for it: the file has none.

const ESCAPED = "\\:#={}~n";

/** Escaped letters out of the way: what is left of "{", "~" and the like has its meaning. */
export const hideEscapes = (text: string): string =>
  text.replace(/\\([\\:#={}~n])/g, (_, letter: string) => `\0${ESCAPED.indexOf(letter)}`);

export const showEscapes = (text: string): string =>
  text.replace(/\0(\d)/g, (_, no: string) => {
    const letter = ESCAPED.charAt(Number(no));
    return letter === "n" ? "\n" : letter;
  });

export const escapeGift = (text: string): string =>
  text.replace(/[\\:#={}~]/g, (letter) => `\\${letter}`).replaceAll("\n", "\\n");

export const FORMATS = ["html", "moodle", "plain", "markdown"] as const;
export type Format = (typeof FORMATS)[number];

/** "[html]<p>…" is a format and a text. An unknown word in brackets is text. */
export function readFormat(text: string, otherwise: Format): { format: Format; text: string } {
  const found = /^\[(html|moodle|plain|markdown)\]/.exec(text);
  return found
    ? { format: found[1] as Format, text: text.slice(found[0].length) }
    : { format: otherwise, text };
}

/** A text that begins like a format says which one it has. */
export const withFormat = (text: string): string => {
  const escaped = escapeGift(text);
  return escaped.startsWith("[") ? `[plain]${escaped}` : escaped;
};
