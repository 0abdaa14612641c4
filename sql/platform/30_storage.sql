-- Who may reach the tables of Storage. Runs after Storage has made them (with their row-level
-- security and helpers such as `storage.foldername`); safe to run again.
--
-- As on hosted Supabase the API roles hold the table rights and the policies of the project decide.
-- Truncate is no API operation and passes over row-level security, so nobody gets it.

grant usage on schema storage to anon, authenticated, service_role;
grant select, insert, update, delete on storage.buckets, storage.objects
  to anon, authenticated, service_role;
grant execute on all functions in schema storage to anon, authenticated, service_role;

