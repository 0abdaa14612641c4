-- Memory: cards, what they are made from, and the log of every review, from which any card's state can be computed anew.

create table study.sm2_review_cards (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references core.profiles (id) on delete cascade,
  source text not null,
  question_id uuid references study.questions (id) on delete cascade,
  message_id uuid references study.chat_messages (id) on delete set null,
  document_id uuid references core.search_documents (id) on delete set null,
  material_id uuid references study.materials (id) on delete set null,
  chunk_id uuid references study.material_chunks (id) on delete set null,
  topic_id uuid references core.topics (id) on delete set null,
  front text not null default '',
  back text not null default '',
  quote text not null default '',
  stale_at timestamptz,
  scheduler text not null default 'fsrs',
  state text not null default 'new',
  step smallint not null default 0,
  repetition_count integer not null default 0,
  lapses integer not null default 0,
  easiness_factor double precision not null default 2.5,
  stability double precision,
  difficulty double precision,
  interval_days integer not null default 0,
  due_at timestamptz not null default now(),
  due_on date not null,
  last_reviewed_at timestamptz,
  is_suspended boolean not null default false,
  is_leech boolean not null default false,
  buried_until date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sm2_review_cards_source_check check (source in ('question', 'coach', 'qa', 'note')),
  constraint sm2_review_cards_question_check check ((source = 'question') = (question_id is not null)),
  constraint sm2_review_cards_texts_check check (
    (source = 'question' or length(front) >= 1 and length(back) >= 1) and length(front) <= 2000 and length(back) <= 8000 and length(quote) <= 4000
  ),
  constraint sm2_review_cards_question_key unique (user_id, question_id),
  constraint sm2_review_cards_message_key unique (user_id, message_id),
  constraint sm2_review_cards_document_key unique (user_id, document_id),
  constraint sm2_review_cards_scheduler_check check (scheduler in ('fsrs', 'sm2')),
  constraint sm2_review_cards_state_check check (state in ('new', 'learning', 'review', 'relearning')),
  constraint sm2_review_cards_new_check check (
    (state = 'new') = (last_reviewed_at is null) and (state <> 'new' or repetition_count = 0 and lapses = 0 and stability is null)
  ),
  constraint sm2_review_cards_memory_check check (
    (stability is null) = (difficulty is null) and stability > 0 and difficulty between 1 and 10 and easiness_factor >= 1.3
  ),
  constraint sm2_review_cards_counts_check check (repetition_count >= 0 and lapses >= 0 and interval_days >= 0 and step >= 0)
);
comment on table study.sm2_review_cards is 'What a person is to be reminded of, and when. scheduler says whose rules made due_at: FSRS-6 or SM-2.';
comment on column study.sm2_review_cards.source is
  'question: of the bank. coach: an answer of the coach. qa: an approved answer that the person may read (a document of core.search). note: the person''s own.';
comment on column study.sm2_review_cards.stability is 'FSRS: days after which the chance to recall has fallen to 0.9.';
comment on column study.sm2_review_cards.difficulty is 'FSRS: 1 (easy) to 10.';
comment on column study.sm2_review_cards.easiness_factor is 'SM-2: E-Factor.';
comment on column study.sm2_review_cards.due_on is 'The learner''s day that due_at falls on.';
comment on column study.sm2_review_cards.is_leech is 'Forgotten again and again: rewrite it, or suspend it.';
comment on column study.sm2_review_cards.material_id is 'The material that quote stands in, word for word; chunk_id is the passage, as long as it holds the quote.';
comment on column study.sm2_review_cards.stale_at is 'Since when the passage it came from says something else.';
create index sm2_review_cards_due_idx on study.sm2_review_cards (user_id, due_on) include (question_id)
  where not is_suspended and state <> 'new';
create index sm2_review_cards_new_idx on study.sm2_review_cards (user_id, created_at, id) where not is_suspended and state = 'new';
create index sm2_review_cards_question_id_idx on study.sm2_review_cards (question_id);
create index sm2_review_cards_message_id_idx on study.sm2_review_cards (message_id);
create index sm2_review_cards_document_id_idx on study.sm2_review_cards (document_id);
create index sm2_review_cards_material_id_idx on study.sm2_review_cards (material_id);
create index sm2_review_cards_chunk_id_idx on study.sm2_review_cards (chunk_id);
create index sm2_review_cards_topic_id_idx on study.sm2_review_cards (topic_id);

