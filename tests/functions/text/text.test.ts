import { describe, expect, it } from "vitest";
import { hash32, sha256Hex } from "../../../functions/_shared/text/hash.ts";
import { cleanText, foldText, truncate } from "../../../functions/_shared/text/normalise.ts";
import { findQuote } from "../../../functions/_shared/text/quotes.ts";
import { splitSentences } from "../../../functions/_shared/text/sentences.ts";
import { stem } from "../../../functions/_shared/text/stem.ts";
import { countWords, termsOf, tokenize, wordsOf } from "../../../functions/_shared/text/tokens.ts";
import { PASSAGES } from "../../fixtures/ai/heart-and-kidney.ts";

const sentences = (text: string) => splitSentences(text).map((sentence) => sentence.text);

describe("sentences", () => {
  it.each([
    ["It beats. It rests.", ["It beats.", "It rests."]],
    ["Is it so? Yes! It is…", ["Is it so?", "Yes!", "It is…"]],
    ["About 0.8 seconds, i.e. less than 1.5 s. Then it rests.", [
      "About 0.8 seconds, i.e. less than 1.5 s.",
      "Then it rests.",
    ]],
    ["Dr. Smith and J. Jones (cf. Fig. 3) agree. So do we.", [
      "Dr. Smith and J. Jones (cf. Fig. 3) agree.",
      "So do we.",
    ]],
    ["He said: “It stops.” Then he left.", ["He said: “It stops.”", "Then he left."]],
    ["It needs vitamin K. It is fat-soluble.", ["It needs vitamin K.", "It is fat-soluble."]],
    ["Sodium, potassium, etc. are ions. Water is not.", [
      "Sodium, potassium, etc. are ions.",
      "Water is not.",
    ]],
    ["E. coli is a bacterium. It lives in the gut.", [
      "E. coli is a bacterium.",
      "It lives in the gut.",
    ]],
    ["No end", ["No end"]],
    ["", []],
    [" \n\n ", []],
  ])("%j", (text, expected) => {
    expect(sentences(text)).toEqual(expected);
  });

  it("end at headings, list items and paragraphs", () => {
    const text = "# The heart\nIt pumps\nblood.\n\n- one pump\n- two pumps\n\nThe end";
    expect(sentences(text)).toEqual([
      "The heart",
      "It pumps\nblood.",
      "one pump",
      "two pumps",
      "The end",
    ]);
  });

  it("carry offsets that point into the text", () => {
    for (const { text } of PASSAGES) {
      const found = splitSentences(text);
      expect(found.length).toBeGreaterThan(2);
      for (const { start, end, text: part } of found) expect(text.slice(start, end)).toBe(part);
      expect(found.every((sentence) => /[.!?]$/.test(sentence.text))).toBe(true);
    }
  });
});

describe("words", () => {
  it("have offsets, and are folded", () => {
    const text = "The kidney’s Naïve filter: 1,000.5 mL!";
    const tokens = tokenize(text);
    expect(tokens.map((token) => token.word)).toEqual([
      "the",
      "kidney",
      "naive",
      "filter",
      "1,000.5",
      "ml",
    ]);
    for (const { text: part, start, end } of tokens) expect(text.slice(start, end)).toBe(part);
  });

  it("count in any script", () => {
    expect(countWords("Das Herz pumpt Blut")).toBe(4);
    expect(wordsOf("сердце качает кровь")).toHaveLength(3);
  });

  it("terms leave out the words that say nothing", () => {
    expect(termsOf("What is the function of the kidneys?")).toEqual([
      stem("function"),
      stem("kidney"),
    ]);
  });
});

describe("stems", () => {
  it.each([
    ["filter filters filtered filtering filtration filtrate"],
    ["ventricle ventricles ventricular"],
    ["contract contracts contracted contraction contractions contractile contracting"],
    ["regulate regulates regulation regulator"],
    ["absorb absorbs absorbed absorption"],
    ["kidney kidneys"],
    ["artery arteries arterial"],
    ["glomerulus glomerular glomeruli"],
    ["atrium atria atrial"],
    ["haemoglobin hemoglobin"],
    ["stop stopped stopping"],
    ["signal signals"],
    ["fibre fiber fibres fibers"],
  ])("%s are one", (words) => {
    expect(new Set(words.split(" ").map(stem)).size).toBe(1);
  });

  it.each([
    "ring string",
    "bile bill",
    "renal renin",
    "acid acute",
    "vein venom",
    "cell call",
    "heart heat",
  ])(
    "%s are two",
    (pair) => {
      const [a = "", b = ""] = pair.split(" ");
      expect(stem(a)).not.toBe(stem(b));
    },
  );
});

describe("quotations", () => {
  const TEXT = "The kidney  filters\nblood. “Renin” is an enzyme – so to speak.";

  it("are found whatever the white space, quotation marks and dashes", () => {
    for (
      const quote of [
        "The kidney filters blood.",
        '"Renin" is an enzyme - so to speak',
        "the kidney filters",
        " “The kidney filters blood.” ",
      ]
    ) {
      const span = findQuote(TEXT, quote);
      expect(span, quote).not.toBeNull();
    }
    const span = findQuote(TEXT, "kidney filters blood");
    expect(TEXT.slice(span?.start, span?.end)).toBe("kidney  filters\nblood");
  });

  it("are not found when a word differs, is cut, or when there is none", () => {
    for (
      const quote of [
        "The kidney filters water.",
        "kidney filters bloo",
        "idney filters",
        "",
        "…",
        '""',
        "kidney filters blood. Renin",
      ]
    ) {
      expect(findQuote(TEXT, quote), quote).toBeNull();
    }
  });

  it("are found at the second place when the first is inside a word", () => {
    const span = findQuote("The bloodstream has blood in it.", "blood");
    expect(span?.start).toBe(20);
  });
});

describe("normalising", () => {
  it("takes away what nobody sees", () => {
    expect(cleanText("a\u200bb\u0000c\r\nd\u202ee\u00adf")).toBe("abc\ndef");
  });

  it("folds for comparison", () => {
    expect(foldText("  “Élan”  –  VITAL ")).toBe('"elan" - vital');
  });

  it("cuts at a word", () => {
    expect(truncate("one two three four", 12)).toBe("one two…");
    expect(truncate("short", 12)).toBe("short");
  });
});

describe("hashes", () => {
  it("are the standard ones", async () => {
    expect(await sha256Hex("abc")).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    expect(await sha256Hex(new Uint8Array([97, 98, 99]))).toBe(await sha256Hex("abc"));
  });

  it("spread evenly and depend on the seed", () => {
    const slots = new Set(Array.from({ length: 1000 }, (_, i) => hash32(`word${i}`) % 4096));
    expect(slots.size).toBeGreaterThan(850);
    expect(hash32("a", 1)).not.toBe(hash32("a", 2));
  });
});
