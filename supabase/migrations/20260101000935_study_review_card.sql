-- Reviewing a card and what follows, undoing it, and what would follow.

update core.settings set value = value || '{"review": {"burst": 600, "per_hour": 6000}}' where key = 'study.limits';

create function private.study_own_card(p_card_id uuid, p_user_id uuid)
returns study.sm2_review_cards
language plpgsql
volatile
security definer -- locks a card of whoever is acted for
set search_path = ''
as $$
declare
  v_card study.sm2_review_cards;
begin
  perform private.study_learner(p_user_id);
  select * into v_card from study.sm2_review_cards as c where c.id = p_card_id and c.user_id = p_user_id for update;
  if not found then
    raise sqlstate 'PT404' using message = 'card_not_found', detail = 'You have no such card.', hint = 'Check the id.';
  end if;
  return v_card;
end;
$$;
comment on function private.study_own_card(uuid, uuid) is
  'A card of a learner, locked, with his totals first; card_not_found (404) when it is somebody else''s or gone.';

create function private.study_review_card(
  p_user_id uuid, p_card_id uuid, p_rating integer, p_quality integer, p_duration_ms bigint, p_review_no integer, p_at timestamptz
)
returns study.review_logs
language plpgsql
volatile
security definer -- cards and logs have no direct writing
set search_path = ''
as $$
declare
  v_rating constant integer := coalesce(p_rating, case when p_quality < 3 then 1 else p_quality - 1 end);
  v_quality constant integer := coalesce(p_quality, private.study_quality(p_rating));
  v_card study.sm2_review_cards;
  v_log study.review_logs;
  v_at timestamptz;
  v_most bigint;
  v_done integer;
begin
  if v_rating is null or v_rating not between 1 and 4 or v_quality not between 0 and 5 or v_rating <> greatest(v_quality - 1, 1) then
    raise sqlstate 'PT422' using
      message = 'rating_invalid',
      detail = 'A rating is 1 (again), 2 (hard), 3 (good) or 4 (easy); a quality, 0 to 5, fits it: 0 to 2 are again, 3 hard, 4 good, 5 easy.',
      hint = 'Send one of them, or two that fit.';
  end if;
  if p_duration_ms < 0 then
    raise sqlstate 'PT422' using
      message = 'duration_invalid', detail = 'A review takes no negative time.', hint = 'Send milliseconds from 0, or leave it out.';
  end if;
  v_card := private.study_own_card(p_card_id, p_user_id);
  select max(l.review_no) into v_done from study.review_logs as l where l.card_id = p_card_id and l.undone_at is null;
  if p_review_no <> coalesce(v_done, 0) + 1 then
    select * into v_log from study.review_logs as l
    where l.card_id = p_card_id and l.review_no = p_review_no and l.undone_at is null;
    if v_log.rating = v_rating and coalesce(v_log.quality, v_quality) = v_quality and v_log.attempt_id is null then
      return v_log; -- sent twice
    end if;
    raise sqlstate 'PT409' using
      message = 'review_out_of_turn',
      detail = format('The next review of this card is number %s.', coalesce(v_done, 0) + 1),
      hint = 'Fetch the due cards again: it was reviewed elsewhere, or a review of it was undone.';
  end if;
  if v_card.is_suspended then
    raise sqlstate 'PT409' using
      message = 'card_suspended', detail = 'A suspended card is not reviewed.', hint = 'Unsuspend it first.';
  end if;
  -- Whoever waited for the lock comes after who held it.
  v_at := greatest(p_at, v_card.last_reviewed_at);
  -- Nobody studied longer than it is since he studied last.
  v_most := least(
    private.setting_number('study.max_review_seconds') * 1000::bigint,
    (select (extract(epoch from greatest(v_at - l.last_studied_at, interval '0')) * 1000)::bigint from study.learners as l
      where l.user_id = p_user_id and l.last_studied_at is not null)
  );
  v_log := private.study_log_review(
    v_card, private.study_settings(p_user_id), v_rating, v_quality, least(coalesce(p_duration_ms, 0), v_most), null,
    private.study_day(p_user_id, v_at), v_at
  );
  perform private.study_play_review(p_user_id, v_log, v_at);
  perform private.study_mark_day(p_user_id, array[v_log.study_day]);
  perform private.study_announce(p_user_id, v_at);
  return v_log;
end;
$$;
comment on function private.study_review_card(uuid, uuid, integer, integer, bigint, integer, timestamptz) is
  'A review with all its consequences. p_rating 1–4 or p_quality 0–5, p_review_no: which review of the card this is (null: the next); the same one again returns its log. Errors: see study.review_card.';