create table study.review_logs (
  id uuid primary key default gen_random_uuid(),
  card_id uuid not null references study.sm2_review_cards (id) on delete cascade,
  user_id uuid not null references core.profiles (id) on delete cascade,
  review_no integer not null,
  scheduler text not null,
  rating smallint not null,
  quality smallint,
  attempt_id uuid references study.user_question_attempts (id) on delete set null,
  state_before text not null,
  card_before jsonb not null,
  elapsed_days integer not null,
  retrievability double precision,
  stability double precision,
  difficulty double precision,
  interval_days integer not null,
  due_at timestamptz not null,
  duration_ms bigint not null default 0,
  study_day date not null,
  reviewed_at timestamptz not null default now(),
  undone_at timestamptz,
  constraint review_logs_rating_check check (rating between 1 and 4),
  constraint review_logs_quality_check check (quality between 0 and 5),
  constraint review_logs_scheduler_check check (scheduler in ('fsrs', 'sm2')),
  constraint review_logs_days_check check (elapsed_days >= 0 and interval_days >= 0 and duration_ms >= 0 and review_no >= 1)
);
comment on table study.review_logs is 'Every review, what the card was before it (card_before), and what it became. Only undone_at ever changes.';
comment on column study.review_logs.rating is '1 again, 2 hard, 3 good, 4 easy.';
comment on column study.review_logs.quality is 'SM-2: 0 to 5. 0 to 2 count as forgotten.';
comment on column study.review_logs.retrievability is 'The chance to recall that FSRS expected at the review; null for a first one and under SM-2.';
create unique index review_logs_standing_key on study.review_logs (card_id, review_no) where undone_at is null;
create index review_logs_card_id_idx on study.review_logs (card_id, reviewed_at);
create index review_logs_user_id_idx on study.review_logs (user_id, reviewed_at desc, id desc);
create index review_logs_attempt_id_idx on study.review_logs (attempt_id);

create table study.weight_fits (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references core.profiles (id) on delete cascade,
  status text not null default 'pending',
  review_count integer not null default 0,
  held_out_count integer not null default 0,
  weights_before double precision[],
  weights double precision[],
  loss_before double precision,
  loss_after double precision,
  is_adopted boolean not null default false,
  error_message text,
  created_at timestamptz not null default now(),
  completed_at timestamptz,
  constraint weight_fits_status_check check (status in ('pending', 'completed', 'failed')),
  constraint weight_fits_weights_check check (weights is null or cardinality(weights) = 21),
  constraint weight_fits_counts_check check (held_out_count between 0 and review_count),
  constraint weight_fits_adopted_check check (not is_adopted or loss_after < loss_before),
  constraint weight_fits_completed_check check ((status = 'pending') = (completed_at is null))
);
comment on table study.weight_fits is 'Attempts to fit a learner''s FSRS weights: the log-loss on reviews that were held out, with the weights before and after. Adopted only when it falls.';
comment on column study.weight_fits.weights_before is 'Those in use when it was asked for; null: the published ones.';
comment on column study.weight_fits.held_out_count is 'Of the reviews, those that were kept from the fit to judge it by: a day or more after another, and later than all that it saw.';
create index weight_fits_user_id_idx on study.weight_fits (user_id, created_at desc);
create unique index weight_fits_pending_key on study.weight_fits (user_id) where status = 'pending';

create trigger _900_touch_updated_at before update on study.sm2_review_cards
  for each row execute function private.tg__touch_updated_at();

do $$
declare
  v_table text;
begin
  foreach v_table in array array['sm2_review_cards', 'review_logs', 'weight_fits'] loop
    execute format('alter table study.%I enable row level security', v_table);
    execute format('revoke all on study.%I from public, anon, authenticated', v_table);
    execute format('grant select, insert, update, delete on study.%I to service_role', v_table);
    execute format('grant select on study.%I to authenticated', v_table);
    execute format(
      'create policy %I on study.%I for select to authenticated using (user_id = (select auth.uid()))', v_table || '_select_own', v_table
    );
  end loop;
end;
$$;
