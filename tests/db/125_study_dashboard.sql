-- The dashboard: one call, right to the last answer, however little of it is stored, and without reading the past again. Class
-- views: what educators see of those who let them.
begin;
select plan(67);

create temp table who as
select tests.create_user('da-ann@example.org') as ann, tests.create_user('da-ben@example.org') as ben, tests.create_user('da-new@example.org') as novice,
  tests.create_user('da-eve@example.org', '{educator}') as eve, tests.create_user('da-aide@example.org', '{educator}') as aide,
  tests.create_user('da-cleo@example.org') as cleo, tests.create_user('da-dan@example.org') as dan;
grant select on who to public;
update core.profiles set time_zone = 'America/New_York' where id = (select ann from who);
insert into core.topics (slug, name) values ('da-heart', 'Heart'), ('da-kidney', 'Kidney'), ('da-old', 'Old');
create temp table q as
select tests.sh_question(eve, h.id) as heart, tests.sh_question(eve, k.id) as kidney, tests.sh_question(eve, o.id) as old, tests.sh_question(eve) as none, h.id as heart_id, k.id as kidney_id, o.id as old_id
from who, core.topics as h, core.topics as k, core.topics as o where h.slug = 'da-heart' and k.slug = 'da-kidney' and o.slug = 'da-old';
grant select on q to public;

-- Who has done nothing yet
select tests.as_user((select novice from who));
create temp table empty_one as select study.dashboard() as d;
select is((select d - '{day,days,weeks,forecast}'::text[] from empty_one), '{
  "xp": 0, "level": {"level": 1, "begins_at": 0, "next_at": 100},
  "streak": {"current_streak": 0, "longest_streak": 0, "freezes": 0, "studied_today": false, "is_at_risk": false},
  "goal": {"xp": 50, "xp_earned": 0, "minutes": 20, "study_ms": 0, "is_met": false, "met_at": null}, "due": 0,
  "totals": {"questions_answered": 0, "questions_correct": 0, "accuracy": null, "cards_reviewed": 0, "sessions_completed": 0, "study_ms": 0},
  "topics": [],
  "retention": {"reviewed": 0, "recalled": 0, "rate": null, "rate_30_days": null, "young_rate": null, "mature_rate": null,
    "expected_rate": null, "expected_rate_came_true": null, "curve": []}
}', 'a page for whoever begins');
select is((select jsonb_array_length(d -> 'weeks') from empty_one), 12, 'twelve weeks');
select is((select jsonb_array_length(d -> 'days') from empty_one), 84, 'their days');
select is((select jsonb_array_length(d -> 'forecast') from empty_one), 30, 'thirty days ahead');
select is((select count(*) from study.learners), 0::bigint, 'and looking makes no row');
select tests.as_anon();
select throws_ok('select study.dashboard()', '42501', null, 'nobody without an account');
select tests.as_owner();

-- Ann, on Wednesday 2026-04-15 at noon in New York. Her week began on the 13th, the twelve weeks on January 26th.
create function pg_temp.at() returns timestamptz language sql as $$ select '2026-04-15 16:00+00'::timestamptz $$;
create function pg_temp.page() returns jsonb language sql as $$ select private.study_dashboard((select ann from who), pg_temp.at()) $$;
select tests.sh_answer(ann, heart, '2026-01-26 04:59:59+00') from who, q; -- the 25th on her clock
select tests.sh_answer(ann, heart, '2026-01-26 05:00+00', true) from who, q;
select tests.sh_answer(ann, heart, '2026-02-01 12:00+00', false) from who, q;
select tests.sh_answer(ann, kidney, '2026-04-12 12:00+00', n < 3, null, 10000) from who, q, generate_series(1, 4) as n;
select tests.sh_answer(ann, none, '2026-04-13 12:00+00', true) from who, q;
select tests.sh_answer(ann, old, '2026-04-14 12:00+00', true) from who, q;
select tests.sh_answer(ben, heart, '2026-04-14 12:00+00', false) from who, q;
create temp table cards as
select tests.sh_card(ann, '2026-04-15') as one, tests.sh_card(ann, '2026-04-01') as two, tests.sh_card(ann, '2026-04-20') as three, tests.sh_card(ann, '2026-06-20') as late,
  tests.sh_card(ben, '2026-04-15') as bens from who;
