-- Limits that a script runs into and a person does not; new accounts run into them earlier. First the allowance of each
-- kind of writing, then that each way of writing takes from it.
begin;
select plan(15);

create temp table who as select
  tests.create_user('old@test.local', '{}', '{"username": "old_hand"}') as old_hand,
  tests.create_user('new@test.local', '{}', '{"username": "newcomer"}') as newcomer,
  tests.create_user('slow@test.local', '{}', '{"username": "slow_one"}') as slow,
  tests.create_user('zoe@test.local', '{}', '{"username": "zoe"}') as zoe;
grant select on who to public;
update core.profiles set created_at = now() - interval '30 days' where id not in (select newcomer from who);

create temp table tiers as
select a.key as action, t.key as tier, (t.value ->> 'burst')::integer as burst, (t.value ->> 'per_hour')::integer as per_hour
from core.settings as s, jsonb_each(s.value) as a, jsonb_each(a.value) as t where s.key = 'social.limits';
grant select on tiers to public;

-- How often one may before he is told to wait, and what he is told.
create function pg_temp.run_into(p_user_id uuid, p_action text, out times integer, out code text, out message text, out detail text)
language plpgsql as $$
begin
  times := 0;
  loop
    perform private.social_limit(p_action, p_user_id);
    times := times + 1;
    exit when times > 5000;
  end loop;
exception when others then
  get stacked diagnostics code = returned_sqlstate, message = message_text, detail = pg_exception_detail;
end;
$$;

select is_empty(
  $$ select unnest('{post,comment,question,answer,edit,draft,vote,reaction,follow,message,room,upload,ai}'::text[]) except select action from tiers $$,
  'every kind of writing has a limit'
);
select is_empty($$ select action from tiers group by action having count(*) filter (where tier in ('usual', 'new')) <> 2 $$, 'for new accounts and for others');
select is_empty(
  $$ select u.action from tiers as u join tiers as n on n.action = u.action and n.tier = 'new' where u.tier = 'usual' and (n.burst >= u.burst or n.per_hour >= u.per_hour) $$,
  'which is smaller for new ones in each'
);

create temp table script as
select t.action, t.tier, t.burst, t.per_hour, r.times, r.code, r.message, r.detail
from tiers as t, who as w
cross join lateral pg_temp.run_into(case t.tier when 'new' then w.newcomer else w.old_hand end, t.action) as r;
-- The bucket fills while the script runs: a token or two more in the fastest of them.
select is_empty($$ select * from script where times not between burst and burst + 5 $$, 'a script runs into each limit where it should');
select is_empty($$ select * from script where (code, message) is distinct from ('PT429', 'rate_limited') $$, 'with 429 rate_limited');
select is_empty(
  $$ select * from script where detail !~ '^Retry after \d+ seconds\.$' or substring(detail from '\d+')::integer not between 1 and ceil(3600.0 / per_hour) + 1 $$,
  'and the seconds to wait'
);

-- Who does it over the day, one after the other, meets nothing: eight hours of as much as the rate allows.
create function pg_temp.whole_day(p_user_id uuid, p_action text, p_per_hour integer) returns integer language plpgsql as $$
declare
  v_times integer := 0;
begin
  for i in 1..least(p_per_hour * 8, 400) loop
    perform private.social_limit(p_action, p_user_id);
    v_times := v_times + 1;
    update ops.rate_limits set updated_at = updated_at - make_interval(secs => 3600.0 / p_per_hour)
    where key = format('social:%s:%s', p_action, p_user_id);
  end loop;
  return v_times;
end;
$$;
select is_empty(
  $$ select t.action from tiers as t, who as w where t.tier = 'usual' and pg_temp.whole_day(w.slow, t.action, t.per_hour) <> least(t.per_hour * 8, 400) $$,
  'a person who writes all day is never told to wait'
);
select is(
  (select count(*) from script as s where s.tier = 'new' and s.times < (select u.times from script as u where u.action = s.action and u.tier = 'usual')),
  (select count(distinct action) from tiers), 'a new account is stopped earlier'
);
update core.profiles set created_at = now() - interval '25 hours' where id = (select newcomer from who);
delete from ops.rate_limits;
select cmp_ok((select times from pg_temp.run_into((select newcomer from who), 'post')), '>=', (select burst from tiers where action = 'post' and tier = 'usual'), 'which a day later it is no longer');
select throws_ok($$ select private.social_limit('dance', (select slow from who)) $$, 'P0001', 'no limit is set for dance', 'what has no limit is a mistake');
update core.settings set value = jsonb_set(value, '{room,usual,burst}', '2') where key = 'social.limits';
select is((select times from pg_temp.run_into((select zoe from who), 'room')), 2, 'limits are settings');
select tests.as_user((select zoe from who));
select throws_ok($$ select private.social_limit('post', auth.uid()) $$, '42501', null, 'nobody spends another''s allowance, or his own, by hand');
select throws_ok('delete from ops.rate_limits', '42501', null, 'nor fills it');

-- Each way of writing takes from its allowance: a script of a new account, through the Data API's own door.
select tests.as_owner();
update core.profiles set created_at = now() where id = (select newcomer from who);
delete from ops.rate_limits;
create temp table crowd as select n, tests.create_user('follow' || n || '@test.local', '{}', jsonb_build_object('username', 'follow_' || n)) as id from generate_series(1, 120) as n;
create temp table ids as select gen_random_uuid() as post, gen_random_uuid() as question;
insert into social.posts (id, author_id, title, content, published_at) select i.post, w.zoe, 'A post', 'Text.', now() from ids as i, who as w;
insert into social.questions (id, author_id, title, content) select i.question, w.zoe, 'A question', 'Text.' from ids as i, who as w;
insert into social.questions (id, author_id, title, content) select c.id, w.zoe, 'Question ' || c.n, 'Text.' from crowd as c, who as w;
create temp table own as select gen_random_uuid() as post, gen_random_uuid() as draft, gen_random_uuid() as question, gen_random_uuid() as answer,
  gen_random_uuid() as room, gen_random_uuid() as one, gen_random_uuid() as other;
