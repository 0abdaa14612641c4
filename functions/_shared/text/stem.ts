// A light English stemmer: it brings together the forms of a word that a question and a text are likely
// to use (filter, filters, filtered, filtration; ventricle, ventricular), and leaves short words alone.
// It is not Porter's: fewer rules, fewer wrong merges.

const IRREGULAR: Record<string, string> = {
  arose: "aris",
  arteries: "arter",
  atria: "ater",
  bacteria: "bacter",
  began: "begin",
  begun: "begin",
  better: "good",
  bled: "bleed",
  blew: "blow",
  bound: "bind",
  breathe: "breath",
  broke: "break",
  broken: "break",
  brought: "bring",
  built: "build",
  children: "child",
  criteria: "criterion",
  drawn: "draw",
  drew: "draw",
  driven: "driv",
  drove: "driv",
  family: "famil",
  fed: "feed",
  feet: "foot",
  fell: "fall",
  fallen: "fall",
  felt: "feel",
  flew: "fl",
  found: "find",
  faster: "fast",
  fastest: "fast",
  greater: "great",
  greatest: "great",
  grew: "grow",
  grown: "grow",
  heard: "hear",
  held: "hold",
  higher: "high",
  highest: "high",
  kept: "keep",
  larger: "larg",
  largest: "larg",
  led: "lead",
  longer: "long",
  longest: "long",
  lost: "los",
  lower: "low",
  lowest: "low",
  meant: "mean",
  men: "man",
  mice: "mous",
  ran: "run",
  rose: "ris",
  risen: "ris",
  sent: "send",
  shrank: "shrink",
  shorter: "short",
  shortest: "short",
  slower: "slow",
  slowest: "slow",
  smaller: "small",
  smallest: "small",
  spent: "spend",
  stood: "stand",
  stronger: "strong",
  strongest: "strong",
  teeth: "tooth",
  thicker: "thick",
  thought: "think",
  took: "tak",
  women: "woman",
  wrote: "writ",
};

const VOWEL = /[aeiouy]/;

// Longest first; the stem that is left must keep `min` letters and a vowel.
const SUFFIXES: [suffix: string, replacement: string, min: number][] = [
  ["izations", "", 4],
  ["isations", "", 4],
  ["ization", "", 4],
  ["isation", "", 4],
  ["ational", "", 4],
  ["fulness", "", 4],
  ["ousness", "", 4],
  ["iveness", "", 4],
  ["ations", "", 4],
  ["ingly", "", 4],
  ["ation", "", 4],
  ["ators", "", 4],
  ["ating", "", 4],
  ["ated", "", 4],
  ["ates", "", 4],
  ["ator", "", 4],
  ["ical", "ic", 4],
  ["ally", "", 4],
  ["ying", "i", 3],
  ["ness", "", 4],
  ["rptions", "rb", 3],
  ["rption", "rb", 3],
  ["ories", "", 4],
  ["ions", "", 4],
  ["ings", "", 4],
  ["ized", "", 4],
  ["ised", "", 4],
  ["izes", "", 4],
  ["ises", "", 4],
  ["ile", "", 5],
  ["ive", "", 4],
  ["ory", "", 4],
  ["ate", "", 4],
  ["ize", "", 4],
  ["ise", "", 4],
  ["als", "", 4],
  ["ies", "i", 2],
  ["ied", "i", 2],
  ["ion", "", 4],
  ["ing", "", 3],
  ["ely", "", 4],
  ["ed", "", 3],
  ["es", "", 3],
  ["ly", "", 4],
  ["us", "", 4],
  ["um", "", 4],
  ["ar", "", 5],
  ["al", "", 4],
  ["y", "i", 2],
  ["e", "", 3],
  ["s", "", 3],
];

const applySuffix = (word: string): string => {
  for (const [suffix, replacement, min] of SUFFIXES) {
    if (!word.endsWith(suffix)) continue;
    if (suffix === "s" && /(?:ss|us|is)$/.test(word)) continue;
    const base = word.slice(0, word.length - suffix.length);
    if (base.length < min || !VOWEL.test(base)) continue;
    return base + replacement;
  }
  return word;
};

const finish = (base: string): string => {
  let result = base;
  // "stopped" → "stopp" → "stop", but "filling" → "fill".
  if (/([bdgmnprt])\1$/.test(result)) result = result.slice(0, -1);
  result = result.replace(/i$/, "");
  // "ventricul(ar)" and "ventricl(e)", "filtr(ation)" and "filter" meet.
  result = result.replace(/([^aeiou])ul$/, "$1l").replace(/([^aeiour])r$/, "$1er");
  return result;
};

/** `word` is lower case, without accents. */
export const stem = (word: string): string => {
  const known = IRREGULAR[word];
  if (known !== undefined) return known;
  if (word.length <= 3 || !/^[a-z']+$/.test(word)) return word.replace(/'s?$/, "");
  // British spellings: haemoglobin, oedema, anaemia, faeces.
  const modern = word.replace(/ae(?=[cmst])/g, "e").replace(/^oe(?=[ds])/, "e");
  if (/[aeou]ys?$/.test(modern)) return modern.replace(/s$/, "");
  return finish(applySuffix(modern));
};
