-- Reviewing cards: SM-2 as published, what a review writes, sending it twice, undoing it, other rules, and spreading the load.
begin;
select plan(69);
select tests.share_temporaries();

create temp table who as
select tests.create_user('sm-ann@example.org') as ann, tests.create_user('sm-ben@example.org') as ben,
  tests.create_user('sm-zed@example.org') as zed;
update core.profiles set time_zone = 'UTC';

-- SM-2 (Woźniak 1990): a history of qualities as intervals, repetitions and E-Factors
create function pg_temp.sm2(variadic p_qualities integer[])
returns text
language plpgsql
as $$
declare
  v_state text := 'new';
  v_repetitions integer := 0;
  v_easiness double precision := 2.5;
  v_interval integer := 0;
  v_next record;
  v_text text := '';
begin
  for v_i in 1 .. cardinality(p_qualities) loop
    select * into v_next from private.sm2_next(v_state, v_repetitions, v_easiness, v_interval, p_qualities[v_i], 36500);
    v_state := v_next.state;
    v_repetitions := v_next.repetitions;
    v_easiness := v_next.easiness;
    v_interval := v_next.interval_days;
    v_text := v_text || format('%s/%s/%s%s ', v_interval, v_repetitions, v_easiness, case when v_next.is_drill then '*' else '' end);
  end loop;
  return rtrim(v_text);
end;
$$;
select is(pg_temp.sm2(4, 4, 4, 4, 4), '1/1/2.5 6/2/2.5 15/3/2.5 38/4/2.5 95/5/2.5', 'I(1) = 1, I(2) = 6, I(n) = I(n−1)·EF, rounded up');
select is(pg_temp.sm2(5, 5, 5, 5), '1/1/2.6 6/2/2.7 17/3/2.8 50/4/2.9', 'an easy one becomes easier, and its interval takes the new E-Factor');
select is(pg_temp.sm2(4, 4, 4, 1, 4, 4, 4, 4), '1/1/2.5 6/2/2.5 15/3/2.5 1/1/2.5* 1/1/2.5 6/2/2.5 15/3/2.5 38/4/2.5',
  'below 3 the intervals begin anew and the E-Factor stays; the drill to 4 changes nothing');
select is(pg_temp.sm2(4, 4, 4, 2, 4, 4), '1/1/2.5 6/2/2.5 15/3/2.5 1/1/2.5* 1/1/2.5 6/2/2.5', 'a 2 as well');
select is(pg_temp.sm2(3, 4, 3, 4), '1/1/2.36* 1/1/2.36 6/2/2.22* 6/2/2.22', 'a 3 counts, makes it harder, and is drilled that day');
select is(pg_temp.sm2(0, 1, 2, 3, 4, 4), '1/1/2.5* 1/1/2.5* 1/1/2.5* 1/1/2.5* 1/1/2.5 6/2/2.5', 'drilled as long as it scores below 4');
select is(
  pg_temp.sm2(variadic array(select case when n % 2 = 1 then 3 else 4 end from generate_series(1, 40) as n)) ~ '/1\.3$', true,
  'an E-Factor does not fall below 1.3'
);
select is((select s.interval_days from private.sm2_next('review', 9, 2.5, 30000, 4, 36500) as s), 36500, 'no interval is longer than the learner allows');

-- A review
create temp table card as
select (private.study_add_card(c)).* from (
  select (jsonb_populate_record(null::study.sm2_review_cards, jsonb_build_object('user_id', ann, 'source', 'note', 'front', 'f', 'back', 'b'))).* from who
) as c;
create function pg_temp.card() returns study.sm2_review_cards language sql as $$ select c.* from study.sm2_review_cards as c where c.id = (select id from card) $$;
create function pg_temp.review(p_rating integer, p_at timestamptz, p_no integer default null)
returns study.review_logs language sql
as $$ select private.study_review_card((select ann from who), (select id from card), p_rating, null, 5000, p_no, p_at); $$;
select results_eq('select state, scheduler, step::int, due_on from card', $$ values ('new', 'fsrs', 0, (now() at time zone 'UTC')::date) $$, 'a new card is due at once, under FSRS');
create temp table one as select * from pg_temp.review(3, '2026-03-02 10:00+00', 1);
select results_eq('select review_no, rating::int, state_before, elapsed_days, retrievability, stability, difficulty, interval_days, due_at, study_day from one',
  $$ values (1, 3, 'new', 0, null::float8, 2.3065::float8, 2.11810397::float8, 0, '2026-03-02 10:10+00'::timestamptz, '2026-03-02'::date) $$,
  'a first "good" leads to the second learning step, in ten minutes');
