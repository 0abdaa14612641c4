-- Who is told of what: triggers on everybody's tables, so that nobody else need think of it. What is grouped goes
-- through social.notices; what comes once and to one person only is told here.

-- Upvotes, and downvotes that become upvotes. Nobody is told of a downvote, nor that a like was taken back.
create function private.tg_votes__notify()
returns trigger
language plpgsql
security definer -- notices are written by nobody else
set search_path = ''
as $$
begin
  if tg_op <> 'DELETE' and new.vote_type = 'upvote' then
    perform private.social_notice('like', new.votable_id, new.user_id, new.votable_type, new.votable_id);
  elsif tg_op <> 'INSERT' and old.vote_type = 'upvote' then
    perform private.social_unnotice('like', old.votable_id, old.user_id);
  end if;
  return null;
end;
$$;
create trigger _700_notify
  after insert or delete on social.votes
  for each row execute function private.tg_votes__notify();
create trigger _700_notify_change
  after update of vote_type on social.votes
  for each row when (old.vote_type is distinct from new.vote_type)
  execute function private.tg_votes__notify();

create function private.tg_reactions__notify()
returns trigger
language plpgsql
security definer -- notices are written by nobody else
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    perform private.social_notice('reaction', new.content_id, new.user_id, new.content_type, new.content_id);
  elsif not exists (select from social.reactions as r where r.user_id = old.user_id and r.content_id = old.content_id) then
    perform private.social_unnotice('reaction', old.content_id, old.user_id);
  end if;
  return null;
end;
$$;
create trigger _700_notify
  after insert or delete on social.reactions
  for each row execute function private.tg_reactions__notify();

create function private.tg_followers__notify()
returns trigger
language plpgsql
security definer -- notices are written by nobody else
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    perform private.social_notice('follow', new.following_id, new.follower_id, 'profile', new.following_id);
  else
    perform private.social_unnotice('follow', old.following_id, old.follower_id);
  end if;
  return null;
end;
$$;
create trigger _700_notify
  after insert or delete on social.followers
  for each row execute function private.tg_followers__notify();

-- The author of the comment above hears of a reply; the author of the post of a comment, unless it was that reply to him.
create function private.tg_comments__notify()
returns trigger
language plpgsql
security definer -- looks up whose the thread is
set search_path = ''
as $$
declare
  v_above uuid;
  v_author uuid;
begin
  select c.author_id into v_above from social.comments as c where c.id = new.parent_id;
  select p.author_id into v_author from social.posts as p where p.id = new.post_id;
  if v_above <> new.author_id then
    perform private.social_notice('reply', new.id, new.author_id, 'comment', new.parent_id);
  end if;
  if v_author <> new.author_id and v_author is distinct from v_above then
    perform private.social_notice('comment', new.id, new.author_id, 'post', new.post_id);
  end if;
  return null;
end;
$$;
create trigger _700_notify
  after insert on social.comments
  for each row execute function private.tg_comments__notify();

create function private.tg_answers__notify()
returns trigger
language plpgsql
security definer -- notices are written by nobody else
set search_path = ''
as $$
begin
  perform private.social_notice('answer', new.id, new.author_id, 'question', new.question_id);
  return null;
end;
$$;
create trigger _700_notify
  after insert on social.answers
  for each row execute function private.tg_answers__notify();

-- Told once, however often the asker takes it back and accepts again.
create function private.tg_questions__notify_accepted()
returns trigger
language plpgsql
security definer -- notices are written by nobody else
set search_path = ''
as $$
begin
  if old.accepted_answer_id is not null then
    perform private.social_unnotice('accepted', old.accepted_answer_id, old.author_id);
  end if;
  if new.accepted_answer_id is not null then
    perform private.social_notice('accepted', new.accepted_answer_id, new.author_id, 'answer', new.accepted_answer_id);
  end if;
  return null;
end;
$$;
create trigger _700_notify_accepted
  after update of accepted_answer_id on social.questions
  for each row when (old.accepted_answer_id is distinct from new.accepted_answer_id)
  execute function private.tg_questions__notify_accepted();

-- Whoever hears of the comment, reply or answer itself does not hear of it twice.
create function private.tg_mentions__notify()
returns trigger
language plpgsql
security definer -- writes notifications for others
set search_path = ''
as $$
declare
  v_kind text;
  v_content record;
  v_actor text;
