-- Blocks of a plan: what stays when it is made anew, what the learner may do with them, which moves there are, what time does.
begin;
select plan(134);
select tests.share_temporaries();
set local time zone 'UTC';

delete from core.busy_sources;
create table private.test_busy (user_id uuid, times tstzrange);
create function private.test_plan_busy(p_user_id uuid, p_from timestamptz, p_to timestamptz) returns tstzmultirange language sql stable set search_path = '' as $$
  select coalesce(range_agg(b.times), '{}') from private.test_busy as b where b.user_id = p_user_id and b.times && tstzrange(p_from, p_to); $$;
insert into core.busy_sources (module, busy_function) values ('test', 'test_plan_busy');

create temp table who as select tests.create_user('blocks-learner@study.local') as learner, tests.create_user('blocks-stranger@study.local') as stranger,
  tests.create_user('blocks-suspended@study.local') as suspended, tests.create_user('blocks-idle@study.local') as idle;
create function pg_temp.cards(p_user uuid, p_day date, p_count integer) returns void language sql as $$
  insert into study.sm2_review_cards (user_id, source, front, back, state, last_reviewed_at, stability, difficulty, interval_days, due_at, due_on)
  select p_user, 'note', 'front', 'back', 'review', p_day - 5, 5, 5, 5, p_day, p_day from generate_series(1, p_count); $$;
create function pg_temp.blocks(p_user uuid) returns table (block text) language sql as $$
  select format('%s %s %s-%s %s', b.kind, b.status, to_char(b.starts_at, 'DD HH24:MI'), to_char(b.ends_at, 'HH24:MI'), b.planned_count)
  from study.plan_blocks as b where b.user_id = p_user order by b.starts_at, b.status; $$;
create function pg_temp.at(p_user uuid, p_starts_at text) returns uuid language sql as $$
  select b.id from study.plan_blocks as b where b.user_id = p_user and b.starts_at = (p_starts_at || '+00')::timestamptz and b.status <> 'dismissed'; $$;

-- Made anew --------------------------------------------------------------------------------------------------------
select pg_temp.cards((select learner from who), '2026-03-20', 60);
select is(private.study_plan((select learner from who), 3, '2026-03-23 06:00+00'), 4, 'four suggestions');
select results_eq($$ select pg_temp.blocks((select learner from who)) $$, $$ values ('review suggested 23 08:00-08:15 60'), ('practice suggested 23 08:25-08:35 10'),
  ('practice suggested 24 08:00-08:20 20'), ('practice suggested 25 08:00-08:20 20') $$, 'stored as they were made');
create temp table before as select b.* from study.plan_blocks as b;
select private.study_plan((select learner from who), 3, '2026-03-23 06:05+00');
select is_empty($$ select * from before except select b.* from study.plan_blocks as b $$, 'made again nothing changes, not even its number');
insert into private.test_busy select learner, tstzrange('2026-03-24 08:10+00', '2026-03-24 09:00+00') from who;
select private.study_plan((select learner from who), 3, '2026-03-23 06:06+00');
select results_eq($$ select pg_temp.blocks((select learner from who)) $$, $$ values ('review suggested 23 08:00-08:15 60'), ('practice suggested 23 08:25-08:35 10'),
  ('practice suggested 24 09:00-09:20 20'), ('practice suggested 25 08:00-08:20 20') $$, 'what is in the way moves a suggestion');
select is((select count(*) from study.plan_blocks as b join before as o on o.id = b.id), 3::bigint, 'and no other one');
select is((select b.calendar_sequence from study.plan_blocks as b join before as o on o.id = b.id order by b.starts_at limit 1), 0, 'which calendars are not told of');
delete from study.sm2_review_cards where id in (select c.id from study.sm2_review_cards as c where c.user_id = (select learner from who) limit 30);
select private.study_plan((select learner from who), 3, '2026-03-23 06:07+00');
select results_eq($$ select planned_count, ends_at, calendar_sequence from study.plan_blocks as b where b.kind = 'review' $$, $$ values (30, '2026-03-23 08:10+00'::timestamptz, 0) $$, 'fewer cards, a shorter block');

