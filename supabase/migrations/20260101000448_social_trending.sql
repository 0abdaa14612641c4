-- Trending posts and questions. The score is that of Reddit ("hot", in the code that it published): every tenfold of
-- points counts as much as being published decay_seconds later,
--   score = sign(points) × log10(max(|points|, 1)) + age / decay_seconds,   points = votes + reply_weight × replies,
-- where age counts from a fixed day, so that a score changes with its votes only and never has to be worked out anew.
--
-- Every two minutes a task ranks the newest candidates and keeps the ranking for a while: a reader pages through the
-- ranking that he began with, and so sees nothing twice and misses nothing while scores move.

create table social.trending_ranks (
  kind text not null,
  taken_at timestamptz not null,
  rank integer not null,
  content_id uuid not null references social.contents (id) on delete cascade,
  score double precision not null,
  topic_ids uuid[] not null default '{}',
  primary key (kind, taken_at, rank),
  constraint trending_ranks_kind_check check (kind in ('post', 'question')),
  constraint trending_ranks_rank_check check (rank > 0)
) with (autovacuum_vacuum_scale_factor = 0.1);
comment on table social.trending_ranks is 'The rankings of the last minutes; social.trending reads them.';
create index trending_ranks_content_id_idx on social.trending_ranks (content_id);

insert into core.settings (key, value, description) values
  ('social.trending', '{"decay_seconds": 45000, "reply_weight": 0.5, "candidates": 20000, "ranked": 3000, "keep_minutes": 20}',
    'How trending is ranked: the newest candidates, the best of them kept; see the formula in docs/social.md.');

insert into ops.scheduled_tasks (name, command, every, description) values
  ('social_refresh_trending', 'private.social_refresh_trending', interval '2 minutes', 'Ranks trending posts and questions.');

create function private.social_hot(p_points numeric, p_at timestamptz, p_decay_seconds numeric)
returns double precision
language sql
immutable
security invoker
set search_path = ''
as $$
  select sign(p_points)::double precision * log(greatest(abs(p_points), 1)::double precision)
    + (extract(epoch from p_at) - 1767225600)::double precision / p_decay_seconds::double precision;
$$;
comment on function private.social_hot(numeric, timestamptz, numeric) is 'The score of a thing with so many points, published then.';

create function private.social_refresh_trending()
returns text
language plpgsql
volatile
security definer -- a scheduled task: reads everything in lists
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_rules jsonb := private.setting('social.trending');
  v_decay numeric := (v_rules ->> 'decay_seconds')::numeric;
  v_weight numeric := (v_rules ->> 'reply_weight')::numeric;
  v_candidates integer := (v_rules ->> 'candidates')::integer;
  v_ranked integer := (v_rules ->> 'ranked')::integer;
  v_posts integer;
  v_questions integer;
begin
  insert into social.trending_ranks (kind, taken_at, rank, content_id, score, topic_ids)
  select 'post', v_now, row_number() over (order by b.score desc, b.id desc), b.id, b.score,
    array(select t.topic_id from social.post_topics as t where t.post_id = b.id)
  from (
    select c.id, private.social_hot(c.votes_count + v_weight * c.comments_count, c.published_at, v_decay) as score
    from (
      select p.id, p.votes_count, p.comments_count, p.published_at from social.posts as p
      where p.is_published and p.deleted_at is null and p.hidden_at is null
      order by p.published_at desc, p.id desc
      limit v_candidates
    ) as c
    order by score desc, c.id desc
    limit v_ranked
  ) as b;
  get diagnostics v_posts = row_count;

  insert into social.trending_ranks (kind, taken_at, rank, content_id, score, topic_ids)
  select 'question', v_now, row_number() over (order by b.score desc, b.id desc), b.id, b.score,
    array(select t.topic_id from social.question_topics as t where t.question_id = b.id)
  from (
    select c.id, private.social_hot(c.votes_count + v_weight * c.answers_count, c.created_at, v_decay) as score
    from (
      select q.id, q.votes_count, q.answers_count, q.created_at from social.questions as q
      where q.deleted_at is null and q.hidden_at is null
      order by q.created_at desc, q.id desc
      limit v_candidates
    ) as c
    order by score desc, c.id desc
    limit v_ranked
  ) as b;
  get diagnostics v_questions = row_count;

  delete from social.trending_ranks as r
  where r.kind in ('post', 'question') and r.taken_at < v_now - make_interval(mins => (v_rules ->> 'keep_minutes')::integer);
  return format('%s posts, %s questions', v_posts, v_questions);
end;
$$;
comment on function private.social_refresh_trending() is 'Scheduled task: ranks the newest posts and questions, and drops old rankings.';

alter table social.trending_ranks enable row level security;
revoke all on social.trending_ranks from public, anon, authenticated;
grant select on social.trending_ranks to service_role;

revoke execute on function private.social_hot(numeric, timestamptz, numeric), private.social_refresh_trending()
  from public, anon, authenticated;
grant execute on function private.social_refresh_trending() to service_role;
