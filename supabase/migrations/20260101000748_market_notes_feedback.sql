-- What the two say to each other around a session: the link, notes, and feedback once it was completed.

create function private.market_set_meeting_link(p_booking_id uuid, p_link text)
returns market.bookings
language plpgsql
volatile
security definer -- writes bookings for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_link text := nullif(private.clean_text(p_link, 'link', 0, 500), '');
  v_booking market.bookings := private.booking_enter(p_booking_id, v_user_id);
begin
  if private.booking_party(v_booking, v_user_id) is distinct from 'tutor' then
    perform private.booking_role_required('tutor');
  end if;
  if v_link !~ '^https://[^\s<>"]+$' or length(v_link) > 500 then
    raise sqlstate 'PT422' using
      message = 'link_invalid', detail = 'A meeting link begins with https:// and has at most 498 characters.', hint = 'Copy it once more.';
  end if;
  perform private.booking_expect(v_booking, '{scheduled}');
  if v_booking.meeting_link is not distinct from v_link then
    return v_booking;
  end if;
  perform private.limit_action('market.booking_limits', 'link', v_user_id::text);
  update market.bookings as b set meeting_link = v_link, calendar_sequence = b.calendar_sequence + 1
  where b.id = v_booking.id
  returning * into v_booking;
  perform private.booking_tell(v_booking, 'booking_link', 'learner');
  return v_booking;
end;
$$;
comment on function private.market_set_meeting_link(uuid, text) is 'Behind market.set_meeting_link.';

create function private.tg_booking_notes__check()
returns trigger
language plpgsql
volatile
security definer -- counts notes and tells the other one; the policy has decided whether he may write
set search_path = ''
as $$
declare
  v_max integer := private.setting_number('market.max_notes');
  v_booking market.bookings;
  v_other uuid;
begin
  new.content := private.clean_text(new.content, 'content', 1, 8000);
  perform private.limit_action('market.booking_limits', 'note', new.author_id::text);
  if tg_op = 'INSERT' and (
    select count(*) from market.booking_notes as n where n.booking_id = new.booking_id and n.author_id = new.author_id
  ) >= v_max then
    raise sqlstate 'PT409' using
      message = 'too_many_notes',
      detail = format('You have %s notes on this booking.', v_max),
      hint = 'Change one of them.';
  end if;
  if new.is_shared and (tg_op = 'INSERT' or not old.is_shared) then
    select * into v_booking from market.bookings as b where b.id = new.booking_id;
    v_other := case private.booking_party(v_booking, new.author_id)
      when 'learner' then v_booking.tutor_id when 'tutor' then v_booking.learner_id
    end;
    if v_other is not null then
      perform private.notify(
        v_other, 'booking_note', 'info', 'New note on a session', v_booking.title,
        jsonb_build_object('booking_id', new.booking_id, 'actor_id', new.author_id), '/bookings/' || new.booking_id,
        'booking_note:' || new.booking_id
      );
    end if;
  end if;
  return new;
end;
$$;
comment on function private.tg_booking_notes__check() is
  'Trigger: text_required, text_too_long, markup_not_allowed (422), too_many_notes (409), rate_limited (429); tells the other one of a note that is shared.';

create trigger _200_check before insert or update on market.booking_notes
  for each row execute function private.tg_booking_notes__check();
create trigger _900_touch_updated_at before update on market.booking_notes
  for each row execute function private.tg__touch_updated_at();

create function private.market_give_feedback(p_booking_id uuid, p_rating integer, p_review text)
returns void
language plpgsql
volatile
security definer -- writes feedback for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_review text := private.clean_text(coalesce(p_review, ''), 'review', 0, 2000);
  v_days integer := private.setting_number('market.feedback_days');
  v_booking market.bookings := private.booking_enter(p_booking_id, v_user_id);
  v_feedback market.session_feedback;
begin
  if private.booking_party(v_booking, v_user_id) is distinct from 'learner' then
    perform private.booking_role_required('learner');
  end if;
  if p_rating is null or p_rating not between 1 and 5 then
    raise sqlstate 'PT422' using message = 'invalid_rating', detail = 'A rating is 1 to 5.', hint = 'Send one of these.';
  end if;
  select * into v_feedback from market.session_feedback as f where f.booking_id = p_booking_id;
  if found then
    -- A retry.
    if v_feedback.rating = p_rating and v_feedback.review = v_review then
      return;
    end if;
    raise sqlstate 'PT409' using
      message = 'feedback_given', detail = 'Feedback is given once.', hint = 'Show what was said.';
  end if;
  perform private.booking_expect(v_booking, '{completed}');
  if v_booking.ends_at < clock_timestamp() - make_interval(days => v_days) then
    raise sqlstate 'PT409' using
      message = 'feedback_too_late', detail = format('Feedback is taken for %s days.', v_days), hint = 'Book again.';
  end if;
  insert into market.session_feedback (booking_id, tutor_id, learner_id, rating, review)
  values (v_booking.id, v_booking.tutor_id, v_user_id, p_rating, v_review);
  perform private.notify(
    v_booking.tutor_id, 'booking_feedback', 'info', 'New feedback', v_booking.title,
    jsonb_build_object('booking_id', v_booking.id, 'rating', p_rating, 'actor_id', v_user_id), '/bookings/' || v_booking.id
  );
