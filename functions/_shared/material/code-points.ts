// Offsets as Postgres counts them. JavaScript counts a character beyond the first 65,536 (an emoji, old scripts,
// mathematical letters) as two.

const isHigh = (code: number): boolean => code >= 0xd800 && code < 0xdc00;

/** Converts offsets of one text, both ways. The text has no lone surrogates. */
export class CodePoints {
  /** Where the second halves stand, in UTF-16 units. */
  readonly #seconds: number[] = [];

  constructor(text: string) {
    for (let i = 0; i < text.length; i += 1) {
      if (isHigh(text.charCodeAt(i))) this.#seconds.push(i + 1);
    }
  }

  /** How many second halves stand before a UTF-16 offset. */
  #before(offset: number): number {
    let low = 0, high = this.#seconds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#seconds[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** UTF-16 offset to code points. */
  fromUnits(offset: number): number {
    return offset - this.#before(offset);
  }

  /** Code points to UTF-16 offset. */
  toUnits(points: number): number {
    let low = 0, high = this.#seconds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#seconds[middle] ?? 0) - middle <= points) low = middle + 1;
      else high = middle;
    }
    return points + low;
  }
}

/** As `substr(text, start + 1, end - start)` in Postgres. */
export function sliceCodePoints(text: string, start: number, end: number): string {
  const points = new CodePoints(text);
  return text.slice(points.toUnits(start), points.toUnits(end));
}
