-- What comes in as JSON: the resources of a session, and whole sessions.

create function private.learning_session_invalid(p_detail text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT422' using message = 'session_invalid', detail = p_detail, hint = 'Correct it; see docs/learning.md.';
end;
$$;
comment on function private.learning_session_invalid(text) is 'Raises session_invalid (422).';

create function private.learning_resources(p_resources jsonb)
returns jsonb
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_item jsonb;
  v_clean jsonb := '[]'::jsonb;
begin
  if jsonb_typeof(p_resources) is distinct from 'array' then
    perform private.learning_session_invalid('resources is an array.');
  end if;
  if jsonb_array_length(p_resources) > 30 or octet_length(p_resources::text) > 32768 then
    perform private.learning_session_invalid('A session has 30 resources at most, of 32 kB in all.');
  end if;
  for v_item in select e.value from jsonb_array_elements(p_resources) as e loop
    if jsonb_typeof(v_item) <> 'object' or jsonb_typeof(v_item -> 'title') is distinct from 'string' then
      perform private.learning_session_invalid('A resource is an object with a title.');
    end if;
    v_item := v_item || jsonb_build_object('title', private.clean_text(v_item ->> 'title', 'resources.title', 1, 255));
    if v_item ? 'url' then
      if v_item - array['title', 'url'] <> '{}' or jsonb_typeof(v_item -> 'url') <> 'string'
        or length(v_item ->> 'url') > 2000 or v_item ->> 'url' !~* '^https?://[^[:space:][:cntrl:]<>"''\\^`{|}]+$'
      then
        perform private.learning_session_invalid('A link is {title, url}, with an address that begins with http:// or https://.');
      end if;
    else
      if v_item - array['title', 'document_id', 'quote', 'locator'] <> '{}'
        or coalesce(v_item ->> 'document_id', '') !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        or jsonb_typeof(coalesce(v_item -> 'quote', '""')) <> 'string'
        or jsonb_typeof(coalesce(v_item -> 'locator', '{}')) <> 'object'
        or private.contains_markup(coalesce(v_item ->> 'locator', ''))
      then
        perform private.learning_session_invalid('A passage is {title, document_id, quote, locator}; document_id is that of a search document.');
      end if;
      v_item := v_item || jsonb_build_object('quote', private.clean_text(v_item ->> 'quote', 'resources.quote', 0, 2000));
    end if;
    v_clean := v_clean || jsonb_build_array(v_item);
  end loop;
  if octet_length(v_clean::text) > 32768 then
    perform private.learning_session_invalid('The resources of a session are 32 kB at most.');
  end if;
  return v_clean;
end;
$$;
comment on function private.learning_resources(jsonb) is
  'Links and passages of a session, cleaned; session_invalid, text_required, text_too_long, markup_not_allowed (422).';

-- What a client, a template or the provider of AI sends as sessions, looked at one by one before anything is written.
create function private.learning_read_sessions(p_sessions jsonb)
returns jsonb
language plpgsql
stable
security definer -- reads settings
set search_path = ''
as $$
declare
  v_max integer := least(private.setting_number('learning.max_sessions'), 200);
  v_item jsonb;
  v_no integer := 0;
  v_read jsonb := '[]'::jsonb;
begin
  if jsonb_typeof(p_sessions) is distinct from 'array' then
    perform private.learning_session_invalid('Sessions are an array of objects.');
  end if;
  if jsonb_array_length(p_sessions) > v_max then
    raise sqlstate 'PT409' using
      message = 'curriculum_full',
      detail = format('A curriculum holds %s sessions at most.', v_max),
      hint = 'Make two curricula of it.';
  end if;
  for v_item in select e.value from jsonb_array_elements(p_sessions) with ordinality as e (value, no) order by e.no loop
    v_no := v_no + 1;
    if jsonb_typeof(v_item) <> 'object' then
      perform private.learning_session_invalid(format('Session %s is no object.', v_no));
    end if;
    v_item := jsonb_strip_nulls(v_item - 'resources')
      || case when jsonb_typeof(v_item -> 'resources') <> 'null' then jsonb_build_object('resources', v_item -> 'resources') else '{}' end;
    if v_item - array['title', 'objectives', 'materials', 'resources', 'notes', 'duration', 'requires'] <> '{}'
      or jsonb_typeof(coalesce(v_item -> 'title', '""')) <> 'string'
      or jsonb_typeof(coalesce(v_item -> 'materials', '""')) <> 'string'
      or jsonb_typeof(coalesce(v_item -> 'notes', '""')) <> 'string'
      or jsonb_path_exists(v_item, 'strict $.objectives ? (@.type() != "array")', silent => true)
      or jsonb_path_exists(v_item, 'strict $.objectives[*] ? (@.type() != "string")', silent => true)
      or jsonb_typeof(coalesce(v_item -> 'duration', '5')) <> 'number' or coalesce(v_item ->> 'duration', '5') !~ '^\d{1,3}$'
    then
      perform private.learning_session_invalid(format(
        'Session %s: title, materials and notes are texts, objectives an array of texts, duration a whole number, and there is nothing else but resources and requires.', v_no
      ));
    end if;
    if jsonb_typeof(coalesce(v_item -> 'requires', '[]')) <> 'array' or exists (
      select from jsonb_array_elements(case when jsonb_typeof(v_item -> 'requires') = 'array' then v_item -> 'requires' else '[]' end) as r
      where jsonb_typeof(r.value) <> 'number' or r.value::text !~ '^\d{1,3}$' or r.value::text::integer not between 1 and v_no - 1
    ) then
      perform private.learning_session_invalid(format('Session %s: requires is an array of the numbers of sessions before it.', v_no));
    end if;
    v_read := v_read || jsonb_build_array(v_item);
  end loop;
  return v_read;
end;
$$;
comment on function private.learning_read_sessions(jsonb) is
  'Checks the form of sessions that came as JSON: session_invalid (422), curriculum_full (409). Their texts are checked when they are written.';

revoke execute on function
  private.learning_session_invalid(text), private.learning_resources(jsonb), private.learning_read_sessions(jsonb)
  from public, anon, authenticated;