select private.study_accept_plan_block((select learner from who), pg_temp.at((select learner from who), '2026-03-23 08:00'), '2026-03-23 06:10+00');
select private.study_dismiss_plan_block((select learner from who), pg_temp.at((select learner from who), '2026-03-23 08:20'), '2026-03-23 06:10+00');
select private.study_dismiss_plan_block((select learner from who), pg_temp.at((select learner from who), '2026-03-25 08:00'), '2026-03-23 06:10+00');
select private.study_plan((select learner from who), 3, '2026-03-23 06:11+00');
select results_eq($$ select pg_temp.blocks((select learner from who)) $$, $$ values ('review accepted 23 08:00-08:10 30'), ('practice dismissed 23 08:20-08:30 10'),
  ('practice suggested 24 09:00-09:20 20'), ('practice dismissed 25 08:00-08:20 20') $$, 'what is accepted stays and counts; what is dismissed does not come back, at no hour of its day');
select pg_temp.cards((select learner from who), '2026-03-23', 100);
select private.study_plan((select learner from who), 3, '2026-03-23 06:12+00');
select results_eq($$ select b.block from pg_temp.blocks((select learner from who)) as b where b.block like '% 23 %' $$, $$ values ('review accepted 23 08:00-08:10 30'),
  ('practice dismissed 23 08:20-08:30 10'), ('review suggested 23 08:30-08:50 100') $$, 'more cards are placed beside it, with a pause');
select private.study_dismiss_plan_block((select learner from who), pg_temp.at((select learner from who), '2026-03-23 08:30'), '2026-03-23 06:13+00');
select private.study_plan((select learner from who), 2, '2026-03-23 06:14+00');
select results_eq($$ select b.block from pg_temp.blocks((select learner from who)) as b where b.block like '%review%' $$, $$ values ('review accepted 23 08:00-08:10 30'),
  ('review dismissed 23 08:30-08:50 100'), ('review suggested 24 09:00-09:20 100') $$, 'reviews not wanted today are due tomorrow');
-- While a suggestion is going on it stays.
select private.study_plan((select learner from who), 2, '2026-03-24 09:05+00');
select results_eq($$ select b.block from pg_temp.blocks((select learner from who)) as b where b.block like '% 24 %' $$, $$ values
  ('practice suggested 24 08:00-08:10 10'), ('review suggested 24 09:00-09:20 100'), ('review suggested 24 09:30-09:40 30'), ('practice suggested 24 09:50-10:00 10') $$,
  'what is going on stays, and counts; what is over does not');

-- Moves ------------------------------------------------------------------------------------------------------------
create temp table m (name text primary key, id uuid);
grant all on m to public;
delete from study.plan_blocks;
delete from private.test_busy;
create function pg_temp.made(p_name text, p_starts interval, p_minutes integer, p_status text default 'suggested', p_user uuid default null) returns uuid language sql as $$
  with made as (
    insert into study.plan_blocks (user_id, kind, status, starts_at, ends_at, planned_count, reason)
    values (coalesce(p_user, (select learner from who)), 'practice', p_status, now() + p_starts, now() + p_starts + make_interval(mins => p_minutes), 10, 'daily_goal') returning id
  )
  insert into m select p_name, id from made returning id; $$;
select pg_temp.made('one', '1 day', 30), pg_temp.made('two', '1 day 1 hour', 30), pg_temp.made('three', '1 day 2 hours', 30), pg_temp.made('past', '-3 hours', 30),
  pg_temp.made('running', '-10 minutes', 30), pg_temp.made('theirs', '1 day', 30, 'suggested', (select stranger from who));
