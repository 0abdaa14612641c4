// Short ways to read a file in a test, and to say what came out.

import { expect } from "vitest";
import {
  type Block,
  type FileNaming,
  type MaterialCode,
  MaterialError,
  parseBlocks,
  parseMaterial,
  type SomeLimits,
} from "../../../functions/_shared/material/index.ts";

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export const blocksOf = async (bytes: Uint8Array, naming: FileNaming = {}): Promise<Block[]> =>
  (await parseBlocks(bytes, naming)).blocks;

/** "heading1 Anatomy": kind, level, text. */
export const told = (blocks: Block[]): string[] =>
  blocks.map(({ kind, level, text }) => `${kind}${level ?? ""} ${text}`);

export async function expectRefused(
  bytes: Uint8Array,
  code: MaterialCode,
  naming: FileNaming = {},
  limits: SomeLimits = {},
): Promise<void> {
  const error: unknown = await parseMaterial(bytes, naming, limits).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MaterialError);
  expect((error as MaterialError).code).toBe(code);
}
