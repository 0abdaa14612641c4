-- Which questions come next, against a slow and simple reading of the rules; and which topics.
begin;
select plan(55);
select tests.share_temporaries();

create temp table who as
select tests.create_user('ss-ann@example.org') as ann, tests.create_user('ss-ben@example.org') as ben, tests.create_user('ss-cleo@example.org') as cleo,
  tests.create_user('ss-foe@example.org') as foe;
insert into core.topics (slug, name) values ('ss-root', 'Root'), ('ss-other', 'Other');
insert into core.topics (slug, name, parent_id) select 'ss-' || n, n, (select id from core.topics where slug = 'ss-root') from unnest('{one, two, three}'::text[]) as n;
create function pg_temp.topic(p_name text) returns uuid language sql as $$ select id from core.topics where slug = ('ss-' || p_name)::extensions.citext $$;
-- Ben's material: for everybody, for Ann, for nobody.
create temp table files as
select x.name, tests.st_upload(ben, x.name || '.txt') as path, x.visibility from who, (values ('open', 'authenticated'), ('shared', 'private'), ('closed', 'private')) as x (name, visibility);
select tests.as_user((select ben from who));
create temp table material as select name, (study.create_material(path, name, p_visibility => visibility)).id from files;
grant select on material to public;
select lives_ok($$ select study.share_material((select id from material where name = 'shared'), p_user_id => (select ann from who)) $$, 'a material is shared');
select tests.as_user((select ann from who));
insert into core.blocks (blocker_id, blocked_id) select ann, foe from who;
select tests.as_owner();

-- A bank in which everything occurs that may: 360 questions of all kinds.
create temp table bank as
select tests.sp_question(
  case i % 6 when 0 then null when 1 then pg_temp.topic('root') when 2 then pg_temp.topic('one') when 3 then pg_temp.topic('two') when 4 then pg_temp.topic('three') else pg_temp.topic('other') end,
  (array['easy', 'medium', 'hard', 'nbme'])[1 + i % 4],
  case i % 5 when 0 then ann when 1 then ben when 2 then foe when 3 then cleo end,
  (array['authenticated', 'authenticated', 'private', 'authenticated', 'material', 'authenticated', 'material'])[1 + i % 7],
  (array['published', 'published', 'published', 'published', 'published', 'published', 'draft', 'in_review', 'rejected', 'retired', 'published'])[1 + i % 11],
  (select m.id from material as m where m.name = (array['open', 'shared', 'closed'])[1 + i % 3])
) as id
from who, generate_series(1, 360) as i;
create function pg_temp.may(p_user uuid) returns setof study.questions language sql as $$
  select q.* from study.questions as q where private.study_may_practise(q.id, p_user);
$$;
create function pg_temp.pick(p_user uuid, p_selection text, p_topic text default null, p_difficulty text default null, p_count integer default 500, p_exclude uuid[] default '{}', p_at timestamptz default now())
returns uuid[] language sql as $$ select private.study_select_questions(p_user, p_selection, pg_temp.topic(p_topic), p_difficulty, p_count, p_exclude, p_at) $$;
create function pg_temp.sorted(p_ids uuid[]) returns uuid[] language sql as $$ select coalesce(array_agg(i order by i), '{}') from unnest(p_ids) as i $$;

select cmp_ok((select count(*) from pg_temp.may(ann)), '<', (select count(*) from study.questions) - 100, 'much of the bank is not for Ann') from who;
select ok(count(*) filter (where q.author_id = ann and q.visibility = 'private') > 0 and count(*) filter (where q.author_id = ann and q.status = 'draft') > 0
  and count(*) filter (where q.visibility = 'material' and q.author_id = ben and q.material_id = (select id from material where name = 'shared')) > 0
  and count(*) filter (where q.visibility = 'material' and q.author_id = ben and q.material_id = (select id from material where name = 'open')) > 0
  and count(*) filter (where q.author_id is null) > 0, 'of every kind that is, there is some')
