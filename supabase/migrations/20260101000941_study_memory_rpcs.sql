-- The RPCs of review cards: thin wrappers, for people who are signed in.

create function study.due_cards(p_limit integer default 20, p_cursor text default null)
returns table (
  card_id uuid, phase text, source text, front text, back text, quote text, question jsonb, topic_id uuid, state text,
  due_at timestamptz, due_on date, retrievability double precision, review_no integer, lapses integer, is_leech boolean,
  stale_at timestamptz, material_id uuid, cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.study_due_cards(p_limit, private.study_due_cursor(p_cursor)); $$;
comment on function study.due_cards(integer, text) is
  'Your cards to study now, in order: steps whose minutes are over (phase learning), reviews with the least chance of recall first (review; retrievability from 0 to 1), new cards (new), and what comes again in this sitting (again). Within new_cards_per_day and reviews_per_day of your day. question: {question_id, version_id, question_type, vignette, difficulty, options: [{index, text}]} for cards of questions, without their keys: answer them in a practice session. review_no goes back to study.review_card. stale_at: since when its source says something else. p_limit up to 200; p_cursor: the cursor of the last row of the page before. cursor_invalid (400).';

create function study.review_card(
  p_card_id uuid, p_rating integer default null, p_duration_ms bigint default 0, p_review_no integer default null, p_quality integer default null
)
returns study.review_logs
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_review_own(p_card_id, p_rating, p_duration_ms, p_review_no, p_quality); $$;
comment on function study.review_card(uuid, integer, bigint, integer, integer) is
  'Reviews a card of yours: p_rating 1 again, 2 hard, 3 good, 4 easy, or p_quality 0 to 5 of SM-2. p_duration_ms: how long you looked at it, in milliseconds; kept are study.max_review_seconds at most, and no more than passed since you studied last. p_review_no: of study.due_cards; the same number and rating again returns the same log, and nothing happens twice. Returns the log: state, interval in days and due_at as they are now. Errors: card_not_found (404), review_out_of_turn, card_suspended (409), rating_invalid, duration_invalid (422), rate_limited (429).';

create function study.undo_review(p_card_id uuid, p_review_no integer default null)
returns study.sm2_review_cards
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_undo_own(p_card_id, p_review_no); $$;
comment on function study.undo_review(uuid, integer) is
  'Takes the last review of a card back, on the day of it: the card is as before, and so is what it counted. Not an answer to a question. p_review_no: which one; the same again does nothing more. Errors: card_not_found (404), review_not_undoable (409), rate_limited (429).';

create function study.preview_card(p_card_id uuid)
returns table (
  rating integer, review_no integer, state text, interval_days integer, due_at timestamptz, due_on date,
  stability double precision, difficulty double precision
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.study_preview_own(p_card_id); $$;
comment on function study.preview_card(uuid) is
  'What each of the four ratings would make of a card of yours now: for the labels of the buttons. interval_days 0: it comes again at due_at. card_not_found (404).';

create function study.reschedule_card(p_card_id uuid)
returns study.sm2_review_cards
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_set_card(p_card_id, 'reschedule'); $$;
comment on function study.reschedule_card(uuid) is
  'Computes a card of yours anew from its log, by your present settings. Errors: card_not_found (404), rate_limited (429).';

create function study.reschedule_all()
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_reschedule_own(); $$;
comment on function study.reschedule_all() is
  'Computes all your cards anew from their logs, by your present settings: after other weights or another retention. Returns how many at once; the rest follows within minutes. rate_limited (429).';

create function study.suspend_card(p_card_id uuid)
returns study.sm2_review_cards
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_set_card(p_card_id, 'suspend'); $$;
comment on function study.suspend_card(uuid) is
  'Takes a card of yours out of reviewing until you unsuspend it. card_not_found (404).';

create function study.unsuspend_card(p_card_id uuid)
returns study.sm2_review_cards
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_set_card(p_card_id, 'unsuspend'); $$;
comment on function study.unsuspend_card(uuid) is
  'Takes a card of yours back into reviewing, also one that was buried. card_not_found (404).';

create function study.bury_card(p_card_id uuid)
returns study.sm2_review_cards
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_set_card(p_card_id, 'bury'); $$;
comment on function study.bury_card(uuid) is
  'Leaves a card of yours out until your next day. card_not_found (404).';

create function study.delete_card(p_card_id uuid)
returns study.sm2_review_cards
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_set_card(p_card_id, 'delete'); $$;
comment on function study.delete_card(uuid) is
  'Deletes a card of yours and its log, for good; returns it as it was. card_not_found (404).';

create function study.create_card(p_front text, p_back text, p_topic text default null)
returns study.sm2_review_cards
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_create_card(p_front, p_back, p_topic); $$;
comment on function study.create_card(text, text, text) is
  'A card of your own: front up to 2,000 characters, back up to 8,000, plain text; p_topic is a slug. Errors: text_required, text_too_long, markup_not_allowed, unknown_topic (422), too_many_cards (409), rate_limited (429).';

create function study.card_from_question(p_question_id uuid)
returns study.sm2_review_cards
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_card_from_question(p_question_id); $$;
comment on function study.card_from_question(uuid) is
  'A card of a question that you may practise, or the one that you have of it. Errors: question_not_found (404), too_many_cards (409), rate_limited (429).';

create function study.card_from_message(
  p_message_id uuid, p_marker integer default null, p_front text default null, p_back text default null
)
returns study.sm2_review_cards
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_card_from_message(p_message_id, p_marker, p_front, p_back); $$;
comment on function study.card_from_message(uuid, integer, text, text) is
  'A card of an answer that the coach gave you: your question in front, the answer behind, unless you write them; with the passage of the marker (the first one), which is watched: the card says when it changes. One a message: the one that you have. Errors: answer_not_found (404), answer_not_cited, text_required, text_too_long, markup_not_allowed (422), too_many_cards (409), rate_limited (429).';

create function study.card_from_answer(p_document_id uuid, p_front text default null, p_back text default null)
returns study.sm2_review_cards
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_card_from_answer(p_document_id, p_front, p_back); $$;
comment on function study.card_from_answer(uuid, text, text) is
  'A card of an approved answer that you may read: p_document_id is the id of a result of core.search. The card says when the answer changes. Errors: answer_not_found (404), text_required, text_too_long, markup_not_allowed (422), too_many_cards (409), rate_limited (429).';

create function study.edit_card(p_card_id uuid, p_front text, p_back text)
returns study.sm2_review_cards
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_edit_card(p_card_id, p_front, p_back); $$;
comment on function study.edit_card(uuid, text, text) is
  'Writes a card of yours anew; its schedule stays, and it is no leech any more. Errors: card_not_found (404), card_not_editable (409; of a question), text_required, text_too_long, markup_not_allowed (422).';

revoke execute on function
  study.due_cards(integer, text), study.review_card(uuid, integer, bigint, integer, integer), study.undo_review(uuid, integer),
  study.preview_card(uuid), study.reschedule_card(uuid), study.reschedule_all(), study.suspend_card(uuid),
  study.unsuspend_card(uuid), study.bury_card(uuid), study.delete_card(uuid), study.create_card(text, text, text),
  study.card_from_question(uuid), study.card_from_message(uuid, integer, text, text), study.card_from_answer(uuid, text, text),
  study.edit_card(uuid, text, text)
  from public, anon, authenticated;
grant execute on function
  study.due_cards(integer, text), study.review_card(uuid, integer, bigint, integer, integer), study.undo_review(uuid, integer),
  study.preview_card(uuid), study.reschedule_card(uuid), study.reschedule_all(), study.suspend_card(uuid),
  study.unsuspend_card(uuid), study.bury_card(uuid), study.delete_card(uuid), study.create_card(text, text, text),
  study.card_from_question(uuid), study.card_from_message(uuid, integer, text, text), study.card_from_answer(uuid, text, text),
  study.edit_card(uuid, text, text)
  to authenticated;
