-- What each counter should be, counted anew; and putting right those that are not. Needed after a restore or an import
-- that passed by the triggers, never in daily work: sql/invariants/social_counters.sql reads the same view.

create view private.social_counters_counted with (security_invoker = true) as
with votes as (
  select v.votable_id as id, v.votable_type as kind,
    count(*) filter (where v.vote_type = 'upvote') as likes, count(*) filter (where v.vote_type = 'downvote') as dislikes
  from social.votes as v
  group by v.votable_id, v.votable_type
),
authors as (
  select p.id, p.author_id from social.posts as p
  union all select c.id, c.author_id from social.comments as c
  union all select q.id, q.author_id from social.questions as q
  union all select a.id, a.author_id from social.answers as a
),
counted as (
  select v.kind, v.id, 'likes_count' as counter, v.likes as total from votes as v
  union all select v.kind, v.id, 'dislikes_count', v.dislikes from votes as v
  union all select 'profile', a.author_id, 'likes_count', sum(v.likes)
  from votes as v join authors as a on a.id = v.id group by a.author_id
  union all select 'post', c.post_id, 'comments_count', count(*)
  from social.comments as c where c.deleted_at is null and c.hidden_at is null group by c.post_id
  union all select 'comment', c.parent_id, 'replies_count', count(*)
  from social.comments as c where c.deleted_at is null and c.hidden_at is null group by c.parent_id
  union all select 'question', a.question_id, 'answers_count', count(*)
  from social.answers as a where a.deleted_at is null and a.hidden_at is null group by a.question_id
  union all select 'profile', p.author_id, 'posts_count', count(*)
  from social.posts as p where p.is_published and p.deleted_at is null and p.hidden_at is null group by p.author_id
  union all select 'profile', q.author_id, 'questions_count', count(*)
  from social.questions as q where q.deleted_at is null and q.hidden_at is null group by q.author_id
  union all select 'profile', a.author_id, 'answers_count', count(*)
  from social.answers as a where a.deleted_at is null and a.hidden_at is null group by a.author_id
  union all select 'profile', a.author_id, 'accepted_count', count(*)
  from social.questions as q join social.answers as a on a.id = q.accepted_answer_id group by a.author_id
  union all select 'profile', r.author_id, 'resources_count', count(*)
  from social.resources as r
  where r.is_public and r.status = 'ready' and r.deleted_at is null and r.hidden_at is null group by r.author_id
  union all select 'profile', f.following_id, 'followers_count', count(*) from social.followers as f group by f.following_id
  union all select 'profile', f.follower_id, 'following_count', count(*) from social.followers as f group by f.follower_id
),
shown as (
  select 'post' as kind, t.id, c.counter, c.value
  from social.posts as t, lateral (
    values ('likes_count', t.likes_count), ('dislikes_count', t.dislikes_count), ('comments_count', t.comments_count)
  ) as c (counter, value)
  union all
  select 'comment', t.id, c.counter, c.value
  from social.comments as t, lateral (
    values ('likes_count', t.likes_count), ('dislikes_count', t.dislikes_count), ('replies_count', t.replies_count)
  ) as c (counter, value)
  union all
  select 'question', t.id, c.counter, c.value
  from social.questions as t, lateral (
    values ('likes_count', t.likes_count), ('dislikes_count', t.dislikes_count), ('answers_count', t.answers_count)
  ) as c (counter, value)
  union all
  select 'answer', t.id, c.counter, c.value
  from social.answers as t, lateral (values ('likes_count', t.likes_count), ('dislikes_count', t.dislikes_count)) as c (counter, value)
  union all
  select 'profile', t.user_id, c.counter, c.value
  from social.profile_stats as t, lateral (values
    ('followers_count', t.followers_count), ('following_count', t.following_count), ('posts_count', t.posts_count),
    ('questions_count', t.questions_count), ('answers_count', t.answers_count), ('accepted_count', t.accepted_count),
    ('resources_count', t.resources_count), ('likes_count', t.likes_count)
  ) as c (counter, value)
),
waiting as (
  select d.kind, d.entity_id as id, d.counter, sum(d.delta) as delta
  from social.counter_deltas as d
  group by d.kind, d.entity_id, d.counter
)
select s.kind, s.id, s.counter, (s.value + coalesce(w.delta, 0))::integer as value, coalesce(c.total, 0)::integer as counted
from shown as s
left join waiting as w on w.id = s.id and w.kind = s.kind and w.counter = s.counter
left join counted as c on c.id = s.id and c.kind = s.kind and c.counter = s.counter;
comment on view private.social_counters_counted is
  'Each counter with its value, what waits included, and what it should be. Views and downloads are not here: what they counted is kept for a while only.';
revoke all on private.social_counters_counted from public, anon, authenticated;

-- One statement compares, of one moment; what is missing is added like any other change. Whoever votes meanwhile changes
-- both sides alike, before that moment or after it, so that no lock is needed and no vote is lost.
create function private.social_repair_counters()
returns table (kind text, counter text, wrong_rows integer)
language plpgsql
volatile
security definer -- counters are written by nobody else; asks for the permission itself
set search_path = ''
as $$
#variable_conflict use_column
begin
  perform private.require_admin('jobs');
  if current_setting('transaction_isolation') <> 'read committed' then
    raise sqlstate 'PT409' using
      message = 'isolation_not_supported', detail = 'A repair has to see what was committed before it.', hint = 'Use read committed.';
  end if;
  -- A second repair would add the same difference again.
  perform pg_advisory_xact_lock(hashtext('social.repair_counters'));
  insert into social.profile_stats (user_id)
  select p.id from core.profiles as p where not exists (select from social.profile_stats as s where s.user_id = p.id)
  for key share of p skip locked
  on conflict do nothing;
  return query
  with repaired as (
    insert into social.counter_deltas (kind, entity_id, counter, delta)
    select c.kind, c.id, c.counter, c.counted - c.value
    from private.social_counters_counted as c
    where c.counted <> c.value
    returning kind, counter
  )
  select r.kind, r.counter, count(*)::integer from repaired as r group by r.kind, r.counter order by r.kind, r.counter;
  perform private.social_fold_counters();
end;
$$;
comment on function private.social_repair_counters() is 'See social.repair_counters.';

create function social.repair_counters()
returns table (kind text, counter text, wrong_rows integer)
language sql
volatile
security invoker
set search_path = ''
as $$ select * from private.social_repair_counters(); $$;
comment on function social.repair_counters() is
  'Administrators with the permission jobs, and the secret key: counts all counters anew and corrects them, while people go on voting. Returns how many rows were wrong, by kind and counter; no row: all were right.';

revoke execute on function private.social_repair_counters(), social.repair_counters() from public, anon, authenticated;
grant execute on function private.social_repair_counters(), social.repair_counters() to authenticated, service_role;
