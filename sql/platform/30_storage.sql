-- Who may reach the tables of Storage. Runs after Storage has made them (with their row-level
-- security and helpers such as `storage.foldername`); safe to run again.
--
-- As on hosted Supabase the API roles hold the table rights and the policies of the project decide.
-- Truncate is no API operation and passes over row-level security, so nobody gets it.

grant usage on schema storage to anon, authenticated, service_role;
grant select, insert, update, delete on storage.buckets, storage.objects
  to anon, authenticated, service_role;
grant execute on all functions in schema storage to anon, authenticated, service_role;

-- Over native Postgres the Storage of the local stack hands JSON over as a quoted string.
create or replace function storage.tg__unquote_json() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if jsonb_typeof(new.metadata) = 'string' then
    new.metadata := (new.metadata #>> '{}')::jsonb;
  end if;
  if jsonb_typeof(new.user_metadata) = 'string' then
    new.user_metadata := (new.user_metadata #>> '{}')::jsonb;
  end if;
  return new;
end
$$;
revoke execute on function storage.tg__unquote_json() from public;

create or replace trigger _000_unquote_json
  before insert or update on storage.objects
  for each row execute function storage.tg__unquote_json();
