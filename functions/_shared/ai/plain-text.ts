// What a provider wrote, as text that the database takes and a page may show.

import { cleanText } from "../text/normalise.ts";

const MAX_TEXT = 12_000;

/** Markup has no place in an answer: what looks like a tag, or a link to a script, is shown as text. */
export const plainText = (text: string): string =>
  cleanText(text)
    .replace(/<(?=[a-z!/?])/gi, "‹")
    .replace(/(javascript|vbscript)(\s*):/gi, "$1$2∶")
    .replace(/(data\s*):(?=\s*text\/html)/gi, "$1∶")
    .slice(0, MAX_TEXT)
    .trim();
