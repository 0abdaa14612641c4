-- Mentions: @username in a post, comment, question or answer. A row for each person named, once for all edits; the trigger
-- on this table that tells him is in the file of notifications.

insert into core.settings (key, value, description) values
  ('social.max_mentions', '10', 'How many people one text may name; edits included, so that nobody names hundreds one after the other.');

create function private.mentioned_usernames(p_text text)
returns text[]
language sql
immutable
security invoker
set search_path = ''
as $$
  -- Not within a word, an address or a path: ann@example.org and lib/@scope name nobody.
  select coalesce(array_agg(n.name order by n.place), '{}')
  from (
    select lower(m.found[1]) as name, min(m.place) as place
    from regexp_matches(p_text, '(?<![\w@./+-])@([A-Za-z][A-Za-z0-9_]{2,29})(?![\w@])', 'g') with ordinality as m (found, place)
    group by lower(m.found[1])
  ) as n;
$$;
comment on function private.mentioned_usernames(text) is 'The usernames after @ in a text, in lower case, in their order, each once.';

create function private.social_mention(p_kind text, p_id uuid, p_actor_id uuid, p_text text)
returns void
language plpgsql
volatile
security definer -- writes rows for other people
set search_path = ''
as $$
declare
  v_names text[] := private.mentioned_usernames(p_text);
  v_room integer;
begin
  if p_actor_id is null or cardinality(v_names) = 0 then
    return;
  end if;
  v_room := private.setting_number('social.max_mentions')
    - (select count(*) from social.mentions as m where m.content_id = p_id);
  insert into social.mentions (content_id, user_id, actor_id)
  select p_id, w.id, p_actor_id
  from (
    select p.id
    from unnest(v_names[1:100]) with ordinality as n (name, place)
    join core.profiles as p on p.username operator(extensions.=) n.name::extensions.citext
    cross join lateral private.social_content(p_kind, p_id, p.id) as c
    where p.is_active and p.id <> p_actor_id and c.is_visible and not c.is_removed
      and not exists (select from social.mentions as m where m.content_id = p_id and m.user_id = p.id)
    order by n.place
    limit greatest(v_room, 0)
    -- Whose account is being deleted now is left out, and not waited for: it may be his post that this comment holds.
    for key share of p skip locked
  ) as w
  on conflict do nothing;
end;
$$;
comment on function private.social_mention(text, uuid, uuid, text) is
  'Makes the rows of those whom a text names: active people who may see it, not its author, ten at most.';

create function private.tg__social_mention()
returns trigger
language plpgsql
security definer -- writes rows for other people
set search_path = ''
as $$
begin
  perform private.social_mention(
    tg_argv[0], new.id, new.author_id, coalesce(to_jsonb(new) ->> 'title', '') || E'\n' || new.content
  );
  return null;
end;
$$;
comment on function private.tg__social_mention() is 'Trigger: finds whom a new or edited text names; its argument is the kind.';

create trigger _400_mention
  after insert or update of title, content, is_published on social.posts
  for each row when (new.is_published and position('@' in new.title || new.content) > 0)
  execute function private.tg__social_mention('post');
create trigger _400_mention
  after insert or update of content on social.comments
  for each row when (position('@' in new.content) > 0)
  execute function private.tg__social_mention('comment');
create trigger _400_mention
  after insert or update of title, content on social.questions
  for each row when (position('@' in new.title || new.content) > 0)
  execute function private.tg__social_mention('question');
create trigger _400_mention
  after insert or update of content on social.answers
  for each row when (position('@' in new.content) > 0)
  execute function private.tg__social_mention('answer');

alter table social.mentions enable row level security;
revoke all on social.mentions from public, anon, authenticated;
grant select on social.mentions to authenticated;
grant select, insert, update, delete on social.mentions to service_role;

create policy mentions_select_mentioned on social.mentions
  for select to authenticated
  using (
    user_id = (select auth.uid())
    and (actor_id is null or actor_id <> all ((select private.my_block_ids())::uuid[]))
  );

revoke execute on function
  private.mentioned_usernames(text), private.social_mention(text, uuid, uuid, text), private.tg__social_mention()
  from public, anon, authenticated;
