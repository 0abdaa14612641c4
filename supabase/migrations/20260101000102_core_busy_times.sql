-- When a person is busy. Whoever plans something for a person asks here; core does not know the modules: each names, in a
-- row, the function that knows when one of its things takes up somebody's time. A module that is left out keeps nobody busy.

create table core.busy_sources (
  module text primary key,
  busy_function text not null,
  description text not null default '',
  constraint busy_sources_module_check check (module ~ '^[a-z_]{2,40}$'),
  constraint busy_sources_busy_function_check check (busy_function ~ '^[a-z_][a-z0-9_]*$')
);
comment on table core.busy_sources is 'Modules that keep people busy, each with the function that says when. Read by private.busy_times alone.';
comment on column core.busy_sources.busy_function is
  'In schema private: (user_id uuid, from timestamptz, to timestamptz) returns tstzmultirange, at least of what lies between the two.';

alter table core.busy_sources enable row level security;
revoke all on core.busy_sources from public, anon, authenticated;
grant select on core.busy_sources to service_role;

create function private.busy_times(p_user_id uuid, p_from timestamptz, p_to timestamptz)
returns tstzmultirange
language plpgsql
stable
security definer -- asks all modules about one person, for callers that plan for that person; not executable by clients
set search_path = ''
as $$
declare
  v_function text;
  v_times tstzmultirange;
  v_busy tstzmultirange := '{}'::tstzmultirange;
begin
  if p_from is null or p_to is null or p_from > p_to or p_to - p_from > interval '366 days' then
    raise sqlstate 'PT422' using
      message = 'range_invalid',
      detail = 'A range goes from a moment to a later one, over 366 days at most.',
      hint = 'Ask for less at once.';
  end if;
  for v_function in select s.busy_function from core.busy_sources as s order by s.module loop
    execute format('select private.%I($1, $2, $3)', v_function) into v_times using p_user_id, p_from, p_to;
    v_busy := v_busy + coalesce(v_times, '{}');
  end loop;
  return v_busy * tstzmultirange(tstzrange(p_from, p_to));
end;
$$;
comment on function private.busy_times(uuid, timestamptz, timestamptz) is
  'When a person is busy from one moment until before another, as all modules say that are there (core.busy_sources); range_invalid (422).';

revoke execute on function private.busy_times(uuid, timestamptz, timestamptz) from public, anon, authenticated;