select results_eq('select state, step::int, stability, last_reviewed_at from pg_temp.card()',
  $$ values ('learning', 1, 2.3065::float8, '2026-03-02 10:00+00'::timestamptz) $$, 'and the card is what the log says');
select is((pg_temp.review(3, '2026-03-02 10:00:02+00', 1)).id, (select id from one), 'the same review sent twice is the same log');
select is((select count(*) from study.review_logs), 1::bigint, 'and no second row');
select throws_ok($$ select pg_temp.review(1, '2026-03-02 10:00:02+00', 1) $$, 'PT409', 'review_out_of_turn', 'another rating under the number of a review is refused');
select throws_ok($$ select pg_temp.review(3, '2026-03-02 10:00:02+00', 3) $$, 'PT409', 'review_out_of_turn', 'and a number that is not its turn');
select throws_ok($$ select pg_temp.review(0, '2026-03-02 10:11+00') $$, 'PT422', 'rating_invalid', 'a rating is 1 to 4');
select throws_ok($$ select pg_temp.review(5, '2026-03-02 10:11+00') $$, 'PT422', 'rating_invalid', 'not 5');
select throws_ok($$ select pg_temp.review(null, '2026-03-02 10:11+00') $$, 'PT422', 'rating_invalid', 'not nothing');
select throws_ok(format('select private.study_review_card(%L, %L, 4, 3, 0, null, now())', (select ann from who), (select id from card)), 'PT422', 'rating_invalid', 'a quality that says something else than the rating is refused');
select throws_ok(format('select private.study_review_card(%L, %L, 3, null, -1, null, now())', (select ann from who), (select id from card)), 'PT422', 'duration_invalid', 'no review takes negative time');
select throws_ok(format('select private.study_review_card(%L, %L, 3, null, 0, null, now())', (select ben from who), (select id from card)), 'PT404', 'card_not_found', 'nobody reviews another''s card');
select is((select count(*) from study.review_logs), 1::bigint, 'and none of these wrote anything');
select is((private.study_review_card((select ann from who), (select id from card), null, 4, 99999999999, null, '2026-03-02 10:10+00')).duration_ms,
  private.setting_number('study.max_review_seconds') * 1000::bigint, 'time away does not count as time on a card');
select results_eq('select state, interval_days, due_on, due_at from pg_temp.card()',
  $$ values ('review', 2, '2026-03-04'::date, '2026-03-04 00:00+00'::timestamptz) $$, 'the last step leads to days: due from the beginning of that day');
select is((pg_temp.review(3, '2026-03-04 23:00+00')).retrievability, private.fsrs_retrievability(2, 2.3065, 0.1542), 'the log keeps what recall was expected');
select is((select elapsed_days from study.review_logs where review_no = 3), 2, 'after two of the learner''s days');
select is((pg_temp.card()).interval_days between 7 and 15, true, 'the next interval is that of FSRS, within its fuzz');
select ok((pg_temp.review(1, (pg_temp.card()).due_at - interval '1 second')).due_at > '2026-03-05', 'an early review is one, too');
select results_eq('select state, lapses, step::int from pg_temp.card()', $$ values ('relearning', 1, 0) $$, 'forgetting is a lapse and is learned anew');
select is((pg_temp.review(3, '2026-01-01 00:00+00')).reviewed_at, (select reviewed_at from study.review_logs where review_no = 4), 'a request that comes late does not go back in time');

-- The preview says what will happen
create temp table ways as select * from private.study_preview_card((select ann from who), (select id from card), '2026-05-01 10:00+00');
select is((select count(*) from ways), 4::bigint, 'four ratings are previewed');
select results_eq('select rating from ways order by due_at', 'select rating from ways order by rating', 'a better rating comes later');
create function pg_temp.would(p_rating integer) returns text language plpgsql as $$
declare
  v_text text;
begin
  begin
    perform pg_temp.review(p_rating, '2026-05-01 10:00+00');
    select format('%s %s %s %s %s', c.state, c.interval_days, c.due_at, c.stability, c.difficulty) into v_text from pg_temp.card() as c;
    raise exception 'undone';
  exception when raise_exception then
    return v_text;
  end;
end; $$;
select is(pg_temp.would(r), (select format('%s %s %s %s %s', w.state, w.interval_days, w.due_at, w.stability, w.difficulty) from ways as w where w.rating = r), format('rating %s does what its preview says', r))
from generate_series(1, 4) as r;

