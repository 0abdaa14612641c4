// The markers [1], [2] … by which a text points at its citations.

import type { Citation } from "./types.ts";

const MARKER = /\[(\d{1,3})\]/g;

export const markersIn = (text: string): number[] =>
  Array.from(text.matchAll(MARKER), (match) => Number(match[1]));

/** Rewrites the markers; a marker that is not in `mapping` goes, with the space before it. */
export const remapMarkers = (text: string, mapping: ReadonlyMap<number, number>): string =>
  text.replace(/\s*\[(\d{1,3})\]/g, (whole, digits: string) => {
    const marker = mapping.get(Number(digits));
    return marker === undefined ? "" : whole.replace(/\d+/, String(marker));
  }).replace(/(\[\d+\])(?:\s*\1)+/g, "$1").trim();

export const withoutMarkers = (text: string): string => text.replace(/\s*\[\d{1,3}\]/g, "");

/** 1, 2, 3 … in order. */
export const numberCitations = (citations: readonly Omit<Citation, "marker">[]): Citation[] =>
  citations.map((citation, index) => ({ ...citation, marker: index + 1 }));