from who cross join lateral pg_temp.may(ann) as q group by who.ann;
select ok(exists (select from study.questions as q where q.author_id = foe and q.status = 'published' and q.visibility = 'authenticated'), 'and some of those that are not') from who;

-- Unseen: all that one may practise and has not met
select is(pg_temp.sorted(pg_temp.pick(u, 'unseen')), array(select q.id from pg_temp.may(u) as q order by 1), 'at first everything is unseen') from who cross join lateral unnest(array[ann, ben, cleo]) as u;
select is(pg_temp.sorted(pg_temp.pick(ann, 'unseen', 'root')), array(select q.id from pg_temp.may(ann) as q where q.topic_id in (pg_temp.topic('root'), pg_temp.topic('one'), pg_temp.topic('two'), pg_temp.topic('three')) order by 1), 'of a topic and below it') from who;
select is(pg_temp.sorted(pg_temp.pick(ann, 'unseen', 'two', 'hard')), array(select q.id from pg_temp.may(ann) as q where q.topic_id = pg_temp.topic('two') and q.difficulty = 'hard' order by 1), 'of a difficulty') from who;
select is(pg_temp.sorted(pg_temp.pick(ann, 'unseen', p_exclude => array(select q.id from pg_temp.may(ann) as q order by 1 limit 50))), array(select q.id from pg_temp.may(ann) as q order by 1 offset 50), 'without those that are named') from who;
select is(cardinality(pg_temp.pick(ann, 'unseen', p_count => n)), n, 'as many as are wanted: ' || n) from who, unnest('{1, 7, 40}'::integer[]) as n;
select is(pg_temp.pick(ann, 'unseen', p_count => 10), pg_temp.pick(ann, 'unseen', p_count => 10), 'the same at the same moment') from who;
select cmp_ok((select count(distinct x.ids) from (select pg_temp.pick(ann, 'unseen', p_count => 10, p_at => now() + make_interval(mins => i)) as ids from generate_series(1, 10) as i) as x), '>', 8::bigint, 'others at another') from who;
select cmp_ok((select count(distinct q.id) from generate_series(1, 60) as i cross join lateral unnest(pg_temp.pick(cleo, 'unseen', 'two', p_count => 3, p_at => now() + make_interval(mins => i))) as q (id)),
  '>', (select count(*) * 2 / 3 from pg_temp.may(cleo) as q where q.topic_id = pg_temp.topic('two')), 'so that in time all come up') from who;

-- Met ones
create temp table met as select q.id, row_number() over (order by not private.study_may_practise(q.id, cleo), q.id) as n from who cross join lateral pg_temp.may(ann) as q where q.topic_id = pg_temp.topic('two');
select cmp_ok(count(*), '>=', 15::bigint, 'there are enough of a topic') from met;
select tests.sp_answer(ann, met.id, case when met.n <= 5 then false when met.n <= 9 then true end, now() - make_interval(days => met.n::integer)) from met, who where met.n <= 10;
select is(pg_temp.sorted(pg_temp.pick(ann, 'unseen', 'two')), array(select id from met where n > 10 order by 1), 'what one met is not unseen, skipped or not') from who;
select is(pg_temp.pick(ann, 'wrong', 'two'), array(select id from met where n <= 5 order by n desc), 'wrong: what was last wrong, longest ago first') from who;
select is(pg_temp.pick(ann, 'wrong', p_count => 2), array(select id from met where n <= 5 order by n desc limit 2), 'as many as are wanted') from who;
select is(pg_temp.pick(ann, 'wrong', 'one'), '{}'::uuid[], 'of the topic') from who;
select tests.sp_answer(ann, met.id, true) from met, who where met.n = 5;
select is(pg_temp.pick(ann, 'wrong'), array(select id from met where n <= 4 order by n desc), 'right again is not wrong') from who;
select is(pg_temp.pick(ann, 'wrong', p_exclude => array(select id from met where n = 4)), array(select id from met where n <= 3 order by n desc), 'without those that are named') from who;
select is((pg_temp.pick(ann, 'topic', 'two'))[(select count(*) from met where n > 10) + 1:], array(select m.id from met as m join study.user_progress as p on p.question_id = m.id and p.user_id = ann order by p.last_attempt_at, m.id), 'topic: after the unseen those met longest ago') from who;
select is(pg_temp.sorted(pg_temp.pick(ann, 'topic', 'two')), array(select id from met order by 1), 'each once') from who;
update study.questions set status = 'retired' where id = (select id from met where n = 4);
select is(pg_temp.pick(ann, 'wrong'), array(select id from met where n <= 3 order by n desc), 'what is retired does not come again') from who;
-- Beyond one batch
create temp table many as select tests.sp_question(pg_temp.topic('other')) as id from generate_series(1, 510);
insert into study.user_progress (user_id, question_id, total_attempts, last_is_correct, first_attempt_at, last_attempt_at) select ben, many.id, 1, false, now() - interval '9 days', now() - interval '9 days' from many, who;
update study.questions set status = 'published', visibility = 'private', author_id = (select cleo from who) where id in (select id from many);
select tests.sp_answer(ben, met.id, false) from met, who where n = 2;
select is(pg_temp.pick(ben, 'wrong', p_count => 5), case when private.study_may_practise(met.id, ben) then array[met.id] else '{}' end, 'what one may not see any more does not stand in the way') from who, met where n = 2;
delete from study.questions where id in (select id from many);

