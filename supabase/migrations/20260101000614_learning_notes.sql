-- Notes that one writes for oneself while following a session: directly, within limits.

create function private.tg_user_notes__check()
returns trigger
language plpgsql
security definer -- looks up the session and counts notes for whoever writes
set search_path = ''
as $$
begin
  new.content := private.clean_text(new.content, 'content', 1, 20000);
  if tg_op = 'UPDATE' then
    return new;
  end if;
  if not exists (select from learning.sessions as s where s.id = new.session_id and s.user_id = new.user_id) then
    raise sqlstate 'PT404' using
      message = 'session_not_found', detail = 'There is no such session, or it is not yours.', hint = 'Check its id.';
  end if;
  if not private.is_service() then
    -- One person's notes are counted one after the other.
    perform private.limit_action('learning.limits', 'note', private.learning_enter_person()::text);
    if (select count(*) from learning.user_notes as n where n.user_id = new.user_id) >= private.setting_number('learning.max_notes') then
      raise sqlstate 'PT409' using
        message = 'note_limit_reached',
        detail = format('A person has %s notes at most.', private.setting_number('learning.max_notes')),
        hint = 'Delete some that are not needed.';
    end if;
  end if;
  return new;
end;
$$;
comment on function private.tg_user_notes__check() is
  'Trigger: text_required, text_too_long, markup_not_allowed (422), session_not_found (404), note_limit_reached (409), rate_limited (429).';
create trigger _200_check before insert or update on learning.user_notes
  for each row execute function private.tg_user_notes__check();
create trigger _900_touch_updated_at before update on learning.user_notes
  for each row execute function private.tg__touch_updated_at();

revoke execute on function private.tg_user_notes__check() from public, anon, authenticated;