insert into private.test_busy select learner, tstzrange(now() + interval '1 day 4 hours', now() + interval '1 day 5 hours') from who;

select tests.as_anon();
select throws_ok($$ select study.plan_week() $$, '42501', null, 'a visitor has no plan');
select throws_ok($$ select study.my_plan() $$, '42501', null, 'and reads none');
select throws_ok($$ select study.accept_plan_block(gen_random_uuid()) $$, '42501', null, 'accepts nothing');
select throws_ok($$ select study.dismiss_plan_block(gen_random_uuid()) $$, '42501', null, 'dismisses nothing');
select throws_ok($$ select study.move_plan_block(gen_random_uuid(), now()) $$, '42501', null, 'moves nothing');
select throws_ok($$ select study.stop_plan() $$, '42501', null, 'stops nothing');
select throws_ok($$ select 1 from study.plan_blocks $$, '42501', null, 'and sees no block');

select tests.as_user((select stranger from who));
select is((select count(*) from study.plan_blocks), 1::bigint, 'one sees one''s own blocks');
select is((select count(*) from study.my_plan(now() - interval '1 day', now() + interval '3 days')), 1::bigint, 'and reads one''s own plan');
select throws_ok($$ select study.accept_plan_block((select id from m where name = 'one')) $$, 'PT404', 'plan_block_not_found', 'nobody accepts another''s');
select throws_ok($$ select study.dismiss_plan_block((select id from m where name = 'one')) $$, 'PT404', 'plan_block_not_found', 'dismisses another''s');
select throws_ok($$ select study.move_plan_block((select id from m where name = 'one'), now() + interval '3 days') $$, 'PT404', 'plan_block_not_found', 'or moves it');
select throws_ok($$ insert into study.plan_blocks (user_id, kind, starts_at, ends_at, reason) values (auth.uid(), 'review', now(), now() + interval '1 hour', 'reviews_due') $$, '42501', null, 'nobody writes blocks');
select throws_ok($$ update study.plan_blocks set status = 'done' $$, '42501', null, 'or marks them');
select throws_ok($$ delete from study.plan_blocks $$, '42501', null, 'or deletes them');
select throws_ok($$ insert into study.plans (user_id) values (auth.uid()) $$, '42501', null, 'nobody writes plans');
select throws_ok($$ select private.study_plan(auth.uid(), 7, '2026-01-01') $$, '42501', null, 'or says what time it is');

select tests.as_user((select learner from who));
select throws_ok($$ select study.accept_plan_block(null) $$, 'PT404', 'plan_block_not_found', 'no block is none');
select is((select status from study.accept_plan_block((select id from m where name = 'one'))), 'accepted', 'one accepts');
select is((select status from study.accept_plan_block((select id from m where name = 'one'))), 'accepted', 'again: the same');
select is((select calendar_sequence from study.plan_blocks where id = (select id from m where name = 'one')), 1, 'counted once');
select throws_ok($$ select study.accept_plan_block((select id from m where name = 'past')) $$, 'PT409', 'plan_block_over', 'not what is over');
select throws_ok($$ select study.dismiss_plan_block((select id from m where name = 'past')) $$, 'PT409', 'plan_block_over', 'nor dismisses it');
select throws_ok($$ select study.move_plan_block((select id from m where name = 'past'), now() + interval '3 days') $$, 'PT409', 'plan_block_over', 'nor moves it');
select is((select status from study.accept_plan_block((select id from m where name = 'running'))), 'accepted', 'but what is going on');