insert into social.posts (id, author_id, title, content, is_published, created_at)
select o.post, w.newcomer, 'His post', 'Text.', true, now() - interval '1 minute' from own as o, who as w
union all select o.draft, w.newcomer, 'His draft', 'Text.', false, now() from own as o, who as w;
insert into social.questions (id, author_id, title, content) select o.question, w.newcomer, 'His question', 'Text.' from own as o, who as w;
insert into social.answers (id, question_id, author_id, content) select o.answer, o.question, w.zoe, 'Text.' from own as o, who as w;
insert into core.topics (id, slug, name) select one, 'limits-one', 'Limits one' from own union all select other, 'limits-other', 'Limits other' from own;
insert into social.chat_rooms (id, name) select room, 'His room' from own;
insert into social.chat_room_participants (room_id, user_id, role)
select o.room, w.newcomer, 'admin' from own as o, who as w union all select o.room, c.id, 'member' from own as o, crowd as c where c.n = 1;
grant select on crowd, ids, own to public;
select tests.as_user((select zoe from who));
create temp table chat as select id from social.create_room('The room', '', array[(select newcomer from who)]);
grant select on chat to public;
select tests.as_owner();
create temp table ways (action text, way text primary key, sql text);
insert into ways values
  ('draft', 'edit of a draft', $$ update social.posts set content = 'Buy now ' || %1$s where id = (select draft from own) $$),
  ('edit', 'category of a post', $$ update social.posts set category = (array['notes', 'general'])[1 + %1$s %% 2] where id = (select post from own) $$),
  ('edit', 'category of a question', $$ update social.questions set category = (array['notes', 'general'])[1 + %1$s %% 2] where id = (select question from own) $$),
  ('edit', 'accepting', $$ select case %1$s %% 2 when 1 then social.accept_answer((select answer from own)) else social.unaccept_answer((select question from own)) end $$),
  ('edit', 'closing', $$ select case %1$s %% 2 when 1 then social.close_question((select question from own), 'other') else social.reopen_question((select question from own)) end $$),
  ('reaction', 'topics', $$ with gone as (delete from social.post_topics where post_id = (select post from own)) insert into social.post_topics select post, (array[one, other])[1 + %1$s %% 2] from own $$),
  ('reaction', 'blocking', $$ insert into core.blocks (blocker_id, blocked_id) select auth.uid(), id from crowd where n = %1$s $$),
  ('message', 'roles', $$ select social.set_member_role((select room from own), (select id from crowd where n = 1), (array['member', 'moderator'])[1 + %1$s %% 2]) $$),
  ('post', 'insert', $$ insert into social.posts (title, content) values ('Post ' || %1$s, 'Buy now.') $$),
  ('post', 'create_post', $$ select social.create_post('Post ' || %1$s, 'Buy now.') $$),
  ('question', 'ask_question', $$ select social.ask_question('Question ' || %1$s, 'Buy now?') $$),
  ('question', 'insert question', $$ insert into social.questions (title, content) values ('Question ' || %1$s, 'Buy now?') $$),
  ('comment', 'comment', $$ insert into social.comments (post_id, content) select post, 'Buy now.' from ids $$),
  ('answer', 'answer', $$ insert into social.answers (question_id, content) select question, 'Buy now.' from ids $$),
  ('vote', 'vote', $$ select social.vote('post', (select post from ids), (array['upvote', 'downvote'])[1 + %1$s %% 2]) $$),
  ('reaction', 'react', $$ select social.react('question', (select id from crowd where n = %1$s), 'thanks') $$),
  ('reaction', 'bookmark', $$ insert into social.bookmarks (content_id, content_type) select id, 'question' from crowd where n = %1$s $$),
  ('follow', 'follow', $$ insert into social.followers (following_id) select id from crowd where n = %1$s $$),
  ('room', 'create_room', $$ select social.create_room('Room ' || %1$s) $$),
  ('room', 'direct_room', $$ select social.direct_room((select id from crowd where n = %1$s)) $$),
  ('message', 'send_message', $$ select social.send_message((select id from chat), 'Buy now.') $$),
  ('ai', 'request_ai_answer', $$ select social.request_ai_answer((select id from crowd where n = %1$s)) $$);
grant select on ways to public;
-- Each with a full allowance. The call undoes itself, so that ways do not meet; what a call takes is kept until then.
create function pg_temp.spam(p_sql text) returns text language plpgsql as $$
declare
  v_times integer := 0;
  v_error text;
begin
  begin
    for i in 1..120 loop
      execute format(p_sql, i);
      v_times := i;
    end loop;
    v_error := 'nothing';
    raise exception 'undo';
  exception when others then
    v_error := coalesce(v_error, sqlstate || ' ' || sqlerrm);
  end;
  return v_times || ' ' || v_error;
end;
$$;
grant execute on function pg_temp.spam(text) to public;
select tests.as_user((select newcomer from who));
select set_eq(
  $$ select way || ': ' || pg_temp.spam(sql) from ways $$,
  $$ select w.way || ': ' || t.burst || ' PT429 rate_limited' from ways as w join tiers as t on t.action = w.action and t.tier = 'new' $$,
  'a script runs into the limit whichever way it writes'
);
select tests.as_owner();
select is((select count(*) from ops.rate_limits where key like 'social:%:' || (select newcomer from who)), 0::bigint, 'what was undone was given back');

select * from finish();
rollback;