create function private.study_undo_review(p_user_id uuid, p_card_id uuid, p_review_no integer, p_at timestamptz)
returns study.sm2_review_cards
language plpgsql
volatile
security definer -- cards and logs have no direct writing
set search_path = ''
as $$
declare
  v_card study.sm2_review_cards := private.study_own_card(p_card_id, p_user_id);
  v_settings constant study.learner_settings := private.study_settings(p_user_id);
  v_log study.review_logs;
  v_problem text;
begin
  select * into v_log from study.review_logs as l
  where l.card_id = p_card_id and l.undone_at is null order by l.review_no desc limit 1;
  if coalesce(v_log.review_no, 0) < p_review_no and exists (
    select from study.review_logs as l where l.card_id = p_card_id and l.review_no = p_review_no
  ) then
    return v_card; -- sent twice
  end if;
  v_problem := case
    when v_log.id is null then 'This card has no review.'
    when p_review_no <> v_log.review_no then format('The last review of this card is number %s.', v_log.review_no)
    when v_log.attempt_id is not null then 'Its last review is an answer to a question: answers stay.'
    when v_log.study_day <> private.study_day(p_user_id, p_at) then 'Its last review was not today.'
  end;
  if v_problem is not null then
    raise sqlstate 'PT409' using message = 'review_not_undoable', detail = v_problem, hint = 'Only the last review of a card is undone, on its day.';
  end if;
  update study.review_logs as l set undone_at = p_at where l.id = v_log.id;
  -- As it was before; computed anew when other rules have been laid on the card since.
  if v_settings.scheduler <> v_log.card_before ->> 'scheduler' or v_card.scheduler <> v_log.scheduler
    or v_card.stability is distinct from v_log.stability or v_card.interval_days <> v_log.interval_days
  then
    v_card := private.study_replay_card(jsonb_populate_record(v_card, v_log.card_before), v_settings);
  else
    v_card := jsonb_populate_record(v_card, v_log.card_before);
  end if;
  perform private.study_store_card(v_card);
  perform private.study_play_unreview(p_user_id, v_log, p_at);
  perform private.study_mark_day(p_user_id, array[v_log.study_day]);
  perform private.study_announce(p_user_id, p_at);
  return v_card;
end;
$$;
comment on function private.study_undo_review(uuid, uuid, integer, timestamptz) is 'See study.undo_review.';

create function private.study_preview_card(p_user_id uuid, p_card_id uuid, p_at timestamptz)
returns table (
  rating integer, review_no integer, state text, interval_days integer, due_at timestamptz, due_on date,
  stability double precision, difficulty double precision
)
language plpgsql
stable
security definer -- reads card and log of whoever is acted for
set search_path = ''
as $$
declare
  v_settings constant study.learner_settings := private.study_settings(p_user_id);
  v_card study.sm2_review_cards;
  v_last study.review_logs;
  v_at timestamptz;
  v_day date;
  v_next study.sm2_review_cards;
begin
  select * into v_card from study.sm2_review_cards as c where c.id = p_card_id and c.user_id = p_user_id;
  if not found then
    raise sqlstate 'PT404' using message = 'card_not_found', detail = 'You have no such card.', hint = 'Check the id.';
  end if;
  select * into v_last from study.review_logs as l
  where l.card_id = p_card_id and l.undone_at is null order by l.review_no desc limit 1;
  if v_card.scheduler <> v_settings.scheduler then
    v_card := private.study_replay_card(v_card, v_settings);
  end if;
  v_at := greatest(p_at, v_card.last_reviewed_at);
  v_day := private.study_day(p_user_id, v_at);
  review_no := coalesce(v_last.review_no, 0) + 1;
  for v_rating in 1 .. 4 loop
    v_next := private.study_become(
      v_card,
      private.study_schedule(
        v_card, v_settings, v_rating, private.study_quality(v_rating), coalesce(greatest(v_day - v_last.study_day, 0), 0)
      ),
      v_settings, review_no, v_day, v_at
    );
    rating := v_rating;
    state := v_next.state;
    interval_days := v_next.interval_days;
    due_at := v_next.due_at;
    due_on := v_next.due_on;
    stability := v_next.stability;
    difficulty := v_next.difficulty;
    return next;
  end loop;
end;
$$;
comment on function private.study_preview_card(uuid, uuid, timestamptz) is 'See study.preview_card.';

revoke execute on function
  private.study_own_card(uuid, uuid),
  private.study_review_card(uuid, uuid, integer, integer, bigint, integer, timestamptz),
  private.study_undo_review(uuid, uuid, integer, timestamptz), private.study_preview_card(uuid, uuid, timestamptz)
  from public, anon, authenticated;
