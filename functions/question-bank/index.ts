// POST /question-bank/import?format=csv|gift|qti (the file is the body; dry_run=true says what would come of it), and
// GET /question-bank/export?format=csv|gift|qti|qti-item&ids=…, or POST /question-bank/export {format, question_ids}.

import { endpoint } from "../_shared/http/index.ts";
import { serveQuestionBank } from "./router.ts";

export default {
  fetch: endpoint(
    {
      name: "question-bank",
      auth: "user",
      methods: ["GET", "POST"],
      subPaths: true,
      maxBodyBytes: 16 * 1024 * 1024,
    },
    serveQuestionBank,
  ),
};
