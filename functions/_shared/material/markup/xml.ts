// XML as a stream of its elements, for the parts of Office files: nothing is kept, no entity is declared or
// fetched, and elements nest no deeper than allowed.

import { Parser } from "htmlparser2";
import { MaterialError } from "../errors.ts";
import type { MaterialLimits } from "../limits.ts";

export type Attributes = Record<string, string>;

/** Names come without their prefix: not every program binds "w" to Word's namespace. */
export interface XmlHandler {
  open(name: string, attributes: Attributes): void;
  close(name: string): void;
  text(text: string): void;
}

const localName = (name: string): string => name.slice(name.indexOf(":") + 1);

export function attribute(attributes: Attributes, name: string): string | null {
  for (const key in attributes) {
    if (key === name || (key.endsWith(name) && localName(key) === name)) {
      return attributes[key] ?? null;
    }
  }
  return null;
}

/** Off only when it says so: `<w:b/>` is on. */
export const isOn = (attributes: Attributes): boolean =>
  !["0", "false", "off", "none"].includes(attribute(attributes, "val") ?? "1");

const SLICE = 64 * 1024;
const damaged = (detail: string) => new MaterialError("material_damaged", detail);

function decoderFor(bytes: Uint8Array): TextDecoder {
  const [a, b] = bytes;
  const encoding = a === 0xff && b === 0xfe
    ? "utf-16le"
    : a === 0xfe && b === 0xff
    ? "utf-16be"
    : "utf-8";
  return new TextDecoder(encoding, { fatal: true });
}

export function readXml(
  bytes: Uint8Array,
  handler: XmlHandler,
  limits: MaterialLimits,
  checkTime: () => void,
): void {
  let depth = 0, elements = 0, opened = -1;
  const parser: Parser = new Parser({
    onopentag(name, attributes) {
      depth += 1;
      elements += 1;
      opened = parser.endIndex;
      if (depth > limits.depth) {
        throw new MaterialError("material_too_complex", `XML deeper than ${limits.depth}`);
      }
      handler.open(localName(name), attributes);
    },
    onclosetag(name, isImplied) {
      // `<a/>` is closed by the tag that opens it.
      if (isImplied && parser.endIndex !== opened) {
        throw damaged(`the XML element ${name.slice(0, 50)} is not closed`);
      }
      depth -= 1;
      handler.close(localName(name));
    },
    ontext: (text) => handler.text(text),
    onprocessinginstruction(name) {
      // No program writes declarations into these files: only bombs and prying need them.
      if (name.startsWith("!")) throw damaged("the XML has declarations");
    },
  }, { xmlMode: true, decodeEntities: true });
  const decoder = decoderFor(bytes);
  for (let at = 0; at < bytes.length; at += SLICE) {
    checkTime();
    let text: string;
    try {
      text = decoder.decode(bytes.subarray(at, at + SLICE), { stream: at + SLICE < bytes.length });
    } catch (error) {
      throw new MaterialError("material_damaged", "the XML is in a wrong encoding", {
        cause: error,
      });
    }
    parser.write(text);
  }
  parser.end();
  if (elements === 0) throw damaged("the XML is empty");
}
