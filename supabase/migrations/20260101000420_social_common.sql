-- What every part of social asks: what is this thing, may this person see it, and how often may he write.

-- One place that knows how to look up a thing of any kind. Whoever is asked for a thing answers content_not_found for
-- "not there" and "not for you" alike.
create function private.social_content(
  p_kind text, p_id uuid, p_viewer_id uuid default auth.uid(),
  out author_id uuid, out title text, out link text, out is_removed boolean, out is_visible boolean,
  out root_kind text, out root_id uuid
)
returns record
language plpgsql
stable
security definer -- answers for modules and triggers, never for clients
set search_path = ''
as $$
declare
  v_root_author_id uuid;
begin
  case p_kind
    when 'post' then
      select p.author_id, p.title, '/posts/' || p.id, p.deleted_at is not null or p.hidden_at is not null,
        p.is_published or p.author_id = p_viewer_id, 'post', p.id
      into author_id, title, link, is_removed, is_visible, root_kind, root_id
      from social.posts as p where p.id = p_id;
    when 'comment' then
      select c.author_id, p.title, '/posts/' || p.id || '#' || c.id, c.deleted_at is not null or c.hidden_at is not null,
        p.is_published or p.author_id = p_viewer_id, 'post', p.id, p.author_id
      into author_id, title, link, is_removed, is_visible, root_kind, root_id, v_root_author_id
      from social.comments as c join social.posts as p on p.id = c.post_id where c.id = p_id;
    when 'question' then
      select q.author_id, q.title, '/questions/' || q.id, q.deleted_at is not null or q.hidden_at is not null, true, 'question', q.id
      into author_id, title, link, is_removed, is_visible, root_kind, root_id
      from social.questions as q where q.id = p_id;
    when 'answer' then
      select a.author_id, q.title, '/questions/' || q.id || '#' || a.id, a.deleted_at is not null or a.hidden_at is not null,
        true, 'question', q.id, q.author_id
      into author_id, title, link, is_removed, is_visible, root_kind, root_id, v_root_author_id
      from social.answers as a join social.questions as q on q.id = a.question_id where a.id = p_id;
    when 'ai_answer' then
      select null::uuid, q.title, '/questions/' || q.id || '#' || a.id,
        a.hidden_at is not null or q.deleted_at is not null or q.hidden_at is not null, true, 'question', q.id, q.author_id
      into author_id, title, link, is_removed, is_visible, root_kind, root_id, v_root_author_id
      from social.ai_answers as a join social.questions as q on q.id = a.question_id where a.id = p_id;
    when 'resource' then
      select r.author_id, r.title, '/resources/' || r.id, r.deleted_at is not null or r.hidden_at is not null,
        (r.is_public and r.status = 'ready') or r.author_id = p_viewer_id, 'resource', r.id
      into author_id, title, link, is_removed, is_visible, root_kind, root_id
      from social.resources as r where r.id = p_id;
    else
      null;
  end case;
  is_removed := coalesce(is_removed, true);
  is_visible := coalesce(is_visible, false)
    and (author_id is null or p_viewer_id is null or author_id = p_viewer_id or not private.is_blocked_between(author_id, p_viewer_id))
    -- Under what one does not see one sees nothing either, whoever wrote it: its title would tell.
    and (v_root_author_id is null or p_viewer_id is null or v_root_author_id = p_viewer_id
      or v_root_author_id is not distinct from author_id or not private.is_blocked_between(v_root_author_id, p_viewer_id));
end;
$$;
comment on function private.social_content(text, uuid, uuid) is
  'A post, comment, question, answer, ai_answer or resource: author, title of its thread, link, whether its text was taken away, and whether this viewer may see it. Without a row: is_visible false.';

-- The thing, if the caller may act on it; otherwise 404, or 409 when it was removed.
create function private.social_require_content(
  p_kind text, p_id uuid, p_viewer_id uuid,
  out author_id uuid, out title text, out link text, out root_kind text, out root_id uuid
)
returns record
language plpgsql
stable
security definer -- answers for modules and triggers, never for clients
set search_path = ''
as $$
declare
  v_content record;