select throws_ok($$ select study.move_plan_block((select id from m where name = 'two'), now() + interval '1 day 10 minutes') $$, 'PT409', 'plan_time_taken', 'nothing goes where something is accepted');
select throws_ok($$ select study.move_plan_block((select id from m where name = 'two'), now() + interval '1 day 3 hours 45 minutes') $$, 'PT409', 'plan_time_taken', 'or where one is busy');
select is((select ends_at from study.move_plan_block((select id from m where name = 'two'), now() + interval '1 day 5 hours')), now() + interval '1 day 5 hours 30 minutes', 'right after it does, as long as before');
select is((select status from study.plan_blocks where id = (select id from m where name = 'two')), 'accepted', 'and is accepted');
select is((select ends_at from study.move_plan_block((select id from m where name = 'two'), now() + interval '1 day 2 hours', now() + interval '1 day 3 hours')), now() + interval '1 day 3 hours', 'or longer');
select is((select count(*) from study.plan_blocks where id = (select id from m where name = 'three')), 0::bigint, 'what is only suggested there gives way');
select lives_ok($$ select study.move_plan_block((select id from m where name = 'two'), now() + interval '1 day 2 hours 10 minutes') $$, 'over its own old place it may go');

create function pg_temp.move(p_starts timestamptz, p_ends timestamptz default null) returns text language sql as $$
  select throws_ok(format('select study.move_plan_block(%L, %L, %L)', (select id from m where name = 'two'), p_starts, p_ends), 'PT422', 'plan_time_invalid',
    format('not to %s, until %s', coalesce(p_starts::text, 'no time'), coalesce(p_ends::text, 'as long as before'))); $$;
select pg_temp.move(v.starts_at, v.ends_at) from (values
  (null::timestamptz, null::timestamptz), ('infinity', null), ('-infinity', null), (now() - interval '1 minute', null), (now() + interval '91 days', null),
  (now() + interval '2 days', now() + interval '2 days 9 minutes'), (now() + interval '2 days', now() + interval '2 days 4 hours 1 minute'),
  (now() + interval '2 days', now() + interval '2 days'), (now() + interval '2 days', now() + interval '1 day'),
  (now() + interval '2 days', 'infinity'), (now() + interval '2 days', '-infinity')
) as v (starts_at, ends_at);
select is((select starts_at from study.plan_blocks where id = (select id from m where name = 'two')), now() + interval '1 day 2 hours 10 minutes', 'and nothing was moved by that');

select is((select status from study.dismiss_plan_block((select id from m where name = 'one'))), 'dismissed', 'one dismisses what one had accepted');
select is((select status from study.dismiss_plan_block((select id from m where name = 'one'))), 'dismissed', 'again: the same');
select lives_ok($$ select study.move_plan_block((select id from m where name = 'two'), now() + interval '1 day 15 minutes') $$, 'its time is free again');
select throws_ok($$ select study.accept_plan_block((select id from m where name = 'one')) $$, 'PT409', 'plan_time_taken', 'so one cannot have it back');
select study.move_plan_block((select id from m where name = 'two'), now() + interval '2 days');
select is((select status from study.accept_plan_block((select id from m where name = 'one'))), 'accepted', 'until there is room');

