-- Votes and what they move. Counters follow the rows of social.votes, whoever writes or removes these: a person who
-- votes, a person who is deleted, a thing that is deleted, a restore. How one voted only oneself sees.

-- The counters of one thing, and the likes of its author.
create function private.social_count_votes(p_kind text, p_id uuid, p_likes integer, p_dislikes integer)
returns void
language plpgsql
volatile
security definer -- counters are written by nobody else
set search_path = ''
as $$
declare
  v_author_id uuid;
begin
  case p_kind
    when 'post' then select t.author_id into v_author_id from social.posts as t where t.id = p_id;
    when 'comment' then select t.author_id into v_author_id from social.comments as t where t.id = p_id;
    when 'question' then select t.author_id into v_author_id from social.questions as t where t.id = p_id;
    when 'answer' then select t.author_id into v_author_id from social.answers as t where t.id = p_id;
  end case;
  -- The thing itself is gone: see private.tg__social_votes_gone.
  if not found then
    return;
  end if;
  if p_likes <> 0 then
    perform private.social_count(p_kind, p_id, 'likes_count', p_likes);
    -- An author's likes come from many things, and nobody who votes is shown them: they may wait for the fold.
    if v_author_id is not null then
      insert into social.counter_deltas (kind, entity_id, counter, delta) values ('profile', v_author_id, 'likes_count', p_likes);
    end if;
  end if;
  if p_dislikes <> 0 then
    perform private.social_count(p_kind, p_id, 'dislikes_count', p_dislikes);
  end if;
end;
$$;
comment on function private.social_count_votes(text, uuid, integer, integer) is
  'Moves likes and dislikes of a post, comment, question or answer, and the likes of its author.';

create function private.tg_votes__count()
returns trigger
language plpgsql
security definer -- counters are written by nobody else
set search_path = ''
as $$
begin
  perform private.social_count_votes(
    new.votable_type, new.votable_id,
    (new.vote_type = 'upvote')::integer - coalesce((old.vote_type = 'upvote')::integer, 0),
    (new.vote_type = 'downvote')::integer - coalesce((old.vote_type = 'downvote')::integer, 0)
  );
  return null;
end;
$$;
comment on function private.tg_votes__count() is 'Trigger: a vote given or changed moves the counters by what really changed.';

-- All votes of a person at once, when he is deleted.
create function private.tg_votes__uncount()
returns trigger
language plpgsql
security definer -- counters are written by nobody else
set search_path = ''
as $$
begin
  perform private.social_count_votes(g.votable_type, g.votable_id, -g.likes, -g.dislikes)
  from (
    select v.votable_type, v.votable_id,
      (count(*) filter (where v.vote_type = 'upvote'))::integer as likes,
      (count(*) filter (where v.vote_type = 'downvote'))::integer as dislikes
    from gone as v
    group by v.votable_type, v.votable_id
  ) as g;
  return null;
end;
$$;
comment on function private.tg_votes__uncount() is 'Trigger: votes taken back, or gone with their person, leave the counters.';

-- The last moment at which it is known whose thing it was.
create function private.tg__social_votes_gone()
returns trigger
language plpgsql
security definer -- counters are written by nobody else
set search_path = ''
as $$
declare
  v_likes integer;
begin
  if old.author_id is null then
    return null;
  end if;
  -- Whoever votes this moment holds a key of this row: he is counted too, and nobody comes after him.
  perform from social.contents as c where c.id = old.id for update;
  select count(*) into v_likes from social.votes as v where v.votable_id = old.id and v.vote_type = 'upvote';
  perform private.social_count('profile', old.author_id, 'likes_count', -v_likes);
  return null;
end;
$$;
comment on function private.tg__social_votes_gone() is 'Trigger: a thing that is deleted takes its likes from its author.';

-- Deleted from the other end, keys would take thing and votes before any trigger looks: so votes go first.
create function private.tg_contents__votes_first()
returns trigger
language plpgsql
security definer -- votes are written by nobody else
set search_path = ''
as $$
begin
  delete from social.votes as v where v.votable_id = old.id;
  return old;
end;
$$;
comment on function private.tg_contents__votes_first() is 'Trigger: the votes of a thing leave its author''s likes while it is known who that is.';

create trigger _500_votes_first before delete on social.contents
  for each row execute function private.tg_contents__votes_first();
create trigger _500_count after insert on social.votes
  for each row execute function private.tg_votes__count();
create trigger _500_count_change after update of vote_type on social.votes
  for each row when (old.vote_type is distinct from new.vote_type) execute function private.tg_votes__count();
create trigger _500_uncount after delete on social.votes
  referencing old table as gone for each statement execute function private.tg_votes__uncount();
create trigger _940_votes_gone after delete on social.posts
  for each row execute function private.tg__social_votes_gone();
create trigger _940_votes_gone after delete on social.comments
  for each row execute function private.tg__social_votes_gone();
create trigger _940_votes_gone after delete on social.questions
  for each row execute function private.tg__social_votes_gone();
create trigger _940_votes_gone after delete on social.answers
  for each row execute function private.tg__social_votes_gone();

alter table social.votes enable row level security;
revoke all on social.votes from public, anon, authenticated;
grant select on social.votes to authenticated;
grant select, insert, update, delete on social.votes to service_role;
create policy votes_select_own on social.votes for select to authenticated
  using (user_id = (select auth.uid()));

revoke execute on function
  private.social_count_votes(text, uuid, integer, integer), private.tg_votes__count(), private.tg_votes__uncount(),
  private.tg__social_votes_gone(), private.tg_contents__votes_first()
  from public, anon, authenticated;