-- Due: cards
create function pg_temp.card(p_user uuid, p_n integer, p_state text, p_due timestamptz, p_reviewed timestamptz, p_stability float8, p_suspended boolean default false, p_buried date default null)
returns void language sql as $$
  insert into study.sm2_review_cards (user_id, source, question_id, state, due_at, due_on, last_reviewed_at, stability, difficulty, is_suspended, buried_until, created_at)
  select p_user, 'question', id, p_state, p_due, private.study_day(p_user, p_due), p_reviewed, p_stability, case when p_stability is not null then 5 end, p_suspended, p_buried, now() - make_interval(mins => p_n)
  from met where n = p_n;
$$;
select pg_temp.card(cleo, 1, 'review', now() - interval '1 day', now() - interval '11 days', 10) from who;
select pg_temp.card(cleo, 2, 'review', now() - interval '1 day', now() - interval '30 days', 10) from who;
select pg_temp.card(cleo, 3, 'review', now() + interval '3 days', now() - interval '1 day', 10) from who;
select pg_temp.card(cleo, 5, 'new', now(), null, null) from who;
select pg_temp.card(cleo, 6, 'review', now() - interval '1 day', now() - interval '50 days', 10, true) from who;
select pg_temp.card(cleo, 7, 'learning', now() + interval '5 minutes', now(), 1) from who;
select pg_temp.card(cleo, 8, 'relearning', now() - interval '5 minutes', now() - interval '15 minutes', 1) from who;
select pg_temp.card(cleo, 9, 'review', now() - interval '1 day', now() - interval '50 days', 10, false, current_date + 5) from who;
create temp table due as select m.id, m.n from met as m, who where m.n in (2, 1, 8, 5) and private.study_may_practise(m.id, cleo);
select is(pg_temp.pick(cleo, 'due'), array(select id from due order by array_position('{2, 1, 8, 5}', n::integer)), 'due: the least remembered first, new ones last; not what is early, suspended or buried') from who;
select is(pg_temp.pick(ann, 'due'), '{}'::uuid[], 'of one''s own cards') from who;
select tests.sp_answer(cleo, met.id, false) from met, who where met.n in (2, 6);
select is((pg_temp.pick(cleo, 'mixed', 'two'))[:(select count(*) from due) + (select count(*) from met where n = 6 and private.study_may_practise(id, cleo))],
  array(select id from due order by array_position('{2, 1, 8, 5}', n::integer)) || array(select id from met where n = 6 and private.study_may_practise(id, cleo)), 'mixed: due, then wrong') from who;
select is(pg_temp.sorted(pg_temp.pick(cleo, 'mixed', 'two')), array(select q.id from pg_temp.may(cleo) as q where q.topic_id = pg_temp.topic('two') order by 1), 'then what is unseen, each once') from who;