-- Asking -----------------------------------------------------------------------------------------------------------
select throws_ok($$ select study.plan_week(0) $$, 'PT422', 'plan_days_invalid', 'a plan has days');
select throws_ok($$ select study.plan_week(29) $$, 'PT422', 'plan_days_invalid', 'four weeks at most');
select throws_ok($$ select study.plan_week(null) $$, 'PT422', 'plan_days_invalid', 'and a number of them');
create temp table week as select * from study.plan_week(5);
select cmp_ok((select count(*) from week where status = 'suggested'), '>=', 3::bigint, 'one asks for a week, and has it');
select results_eq($$ select id, status from week where status = 'accepted' order by starts_at $$, $$ select id, status from study.plan_blocks where status = 'accepted' and ends_at > now() order by starts_at $$, 'with what one had accepted');
select results_eq($$ select * from study.my_plan(now(), now() + interval '5 days') where id in (select id from week) $$, $$ select * from week where starts_at < now() + interval '5 days' $$, 'reads it the same');
select is((select count(*) from week where is_busy), 0::bigint, 'nothing of it at a time at which one is busy');
select throws_ok($$ select study.my_plan(now(), now()) $$, 'PT422', 'range_invalid', 'from a moment to a later one');
select throws_ok($$ select study.my_plan('-infinity', now()) $$, 'PT422', 'range_invalid', 'that are');
select throws_ok($$ select study.my_plan(now(), now() + interval '101 days') $$, 'PT422', 'range_invalid', 'not too far from another');
select tests.as_owner();
insert into private.test_busy select learner, tstzrange(b.starts_at, b.ends_at) from who, study.plan_blocks as b where b.id = (select id from m where name = 'two');
select tests.as_user((select learner from who));
select is((select is_busy from study.my_plan(now(), now() + interval '3 days') where id = (select id from m where name = 'two')), true, 'what came into an accepted block is shown');
select cmp_ok(study.stop_plan(), '>=', 3, 'one stops it all');
select is((select count(*) from study.plan_blocks where status = 'suggested' and starts_at > now()), 0::bigint, 'without suggestions');
select is((select count(*) from study.plan_blocks where status = 'accepted' and ends_at > now()), 3::bigint, 'but with what one means to do');
select is((select count(*) from study.plans), 0::bigint, 'and asks for none any more');
select is(study.stop_plan(), 0, 'again: nothing');
select tests.as_owner();
update core.settings set value = value || '{"plan": {"burst": 1, "per_hour": 1}}' where key = 'study.limits';
select tests.as_user((select stranger from who));
select lives_ok($$ select study.plan_week() $$, 'once');
select throws_ok($$ select study.plan_week() $$, 'PT429', 'rate_limited', 'and not all the time');

select tests.as_owner();
select pg_temp.made('suspended', '1 day', 30, 'suggested', (select suspended from who));
update core.profiles set is_active = false where id = (select suspended from who);
select tests.as_user((select suspended from who));
select throws_ok($$ select study.plan_week() $$, 'PT403', 'account_inactive', 'who is suspended plans nothing');
select throws_ok($$ select study.accept_plan_block((select id from m where name = 'suspended')) $$, 'PT403', 'account_inactive', 'accepts nothing');
select throws_ok($$ select study.dismiss_plan_block((select id from m where name = 'suspended')) $$, 'PT403', 'account_inactive', 'dismisses nothing');
select throws_ok($$ select study.move_plan_block((select id from m where name = 'suspended'), now() + interval '1 hour') $$, 'PT403', 'account_inactive', 'moves nothing');
select throws_ok($$ select study.stop_plan() $$, 'PT403', 'account_inactive', 'stops nothing');
select is((select count(*) from study.my_plan()), 1::bigint, 'and reads all the same');
select tests.as_owner();

-- Moves of the status ----------------------------------------------------------------------------------------------
create function pg_temp.try(p_from text, p_to text) returns text language plpgsql as $$
  declare v_id uuid;
  begin
    insert into study.plan_blocks (user_id, kind, status, starts_at, ends_at, reason)
    values ((select idle from who), 'review', p_from, '2020-01-01', '2020-01-01 01:00', 'reviews_due') returning id into v_id;
    begin
      update study.plan_blocks set status = p_to where id = v_id;
    exception when sqlstate 'PT409' then
      delete from study.plan_blocks where id = v_id;
      return sqlerrm;
    end;
    delete from study.plan_blocks where id = v_id;
    return 'moved';
  end; $$;
select is(pg_temp.try(f.status, s.status), case when t.from_status is null then 'illegal_transition' else 'moved' end, format('from %s to %s', f.status, s.status))
from unnest(array['suggested', 'accepted', 'dismissed', 'done', 'missed']) as f (status)
join unnest(array['suggested', 'accepted', 'dismissed', 'done', 'missed']) as s (status) on f.status <> s.status
left join study.plan_block_transitions as t on t.from_status = f.status and t.to_status = s.status
order by f.status, s.status;
select is((select count(*) from study.plan_block_transitions), 7::bigint, 'seven moves are legal');

