// The parts of a Word file that are needed, and no more of them than is safe to unpack.
import { DOMParser, type Element } from "@xmldom/xmldom";
import { strFromU8, unzipSync } from "fflate";
import { ReadError } from "../errors.ts";

const MOST = { xml: 8 * 1024 * 1024, picture: 20 * 1024 * 1024, total: 60 * 1024 * 1024 };
const MOST_FILES = 2000;

export interface WordParts {
  document: Element;
  styles: Element | null;
  pictures: Uint8Array[];
}

/** No document that Word writes declares a type: only bombs and prying do. */
function parse(xml: Uint8Array): Element {
  const text = strFromU8(xml);
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw new ReadError("document_broken");
  const root = new DOMParser({
    onError: (level, message) => {
      if (level !== "warning") throw new Error(message);
    },
  }).parseFromString(text, "text/xml").documentElement;
  if (!root) throw new ReadError("document_broken");
  return root;
}

function unpack(bytes: Uint8Array): Record<string, Uint8Array> {
  let files = 0, total = 0;
  return unzipSync(bytes, {
    // The sizes come from the archive's list. fflate writes into a buffer of just that size, so a list that lies gains nothing.
    filter: ({ name, originalSize }) => {
      if (++files > MOST_FILES) throw new ReadError("document_unpacks_too_large");
      const isXml = name === "word/document.xml" || name === "word/styles.xml";
      const isPicture = /^word\/media\/[^/]+\.(png|jpe?g)$/i.test(name);
      if (!isXml && !isPicture) return false;
      total += originalSize;
      if (originalSize > (isXml ? MOST.xml : MOST.picture) || total > MOST.total) {
        throw new ReadError("document_unpacks_too_large");
      }
      return true;
    },
  });
}

export function wordParts(bytes: Uint8Array): WordParts {
  let files: Record<string, Uint8Array>;
  try {
    files = unpack(bytes);
  } catch (error) {
    if (error instanceof ReadError) throw error;
    throw new ReadError("document_broken", { cause: error });
  }
  const document = files["word/document.xml"], styles = files["word/styles.xml"];
  // A ZIP that is no Word file: a spreadsheet, an archive of pictures.
  if (!document) throw new ReadError("document_type_unknown");
  try {
    return {
      document: parse(document),
      styles: styles ? parse(styles) : null,
      pictures: Object.keys(files).filter((n) => n.startsWith("word/media/")).sort()
        .map((n) => files[n]!),
    };
  } catch (error) {
    if (error instanceof ReadError) throw error;
    throw new ReadError("document_broken", { cause: error });
  }
}
