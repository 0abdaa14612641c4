import { describe, expect, it } from "vitest";
import { inspectImage, sniffImage, sniffMime } from "../../../functions/_shared/text/sniff.ts";
import {
  chunk,
  GIF,
  join,
  JPEG,
  png,
  WEBP,
  WEBP_EXTENDED,
  WEBP_LOSSLESS,
} from "../../fixtures/ai/images.ts";

const PNG = png({ width: 16, height: 8 });
const text = (value: string) => new TextEncoder().encode(value);
const PICTURES: [string, Uint8Array, string][] = [
  ["PNG", PNG, "image/png"],
  ["JPEG", JPEG, "image/jpeg"],
  ["GIF", GIF, "image/gif"],
  ["WebP", WEBP, "image/webp"],
  ["lossless WebP", WEBP_LOSSLESS, "image/webp"],
  ["extended WebP", WEBP_EXTENDED, "image/webp"],
];

const refused = (bytes: Uint8Array): string => {
  const verdict = inspectImage(bytes);
  expect(sniffImage(bytes)).toBeNull();
  return verdict.ok ? "accepted" : verdict.reason;
};

describe.each(PICTURES)("a %s", (_name, bytes, mime) => {
  it("is known with its size", () => {
    expect(sniffImage(bytes)).toEqual({ mime, width: 16, height: 8 });
  });

  it("is refused wherever it is cut off", () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(sniffImage(bytes.subarray(0, length)), `cut at ${length}`).toBeNull();
    }
  });

  it("never makes the reader throw, whatever byte is changed", () => {
    for (let at = 0; at < bytes.length; at += 1) {
      for (const value of [0, 0x7f, 0xff]) {
        const changed = bytes.with(at, value);
        expect(() => inspectImage(changed)).not.toThrow();
      }
    }
  });

  it("is refused with an archive, a page or a program behind it", () => {
    const end = new Uint8Array(22);
    end.set(text("PK\u0005\u0006"));
    expect(refused(join(bytes, end))).toMatch(/archive|follows/);
    expect(refused(join(bytes, "<html><script>alert(1)</script>"))).toMatch(/script|follows/);
    expect(refused(join(bytes, "MZ\u0090 this is a program"))).toBe(
      "something follows the picture's end",
    );
  });

  it("may be padded with zeros", () => {
    expect(sniffImage(join(bytes, new Uint8Array(16)))).not.toBeNull();
  });
});

describe("what only pretends to be a picture", () => {
  it.each([
    ["SVG", "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "image/svg+xml"],
    ["SVG after a declaration", "\ufeff<?xml version='1.0'?><!-- hi --><svg/>", "image/svg+xml"],
    ["HTML", "  <!DOCTYPE html><html></html>", "text/html"],
    ["a script", "<script>alert(1)</script>", "text/html"],
    ["XML", "<?xml version='1.0'?><rss/>", "text/xml"],
    ["PDF", "%PDF-1.7\n", "application/pdf"],
    ["ZIP", "PK\u0003\u0004…", "application/zip"],
  ])("%s is named and refused", (_name, content, mime) => {
    expect(sniffMime(text(content))).toBe(mime);
    expect(refused(text(content))).toBe(`the file is ${mime}`);
  });

  it("SVG in UTF-16", () => {
    const utf16 = Uint8Array.from(
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("<svg/>", "utf16le")]),
    );
    expect(sniffMime(utf16)).toBe("image/svg+xml");
  });

  it.each([["nothing", ""], ["plain text", "hello"], ["a bare signature", "\u0089PNG"], [
    "GIF89a alone",
    "GIF89a",
  ]])(
    "%s",
    (_name, content) => {
      expect(sniffImage(Uint8Array.from(Buffer.from(content, "latin1")))).toBeNull();
    },
  );

  it("a GIF that is a JavaScript", () => {
    expect(refused(text("GIF89a=1;alert(1)//"))).toMatch(/GIF|cut off/);
  });
});

describe("what hides in a picture", () => {
  const comment = (content: string) => chunk("tEXt", text(`Comment\u0000${content}`));

  it("a script in a comment", () => {
    expect(refused(png({ width: 4, height: 4, extra: [comment("<SCRIPT>alert(1)</SCRIPT>")] })))
      .toBe(
        "a script hides in the picture",
      );
  });

  it("a PDF in a comment", () => {
    expect(refused(png({ width: 4, height: 4, extra: [comment("%PDF-1.4")] }))).toBe(
      "a PDF hides in the picture",
    );
  });

  it("but harmless words may stand there", () => {
    expect(sniffImage(png({ width: 4, height: 4, extra: [comment("The heart, drawn by hand")] })))
      .not.toBeNull();
  });

  it("an archive behind a film behind a JPEG", () => {
    const end = new Uint8Array(22);
    end.set(text("PK\u0005\u0006"));
    expect(refused(join(JPEG, "\0\0\0\u0018ftypmp42", end))).toBe(
      "an archive hides in the picture",
    );
  });

  it("a phone's film behind a JPEG is let through, a page is not", () => {
    expect(sniffImage(join(JPEG, "\0\0\0\u0018ftypmp42", new Uint8Array(30).fill(7)))).not
      .toBeNull();
    expect(refused(join(PNG, "\0\0\0\u0018ftypmp42"))).toBe("something follows the picture's end");
  });
});

describe("absurd sizes", () => {
  it("too many pixels, though the file is whole", () => {
    const bomb = png({ width: 16_000, height: 16_000, pixels: new Uint8Array(30_000_000) });
    expect(bomb.byteLength).toBeLessThan(40_000);
    expect(refused(bomb)).toMatch(/pixels/);
  });

  it("too long a side", () => {
    expect(refused(png({ width: 20_000, height: 1 }))).toBe("the picture has too many pixels");
  });

  it("more pixels than the data can hold", () => {
    expect(refused(png({ width: 8000, height: 8000, pixels: new Uint8Array(100) }))).toBe(
      "the PNG cannot hold that many pixels",
    );
  });

  it("no pixels at all", () => {
    expect(refused(png({ width: 0, height: 5 }))).toBe("the picture has no size");
  });

  it("a damaged PNG", () => {
    expect(refused(PNG.with(20, 9))).toBe("the PNG is damaged");
  });

  it("ten megabytes are read quickly", () => {
    const noise = Uint8Array.from({ length: 3000 * 3001 }, (_, i) => (i * 7919) % 251);
    const large = png({
      width: 3000,
      height: 3000,
      pixels: noise,
      extra: [chunk("teXt", new Uint8Array(9_000_000).fill(60))],
    });
    const started = performance.now();
    expect(sniffImage(large)).not.toBeNull();
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