-- What time does ---------------------------------------------------------------------------------------------------
delete from study.plan_blocks;
delete from private.test_busy;
create temp table q (topic uuid, other uuid, question uuid, version uuid, session uuid);
insert into q select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid();
insert into core.topics (id, slug, name) select topic, 'blocks-organ', 'Organ' from q union all select other, 'blocks-other', 'Other' from q;
insert into core.topics (slug, name, parent_id) select 'blocks-valve', 'Valve', topic from q;
create function pg_temp.attempt(p_topic uuid, p_at text, p_is_skipped boolean default false) returns void language plpgsql as $$
  declare v_user uuid := (select learner from who); v_question uuid; v_version uuid; v_session uuid;
  begin
    -- Past the writers of questions and sessions, which are others' subjects: only that it was answered matters here.
    perform set_config('session_replication_role', 'replica', true);
    insert into study.user_question_attempts (user_id, question_id, version_id, session_id, topic_id, attempt_type, selected_indexes, is_skipped, is_correct, time_taken_ms, study_day, answered_at)
    values (v_user, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), p_topic, 'practice', case when p_is_skipped then '{}' else '{1}' end::smallint[], p_is_skipped, false, 1000, '2026-03-23', (p_at || '+00')::timestamptz);
    perform set_config('session_replication_role', 'origin', true);
  end; $$;
create function pg_temp.review(p_at text, p_undone_at timestamptz default null) returns void language sql as $$
  insert into study.review_logs (card_id, user_id, review_no, scheduler, rating, state_before, card_before, elapsed_days, interval_days, due_at, study_day, reviewed_at, undone_at)
  select c.id, c.user_id, 1 + (select count(*) from study.review_logs as l where l.card_id = c.id), 'fsrs', 3, 'review', '{}', 5, 5, now(), '2026-03-23', (p_at || '+00')::timestamptz, p_undone_at
  from study.sm2_review_cards as c where c.user_id = (select learner from who) order by c.id limit 1; $$;
create function pg_temp.put(p_kind text, p_status text, p_starts_at text, p_count integer, p_topic uuid default null) returns void language sql as $$
  insert into study.plan_blocks (user_id, kind, status, topic_id, starts_at, ends_at, planned_count, reason)
  values ((select learner from who), p_kind, p_status, p_topic, (p_starts_at || '+00')::timestamptz, (p_starts_at || '+00')::timestamptz + interval '30 minutes', p_count, 'daily_goal'); $$;
create function pg_temp.settled(p_at text) returns table (block text) language sql as $$
  select private.study_settle_blocks((p_at || '+00')::timestamptz, 100);
  select b.block from pg_temp.blocks((select learner from who)) as b; $$;

select pg_temp.put('review', 'accepted', '2026-03-23 08:00', 10), pg_temp.put('practice', 'suggested', '2026-03-23 09:00', 10, (select topic from q)),
  pg_temp.put('path', 'accepted', '2026-03-23 10:00', 4, (select topic from q)), pg_temp.put('practice', 'suggested', '2026-03-23 11:00', 1);
select pg_temp.review('2026-03-23 07:55'), pg_temp.review('2026-03-23 08:10'), pg_temp.review('2026-03-23 08:11', now());
select results_eq($$ select pg_temp.settled('2026-03-23 08:20') $$, $$ values ('review accepted 23 08:00-08:30 10'), ('practice suggested 23 09:00-09:30 10'),
  ('path accepted 23 10:00-10:30 4'), ('practice suggested 23 11:00-11:30 1') $$, 'two cards of ten are too few; what was undone is none');