begin
  v_content := private.social_content(p_kind, p_id, p_viewer_id);
  if not v_content.is_visible then
    raise sqlstate 'PT404' using
      message = 'content_not_found', detail = 'There is no such thing, or it is not for you.', hint = 'Check its type and id.';
  end if;
  if v_content.is_removed then
    raise sqlstate 'PT409' using
      message = 'content_removed', detail = 'It was deleted or hidden.', hint = 'Reload the page.';
  end if;
  author_id := v_content.author_id;
  title := v_content.title;
  link := v_content.link;
  root_kind := v_content.root_kind;
  root_id := v_content.root_id;
end;
$$;
comment on function private.social_require_content(text, uuid, uuid) is
  'Like private.social_content, but raises content_not_found (404) or content_removed (409).';

-- Limits that a script runs into and a person does not. A new account has a smaller bucket.
create function private.social_limit(p_action text, p_user_id uuid)
returns void
language plpgsql
volatile
security definer -- reads settings and writes rate limits for the person who acts
set search_path = ''
as $$
declare
  v_tier jsonb;
begin
  -- One look at the settings and the profile: this runs before every vote and message.
  select l.value -> p_action -> case
    when p.created_at > now() - make_interval(hours => (h.value #>> '{}')::integer) then 'new' else 'usual'
  end
  into v_tier
  from core.settings as l
  join core.settings as h on h.key = 'social.new_account_hours'
  left join core.profiles as p on p.id = p_user_id
  where l.key = 'social.limits';
  if v_tier is null then
    raise exception 'no limit is set for %', p_action;
  end if;
  perform private.rate_limit(
    format('social:%s:%s', p_action, p_user_id), (v_tier ->> 'burst')::integer, (v_tier ->> 'per_hour')::numeric / 3600
  );
end;
$$;
comment on function private.social_limit(text, uuid) is
  'Takes one from a person''s allowance for post, comment, question, answer, vote, follow, message, room, upload or ai; rate_limited (429), with the seconds to wait in the detail, when it is used up.';

insert into core.settings (key, value, description) values
  ('social.new_account_hours', '24', 'How long an account counts as new and writes under smaller limits.'),
  ('social.limits', '{
    "post": {"usual": {"burst": 20, "per_hour": 30}, "new": {"burst": 5, "per_hour": 5}},
    "comment": {"usual": {"burst": 40, "per_hour": 200}, "new": {"burst": 15, "per_hour": 40}},
    "question": {"usual": {"burst": 15, "per_hour": 20}, "new": {"burst": 5, "per_hour": 5}},
    "answer": {"usual": {"burst": 20, "per_hour": 60}, "new": {"burst": 8, "per_hour": 15}},
    "vote": {"usual": {"burst": 200, "per_hour": 1200}, "new": {"burst": 60, "per_hour": 200}},
    "reaction": {"usual": {"burst": 200, "per_hour": 1200}, "new": {"burst": 60, "per_hour": 200}},
    "follow": {"usual": {"burst": 60, "per_hour": 200}, "new": {"burst": 20, "per_hour": 40}},
    "message": {"usual": {"burst": 60, "per_hour": 1800}, "new": {"burst": 30, "per_hour": 300}},
    "room": {"usual": {"burst": 20, "per_hour": 30}, "new": {"burst": 5, "per_hour": 5}},
    "upload": {"usual": {"burst": 20, "per_hour": 30}, "new": {"burst": 5, "per_hour": 5}},
    "ai": {"usual": {"burst": 10, "per_hour": 10}, "new": {"burst": 3, "per_hour": 3}}
  }', 'How much one person may write: burst at once, then per_hour. new: accounts younger than social.new_account_hours.');

revoke execute on function
  private.social_content(text, uuid, uuid), private.social_require_content(text, uuid, uuid), private.social_limit(text, uuid)
  from public, anon, authenticated;
