-- Each thing enters social.contents before it is there, and leaves it, with votes, bookmarks and all, when it goes.

create function private.tg__social_register()
returns trigger
language plpgsql
security definer -- contents is written by nobody else
set search_path = ''
as $$
begin
  insert into social.contents (id, kind) values (new.id, tg_argv[0]);
  return new;
end;
$$;
comment on function private.tg__social_register() is 'Trigger: makes the row in social.contents; its argument is the kind.';

create function private.tg__social_unregister()
returns trigger
language plpgsql
security definer -- contents is written by nobody else
set search_path = ''
as $$
begin
  delete from social.contents as c where c.id = old.id;
  return null;
end;
$$;
comment on function private.tg__social_unregister() is 'Trigger: removes the row in social.contents of a thing that is gone.';

do $$
declare
  v_table text;
begin
  foreach v_table in array array['posts', 'comments', 'questions', 'answers', 'ai_answers', 'resources'] loop
    execute format(
      'create trigger _050_register before insert on social.%1$I for each row execute function private.tg__social_register(%2$L)',
      v_table, left(v_table, -1)
    );
    execute format(
      'create trigger _950_unregister after delete on social.%I for each row execute function private.tg__social_unregister()',
      v_table
    );
    execute format(
      'create trigger _900_touch_updated_at before update on social.%I for each row execute function private.tg__touch_updated_at()',
      v_table
    );
  end loop;
end;
$$;

-- The contents row itself is nobody's business: what it stands for has policies of its own.
alter table social.contents enable row level security;
revoke all on social.contents from public, anon, authenticated;
grant select, delete on social.contents to service_role;

revoke execute on function private.tg__social_register(), private.tg__social_unregister() from public, anon, authenticated;