select pg_temp.review('2026-03-23 08:35');
select results_eq($$ select s.block from pg_temp.settled('2026-03-23 08:36') as s where s.block like 'review%' $$, $$ values ('review done 23 08:00-08:30 10') $$, 'three are enough, soon after it, too');
select pg_temp.attempt((select other from q), '2026-03-23 09:05'), pg_temp.attempt((select other from q), '2026-03-23 09:06'), pg_temp.attempt((select other from q), '2026-03-23 09:07'),
  pg_temp.attempt((select topic from q), '2026-03-23 09:08', true), pg_temp.attempt((select topic from q), '2026-03-23 09:09', true), pg_temp.attempt((select topic from q), '2026-03-23 09:10', true), pg_temp.attempt((select topic from q), '2026-03-23 08:40');
select results_eq($$ select s.block from pg_temp.settled('2026-03-23 10:29') as s where s.block like '%09:00%' $$, $$ values ('practice suggested 23 09:00-09:30 10') $$, 'other topics, skipped questions and other times do not count');
select results_eq($$ select s.block from pg_temp.settled('2026-03-23 10:30') as s where s.block not like 'review%' $$, $$ values ('path accepted 23 10:00-10:30 4'), ('practice suggested 23 11:00-11:30 1') $$, 'a suggestion that nobody followed goes an hour after its end');
select pg_temp.attempt((select id from core.topics where slug = 'blocks-valve'), '2026-03-23 10:10'), pg_temp.attempt((select topic from q), '2026-03-23 10:20');
select results_eq($$ select s.block from pg_temp.settled('2026-03-23 10:31') as s where s.block like 'path%' $$, $$ values ('path done 23 10:00-10:30 4') $$, 'what lies below the topic counts');
select pg_temp.attempt(null, '2026-03-23 11:35');
select results_eq($$ select s.block from pg_temp.settled('2026-03-23 11:36') as s where s.block like 'practice%' $$, $$ values ('practice done 23 11:00-11:30 1') $$, 'and anything, where no topic was named');
select pg_temp.put('practice', 'accepted', '2026-03-23 13:00', 10);
select results_eq($$ select s.block from pg_temp.settled('2026-03-23 14:29') as s where s.block like '%13:00%' $$, $$ values ('practice accepted 23 13:00-13:30 10') $$, 'who is late has an hour');
select results_eq($$ select s.block from pg_temp.settled('2026-03-23 14:30') as s where s.block like '%13:00%' $$, $$ values ('practice missed 23 13:00-13:30 10') $$, 'then it was missed');
select pg_temp.put('practice', 'dismissed', '2026-03-23 15:00', 10);
select results_eq($$ select s.block from pg_temp.settled('2026-03-24 15:00') as s where s.block like '%15:00%' $$, $$ values ('practice dismissed 23 15:00-15:30 10') $$, 'what was dismissed stays so');
select is(private.study_settle_blocks('2026-03-25 00:00+00', 100), 0, 'and nothing is settled twice');

-- Topics that become others
select pg_temp.put('practice', 'accepted', '2026-03-26 08:00', 10, (select other from q));
update core.topics set merged_into_id = (select topic from q), is_active = false where id = (select other from q);
select is((select topic_id from study.plan_blocks where starts_at = '2026-03-26 08:00+00'), (select topic from q), 'a block follows its topic');

-- Each day anew ----------------------------------------------------------------------------------------------------
delete from study.plan_blocks;
delete from study.plans;
update core.profiles set time_zone = 'America/New_York' where id = (select idle from who);
select private.study_plan(u, 3, '2026-03-06 15:00+00') from who, unnest(array[learner, idle]) as u;
select results_eq($$ select p.next_at from study.plans as p join who on p.user_id in (learner, idle) order by p.next_at $$,
  $$ values ('2026-03-07 00:00+00'::timestamptz), ('2026-03-07 05:00+00'::timestamptz) $$, 'the next turn is at the learner''s midnight');
