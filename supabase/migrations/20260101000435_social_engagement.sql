-- What lists show beside each thing, in one call: exact numbers, reactions, and what oneself did.

create function private.social_engagement(p_ids uuid[])
returns table (
  content_id uuid, content_type text, likes_count integer, dislikes_count integer, votes_count integer, comments_count integer,
  reactions jsonb, my_vote text, my_reactions text[], is_bookmarked boolean
)
language plpgsql
stable
security definer -- sums are everybody's, who voted and reacted is not
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
begin
  if cardinality(p_ids) > 100 then
    raise sqlstate 'PT422' using
      message = 'too_many_ids', detail = 'At most 100 things are looked up at a time.', hint = 'Ask for those that are shown.';
  end if;
  return query
  with asked as materialized (
    select c.id, c.kind, min(u.place) as place
    from unnest(p_ids) with ordinality as u (id, place)
    join social.contents as c on c.id = u.id
    cross join lateral private.social_content(c.kind, c.id, v_user_id) as s
    where s.is_visible
    group by c.id, c.kind
  ),
  numbers as (
    select t.id, t.likes_count as likes, t.dislikes_count as dislikes, t.comments_count as comments
    from social.posts as t where t.id = any (p_ids)
    union all
    select t.id, t.likes_count, t.dislikes_count, t.replies_count from social.comments as t where t.id = any (p_ids)
    union all
    select t.id, t.likes_count, t.dislikes_count, t.answers_count from social.questions as t where t.id = any (p_ids)
    union all
    select t.id, t.likes_count, t.dislikes_count, null from social.answers as t where t.id = any (p_ids)
  ),
  waiting as (
    select d.entity_id as id,
      coalesce(sum(d.delta) filter (where d.counter = 'likes_count'), 0)::integer as likes,
      coalesce(sum(d.delta) filter (where d.counter = 'dislikes_count'), 0)::integer as dislikes,
      coalesce(sum(d.delta) filter (where d.counter in ('comments_count', 'replies_count', 'answers_count')), 0)::integer as comments
    from social.counter_deltas as d
    where d.entity_id = any (p_ids) and d.kind in ('post', 'comment', 'question', 'answer')
    group by d.entity_id
  ),
  given as (
    select r.content_id as id, jsonb_object_agg(r.reaction, r.total) as totals,
      array_agg(r.reaction order by r.reaction) filter (where r.is_mine) as mine
    from (
      select x.content_id, x.reaction, count(*) as total, bool_or(x.user_id = v_user_id) as is_mine
      from social.reactions as x where x.content_id = any (p_ids) group by x.content_id, x.reaction
    ) as r
    group by r.content_id
  )
  select
    a.id, a.kind,
    n.likes + coalesce(w.likes, 0), n.dislikes + coalesce(w.dislikes, 0),
    n.likes + coalesce(w.likes, 0) - n.dislikes - coalesce(w.dislikes, 0), n.comments + coalesce(w.comments, 0),
    coalesce(g.totals, '{}'), v.vote_type, coalesce(g.mine, '{}'), b.user_id is not null
  from asked as a
  left join numbers as n on n.id = a.id
  left join waiting as w on w.id = a.id
  left join given as g on g.id = a.id
  left join social.votes as v on v.votable_id = a.id and v.user_id = v_user_id
  left join social.bookmarks as b on b.content_id = a.id and b.user_id = v_user_id
  order by a.place;
end;
$$;
comment on function private.social_engagement(uuid[]) is 'See social.engagement.';

create function social.engagement(p_ids uuid[])
returns table (
  content_id uuid, content_type text, likes_count integer, dislikes_count integer, votes_count integer, comments_count integer,
  reactions jsonb, my_vote text, my_reactions text[], is_bookmarked boolean
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.social_engagement(p_ids); $$;
comment on function social.engagement(uuid[]) is
  'For up to 100 things that you may see, in the order asked: exact likes, dislikes, votes, and comments (replies, answers), reactions, your vote, your reactions, your bookmark. What cannot be voted on has no numbers.';

revoke execute on function private.social_engagement(uuid[]), social.engagement(uuid[]) from public, anon, authenticated;
grant execute on function private.social_engagement(uuid[]), social.engagement(uuid[]) to authenticated;