select tests.sh_review(one, '2026-03-01 12:00+00', 3, 5), tests.sh_review(two, '2026-04-10 12:00+00', 1, 25, 40), tests.sh_review(three, '2026-04-10 12:00+00', 3, 25, 25), tests.sh_review(late, '2025-04-10 12:00+00', 1) from cards;
create temp table unstored as select pg_temp.page() as d;
select results_eq(
  $$ select (w.value ->> 'week_start'), (w.value ->> 'answered')::integer, (w.value ->> 'correct')::integer, (w.value ->> 'accuracy')::numeric
     from unstored, jsonb_array_elements(d -> 'weeks') with ordinality as w (value, n) where (w.value ->> 'answered')::integer > 0 or w.n in (1, 12) order by w.n $$,
  $$ values ('2026-01-26', 2, 1, 0.5), ('2026-04-06', 4, 2, 0.5), ('2026-04-13', 2, 2, 1) $$, 'weeks of her own days'
);
select results_eq(
  $$ select t.value ->> 'slug', (t.value ->> 'answered')::integer, (t.value ->> 'accuracy')::numeric, (t.value ->> 'seconds_per_question')::numeric, t.value -> 'accuracy_by_week' -> 0, t.value -> 'accuracy_by_week' -> 10
     from unstored, jsonb_array_elements(d -> 'topics') with ordinality as t (value, n) order by t.value ->> 'slug' $$,
  $$ values ('da-heart', 2, 0.5, 20.0, '0.5000'::jsonb, 'null'::jsonb), ('da-kidney', 4, 0.5, 10.0, 'null', '0.5000'), ('da-old', 1, 1, 20.0, 'null', 'null'), (null, 1, 1, 20.0, 'null', 'null') $$,
  'by topic and week'
);
select is((select d -> 'topics' -> 0 ->> 'slug' from unstored), 'da-kidney', 'those with most answers first');
select is((select d -> 'retention' from unstored),
  '{"reviewed": 3, "recalled": 2, "rate": 0.6667, "rate_30_days": 0.5000, "young_rate": 1.0000, "mature_rate": 0.5000, "expected_rate": 0.9000, "expected_rate_came_true": 0.6667,
    "curve": [{"days": 4, "reviewed": 1, "recalled": 1, "rate": 1.0000}, {"days": 16, "reviewed": 1, "recalled": 1, "rate": 1.0000}, {"days": 32, "reviewed": 1, "recalled": 0, "rate": 0.0000}]}',
  'recall of a year, by interval');
select results_eq(
  $$ select f.value ->> 'on_date', (f.value ->> 'reviews')::integer from unstored, jsonb_array_elements(d -> 'forecast') as f where (f.value ->> 'reviews')::integer > 0 $$,
  $$ values ('2026-04-15', 2), ('2026-04-20', 1) $$, 'what is overdue is for today'
);
select is((select (d ->> 'due')::integer from unstored), 2, 'two cards are due');
select is((select d ->> 'day' from unstored), '2026-04-15', 'on her day');
select cmp_ok((select count(*) from study.analytics_queue), '>', 8::bigint, 'nothing of it was stored');
select cmp_ok(private.study_sum_days(), '>=', 8, 'now it is');
select is(pg_temp.page(), (select d from unstored), 'and the page says the same');

-- Live: what comes now is there at once, and is counted once
select tests.sh_answer(ann, heart, '2026-04-15 15:00+00', false) from who, q;
select is((pg_temp.page() -> 'weeks' -> 11 ->> 'answered')::integer, 3, 'an answer is there at once');
select tests.sh_answer(ann, old, '2026-04-14 13:00+00', true) from who, q;
select is((pg_temp.page() -> 'weeks' -> 11 ->> 'answered')::integer, 4, 'one for a day that is stored adds to it');
select tests.sh_review(one, '2026-04-15 12:00+00', 3, 5) from cards;
select is((pg_temp.page() -> 'retention' ->> 'reviewed')::integer, 4, 'a review, too');
create temp table live as select pg_temp.page() as d;
select cmp_ok(private.study_sum_days(), '>=', 2, 'stored');
select is(pg_temp.page(), (select d from live), 'it is the same');
update study.performance_metrics set questions_attempted = 50 where user_id = (select ann from who) and metric_date = '2026-04-15';
select isnt(pg_temp.page(), (select d from live), 'what is stored is what is shown');
select private.study_mark_day(ann, '{2026-04-15}') from who;
select is(pg_temp.page(), (select d from live), 'unless the day is noted');
select is(private.study_sum_days(), 1, 'which then is mended');