select is(private.study_replan('2026-03-06 23:00+00', 100), '{"planned": 0, "resting": 0, "failed": 0}', 'before it there is nothing to do');
select is(private.study_replan('2026-03-07 00:01+00', 100), '{"planned": 1, "resting": 0, "failed": 0}', 'then it is made anew');
select is((select max(b.starts_at)::date from study.plan_blocks as b where b.user_id = (select learner from who)), '2026-03-09'::date, 'a day further');
select is(private.study_replan('2026-03-07 00:01+00', 100), '{"planned": 0, "resting": 0, "failed": 0}', 'once a day');
-- The clocks of New York go forward on the eighth.
select private.study_replan('2026-03-08 12:00+00', 100);
select is((select p.next_at from study.plans as p where p.user_id = (select idle from who)), '2026-03-09 04:00+00'::timestamptz, 'midnight is an hour earlier once the clocks went forward');
update study.plans set planned_at = '2026-02-01', next_at = '2026-03-09' where user_id = (select idle from who);
update study.plans set next_at = '2026-03-20' where user_id = (select learner from who);
select is(private.study_replan('2026-03-09 12:00+00', 100), '{"planned": 0, "resting": 1, "failed": 0}', 'who neither studies nor asks is left alone');
update study.learners set last_studied_at = '2026-03-10', last_study_day = '2026-03-10', day_zone = 'UTC', day_start_hour = 0 where user_id = (select idle from who);
select is(private.study_replan('2026-03-10 12:00+00', 100), '{"planned": 1, "resting": 0, "failed": 0}', 'until he studies again');
insert into study.learner_settings (user_id, block_minutes) select idle, 45 from who;
select cmp_ok((select p.next_at from study.plans as p where p.user_id = (select idle from who)), '<=', now(), 'other wishes make it anew at the next turn');
update study.plans set next_at = 'infinity' where user_id = (select idle from who);
update study.learner_settings set on_leaderboards = true where user_id = (select idle from who);
select is((select p.next_at from study.plans as p where p.user_id = (select idle from who)), 'infinity'::timestamptz, 'but not any wish');
update core.profiles set time_zone = 'Asia/Tokyo' where id = (select idle from who);
select cmp_ok((select p.next_at from study.plans as p where p.user_id = (select idle from who)), '<=', now(), 'another clock does');
-- One whose plan cannot be made.
create or replace function private.test_plan_busy(p_user_id uuid, p_from timestamptz, p_to timestamptz) returns tstzmultirange language plpgsql stable set search_path = '' as $$
  begin if p_user_id = (select p.id from core.profiles as p where p.time_zone = 'Asia/Tokyo') then raise exception 'broken'; end if; return '{}'; end; $$;
update study.plans set next_at = '2026-03-11';
update study.learners set last_studied_at = '2026-03-10', last_study_day = '2026-03-10', day_zone = 'UTC', day_start_hour = 0;
set local client_min_messages = error;
select is(private.study_replan('2026-03-11 12:00+00', 100), '{"planned": 1, "resting": 0, "failed": 1}', 'one who fails holds up nobody');
reset client_min_messages;
update core.profiles set is_active = false where id = (select learner from who);
update study.plans set next_at = case user_id when (select learner from who) then '2026-03-12' else 'infinity' end::timestamptz;
select is(private.study_replan('2026-03-12 01:00+00', 100), '{"planned": 0, "resting": 1, "failed": 0}', 'for who is suspended none is made');
select isnt((select command from ops.scheduled_tasks where name = 'study_settle_plans'), null, 'blocks are settled by a task');
select isnt((select command from ops.scheduled_tasks where name = 'study_replan_due'), null, 'and plans made by one');
select lives_ok($$ select private.study_settle_plans() $$, 'that runs');
select lives_ok($$ select private.study_replan_due() $$, 'and so does the other');

delete from auth.users where id = (select learner from who);
select is((select count(*) from study.plan_blocks where user_id = (select learner from who)), 0::bigint, 'with an account its plan goes');
select * from finish();
rollback;