-- Adaptive
create temp table ladder as select i, tests.sp_question(pg_temp.topic('three')) as id, -3 + i * 0.1 as difficulty from generate_series(0, 60) as i;
alter table study.questions disable trigger _400_estimate_difficulty;
update study.questions as q set difficulty_estimate = 50 where q.topic_id = pg_temp.topic('three');
update study.questions as q set difficulty_estimate = l.difficulty from ladder as l where l.id = q.id;
create function pg_temp.chance(p_user uuid, p_question uuid) returns float8 language sql as $$
  select 0.25 + 0.75 / (1 + exp(q.difficulty_estimate - private.study_ability_at(p_user, pg_temp.topic('three'), now()))) from study.questions as q where q.id = p_question;
$$;
create temp table first as select ann as who, pg_temp.pick(ann, 'adaptive', 'three', p_count => 5) as ids from who;
select ok((select bool_and(abs(pg_temp.chance(f.who, i) - 0.7) <= 0.051) from unnest(f.ids) as i), 'adaptive: questions that a newcomer gets right about seven times of ten') from first as f;
select is(cardinality(pg_temp.pick(ann, 'adaptive', 'three')), (select count(*)::integer from pg_temp.may(ann) as q where q.topic_id = pg_temp.topic('three')), 'all of them, when all are wanted') from who;
-- Ann turns out to be good, Ben to be bad.
select tests.sp_answer(ann, l.id, true, now() - interval '2 days') from ladder as l, who where l.i in (50, 53, 56, 59, 60);
select tests.sp_answer(ben, l.id, false, now() - interval '2 days') from ladder as l, who where l.i in (18, 21, 24, 27, 30);
create temp table second as select who, pg_temp.pick(who, 'adaptive', 'three', p_count => 5) as ids from (select ann as who from who union all select ben from who) as x;
select ok((select bool_and(abs(pg_temp.chance(s.who, i) - 0.7) <= 0.051) from unnest(s.ids) as i), 'and then those that suit what one showed') from second as s;
select cmp_ok((select min(q.difficulty_estimate) from study.questions as q join second as s on q.id = any (s.ids) where s.who = ann), '>', (select max(q.difficulty_estimate) from study.questions as q join second as s on q.id = any (s.ids) where s.who = ben) + 1, 'harder ones for who is better') from who;
-- Like a slow reading: nearest to the target by tenths, never met first, then longest ago.
select is((select array_agg(round(abs(pg_temp.chance(ann, i) - 0.7)::numeric, 1) order by n) from unnest(pg_temp.pick(ann, 'adaptive', 'three', p_count => 40)) with ordinality as u (i, n)),
  (select array_agg(x.d order by x.d) from (select round(abs(pg_temp.chance(ann, l.id) - 0.7)::numeric, 1) as d from ladder as l order by 1 limit 40) as x), 'the nearest to the target come first') from who;
