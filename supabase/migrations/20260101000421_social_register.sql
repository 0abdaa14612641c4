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
  v_table record;
begin
  -- What a person or a worker changes moves updated_at; counters do not.
  for v_table in
    select * from (values
      ('posts', 'title, content, category, is_published, deleted_at, hidden_at'),
      ('comments', 'content, deleted_at, hidden_at'),
      ('questions', 'title, content, category, accepted_answer_id, closed_at, deleted_at, hidden_at'),
      ('answers', 'content, deleted_at, hidden_at'),
      ('ai_answers', 'status, answer_text, hidden_at'),
      ('resources', 'title, description, category, is_public, status, deleted_at, hidden_at')
    ) as t (name, columns)
  loop
    execute format(
      'create trigger _050_register before insert on social.%1$I for each row execute function private.tg__social_register(%2$L)',
      v_table.name, left(v_table.name, -1)
    );
    execute format(
      'create trigger _950_unregister after delete on social.%I for each row execute function private.tg__social_unregister()',
      v_table.name
    );
    execute format(
      'create trigger _900_touch_updated_at before update of %s on social.%I for each row execute function private.tg__touch_updated_at()',
      v_table.columns, v_table.name
    );
  end loop;
end;
$$;

-- The contents row itself is nobody's business: what it stands for has policies of its own.
alter table social.contents enable row level security;
revoke all on social.contents from public, anon, authenticated;
grant select, delete on social.contents to service_role;

revoke execute on function private.tg__social_register(), private.tg__social_unregister() from public, anon, authenticated;