-- Topics that were merged are one
update core.topics set is_active = false, merged_into_id = (select heart_id from q) where id = (select old_id from q);
select results_eq(
  $$ select t.value ->> 'slug', (t.value ->> 'answered')::integer from jsonb_array_elements(pg_temp.page() -> 'topics') as t order by 2 desc, 1 $$,
  $$ values ('da-heart', 5), ('da-kidney', 4), (null, 1) $$, 'a topic that was merged is the one it was merged into'
);

-- How much is read: sums, and today's reviews (the daily limit), however much was answered
create temp table reads as
select c.relname, coalesce(s.seq_tup_read, 0) + coalesce(s.idx_tup_fetch, 0) as read
from pg_class as c left join pg_stat_xact_user_tables as s on s.relid = c.oid where c.oid in ('study.user_question_attempts'::regclass, 'study.review_logs'::regclass, 'study.xp_transactions'::regclass);
select tests.sh_answer(ann, heart, now() - interval '400 days' - n * interval '1 minute') from who, q, generate_series(1, 200) as n;
select cmp_ok(private.study_sum_days(), '>=', 1, 'two hundred more answers of long ago');
truncate reads;
insert into reads select c.relname, s.seq_tup_read + coalesce(s.idx_tup_fetch, 0) from pg_class as c join pg_stat_xact_user_tables as s on s.relid = c.oid
where c.relname in ('user_question_attempts', 'review_logs', 'xp_transactions');
select cmp_ok((select read from reads where relname = 'user_question_attempts'), '>', 200::bigint, 'reading is counted');
create temp table page as select pg_temp.page() as d;
select is_empty(
  $$ select c.relname, s.seq_tup_read + coalesce(s.idx_tup_fetch, 0) - r.read from pg_class as c join pg_stat_xact_user_tables as s on s.relid = c.oid join reads as r on r.relname = c.relname
     where s.seq_tup_read + coalesce(s.idx_tup_fetch, 0) - r.read > 5 $$, 'a page reads today''s reviews, and nothing else of the past');
select tests.sh_answer(ann, heart, '2026-04-15 15:30+00') from who, q;
truncate reads;
insert into reads select c.relname, s.seq_tup_read + coalesce(s.idx_tup_fetch, 0) from pg_class as c join pg_stat_xact_user_tables as s on s.relid = c.oid where c.relname = 'user_question_attempts';
insert into page select pg_temp.page();
select cmp_ok((select s.seq_tup_read + coalesce(s.idx_tup_fetch, 0) - r.read from pg_class as c join pg_stat_xact_user_tables as s on s.relid = c.oid join reads as r on r.relname = c.relname), '>', 0::bigint, 'but those of a day that is noted');

-- Each his own; who is suspended may still look
select tests.as_user((select ben from who));
select is((study.dashboard() ->> 'due')::integer, 1, 'Ben sees his card');
select throws_ok($$ select private.study_dashboard((select ann from who), now()) $$, '42501', null, 'and no page of Ann''s');
select throws_ok($$ select * from private.study_answers_by_week((select ann from who), '2020-01-01') $$, '42501', null, 'nor a part of it');
select tests.as_owner();
update core.profiles set is_active = false where id = (select ben from who);
select tests.as_user((select ben from who));
select is((study.dashboard() ->> 'due')::integer, 1, 'suspended, he still sees it');
select tests.as_owner();
update core.profiles set is_active = true where id = (select ben from who);
select private.study_sum_days();