select tests.sp_answer(ann, i, true, now() - interval '1 hour') from second as s cross join lateral unnest(s.ids) as i, who where s.who = ann;
select ok(not (pg_temp.pick(ann, 'adaptive', 'three', p_count => 5) && s.ids), 'what was just met rests') from second as s, who where s.who = ann;
-- Whatever lies as near as it was.
create temp table near as select l.id from ladder as l, who where abs(pg_temp.chance(ann, l.id) - 0.7) < 0.06;
select tests.sp_answer(ann, near.id, n.n = 1, now() - interval '1 hour') from near cross join generate_series(1, 2) as n (n), who;
select ok(not (pg_temp.pick(ann, 'adaptive', 'three', p_count => 5) && array(select p.question_id from study.user_progress as p where p.user_id = ann and p.last_attempt_at > now() - interval '1 day')), 'though there is nothing as near') from who;
select tests.sp_answer(cleo, q.id, true, now() - interval '1 hour') from who, study.questions as q where q.topic_id = pg_temp.topic('one');
select is(pg_temp.sorted(pg_temp.pick(cleo, 'adaptive', 'one')), array(select q.id from pg_temp.may(cleo) as q where q.topic_id = pg_temp.topic('one') order by 1), 'unless there is nothing else') from who;
alter table study.questions enable trigger _400_estimate_difficulty;
select is(pg_temp.pick(ann, 'nothing'), '{}'::uuid[], 'another selection selects nothing') from who;
select is(pg_temp.pick(ann, s, p_count => 0), '{}'::uuid[], 'none, when none is wanted: ' || s) from who, unnest('{topic, adaptive}'::text[]) as s;
-- Everything that is ever selected may be practised, once, of the topic and difficulty, and without what is named.
select is((
  select count(*) from who cross join lateral unnest(array[ann, ben, cleo]) as u
  cross join unnest('{topic, unseen, wrong, due, mixed, adaptive}'::text[]) as s cross join unnest(array[null, 'root', 'two']) as t cross join unnest(array[null, 'hard']) as d
  cross join lateral (select array(select q.id from pg_temp.may(u) as q order by md5(q.id::text) limit 60)) as x (ids)
  cross join lateral (select pg_temp.pick(u, s, t, d, 15, x.ids)) as p (ids)
  where cardinality(p.ids) > 15 or cardinality(p.ids) <> (select count(distinct i) from unnest(p.ids) as i) or p.ids && x.ids
    or private.study_practisable(p.ids, u) <> p.ids
    or exists (select from study.questions as q where q.id = any (p.ids) and (q.difficulty <> d or t is not null and q.topic_id <> all (private.topic_subtree(pg_temp.topic(t)))))
), 0::bigint, 'whatever is asked for');

-- Next topics
create function pg_temp.next(p_user uuid, p_at timestamptz default now(), p_limit integer default 10) returns text language sql as $$
  select string_agg(substr(t.slug::text, 4) || ' ' || n.reason, ', ' order by n.score desc, n.topic_id) from private.study_next_topics(p_user, p_limit, p_at) as n join core.topics as t on t.id = n.topic_id where t.slug like 'ss-%';
$$;
create temp table more as select tests.create_user('ss-dora@example.org') as dora;
select matches(pg_temp.next(dora, p_limit => 50), '^(\w+ new(, )?){5}$', 'to who has done nothing everything is new') from more;
select tests.sp_answer(dora, (select id from met where n = 1), false, now(), 6) from more;
select is(pg_temp.next(dora, p_limit => 1), 'two weak', 'what went badly comes first') from more;
select ok(pg_temp.next(dora, p_limit => 50) !~ 'root', 'not what stands above it, which is practised by it') from more;
select tests.sp_answer(dora, (select id from met where n = 1), true, now(), 80) from more;
select ok(pg_temp.next(dora, p_limit => 50) !~ 'two', 'what is mastered is not next') from more;
select is(pg_temp.next(dora, now() + interval '2 years', 1), 'two fading', 'until it fades') from more;
select tests.as_user((select dora from more));
create temp table path as select study.create_learning_path('P', '[{"topic": "ss-three"}, {"topic": "ss-one", "requires": ["ss-three"]}, {"topic": "ss-other"}]') as path;
select results_eq($$ select slug, reason, learning_path_id is not null, milestone_id is not null from study.next_topics(2) $$, $$ values ('ss-three', 'path', true, true), ('ss-other', 'path', true, true) $$, 'open milestones come before all, in their order');
select ok(not exists (select from study.next_topics(50) where slug = 'ss-one' and reason = 'path'), 'what waits does not');
select is(study.pause_learning_path((select (path ->> 'id')::uuid from path)) ->> 'status', 'paused', 'a path that is paused');
select ok(not exists (select from study.next_topics(50) where reason = 'path'), 'proposes nothing');
select is(tests.count_of('select * from study.next_topics(0)') * 100 + tests.count_of('select * from study.next_topics(3)'), 103::bigint, 'at least one, at most as many as asked for');
select tests.as_anon();
select throws_ok($$ select * from study.next_topics() $$, '42501', null, 'nobody without an account asks');
select tests.as_owner();
select * from finish();
rollback;