end;
$$;
comment on function private.market_give_feedback(uuid, integer, text) is 'Behind market.give_feedback.';

create function private.market_reply_to_feedback(p_booking_id uuid, p_reply text)
returns void
language plpgsql
volatile
security definer -- writes feedback for a caller whom it has checked
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_reply text := private.clean_text(coalesce(p_reply, ''), 'reply', 0, 2000);
  v_booking market.bookings := private.booking_enter(p_booking_id, v_user_id);
  v_feedback market.session_feedback;
begin
  if private.booking_party(v_booking, v_user_id) is distinct from 'tutor' then
    perform private.booking_role_required('tutor');
  end if;
  select * into v_feedback from market.session_feedback as f where f.booking_id = p_booking_id for no key update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'feedback_not_found', detail = 'Nobody has said anything of this session.', hint = 'Reply when somebody has.';
  end if;
  if v_feedback.hidden_at is not null then
    raise sqlstate 'PT409' using
      message = 'content_removed', detail = 'It was deleted or hidden.', hint = 'Reload the page.';
  end if;
  if v_feedback.reply = v_reply then
    return;
  end if;
  perform private.limit_action('market.booking_limits', 'reply', v_user_id::text);
  update market.session_feedback as f set reply = v_reply where f.booking_id = p_booking_id;
  if v_feedback.reply = '' and v_booking.learner_id is not null then
    perform private.notify(
      v_booking.learner_id, 'booking_feedback_reply', 'info', 'Your tutor replied', v_booking.title,
      jsonb_build_object('booking_id', v_booking.id, 'actor_id', v_user_id), '/bookings/' || v_booking.id
    );
  end if;
end;
$$;
comment on function private.market_reply_to_feedback(uuid, text) is 'Behind market.reply_to_feedback.';

create function market.set_meeting_link(p_booking_id uuid, p_link text)
returns market.bookings language sql volatile security invoker set search_path = ''
as $$ select private.market_set_meeting_link(p_booking_id, p_link); $$;
comment on function market.set_meeting_link(uuid, text) is
  'The tutor says where a scheduled session takes place; empty takes it away. The learner is told. Errors: booking_not_found (404), tutor_required (403), link_invalid (422), booking_moved, booking_state (409), rate_limited (429).';

create function market.give_feedback(p_booking_id uuid, p_rating integer, p_review text default '')
returns void language sql volatile security invoker set search_path = ''
as $$ select private.market_give_feedback(p_booking_id, p_rating, p_review); $$;
comment on function market.give_feedback(uuid, integer, text) is
  'The learner rates a completed session, 1 to 5, once; the same again changes nothing. Shown to everybody signed in, without his name. Errors: booking_not_found (404), learner_required (403), invalid_rating, text_too_long, markup_not_allowed (422), feedback_given, feedback_too_late, booking_state (409).';

create function market.reply_to_feedback(p_booking_id uuid, p_reply text)
returns void language sql volatile security invoker set search_path = ''
as $$ select private.market_reply_to_feedback(p_booking_id, p_reply); $$;
comment on function market.reply_to_feedback(uuid, text) is
  'The tutor replies to feedback, or changes his reply; empty takes it away. Errors: booking_not_found, feedback_not_found (404), tutor_required (403), content_removed (409), text_too_long, markup_not_allowed (422), rate_limited (429).';

revoke execute on function
  private.market_set_meeting_link(uuid, text), private.tg_booking_notes__check(),
  private.market_give_feedback(uuid, integer, text), private.market_reply_to_feedback(uuid, text),
  market.set_meeting_link(uuid, text), market.give_feedback(uuid, integer, text), market.reply_to_feedback(uuid, text)
  from public, anon, authenticated;
grant execute on function
  private.market_set_meeting_link(uuid, text), private.market_give_feedback(uuid, integer, text),
  private.market_reply_to_feedback(uuid, text), market.set_meeting_link(uuid, text),
  market.give_feedback(uuid, integer, text), market.reply_to_feedback(uuid, text)
  to authenticated;
