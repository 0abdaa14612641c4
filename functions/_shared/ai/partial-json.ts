// Reads a JSON object while it arrives: what came before its member `name`, and as much of that string as is there.

export interface PartialObject {
  /** The members before `name`, as JSON. */
  head: unknown;
  text: string;
}

const decoded = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

/** Index of the quote that ends the string which begins after `start`; -1 while it has not come. */
const endOfString = (raw: string, start: number): number => {
  for (let at = start; at < raw.length; at++) {
    if (raw[at] === "\\") at++;
    else if (raw[at] === '"') return at;
  }
  return -1;
};

export class PartialJson {
  readonly #name: string;
  #head: unknown;
  /** Where the text begins; -1 until then. */
  #start = -1;

  constructor(name: string) {
    this.#name = name;
  }

  /** `raw` is all that has arrived. Null until the text begins, or when it is not of this form. */
  read(raw: string): PartialObject | null {
    if (this.#start < 0) this.#find(raw);
    if (this.#start < 0) return null;
    const end = endOfString(raw, this.#start);
    // An escape of which only a part is there waits for the rest.
    const json = end >= 0
      ? raw.slice(this.#start, end)
      : raw.slice(this.#start).replace(/((?:^|[^\\])(?:\\\\)*)\\(?:u[0-9a-f]{0,3})?$/i, "$1");
    const text = decoded(`"${json}"`);
    return typeof text === "string" ? { head: this.#head, text } : null;
  }

  #find(raw: string): void {
    const open = raw.indexOf("{");
    if (open < 0) return;
    let depth = 0;
    for (let at = open; at < raw.length; at++) {
      const sign = raw[at];
      if (sign === "{" || sign === "[") depth++;
      else if (sign === "}" || sign === "]") depth--;
      else if (sign === '"') {
        const end = endOfString(raw, at + 1);
        if (end < 0) return;
        const value = /^\s*:\s*"/.exec(raw.slice(end + 1, end + 40));
        if (depth === 1 && value && raw.slice(at + 1, end) === this.#name) {
          const head = decoded(`${raw.slice(open, at).replace(/,\s*$/, "")}}`);
          if (head === undefined) return;
          this.#head = head;
          this.#start = end + 1 + value[0].length;
          return;
        }
        at = end;
      }
    }
  }
}
