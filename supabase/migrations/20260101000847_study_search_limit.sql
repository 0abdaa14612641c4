-- How often a person may search by meaning: each search costs an embedding.

create function private.study_take_search(p_user_id uuid)
returns boolean
language plpgsql
volatile
security definer -- writes rate limits; executable by services
set search_path = ''
as $$
begin
  perform private.limit_action('study.limits', 'search', p_user_id::text);
  return true;
end;
$$;
comment on function private.study_take_search(uuid) is 'See study.take_search.';

create function study.take_search(p_user_id uuid)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_take_search(p_user_id); $$;
comment on function study.take_search(uuid) is 'Services: takes one from the allowance of searches of a person; rate_limited (429).';

revoke execute on function private.study_take_search(uuid), study.take_search(uuid) from public, anon, authenticated;
grant execute on function private.study_take_search(uuid), study.take_search(uuid) to service_role;