-- A class: Eve leads it, the aide helps; Ann and Ben share, Cleo does not, Dan has not come yet
select tests.as_user((select eve from who));
create temp table g as select (study.create_group('Cardiology', '', true)).id as class, (study.create_group('Friends')).id as friends;
grant select on g to public;
select study.invite_to_group(g.class, p.id) from g, (select ann from who union all select ben from who union all select cleo from who union all select dan from who) as p (id);
select study.invite_to_group(friends, ann) from g, who;
select study.invite_to_group(class, aide, 'educator') from g, who;
select is((study.class_overview(class) ->> 'sharing')::integer, 0, 'who has not come shares nothing') from g;
select tests.as_user((select ann from who));
select study.join_group(class, true), study.join_group(friends, true) from g;
select tests.as_user((select ben from who));
select study.join_group(class, true) from g;
select tests.as_user((select cleo from who));
select study.join_group(class) from g;
select tests.as_owner();
update study.group_members set shares_progress = true where user_id = (select dan from who);
-- This week's, for both; Cleo's are nobody's business
select tests.sh_answer(ann, heart, now(), n <= 3) from who, q, generate_series(1, 4) as n;
select tests.sh_answer(ben, kidney, now(), n <= 1) from who, q, generate_series(1, 4) as n;
select tests.sh_answer(p.id, heart, now(), false) from q, (select cleo from who union all select dan from who) as p (id), generate_series(1, 9) as n;
select cmp_ok(private.study_sum_days(), '>=', 4, 'what they did is stored');
insert into study.mastery_levels (user_id, topic_id, questions_answered, questions_correct, ability, ability_variance, mastery_percentage, observed_at)
select ben, kidney_id, 9, 3, -1, 0.2, 30, now() from who, q union all select ben, heart_id, 9, 8, 1, 0.2, 80, now() from who, q
union all select ben, old_id, 4, 0, -2, 0.2, 10, now() from who, q;
select tests.as_user((select eve from who));
select is((select array[(o ->> 'members')::integer, (o ->> 'sharing')::integer] from g, study.class_overview(class) as o), '{3,2}', 'three have come, two share');
select is((select (o -> 'weeks' -> 11) - 'week_start' from g, study.class_overview(class) as o), '{"learners": 2, "answered": 8, "correct": 4, "accuracy": 0.5000}', 'sums are of those who share');
select results_eq(
  $$ select t.value ->> 'slug', (t.value ->> 'learners')::integer, (t.value ->> 'accuracy')::numeric from g, study.class_overview(class) as o, jsonb_array_elements(o -> 'topics') with ordinality as t (value, n)
     where t.value ->> 'slug' in ('da-heart', 'da-kidney') order by t.n $$,
  $$ select s, l, a from (values ('da-kidney', 1, 0.25), ('da-heart', 1, 0.75)) as v (s, l, a) $$, 'the weakest topic first');
select results_eq(
  $$ select username, answered_28_days, correct_28_days, accuracy_28_days from g, study.class_members_progress(class) $$,
  $$ select p.username::text, v.n, v.r, v.a from (values (1, (select ann from who), 4::bigint, 3::bigint, 0.75), (2, (select ben from who), 4, 1, 0.25)) as v (no, id, n, r, a) join core.profiles as p on p.id = v.id order by lower(p.username::text) collate "C" $$,
  'one by one');
select is((select array(select t ->> 'slug' from jsonb_array_elements(m.weakest_topics) as t) from g, study.class_members_progress(class) as m where m.user_id = (select ben from who)),
  '{da-kidney,da-heart}', 'with the weakest of the topics that enough was answered of');
select is((select count(*) from g, study.class_members_progress(class, 1)), 1::bigint, 'page by page');
select is((select array[a.user_id <> b.user_id, a.cursor = a.username] from g, study.class_members_progress(class, 1) as a, study.class_members_progress(class, 1, a.cursor) as b), '{true,true}', 'the next goes on after the cursor');
select is((select count(*) from g, study.class_members_progress(class, 1) as a, study.class_members_progress(class, 1, a.cursor) as b, study.class_members_progress(class, 1, b.cursor) as c), 0::bigint, 'to the end');
select is((select count(*) from g, study.class_members_progress(class, -5)), 1::bigint, 'a page has one at least');
select is((select array[last_study_day is null, xp = 0, level = 1, current_streak = 0] from g, study.class_members_progress(class) where user_id = (select ann from who)), '{true,true,true,true}', 'who has no totals has none');
select throws_ok($$ select study.class_overview(friends) from g $$, 'PT404', 'class_not_found', 'a group that is no class shows nothing, to its owner neither');
select throws_ok($$ select study.class_members_progress(friends) from g $$, 'PT404', 'class_not_found', 'nor of its members');
select throws_ok($$ select study.class_overview(gen_random_uuid()) $$, 'PT404', 'class_not_found', 'nor one that is not there');
select throws_ok($$ select study.class_overview(null) $$, 'PT404', 'class_not_found', 'nor none');
select is(tests.count_of('select from study.performance_metrics'), 0::bigint, 'tables show her nothing of others');

