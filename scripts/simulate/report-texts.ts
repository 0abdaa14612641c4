// The words of the report. Figures are put in by report.ts.

const opening =
  "What two schedulers make of a year, and whether all that is counted on the way still adds up after it. Written by " +
  "`npm run simulate`: run it again, and with the same seed the figures of the memory part are the same to the last place (times " +
  "are not; the lives meet questions in an order that the database's random ids give).\n\n" +
  "A simulation shows what follows from its assumptions. How people really forget, it does not show; that is why there are three " +
  "truths here, one from the family of FSRS, one from that of SM-2, and one of neither. On real reviews, see the benchmark of " +
  "open-spaced-repetition (srs-benchmark).";

const memory =
  "Each learner studies on 70% to 100% of days (his own share), learns the new cards of the day and does what is due, at most 200. " +
  "A card comes again on the same day as often as its steps (or SM-2's drill) ask for, up to 20 times. Whether it is recalled is " +
  "decided by the truth's chance; the luck is that of learner, card and repetition, so that both schedulers meet the same. What was " +
  "recalled is rated hard the oftener, the nearer it was to being forgotten, and kindly or strictly by learner. New cards are rated " +
  "again, hard, good or easy with chances of 24%, 9%, 50% and 17%. A review takes 20 seconds forgotten, 12 hard, 8 good, 5 easy; a " +
  "new card 25. FSRS-6 wants a retention of 90%, with the steps and fuzz of the defaults; the day within the fuzz is drawn evenly " +
  "(in the product it is the least loaded one). Fitted weights are fitted after a third and after two thirds of the time, by the code " +
  "of the job `study.fit_weights` and under its rule: 1,000 reviews at least, and used only when they foretell the last fifth " +
  "better, beyond luck. Those who have them are the first ones of the learners above.\n\n" +
  "**retention**: of answers a day or more after another, how many were recalled. **foretold**: what FSRS expected of them; the " +
  "**log-loss** is of these chances. **known, mean**: the true chance to recall, over all cards seen, each tenth day. **90 days " +
  "later**: the same after the end, without any review. ±: two standard errors, over learners.";

const reading =
  "How to read it: SM-2 has no wish for retention that one could set. Where it recalls less it also reviews less, and the other way " +
  "round; so compare cards known with minutes, not retention alone. Where FSRS foretells more than is recalled, its weights do not " +
  "fit these minds: that is what fitting is for.";

const lives =
  "People in ten time zones, who travel on one day in sixty, begin their days at midnight or at 4, on FSRS or SM-2, live in the " +
  "tables: each day's cards through `private.study_review_card` (some taken back), each session through the functions behind " +
  "`study.start_practice`, `answer_question`, `skip_question`, `finish_practice` and `abandon_practice`, in all four modes, with the " +
  "day as an argument. Then everything that is kept beside the logs is found from them again, by other code where there is a rule: " +
  "streaks from the moments and zones alone, FSRS in TypeScript, SM-2 from its publication.";

const again = "## Again\n\n" +
  "```bash\n" +
  "npm run simulate -- --json simulation.json --markdown docs/memory-simulation.md\n" +
  "npm run simulate -- lives --lives 5 --life-days 30   # seconds\n" +
  "npm run simulate -- --help\n" +
  "```\n\n" +
  "It works on a database of its own, on the project's native Postgres (or that of `DATABASE_URL`), and drops it at the end. " +
  "Any check that finds a difference makes it end with 1.";

export const EXPLANATIONS = { opening, memory, reading, lives, again };
