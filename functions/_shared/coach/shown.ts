// What the reader has of an answer: its text so far, and of its verified citations those whose marker he has seen.

import { markersIn } from "../ai/markers.ts";
import type { Citation } from "../ai/types.ts";
import type { EventWriter } from "../http/event-stream.ts";
import type { Claim, Source } from "./types.ts";

export class Shown {
  readonly #events: Pick<EventWriter, "send">;
  readonly #sources: ReadonlyMap<string, Source>;
  #verified: readonly Citation[] = [];
  #told = new Map<number, Citation>();
  #text = "";
  /** The reader may still have an earlier attempt before him. */
  #isStale: boolean;

  #isOver = false;

  constructor(events: Pick<EventWriter, "send">, sources: readonly Source[], isStale: boolean) {
    this.#events = events;
    this.#sources = new Map(sources.map((source) => [source.id, source]));
    this.#isStale = isStale;
  }

  /** Null until something was shown. */
  get text(): string | null {
    return this.#text === "" ? null : this.#text;
  }

  /** Of the citations behind the markers that were shown, what the database looks up. */
  get claims(): Claim[] {
    return [...this.#told.values()].sort((a, b) => a.marker - b.marker).map((citation) => {
      const isChunk = this.#sources.get(citation.passageId)?.source === "material";
      const { marker, passageId, quote } = citation;
      return isChunk
        ? { marker, chunk_id: passageId, quote }
        : { marker, document_id: passageId, quote };
    });
  }

  citations(verified: readonly Citation[]): void {
    this.#verified = verified;
    this.#tell();
  }

  /** Whoever was told to stop and writes on is not heard. */
  close(): void {
    this.#isOver = true;
  }

  write(piece: string): void {
    if (this.#isOver) return;
    if (this.#isStale) this.restart();
    this.#text += piece;
    // A marker is preceded by what it points at.
    this.#tell();
    this.#events.send("delta", { text: piece });
  }

  restart(): void {
    if (this.#isOver) return;
    this.#isStale = false;
    this.#text = "";
    this.#told.clear();
    this.#events.send("restart", {});
  }

  #tell(): void {
    for (const marker of new Set(markersIn(this.#text))) {
      const citation = this.#verified.find((one) => one.marker === marker);
      const told = this.#told.get(marker);
      const isTold = told?.passageId === citation?.passageId && told?.quote === citation?.quote;
      if (!citation || isTold) continue;
      this.#told.set(marker, citation);
      const source = this.#sources.get(citation.passageId);
      this.#events.send("citation", {
        marker,
        source: source?.source,
        title: source?.title,
        quote: citation.quote,
        material_id: source?.material_id ?? null,
        chunk_id: source?.source === "material" ? citation.passageId : null,
        document_id: source?.source === "material" ? null : citation.passageId,
        heading_path: source?.heading_path ?? [],
        // Where a passage goes over several pages, the recorded citation says which.
        page_number: source?.page_end === source?.page_number ? source?.page_number ?? null : null,
      });
    }
  }
}
