// A model's citations are claims. Here each is looked up: the passage must exist, and the words must
// stand in it. What does not hold is dropped, and its marker with it.

import { findQuote } from "../text/quotes.ts";
import { markersIn, remapMarkers } from "./markers.ts";
import type { Citation, Passage } from "./types.ts";

export interface ClaimedCitation {
  /** Number of the passage, from 1. */
  passage: number;
  quote: string;
}

export interface VerifiedText {
  text: string;
  citations: Citation[];
  dropped: number;
}

/** A quotation of one or two words proves nothing. */
const MIN_QUOTE_WORDS = 3;

const verify = (
  claim: ClaimedCitation,
  passages: readonly Passage[],
): Omit<Citation, "marker"> | null => {
  if (claim.quote.trim().split(/\s+/).length < MIN_QUOTE_WORDS) return null;
  const passage = passages[claim.passage - 1];
  const span = passage ? findQuote(passage.text, claim.quote) : null;
  if (!passage || !span) return null;
  return { passageId: passage.id, quote: passage.text.slice(span.start, span.end), ...span };
};

export interface VerifiedClaims {
  citations: Citation[];
  /** From the number of a claim to the marker of its citation; what does not hold is not in it. */
  mapping: ReadonlyMap<number, number>;
}

/** The claims that hold, numbered anew from 1; the same span twice is one citation. */
export const verifyClaims = (
  claims: readonly ClaimedCitation[],
  passages: readonly Passage[],
): VerifiedClaims => {
  const mapping = new Map<number, number>();
  const citations: Citation[] = [];
  claims.forEach((claim, index) => {
    const verified = verify(claim, passages);
    if (!verified) return;
    const same = citations.find((citation) =>
      citation.passageId === verified.passageId && citation.start === verified.start &&
      citation.end === verified.end
    );
    const marker = same?.marker ?? citations.length + 1;
    if (!same) citations.push({ marker, ...verified });
    mapping.set(index + 1, marker);
  });
  return { citations, mapping };
};

/** Marker [n] of the text is the n-th claim. */
export const verifyCitations = (
  text: string,
  claims: readonly ClaimedCitation[],
  passages: readonly Passage[],
): VerifiedText => {
  const { citations, mapping } = verifyClaims(claims, passages);
  const used = new Set(
    markersIn(text).filter((marker) => mapping.has(marker)).map((marker) => mapping.get(marker)),
  );
  // A citation that no marker points at supports the answer as a whole.
  const unplaced = citations.filter((citation) => !used.has(citation.marker));
  const marked = remapMarkers(text, mapping);
  const tail = unplaced.map((citation) => ` [${citation.marker}]`).join("");
  const dropped = claims.filter((_claim, index) => !mapping.has(index + 1)).length;
  return { text: `${marked}${tail}`, citations, dropped };
};