-- Undo
create temp table before as select * from pg_temp.card();
select pg_temp.review(4, '2026-05-01 10:00+00', 6);
create temp table undone as select * from private.study_undo_review((select ann from who), (select id from card), 6, '2026-05-01 10:01+00');
select results_eq('select to_jsonb(u) - ''updated_at'' from undone as u', 'select to_jsonb(b) - ''updated_at'' from before as b', 'undone: the card is as it was, to the last place');
select results_eq('select to_jsonb(c) - ''updated_at'' from pg_temp.card() as c', 'select to_jsonb(b) - ''updated_at'' from before as b', 'in its row as well');
select isnt((select undone_at from study.review_logs where review_no = 6), null, 'its log says so');
select is((private.study_undo_review((select ann from who), (select id from card), 6, '2026-05-01 10:02+00')).last_reviewed_at, (select last_reviewed_at from before), 'undoing the same again does nothing more');
select is((select count(*) from study.review_logs where undone_at is not null), 1::bigint, 'to no other review either');
select throws_ok(format('select private.study_undo_review(%L, %L, 2, %L)', (select ann from who), (select id from card), '2026-05-01 10:02+00'), 'PT409', 'review_not_undoable', 'only the last one is undone');
select throws_ok(format('select private.study_undo_review(%L, %L, null, %L)', (select ann from who), (select id from card), '2026-05-01 10:02+00'), 'PT409', 'review_not_undoable', 'and only on its day');
select is((pg_temp.review(2, '2026-05-01 10:03+00', 6)).review_no, 6, 'the number is free again');

-- Other rules: weights, retention, scheduler
create temp table state_before as select stability, difficulty, state, interval_days from pg_temp.card();
select private.study_reschedule_all((select ann from who), now());
select results_eq('select stability, difficulty, state from pg_temp.card()', 'select stability, difficulty, state from state_before', 'computed anew by the same rules, the memory is the same');
insert into study.learner_settings (user_id, desired_retention, is_fuzzed) select ann, 0.8, false from who;
select private.study_reschedule_all((select ann from who), now());
select is((pg_temp.card()).interval_days, private.fsrs_interval((pg_temp.card()).stability, 0.8, 0.1542, 36500), 'a lower retention is a longer interval');
update study.learner_settings set scheduler = 'sm2' where user_id = (select ann from who);
select results_eq('select scheduler, stability, repetition_count, easiness_factor, interval_days, state from pg_temp.card()',
  $$ values ('sm2', null::float8, 2, 2.36::float8, 6, 'relearning') $$, 'who changes to SM-2 has his cards as SM-2 would have them');
select pg_temp.review(3, '2026-05-01 10:05+00');
select results_eq('select state, interval_days, due_on from pg_temp.card()', $$ values ('review', 6, '2026-05-07'::date) $$, 'the drill over, the interval counts from that day');
select is((select quality::int from study.review_logs where review_no = 7), 4, 'good is a quality of 4');
update study.learner_settings set scheduler = 'fsrs', desired_retention = 0.9 where user_id = (select ann from who);
select results_eq('select scheduler, easiness_factor, state from pg_temp.card()', $$ values ('fsrs', 2.5::float8, 'review') $$, 'and back');
select is((private.study_undo_review((select ann from who), (select id from card), null, '2026-05-01 11:00+00')).stability, (select stability from state_before), 'a review from before the change is undone by computing the rest anew');

-- Many cards: the rest follows by a task, and a review does not wait for it
update core.settings set value = '2' where key = 'study.reschedule_at_once';
update core.settings set value = '3' where key = 'study.reschedule_batch';
create temp table many as
select (private.study_add_card(jsonb_populate_record(null::study.sm2_review_cards, jsonb_build_object('user_id', w.ben, 'source', 'note', 'front', n::text, 'back', 'b')))).id
from who as w, generate_series(1, 7) as n;
select private.study_review_card((select ben from who), m.id, 4, null, 0, 1, '2026-03-02 10:00+00') from many as m;
insert into study.learner_settings (user_id) select ben from who;
update study.learner_settings set scheduler = 'sm2' where user_id = (select ben from who);
select is((select count(*) from study.sm2_review_cards where user_id = (select ben from who) and scheduler = 'sm2'), 2::bigint, 'some cards at once');
create temp table late as select c.id from study.sm2_review_cards as c where c.user_id = (select ben from who) and c.scheduler = 'fsrs' order by c.id desc limit 1;
select is((private.study_review_card((select ben from who), (select id from late), 3, null, 0, 2, '2026-03-12 10:00+00')).interval_days, 6, 'one that waits is brought under the new rules when it is reviewed');
select is((select easiness_factor from study.sm2_review_cards where id = (select id from late)), 2.6::float8, 'with all of its log: its first review made it easier');
select is(private.study_reschedule_waiting(), '{"learners": 1, "cards": 3}', 'the task goes on');
select is(private.study_reschedule_waiting(), '{"learners": 1, "cards": 2}', 'to the end');
select is(private.study_reschedule_waiting(), '{"learners": 0, "cards": 0}', 'and then rests');
select is((select count(*) from study.sm2_review_cards where user_id = (select ben from who) and scheduler = 'sm2'), 7::bigint, 'all of them');