begin
  select c.kind into v_kind from social.contents as c where c.id = new.content_id;
  v_content := private.social_content(v_kind, new.content_id, new.user_id);
  if new.actor_id = new.user_id or not v_content.is_visible or v_content.is_removed
    or v_kind = 'comment' and exists (
      select from social.comments as c
      join social.posts as p on p.id = c.post_id
      left join social.comments as a on a.id = c.parent_id
      where c.id = new.content_id and (a.author_id = new.user_id or p.author_id = new.user_id)
    )
    or v_kind = 'answer' and exists (
      select from social.answers as a join social.questions as q on q.id = a.question_id
      where a.id = new.content_id and q.author_id = new.user_id
    )
  then
    return null;
  end if;
  select p.username::text into v_actor from core.profiles as p where p.id = new.actor_id;
  perform private.notify(
    new.user_id, 'mention', 'info', private.social_wording('mention', v_kind, coalesce(v_actor, 'Somebody'), 1), v_content.title,
    jsonb_strip_nulls(jsonb_build_object(
      'actor_id', new.actor_id, 'actor_username', v_actor, 'content_type', v_kind, 'content_id', new.content_id,
      'subject_type', v_content.root_kind, 'subject_id', v_content.root_id
    )),
    v_content.link
  );
  update social.mentions as m set notified_at = clock_timestamp()
  where m.content_id = new.content_id and m.user_id = new.user_id and m.notified_at is null;
  return null;
end;
$$;
create trigger _700_notify
  after insert on social.mentions
  for each row execute function private.tg_mentions__notify();

-- What the machine finished for somebody.
create function private.tg_ai_answers__notify()
returns trigger
language plpgsql
security definer -- writes notifications for others
set search_path = ''
as $$
declare
  v_content record;
begin
  v_content := private.social_content('ai_answer', new.id, new.requested_by);
  if v_content.is_visible and not v_content.is_removed then
    perform private.notify(
      new.requested_by, 'ai_answer', 'success', 'The AI answer that you asked for is there', v_content.title,
      jsonb_build_object(
        'content_type', 'ai_answer', 'content_id', new.id, 'subject_type', 'question', 'subject_id', new.question_id,
        'is_covered', new.is_covered
      ),
      v_content.link
    );
  end if;
  return null;
end;
$$;
create trigger _700_notify
  after update of status on social.ai_answers
  for each row when (old.status is distinct from new.status and new.status = 'completed' and new.requested_by is not null)
  execute function private.tg_ai_answers__notify();

create function private.tg_resources__notify()
returns trigger
language plpgsql
security definer -- writes notifications for others
set search_path = ''
as $$
begin
  perform private.notify(
    new.author_id, 'resource_' || new.status, case new.status when 'ready' then 'success' else 'warning' end,
    case new.status when 'ready' then 'Your file was checked and is there' else 'Your file was not taken' end,
    case new.status when 'ready' then new.title else new.title || E'\n' || new.rejected_reason end,
    jsonb_build_object('content_type', 'resource', 'content_id', new.id, 'file_name', new.file_name), '/resources/' || new.id
  );
  return null;
end;
$$;
create trigger _700_notify
  after update of status on social.resources
  for each row when (old.status is distinct from new.status and new.status in ('ready', 'rejected') and new.author_id is not null)
  execute function private.tg_resources__notify();

-- Notifications carry the title of the thread that they tell of: it goes with the text. Found by their link, which begins
-- with that of the thread. One that is just being read or written is passed over: nobody waits here for anybody.
create index notifications_thread_idx on core.notifications (split_part(link, '#', 1))
  where severity <> 'system' and message <> '' and data ? 'subject_id';

create function private.tg__social_withdraw_title()
returns trigger
language plpgsql
security definer -- writes notifications of others
set search_path = ''
as $$
begin
  update core.notifications as n set message = ''
  where n.id in (
    select x.id from core.notifications as x
    where split_part(x.link, '#', 1) = tg_argv[0] || new.id and x.severity <> 'system' and x.message <> '' and x.data ? 'subject_id'
    for no key update skip locked
  );
  return null;
end;
$$;
comment on function private.tg__social_withdraw_title() is
  'Trigger: when the text of a post or question is taken away, or it becomes a draft again, its title leaves the notifications; its argument is where links to it begin.';
revoke execute on function private.tg__social_withdraw_title() from public, anon, authenticated;

create trigger _710_withdraw_title
  after update of is_published, deleted_at, hidden_at on social.posts
  for each row
  when (
    old.is_published and old.deleted_at is null and old.hidden_at is null
    and (not new.is_published or new.deleted_at is not null or new.hidden_at is not null)
  )
  execute function private.tg__social_withdraw_title('/posts/');
create trigger _710_withdraw_title
  after update of deleted_at, hidden_at on social.questions
  for each row
  when (old.deleted_at is null and old.hidden_at is null and (new.deleted_at is not null or new.hidden_at is not null))
  execute function private.tg__social_withdraw_title('/questions/');

do $$
declare
  v_trigger record;
begin
  for v_trigger in
    select t.tgrelid::regclass as name, t.tgfoid::regprocedure as fn
    from pg_catalog.pg_trigger as t join pg_catalog.pg_class as c on c.oid = t.tgrelid
    where c.relnamespace = 'social'::regnamespace and t.tgname ~ '^_700_notify(_accepted)?$'
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', v_trigger.fn);
    execute format('comment on function %s is %L', v_trigger.fn, format('Trigger on %s: tells the people concerned.', v_trigger.name));
  end loop;
end;
$$;