-- Others
select tests.as_user((select ann from who));
select throws_ok($$ select study.class_overview(class) from g $$, 'PT404', 'class_not_found', 'a member sees nothing of the class');
select throws_ok($$ select study.class_members_progress(class) from g $$, 'PT404', 'class_not_found', 'nor of its members');
select tests.as_user((select aide from who));
select throws_ok($$ select study.class_overview(class) from g $$, 'PT404', 'class_not_found', 'an educator who has not come, neither');
select study.join_group(class) from g;
select is((study.class_overview(class) ->> 'sharing')::integer, 2, 'once there, he does') from g;
select tests.as_anon();
select throws_ok($$ select study.class_overview(class) from g $$, '42501', null, 'nobody without an account');

-- It ends at once
select tests.as_user((select ben from who));
select study.join_group(class, false) from g;
select tests.as_user((select eve from who));
select is((study.class_overview(class) ->> 'sharing')::integer, 1, 'who takes his consent back is out of it') from g;
select is((select o -> 'weeks' -> 11 ->> 'answered' from g, study.class_overview(class) as o), '4', 'also of sums of the past');
select is((select count(*) from g, study.class_members_progress(class) where user_id = (select ben from who)), 0::bigint, 'and of the list');
select tests.as_user((select ben from who));
select study.join_group(class, true) from g;
select tests.as_user((select ann from who));
select study.leave_group(class) from g;
select tests.as_user((select eve from who));
select is((select string_agg(user_id::text, ',') from g, study.class_members_progress(class)), (select ben::text from who), 'who leaves is out of it');
select tests.as_user((select ben from who));
insert into core.blocks (blocker_id, blocked_id) select ben, aide from who;
select tests.as_user((select aide from who));
select is((study.class_overview(class) ->> 'sharing')::integer, 0, 'who blocked the one who asks is not shown to him') from g;
select tests.as_user((select eve from who));
select is((study.class_overview(class) ->> 'sharing')::integer, 1, 'but to the other') from g;
select tests.as_owner();
update core.profiles set is_active = false where id = (select ben from who);
select tests.as_user((select eve from who));
select is((study.class_overview(class) ->> 'sharing')::integer, 0, 'who is suspended is not shown') from g;
select tests.as_owner();
update core.profiles set is_active = true where id = (select ben from who);
update core.profiles set is_active = false where id = (select aide from who);
select tests.as_user((select aide from who));
select throws_ok($$ select study.class_overview(class) from g $$, 'PT404', 'class_not_found', 'an educator who is suspended sees nothing');
select tests.as_owner();
update core.profiles set is_active = true where id = (select aide from who);
delete from core.user_roles where user_id = (select aide from who) and role = 'educator';
select tests.as_user((select aide from who));
select throws_ok($$ select study.class_overview(class) from g $$, 'PT404', 'class_not_found', 'nor who is no educator to the platform, whatever the class calls him');
select tests.as_owner();
insert into core.user_roles (user_id, role) select aide, 'educator' from who;
delete from core.user_roles where user_id = (select eve from who) and role = 'educator';
select tests.as_user((select eve from who));
select throws_ok($$ select study.class_overview(class) from g $$, 'PT404', 'class_not_found', 'an owner who is no educator any more leads no class');
select tests.as_user((select aide from who));
select throws_ok($$ select study.class_members_progress(class) from g $$, 'PT404', 'class_not_found', 'nor does anybody for him');

-- A traveller's day may have begun earlier than his clock says now: what he does belongs to it.
select tests.as_owner();
create temp table traveller as select tests.create_user('da-flies@example.org') as id;
update core.profiles set time_zone = 'Etc/GMT+12' where id = (select id from traveller);
insert into study.learners (user_id, last_study_day, last_studied_at, day_zone, day_start_hour)
select id, (now() at time zone 'Pacific/Kiritimati')::date, now(), 'Pacific/Kiritimati', 0 from traveller;
insert into study.user_streaks (user_id, streak_date, questions_answered, xp_earned) select id, (now() at time zone 'Pacific/Kiritimati')::date, 3, 24 from traveller;
select is((private.study_dashboard(id, now()) #>> '{goal,xp_earned}')::integer, 24, 'the goal is that of the day that counts') from traveller;
select * from finish();
rollback;
