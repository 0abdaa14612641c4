// A guess at a text's language by its smallest words. "simple" when it is none of the four, or too short to say.

import type { Language } from "./types.ts";

const WORDS: Record<Exclude<Language, "simple">, string> = {
  en:
    "the of and to in is that it for was with as are this be on by which from or an at not have has can",
  de:
    "der die das und ist nicht ein eine den dem mit von zu sich auf für im des als auch es werden wird oder bei",
  fr:
    "le la les des et est une un dans que qui pour du par sur pas au avec plus ce sont il elle ou aux cette",
  es:
    "el la los las de y en que es un una por con del se para no al como más su son lo esta o pero entre",
};
const SETS = Object.entries(WORDS).map(([language, words]) =>
  [language as Exclude<Language, "simple">, new Set(words.split(" "))] as const
);

const SAMPLES = 5;
const SAMPLE = 4000;
const FEWEST_WORDS = 20;
/** Of a hundred words of prose, thirty to fifty are among the smallest. */
const LEAST_SHARE = 0.12;

/** Some of the beginning, the middle and the end: front matter may be in another language. */
function sampleOf(text: string): string {
  if (text.length <= SAMPLES * SAMPLE) return text;
  const step = Math.floor((text.length - SAMPLE) / (SAMPLES - 1));
  return Array.from({ length: SAMPLES }, (_, i) => text.slice(i * step, i * step + SAMPLE)).join(
    " ",
  );
}

export function guessLanguage(text: string): Language {
  const words = sampleOf(text).toLowerCase().match(/\p{L}+/gu) ?? [];
  if (words.length < FEWEST_WORDS) return "simple";
  const counts = SETS.map(([language, set]) => ({
    language,
    share: words.filter((word) => set.has(word)).length / words.length,
  })).sort((a, b) => b.share - a.share);
  const [first, second] = counts;
  const isClear = first && first.share >= LEAST_SHARE && first.share > (second?.share ?? 0) * 1.15;
  return isClear ? first.language : "simple";
}

/** What the file declares counts when the words do not say. */
export function languageOf(text: string, declared: string | null): Language {
  const guess = guessLanguage(text);
  const tag = declared?.toLowerCase().split(/[-_]/)[0] ?? "";
  return guess === "simple" && tag in WORDS ? tag as Language : guess;
}
