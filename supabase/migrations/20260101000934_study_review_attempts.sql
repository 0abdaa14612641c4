-- An answered question that has a card is a review of that card; one without gets a card, as the learner wishes.

create function private.study_review_attempts(p_user_id uuid, p_attempts study.user_question_attempts[], p_at timestamptz)
returns void
language plpgsql
volatile
security definer -- consequence of answering, for whoever answered
set search_path = ''
as $$
declare
  v_settings constant study.learner_settings := private.study_settings(p_user_id);
  v_attempt study.user_question_attempts;
  v_card study.sm2_review_cards;
  v_rating integer;
  v_at timestamptz;
begin
  for v_attempt in select * from unnest(p_attempts) as a where not a.is_skipped order by a.answered_at, a.id loop
    select * into v_card from study.sm2_review_cards as c
    where c.user_id = p_user_id and c.question_id = v_attempt.question_id for update;
    if found then
      continue when v_card.is_suspended;
      v_rating := case
        when not v_attempt.is_correct then 1
        when v_attempt.confidence_rating <= 2 then 2
        when v_attempt.confidence_rating = 5 then 4
        else 3
      end;
      -- A test is graded when it is over: the memory was tested when the question was answered.
      v_at := least(v_attempt.answered_at, p_at);
      if v_card.last_reviewed_at > v_at then
        v_at := v_card.last_reviewed_at;
      end if;
      perform private.study_log_review(
        v_card, v_settings, v_rating, private.study_quality(v_rating),
        least(v_attempt.time_taken_ms, private.setting_number('study.max_review_seconds') * 1000::bigint), v_attempt.id,
        case when v_at = v_attempt.answered_at then v_attempt.study_day else private.study_day(p_user_id, v_at) end, v_at
      );
    elsif v_settings.cards_from = 'all' or v_settings.cards_from = 'wrong' and not v_attempt.is_correct then
      insert into study.sm2_review_cards (user_id, source, question_id, topic_id, scheduler, due_at, due_on)
      values (
        p_user_id, 'question', v_attempt.question_id, v_attempt.topic_id, v_settings.scheduler, p_at, private.study_day(p_user_id, p_at)
      );
    end if;
  end loop;
end;
$$;
comment on function private.study_review_attempts(uuid, study.user_question_attempts[], timestamptz) is
  'The learner''s cards after these graded answers, in the order of answering: wrong is again, right is good, hard at a confidence of 1 or 2, easy at 5. Skips review nothing; suspended cards stay as they are. The caller holds the learner''s lock.';

revoke execute on function private.study_review_attempts(uuid, study.user_question_attempts[], timestamptz) from public, anon, authenticated;
