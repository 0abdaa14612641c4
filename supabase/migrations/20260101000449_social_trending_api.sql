-- Reading a ranking: page after page of the one that the first page came from.

create function private.social_trending_cursor(p_cursor text, p_kind text, out taken_at timestamptz, out rank integer)
returns record
language plpgsql
stable
security definer -- reads rankings
set search_path = ''
as $$
begin
  rank := 0;
  if p_cursor is null then
    select max(r.taken_at) into taken_at from social.trending_ranks as r where r.kind = p_kind;
    return;
  end if;
  if p_cursor !~ '^[0-9]{1,18}:[0-9]{1,9}$' then
    raise sqlstate 'PT400' using
      message = 'cursor_invalid',
      detail = 'This is no cursor of this list.',
      hint = 'Send the cursor of the last row of the page before.';
  end if;
  taken_at := timestamptz '1970-01-01 00:00:00+00' + split_part(p_cursor, ':', 1)::bigint * interval '1 microsecond';
  rank := split_part(p_cursor, ':', 2)::integer;
  if not exists (select from social.trending_ranks as r where r.kind = p_kind and r.taken_at = social_trending_cursor.taken_at) then
    raise sqlstate 'PT409' using
      message = 'cursor_expired',
      detail = 'The ranking that this page belongs to is kept no longer.',
      hint = 'Begin again without a cursor.';
  end if;
end;
$$;
comment on function private.social_trending_cursor(text, text) is
  'Which ranking, and after which rank; the newest one without a cursor. cursor_invalid (400), cursor_expired (409).';

create function private.social_trending(p_kind text, p_topic text, p_limit integer, p_cursor text)
returns table (
  kind text, id uuid, title text, excerpt text, is_shortened boolean, category text, published_at timestamptz, author_id uuid,
  author jsonb, topics jsonb, likes_count integer, dislikes_count integer, votes_count integer, replies_count integer,
  views_count integer, status text, my_vote text, is_bookmarked boolean, score double precision, cursor text
)
language plpgsql
stable
security definer -- reads rankings, and repeats the rule of who may see a thing
set search_path = ''
as $$
declare
  v_me uuid := private.require_reader();
  v_blocked uuid[] := private.my_block_ids();
  v_limit integer := least(greatest(coalesce(p_limit, 20), 1), 50);
  v_topic_id uuid := private.topic_by_slug(p_topic);
  v_topics uuid[];
  v_from record;
  v_ranks integer[];
  v_ids uuid[];
begin
  if p_kind is null or p_kind not in ('post', 'question') then
    raise sqlstate 'PT422' using
      message = 'kind_invalid', detail = 'Posts trend, and questions.', hint = 'Send post or question.';
  end if;
  if p_topic is not null and v_topic_id is null then
    raise sqlstate 'PT404' using
      message = 'topic_not_found', detail = 'There is no such topic.', hint = 'Look it up with core.find_topic.';
  end if;
  v_topics := private.topic_subtree(v_topic_id);
  select c.taken_at, c.rank into v_from from private.social_trending_cursor(p_cursor, p_kind) as c;

  select array_agg(s.rank order by s.rank), array_agg(s.content_id order by s.rank)
  into v_ranks, v_ids
  from (
    select r.rank, r.content_id
    from social.trending_ranks as r
    where r.kind = p_kind and r.taken_at = v_from.taken_at and r.rank > v_from.rank
      and (v_topic_id is null or r.topic_ids && v_topics)
      -- One of the two, decided once: the other is never run.
      and case p_kind
        when 'post' then (
          select p.is_published and p.deleted_at is null and p.hidden_at is null
            and (p.author_id is null or p.author_id <> all (v_blocked))
          from social.posts as p where p.id = r.content_id
        )
        else (
          select q.deleted_at is null and q.hidden_at is null and (q.author_id is null or q.author_id <> all (v_blocked))
          from social.questions as q where q.id = r.content_id
        )
      end
    order by r.rank
    limit v_limit
  ) as s;

  if p_kind = 'post' then
    return query
    select p_kind, c.id, c.title, c.excerpt, c.is_shortened, c.category, c.published_at, c.author_id, c.author, c.topics,
      c.likes_count, c.dislikes_count, c.votes_count, c.comments_count, null::integer, null::text, c.my_vote, c.is_bookmarked,
      r.score, (extract(epoch from r.taken_at) * 1000000)::bigint || ':' || r.rank
    from private.social_post_cards(v_ids, v_me) as c
    join social.trending_ranks as r on r.kind = p_kind and r.taken_at = v_from.taken_at and r.rank = v_ranks[c.place]
    order by c.place;
  else
    return query
    select p_kind, q.id, q.title, left(q.content, 1000), length(q.content) > 1000, q.category, q.created_at, q.author_id,
      private.social_person(q.author_id),
      coalesce((
        select jsonb_agg(jsonb_build_object('id', t.id, 'slug', t.slug, 'name', t.name) order by t.name, t.id)
        from social.question_topics as qt
        join core.topics as t on t.id = qt.topic_id
        where qt.question_id = q.id
      ), '[]'),
      q.likes_count, q.dislikes_count, q.votes_count, q.answers_count, q.views_count, q.status,
      (select v.vote_type from social.votes as v where v.user_id = v_me and v.votable_id = q.id),
      exists (select from social.bookmarks as b where b.user_id = v_me and b.content_id = q.id),
      r.score, (extract(epoch from r.taken_at) * 1000000)::bigint || ':' || r.rank
    from unnest(v_ids, v_ranks) as u (id, rank)
    join social.questions as q on q.id = u.id
    join social.trending_ranks as r on r.kind = p_kind and r.taken_at = v_from.taken_at and r.rank = u.rank
    order by u.rank;
  end if;
end;
$$;
comment on function private.social_trending(text, text, integer, text) is 'See social.trending.';

create function social.trending(
  p_kind text default 'post', p_topic text default null, p_limit integer default 20, p_cursor text default null
)
returns table (
  kind text, id uuid, title text, excerpt text, is_shortened boolean, category text, published_at timestamptz, author_id uuid,
  author jsonb, topics jsonb, likes_count integer, dislikes_count integer, votes_count integer, replies_count integer,
  views_count integer, status text, my_vote text, is_bookmarked boolean, score double precision, cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.social_trending(p_kind, p_topic, p_limit, p_cursor); $$;
comment on function social.trending(text, text, integer, text) is
  'What gets votes and replies now, best first: posts or questions, of one topic (slug or synonym, with all below it) or of all. Pass the cursor of the last row for the next page. Errors: kind_invalid (422), topic_not_found (404), cursor_invalid (400), cursor_expired (409).';

revoke execute on function
  private.social_trending_cursor(text, text), private.social_trending(text, text, integer, text),
  social.trending(text, text, integer, text)
  from public, anon, authenticated;
grant execute on function private.social_trending(text, text, integer, text), social.trending(text, text, integer, text)
  to authenticated;