-- Leeches
create temp table leech as
select (private.study_add_card(jsonb_populate_record(null::study.sm2_review_cards, jsonb_build_object('user_id', w.zed, 'source', 'note', 'front', 'hard', 'back', 'b')))).* from who as w;
create function pg_temp.forget(p_times integer) returns boolean language plpgsql as $$
declare
  v_at timestamptz := coalesce((select c.last_reviewed_at from study.sm2_review_cards as c where c.id = (select id from leech)), '2026-03-01 08:00+00');
begin
  for v_i in 1 .. p_times loop
    perform private.study_review_card((select zed from who), (select id from leech), 4, null, 0, null, v_at);
    v_at := v_at + interval '30 days';
    perform private.study_review_card((select zed from who), (select id from leech), 1, null, 0, null, v_at);
  end loop;
  return (select is_leech from study.sm2_review_cards where id = (select id from leech));
end; $$;
select is(pg_temp.forget(7), false, 'forgotten seven times: not yet');
select is(pg_temp.forget(1), true, 'eight times: a leech');
select tests.as_user((select zed from who));
select is((study.edit_card((select id from leech), 'easier', 'b')).is_leech, false, 'written anew it is none');
select tests.as_owner();
select is(pg_temp.forget(3), false, 'nor at once again');
select is(pg_temp.forget(1), true, 'but after four more');

-- Spreading: 200 cards learned alike on one day
create temp table alike as
select (private.study_add_card(jsonb_populate_record(null::study.sm2_review_cards, jsonb_build_object('user_id', w.zed, 'source', 'note', 'front', n::text, 'back', 'b')))).id
from who as w, generate_series(1, 200) as n;
update study.sm2_review_cards as c set state = 'review', stability = 20, difficulty = 5, last_reviewed_at = '2026-03-02 08:00+00', due_on = '2026-03-22', due_at = '2026-03-22'
from alike as a where a.id = c.id;
insert into study.review_logs (card_id, user_id, review_no, scheduler, rating, state_before, card_before, elapsed_days, interval_days, due_at, study_day, reviewed_at)
select a.id, w.zed, 1, 'fsrs', 3, 'new', '{}', 0, 20, '2026-03-22', '2026-03-02', '2026-03-02 08:00+00' from alike as a, who as w;
select private.study_review_card((select zed from who), a.id, 3, null, 0, 2, '2026-03-22 08:00+00') from alike as a;
create temp table days as select c.interval_days, count(*) as cards from study.sm2_review_cards as c join alike as a using (id) group by 1;
select ok((select count(*) from days) >= 7, 'cards that were learned alike come apart');
select ok((select max(cards) - min(cards) from days) <= 1, 'as many on each day as on another');
select ok(bool_and(d.interval_days between f.first_day and f.last_day), 'within the fuzz of FSRS')
from days as d, private.fsrs_fuzz_range(private.fsrs_interval((select stability from study.sm2_review_cards join alike using (id) limit 1), 0.9, 0.1542, 36500), 20, 36500) as f;
insert into study.learner_settings (user_id, easy_weekdays) select zed, '{6, 7}' from who on conflict (user_id) do update set easy_weekdays = '{6, 7}';
update study.sm2_review_cards as c set stability = 20, last_reviewed_at = '2026-03-02 08:00+00', due_on = '2026-03-22' from alike as a where a.id = c.id;
delete from study.review_logs as l using alike as a where l.card_id = a.id and l.review_no = 2;
select private.study_review_card((select zed from who), a.id, 3, null, 0, 2, '2026-03-22 08:00+00') from alike as a;
select ok(
  max(n) filter (where d in (6, 7)) < 0.5 * min(n) filter (where d not in (6, 7)), 'fewer on easy weekdays')
from (select extract(isodow from c.due_on) as d, count(*)::numeric / count(distinct c.due_on) as n from study.sm2_review_cards as c join alike using (id) group by 1) as w;
update study.sm2_review_cards as c set stability = 2000, state = 'review' from alike as a where a.id = c.id;
select is(
  (select count(distinct private.study_place_interval((select zed from who), 400, 380, 420, private.study_chance(a.id, 3), '2026-03-22', private.study_settings((select ann from who)))) > 20 from alike as a),
  false, 'without fuzz every interval is exact');
select ok(
  (select count(distinct private.study_place_interval((select zed from who), 400, 380, 420, private.study_chance(a.id, 3), '2026-03-22', private.study_settings((select zed from who)))) > 15 from alike as a),
  'far away the dice spread them');

select * from finish();
rollback;
