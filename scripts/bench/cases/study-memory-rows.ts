// A million review cards of 850 learners, some 3 of 100 due, in the order of time; and the same cards in a table with the
// indexes of the source design (those of them that exist: two of its four cannot be made).
import type pg from "pg";

export const cardLearnerOf = (no: number) =>
  `b1000000-0000-4000-8000-${String(no).padStart(12, "0")}`;
const perLearner = 1_200;
const questions = 5_000;

const statements = [
  "set session_replication_role = replica",
  `create function pg_temp.id(p_kind text, p_no bigint) returns uuid language sql immutable
   as $$ select (p_kind || '-0000-4000-8000-' || lpad(p_no::text, 12, '0'))::uuid $$`,
  `insert into study.questions (id, status, visibility)
   select pg_temp.id('b2000000', n), 'published', 'authenticated' from generate_series(1, ${questions}) as n`,
  `insert into study.question_versions (id, question_id, version_no, vignette, content_hash)
   select pg_temp.id('b3000000', n), pg_temp.id('b2000000', n), 1, 'Which of these is right? ' || n, md5(n::text) from generate_series(1, ${questions}) as n`,
  `insert into study.question_options (version_id, option_index, option_text)
   select pg_temp.id('b3000000', n), i, 'Option ' || i from generate_series(1, ${questions}) as n, generate_series(0, 3) as i`,
];

const designed = `create table public.bench_cards (
    id uuid primary key, user_id uuid not null, question_id uuid not null, repetition_count integer not null, easiness_factor float not null,
    interval_days integer not null, next_review_date date not null, last_reviewed_at timestamptz, created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(), unique (user_id, question_id)
  )`;

export interface Cards {
  cards: number;
  learners: number;
}

export async function fillCards(client: pg.Client, scale: number): Promise<Cards> {
  const learners = Math.max(20, Math.round(850 * scale));
  for (const text of statements) await client.query(text);
  await client.query(
    `insert into core.profiles (id, username, time_zone)
     select pg_temp.id('b1000000', n), 'bench_memory_' || n, 'UTC' from generate_series(1, $1::integer) as n`,
    [learners],
  );
  await client.query(
    "insert into study.learners (user_id) select pg_temp.id('b1000000', n) from generate_series(1, $1::integer) as n",
    [learners],
  );
  // Each learner's cards lie far apart: others' were made between them.
  await client.query(
    `insert into study.sm2_review_cards (user_id, source, question_id, state, repetition_count, stability, difficulty, interval_days,
       due_at, due_on, last_reviewed_at, created_at)
     select pg_temp.id('b1000000', l), 'question', pg_temp.id('b2000000', 1 + (l * 7 + c * 4) % ${questions}), 'review', 4, 5 + c % 90, 5,
       5 + c % 90, current_date + d.due, current_date + d.due, current_date + d.due - (5 + c % 90) * interval '1 day', now() - c * interval '1 hour'
     from generate_series(${perLearner}, 1, -1) as c, generate_series(1, $1::integer) as l,
       lateral (select (l * 31 + c * 17) % 100 - 3 as due) as d`,
    [learners],
  );
  await client.query(designed);
  await client.query(
    `insert into public.bench_cards (id, user_id, question_id, repetition_count, easiness_factor, interval_days, next_review_date, last_reviewed_at)
     select id, user_id, question_id, repetition_count, easiness_factor, interval_days, due_on, last_reviewed_at from study.sm2_review_cards order by created_at, user_id`,
  );
  for (const columns of ["user_id", "question_id", "next_review_date"]) {
    await client.query(`create index on public.bench_cards (${columns})`);
  }
  await client.query("set session_replication_role = origin");
  await client.query("vacuum analyze");
  return { cards: learners * perLearner, learners };
}
