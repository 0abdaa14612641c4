// Everything that is kept as a sum, summed up again from the rows behind it: each query returns what was compared, and how much of
// it differs.
import type postgres from "postgres";

export interface Check {
  name: string;
  compared: number;
  wrong: number;
}

const queries: readonly (readonly [name: string, text: string])[] = [
  [
    "experience is the sum of its ledger",
    `select count(*)::integer as compared, count(*) filter (where l.xp <> coalesce(x.xp, 0))::integer as wrong
     from study.learners as l
     left join (select user_id, sum(amount) as xp from study.xp_transactions group by user_id) as x using (user_id)`,
  ],
  [
    "the level is the one that 50·n·(n − 1) experience buy",
    `select count(*)::integer as compared, count(*) filter (
       where not (l.xp >= 50 * l.level::bigint * (l.level - 1) and l.xp < 50 * l.level::bigint * (l.level + 1))
     )::integer as wrong
     from study.learners as l`,
  ],
  [
    "answers, right ones and reviews of a learner are those in the logs",
    `select count(*)::integer as compared, count(*) filter (
       where (l.questions_answered, l.questions_correct, l.cards_reviewed) is distinct from
         (coalesce(a.answered, 0), coalesce(a.correct, 0), coalesce(r.reviewed, 0))
     )::integer as wrong
     from study.learners as l
     left join (
       select user_id, count(*) as answered, count(*) filter (where is_correct) as correct
       from study.user_question_attempts where not is_skipped group by user_id
     ) as a using (user_id)
     left join (
       select user_id, count(*) as reviewed from study.review_logs where undone_at is null and attempt_id is null group by user_id
     ) as r using (user_id)`,
  ],
  [
    "time studied is that of answers and reviews",
    `select count(*)::integer as compared, count(*) filter (where l.study_ms <> coalesce(a.ms, 0) + coalesce(r.ms, 0))::integer as wrong
     from study.learners as l
     left join (
       select user_id, sum(time_taken_ms) as ms from study.user_question_attempts where not is_skipped group by user_id
     ) as a using (user_id)
     left join (
       select user_id, sum(duration_ms) as ms from study.review_logs where undone_at is null and attempt_id is null group by user_id
     ) as r using (user_id)`,
  ],
  [
    "finished sessions are counted",
    `select count(*)::integer as compared, count(*) filter (where l.sessions_completed <> coalesce(s.finished, 0))::integer as wrong
     from study.learners as l
     left join (
       select user_id, count(*) as finished from study.practice_sessions where status = 'completed' and answered_count > 0 group by user_id
     ) as s using (user_id)`,
  ],
  [
    "progress by question is what was answered",
    `select count(*)::integer as compared, count(*) filter (
       where (p.total_attempts, p.correct_attempts, p.skipped_attempts, p.time_taken_ms)
         is distinct from (a.answered, a.correct, a.skipped, a.ms)
     )::integer as wrong
     from study.user_progress as p
     full join (
       select user_id, question_id, count(*) filter (where not is_skipped)::integer as answered,
         count(*) filter (where is_correct)::integer as correct, count(*) filter (where is_skipped)::integer as skipped,
         sum(time_taken_ms)::bigint as ms
       from study.user_question_attempts group by user_id, question_id
     ) as a using (user_id, question_id)`,
  ],
  [
    "statistics of questions are what was answered",
    `select count(*)::integer as compared, count(*) filter (
       where (s.times_answered, s.times_correct, s.times_skipped) is distinct from (a.answered, a.correct, a.skipped)
     )::integer as wrong
     from study.question_statistics as s
     full join (
       select version_id, count(*) filter (where not is_skipped) as answered, count(*) filter (where is_correct) as correct,
         count(*) filter (where is_skipped) as skipped
       from study.user_question_attempts group by version_id
     ) as a using (version_id)`,
  ],
  [
    "reviews of a card that stand are numbered without gaps",
    `select count(*)::integer as compared, count(*) filter (where n <> last or first <> 1)::integer as wrong
     from (
       select card_id, count(*) as n, min(review_no) as first, max(review_no) as last
       from study.review_logs where undone_at is null group by card_id
     ) as c`,
  ],
];

export async function checkSums(sql: postgres.Sql): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [name, text] of queries) {
    const [row] = await sql.unsafe<{ compared: number; wrong: number }[]>(text);
    checks.push({ name, ...row! });
  }
  return checks;
}
