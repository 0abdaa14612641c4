// Text as people mean it: one form of each character, plain spaces, no invisible characters.

const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g;
// Control characters other than tab and line ends.
const CONTROL = /[^\P{Cc}\t\n\r]/gu;

/** NFC, without control, zero-width and direction-changing characters; line ends are "\n". */
export const cleanText = (text: string): string =>
  text.replace(/\r\n?/g, "\n").normalize("NFC").replace(CONTROL, "").replace(INVISIBLE, "");

/** Every run of white space is one space. */
export const collapseWhitespace = (text: string): string => text.replace(/\s+/g, " ").trim();

/** For comparison only: lower case, no accents, straight quotes and dashes, single spaces. */
export const foldText = (text: string): string =>
  collapseWhitespace(
    cleanText(text).normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase()
      .replace(/[‘’‚‛′`´]/g, "'").replace(/[“”„‟″«»]/g, '"').replace(/[‐‑‒–—−]/g, "-"),
  );

/** At most `max` characters, cut at a word and marked with "…". */
export const truncate = (text: string, max: number): string => {
  if (text.length <= max) return text;
  const cut = text.slice(0, Math.max(0, max - 1));
  const space = cut.lastIndexOf(" ");
  return `${(space > max / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
};
