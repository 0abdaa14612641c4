-- What of social can be reported and moderated: core asks these functions, by the names in core.moderated_kinds.

-- Reported is what one sees. What its author deleted can still be reported: the moderators see what it said.
create function private.social_moderated(
  p_type text, p_id uuid, p_viewer_id uuid,
  out author_id uuid, out title text, out excerpt text, out link text, out is_visible boolean, out is_hidden boolean
)
returns record
language plpgsql
stable
security definer -- called by private.moderated_thing; not executable by clients
set search_path = ''
as $$
declare
  v_content record;
  v_is_there boolean;
begin
  case p_type
    when 'post' then
      select true, p.title || E'\n' || p.content, p.hidden_at is not null
      into v_is_there, excerpt, is_hidden from social.posts as p where p.id = p_id;
    when 'comment' then
      select true, c.content, c.hidden_at is not null
      into v_is_there, excerpt, is_hidden from social.comments as c where c.id = p_id;
    when 'question' then
      select true, q.title || E'\n' || q.content, q.hidden_at is not null
      into v_is_there, excerpt, is_hidden from social.questions as q where q.id = p_id;
    when 'answer' then
      select true, a.content, a.hidden_at is not null
      into v_is_there, excerpt, is_hidden from social.answers as a where a.id = p_id;
    when 'ai_answer' then
      select true, a.answer_text, a.hidden_at is not null
      into v_is_there, excerpt, is_hidden from social.ai_answers as a where a.id = p_id and a.status = 'completed';
    when 'resource' then
      select true, concat_ws(E'\n', r.title, r.file_name, r.description), r.hidden_at is not null
      into v_is_there, excerpt, is_hidden from social.resources as r where r.id = p_id;
    else
      null;
  end case;
  if v_is_there is null then
    return;
  end if;
  v_content := private.social_content(p_type, p_id, p_viewer_id);
  author_id := v_content.author_id;
  title := v_content.title;
  link := v_content.link;
  is_visible := p_viewer_id is null or v_content.is_visible;
  if v_content.is_removed then
    -- Of an AI answer whose question was removed the text is still there.
    excerpt := coalesce((
      select v.title || E'\n' || v.content from social.content_versions as v
      where v.content_id = p_id and v.change in ('delete', 'hide')
      order by v.version desc limit 1
    ), excerpt);
  end if;
  excerpt := btrim(excerpt, E'\n ');
end;
$$;
comment on function private.social_moderated(text, uuid, uuid) is 'Looks up a thing of social for the moderators, with what it said.';

create function private.social_hide(p_type text, p_id uuid, p_actor_id uuid)
returns void
language plpgsql
volatile
security definer -- called by private.carry_out; not executable by clients
set search_path = ''
as $$
begin
  perform private.social_remove(p_type, p_id, 'hide', p_actor_id);
end;
$$;
comment on function private.social_hide(text, uuid, uuid) is 'Hides a thing of social.';

create function private.social_show(p_type text, p_id uuid, p_actor_id uuid)
returns void
language plpgsql
volatile
security definer -- called by private.carry_out; not executable by clients
set search_path = ''
as $$
begin
  perform private.social_unhide(p_type, p_id);
end;
$$;
comment on function private.social_show(text, uuid, uuid) is 'Shows a hidden thing of social again.';

insert into core.moderated_kinds (module, entity_type, lookup_function, hide_function, unhide_function, description)
select 'social', k.kind, 'social_moderated', 'social_hide', 'social_show', k.description
from (values
  ('post', 'Posts.'), ('comment', 'Comments.'), ('question', 'Questions to the community.'), ('answer', 'Answers of people.'),
  ('ai_answer', 'Answers of AI. They have no author to warn.'), ('resource', 'Shared files.')
) as k (kind, description);

revoke execute on function
  private.social_moderated(text, uuid, uuid), private.social_hide(text, uuid, uuid), private.social_show(text, uuid, uuid)
  from public, anon, authenticated;
