-- Reactions. Each kind once a person and thing; totals are counted where they are read, since nobody orders by them.

alter table social.reactions enable row level security;
revoke all on social.reactions from public, anon, authenticated;
grant select on social.reactions to authenticated;
grant select, insert, update, delete on social.reactions to service_role;
create policy reactions_select_own on social.reactions for select to authenticated
  using (user_id = (select auth.uid()));

create function private.social_reaction_totals(p_id uuid)
returns jsonb
language plpgsql
stable
security definer -- sums are everybody's, who reacted is not
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_object_agg(r.reaction, r.total), '{}')
    from (select x.reaction, count(*) as total from social.reactions as x where x.content_id = p_id group by x.reaction) as r
  );
end;
$$;
comment on function private.social_reaction_totals(uuid) is 'How often each reaction was given to a thing: {"helpful": 3, …}.';

create function private.social_react(p_type text, p_id uuid, p_reaction text, p_is_given boolean)
returns jsonb
language plpgsql
volatile
security definer -- reactions are written by nobody else
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
begin
  if not coalesce(p_type in ('post', 'comment', 'question', 'answer', 'ai_answer'), false) then
    raise sqlstate 'PT422' using
      message = 'not_reactable',
      detail = 'Reactions are for posts, comments, questions, answers and AI answers.',
      hint = 'Send one of these as p_type.';
  end if;
  if not exists (select from social.reaction_types as t where t.reaction = p_reaction) then
    raise sqlstate 'PT422' using
      message = 'unknown_reaction', detail = 'There is no such reaction.', hint = 'Take one from social.reaction_types.';
  end if;
  perform private.social_limit('reaction', v_user_id);
  -- As with votes: keys before rows.
  perform from core.profiles as p where p.id = v_user_id for key share;
  if not found then
    v_user_id := private.require_user();
  end if;
  perform from social.contents as c where c.id = p_id for key share;
  perform private.social_require_content(p_type, p_id, v_user_id);
  if p_is_given then
    insert into social.reactions (user_id, content_id, content_type, reaction)
    values (v_user_id, p_id, p_type, p_reaction)
    on conflict do nothing;
  else
    delete from social.reactions as r where r.user_id = v_user_id and r.content_id = p_id and r.reaction = p_reaction;
  end if;
  return private.social_reaction_totals(p_id);
end;
$$;
comment on function private.social_react(text, uuid, text, boolean) is 'See social.react and social.unreact.';

create function social.react(p_type text, p_id uuid, p_reaction text)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.social_react(p_type, p_id, p_reaction, true); $$;
comment on function social.react(text, uuid, text) is
  'Gives a reaction to a post, comment, question, answer or ai_answer; twice is once. Returns how often each was given.';

create function social.unreact(p_type text, p_id uuid, p_reaction text)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$ select private.social_react(p_type, p_id, p_reaction, false); $$;
comment on function social.unreact(text, uuid, text) is 'Takes a reaction back. Returns how often each was given.';

revoke execute on function
  private.social_reaction_totals(uuid), private.social_react(text, uuid, text, boolean),
  social.react(text, uuid, text), social.unreact(text, uuid, text)
  from public, anon, authenticated;
grant execute on function
  private.social_react(text, uuid, text, boolean), social.react(text, uuid, text), social.unreact(text, uuid, text)
  to authenticated;
