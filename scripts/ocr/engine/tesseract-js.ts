// tesseract.js with the English data that is installed beside it: nothing is fetched, nothing leaves the machine.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  createScheduler,
  createWorker,
  OEM,
  PSM,
  type Worker,
  type WorkerParams,
} from "tesseract.js";
import { toPng } from "./png.ts";
import type { Layout, OcrEngine, OcrLine } from "./types.ts";

const require = createRequire(import.meta.url);
const langPath = join(
  dirname(require.resolve("@tesseract.js-data/eng/package.json")),
  "4.0.0_best_int",
);
const { version } = require("tesseract.js/package.json") as { version: string };

export const segmentation: Record<Layout, PSM> = {
  scattered: PSM.SPARSE_TEXT,
  page: PSM.AUTO,
  block: PSM.SINGLE_BLOCK,
  line: PSM.SINGLE_LINE,
};

const toBox = (b: { x0: number; y0: number; x1: number; y1: number }) => ({
  x: b.x0,
  y: b.y0,
  width: b.x1 - b.x0,
  height: b.y1 - b.y0,
});

type Recognized = Awaited<ReturnType<Worker["recognize"]>>["data"];

const linesOf = (data: Recognized): OcrLine[] =>
  (data.blocks ?? []).flatMap((block) => block.paragraphs).flatMap((p) => p.lines).map((line) => ({
    text: line.text.trim(),
    confidence: line.confidence / 100,
    box: toBox(line.bbox),
    words: line.words.map((word) => ({
      text: word.text,
      confidence: word.confidence / 100,
      box: toBox(word.bbox),
    })),
  }));

/** As many readers as there are cores to spare; each takes about 120 MB. */
export async function createTesseractJs(readers = 2): Promise<OcrEngine> {
  const idle: Worker[] = [], waiting: ((worker: Worker) => void)[] = [];
  const scheduler = createScheduler();
  for (let i = 0; i < readers; i++) {
    const worker = await createWorker("eng", OEM.LSTM_ONLY, {
      langPath,
      gzip: true,
      cacheMethod: "none",
    });
    // What it has to say about its own workings would end up in our output.
    await worker.setParameters({ debug_file: "/dev/null" } as Partial<WorkerParams>);
    scheduler.addWorker(worker);
    idle.push(worker);
  }
  // tesseract.js keeps its settings in the worker, so settings and picture must reach the same one.
  const take = () => {
    const worker = idle.pop();
    return worker ? Promise.resolve(worker) : new Promise<Worker>((done) => waiting.push(done));
  };
  const giveBack = (worker: Worker) => {
    const next = waiting.shift();
    if (next) next(worker);
    else idle.push(worker);
  };
  return {
    name: `tesseract.js ${version}`,
    async read(picture, { layout, dpi = 150, letters = "" }) {
      const png = await toPng(picture), worker = await take();
      try {
        await worker.setParameters({
          tessedit_pageseg_mode: segmentation[layout],
          tessedit_char_whitelist: letters,
          user_defined_dpi: String(dpi),
          preserve_interword_spaces: "1",
        });
        const { data } = await worker.recognize(png, {}, { blocks: true, text: false });
        return linesOf(data);
      } finally {
        giveBack(worker);
      }
    },
    close: async () => {
      await scheduler.terminate();
    },
  };
}
