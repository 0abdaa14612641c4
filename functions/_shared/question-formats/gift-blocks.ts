// A GIFT file, cut into its questions: blank lines stand between them, lines that begin with // are comments.

import { trimText } from "./text.ts";

export interface GiftBlock {
  /** Where its first line stands that is no comment, from 1. */
  line: number;
  text: string;
  tags: Map<string, string>;
}

const TAG = /\[tag:(topic|subtopic|difficulty):((?:\\.|[^\]\\])*)\]/g;

function readTags(comment: string, tags: Map<string, string>): void {
  for (const [, name = "", value = ""] of comment.slice(0, 5000).matchAll(TAG)) {
    tags.set(name, value.replace(/\\(.)/g, (_, letter: string) => letter === "n" ? "\n" : letter));
  }
}

export function* giftBlocks(text: string): Generator<GiftBlock> {
  let lines: string[] = [];
  let first = 0;
  let tags = new Map<string, string>();
  const all = text.replace(/^\uFEFF/, "").split("\n");
  for (const [i, line] of [...all, ""].entries()) {
    const trimmed = trimText(line);
    if (trimmed.startsWith("//")) {
      readTags(trimmed, tags);
      // As Moodle has it: the comment's line is there, and empty.
      if (lines.length > 0) lines.push(" ");
    } else if (trimmed !== "") {
      if (lines.length === 0) first = i + 1;
      lines.push(line);
    } else {
      if (lines.length > 0) {
        yield { line: first, text: trimText(lines.join("\n")), tags };
        tags = new Map();
      }
      lines = [];
    }
  }
}
