-- Voting: one call to give, change or take back. Sending it twice is sending it once.

-- Column and deltas are read in one statement: whoever moves a delta into its column is seen in both, or in neither.
create function private.social_vote_totals(p_kind text, p_id uuid, out likes_count integer, out dislikes_count integer)
returns record
language plpgsql
volatile -- sees what its own transaction has just counted
security definer -- sums are everybody's, the deltas are not
set search_path = ''
as $$
begin
  case p_kind
    when 'post' then
      select t.likes_count + coalesce(sum(d.delta) filter (where d.counter = 'likes_count'), 0),
        t.dislikes_count + coalesce(sum(d.delta) filter (where d.counter = 'dislikes_count'), 0)
      into likes_count, dislikes_count
      from social.posts as t left join social.counter_deltas as d on d.entity_id = t.id and d.kind = 'post'
      where t.id = p_id group by t.id;
    when 'comment' then
      select t.likes_count + coalesce(sum(d.delta) filter (where d.counter = 'likes_count'), 0),
        t.dislikes_count + coalesce(sum(d.delta) filter (where d.counter = 'dislikes_count'), 0)
      into likes_count, dislikes_count
      from social.comments as t left join social.counter_deltas as d on d.entity_id = t.id and d.kind = 'comment'
      where t.id = p_id group by t.id;
    when 'question' then
      select t.likes_count + coalesce(sum(d.delta) filter (where d.counter = 'likes_count'), 0),
        t.dislikes_count + coalesce(sum(d.delta) filter (where d.counter = 'dislikes_count'), 0)
      into likes_count, dislikes_count
      from social.questions as t left join social.counter_deltas as d on d.entity_id = t.id and d.kind = 'question'
      where t.id = p_id group by t.id;
    when 'answer' then
      select t.likes_count + coalesce(sum(d.delta) filter (where d.counter = 'likes_count'), 0),
        t.dislikes_count + coalesce(sum(d.delta) filter (where d.counter = 'dislikes_count'), 0)
      into likes_count, dislikes_count
      from social.answers as t left join social.counter_deltas as d on d.entity_id = t.id and d.kind = 'answer'
      where t.id = p_id group by t.id;
  end case;
end;
$$;
comment on function private.social_vote_totals(text, uuid) is
  'Likes and dislikes of a post, comment, question or answer, exact: the columns and what waits to be added to them.';

create function private.social_vote(
  p_type text, p_id uuid, p_vote text,
  out likes_count integer, out dislikes_count integer, out votes_count integer, out my_vote text
)
returns record
language plpgsql
volatile
security definer -- votes are written by nobody else
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_author_id uuid;
begin
  if not coalesce(p_type in ('post', 'comment', 'question', 'answer'), false) then
    raise sqlstate 'PT422' using
      message = 'not_votable',
      detail = 'Votes are for posts, comments, questions and answers.',
      hint = 'Send one of these as p_type.';
  end if;
  if p_vote not in ('upvote', 'downvote') then
    raise sqlstate 'PT422' using
      message = 'vote_invalid', detail = 'A vote is an upvote or a downvote.', hint = 'Send one of these, or null to take it back.';
  end if;
  -- One request of a person at a time comes past this: the limit is his own row.
  perform private.social_limit('vote', v_user_id);
  -- Keys first, rows after them: whoever deletes the person or the thing is waited for while nothing is held that he needs.
  perform from core.profiles as p where p.id = v_user_id for key share;
  if not found then
    v_user_id := private.require_user();
  end if;
  perform from social.contents as c where c.id = p_id for key share;
  select c.author_id into v_author_id from private.social_require_content(p_type, p_id, v_user_id) as c;
  if v_author_id = v_user_id then
    raise sqlstate 'PT403' using
      message = 'own_vote', detail = 'Nobody votes on what is his own.', hint = 'Leave it to others.';
  end if;
  -- He may be told of it, by a row that needs his key; whoever deletes him needs the rows that are counted up here.
  perform from core.profiles as p where p.id = v_author_id for key share;

  if p_vote is null then
    delete from social.votes as v where v.user_id = v_user_id and v.votable_id = p_id;
  else
    insert into social.votes as v (user_id, votable_type, votable_id, vote_type)
    values (v_user_id, p_type, p_id, p_vote)
    on conflict (user_id, votable_id) do update set vote_type = excluded.vote_type, updated_at = now()
    where v.vote_type <> excluded.vote_type;
  end if;
  select t.likes_count, t.dislikes_count, t.likes_count - t.dislikes_count, p_vote
  into likes_count, dislikes_count, votes_count, my_vote
  from private.social_vote_totals(p_type, p_id) as t;
end;
$$;
comment on function private.social_vote(text, uuid, text) is 'See social.vote.';

-- plpgsql: its plan is kept, which counts where thousands vote at once.
create function social.vote(
  p_type text, p_id uuid, p_vote text default null,
  out likes_count integer, out dislikes_count integer, out votes_count integer, out my_vote text
)
returns record
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  select v.likes_count, v.dislikes_count, v.votes_count, v.my_vote into likes_count, dislikes_count, votes_count, my_vote
  from private.social_vote(p_type, p_id, p_vote) as v;
end;
$$;
comment on function social.vote(text, uuid, text) is
  'Votes on a post, comment, question or answer: upvote, downvote, or null to take it back. One vote a person and thing, changeable, never on one''s own. Returns the exact totals and your vote.';

revoke execute on function
  private.social_vote_totals(text, uuid), private.social_vote(text, uuid, text), social.vote(text, uuid, text)
  from public, anon, authenticated;
grant execute on function private.social_vote(text, uuid, text), social.vote(text, uuid, text) to authenticated;
