-- Bookmarks: written directly, by their owner only, on what he can see; read with what they stand for. A suspended person
-- reads his and writes none.

create function private.tg_bookmarks__check()
returns trigger
language plpgsql
security definer -- looks at the thing, and at the limits
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    if not private.is_service() then
      if new.user_id is distinct from private.require_user() then
        return new; -- the policy refuses it, and nothing is told about what another sees
      end if;
      perform private.social_limit('reaction', new.user_id);
      perform from core.profiles as p where p.id = new.user_id for key share;
    end if;
    select coalesce(new.content_type, c.kind) into new.content_type
    from social.contents as c where c.id = new.content_id for key share;
    perform private.social_require_content(new.content_type, new.content_id, new.user_id);
    new.created_at := clock_timestamp();
  end if;
  new.note := private.clean_text(coalesce(new.note, ''), 'note', 0, 500);
  return new;
end;
$$;
comment on function private.tg_bookmarks__check() is
  'Trigger: content_not_found (404), content_removed (409), rate_limited (429); cleans the note and finds out the kind.';

create trigger _100_check before insert or update of note on social.bookmarks
  for each row execute function private.tg_bookmarks__check();

alter table social.bookmarks enable row level security;
revoke all on social.bookmarks from public, anon, authenticated;
grant select, insert (content_id, content_type, note), update (note), delete on social.bookmarks to authenticated;
grant select, insert, update, delete on social.bookmarks to service_role;
create policy bookmarks_select_own on social.bookmarks for select to authenticated
  using (user_id = (select auth.uid()));
create policy bookmarks_insert_own on social.bookmarks for insert to authenticated
  with check (user_id = (select auth.uid()) and (select private.is_active_user()));
create policy bookmarks_update_own on social.bookmarks for update to authenticated
  using (user_id = (select auth.uid()) and (select private.is_active_user()))
  with check (user_id = (select auth.uid()) and (select private.is_active_user()));
create policy bookmarks_delete_own on social.bookmarks for delete to authenticated
  using (user_id = (select auth.uid()) and (select private.is_active_user()));

create function private.social_my_bookmarks(p_limit integer, p_cursor text)
returns table (
  content_type text, content_id uuid, title text, link text, note text, is_available boolean, created_at timestamptz, cursor text
)
language plpgsql
stable
security definer -- answers about the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_after record;
begin
  select c.at, c.id into v_after from private.social_read_cursor(p_cursor) as c;
  return query
  with page as materialized (
    select b.content_type, b.content_id, b.note, b.created_at
    from social.bookmarks as b
    where b.user_id = v_user_id and (b.created_at, b.content_id) < (v_after.at, v_after.id)
    order by b.created_at desc, b.content_id desc
    limit least(greatest(coalesce(p_limit, 20), 1), 100)
  )
  select
    p.content_type, p.content_id,
    -- What was removed, or is no longer for him, keeps its place and his note, and says nothing.
    case when c.is_visible and not c.is_removed then c.title end,
    case when c.is_visible and not c.is_removed then c.link end,
    p.note, c.is_visible and not c.is_removed, p.created_at, private.social_cursor(p.created_at, p.content_id)
  from page as p
  cross join lateral private.social_content(p.content_type, p.content_id, v_user_id) as c
  order by p.created_at desc, p.content_id desc;
end;
$$;
comment on function private.social_my_bookmarks(integer, text) is 'See social.my_bookmarks.';

create function social.my_bookmarks(p_limit integer default 20, p_cursor text default null)
returns table (
  content_type text, content_id uuid, title text, link text, note text, is_available boolean, created_at timestamptz, cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.social_my_bookmarks(p_limit, p_cursor); $$;
comment on function social.my_bookmarks(integer, text) is
  'Your bookmarks, the newest first, with the title and link of each thing; without these, and is_available false, when it was removed or is no longer for you. Pass the cursor of the last row for the next page.';

revoke execute on function
  private.tg_bookmarks__check(), private.social_my_bookmarks(integer, text), social.my_bookmarks(integer, text)
  from public, anon, authenticated;
grant execute on function private.social_my_bookmarks(integer, text), social.my_bookmarks(integer, text) to authenticated;
