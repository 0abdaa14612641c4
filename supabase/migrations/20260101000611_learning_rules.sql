-- What may stand in a curriculum, whoever writes it, and how it moves from state to state.
--
--   owner:     everything; texts directly, the rest by functions
--   others:    nothing but what was published as a template (0613), and that without its owner's progress
--   suspended: reads what is his
--   admin:     nothing: what somebody learns is his own affair

insert into core.settings (key, value, description) values
  ('learning.max_curricula', '300', 'How many curricula one person may have.'),
  ('learning.max_sessions', '200', 'How many sessions a curriculum holds; 200 at most.'),
  ('learning.max_kilobytes', '4000', 'How much the sessions of one curriculum take up as they are stored.'),
  ('learning.max_notes', '5000', 'How many notes one person may have.'),
  ('learning.idle_minutes', '15', 'A learner who sends signs of life and falls silent for longer has stopped at the last one.'),
  ('learning.max_time_factor', '3', 'How many times its planned length counts at most as time spent on a session.'),
  ('learning.forgotten_hours', '12', 'After so long without a sign of life, work that nobody ended is ended.'),
  ('learning.archive_after_days', '730', 'Completed curricula that nobody touched for so long are archived.'),
  ('learning.fold_after_days', '90', 'Stretches of work of curricula archived for so long become one row a session.'),
  ('learning.limits', '{
    "curriculum": {"burst": 30, "per_hour": 60},
    "session": {"burst": 300, "per_hour": 600},
    "share": {"burst": 20, "per_hour": 30},
    "note": {"burst": 100, "per_hour": 300},
    "generate": {"burst": 10, "per_hour": 20}
  }', 'Burst at once, then per hour, for one person: new curricula (copies too), added sessions, publishing, notes, curricula asked of the AI provider.');

-- Direct writes run as authenticated; whatever runs inside a definer has checked its caller itself.
create function private.learning_archived()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT409' using
    message = 'curriculum_archived',
    detail = 'An archived curriculum is not changed.',
    hint = 'Take it out with restore_curriculum, or copy it.';
end;
$$;
comment on function private.learning_archived() is 'Raises curriculum_archived (409).';

create function private.tg_learning_curricula__by_person()
returns trigger
language plpgsql
security invoker -- sees as whom the statement runs
set search_path = ''
as $$
begin
  if current_user = 'authenticated' and old.status = 'archived' then
    perform private.learning_archived();
  end if;
  return new;
end;
$$;
comment on function private.tg_learning_curricula__by_person() is 'Trigger: curriculum_archived (409) for direct writes.';

create function private.tg_learning_curricula__check()
returns trigger
language plpgsql
security definer -- looks up topics for whoever writes
set search_path = ''
as $$
begin
  new.title := private.clean_text(new.title, 'title', 1, 255);
  new.subject := private.clean_text(new.subject, 'subject', 1, 255);
  new.goals := private.clean_text(coalesce(new.goals, ''), 'goals', 0, 2000);
  new.background := private.clean_text(coalesce(new.background, ''), 'background', 0, 2000);
  if coalesce(new.skill_level, '') not in ('beginner', 'intermediate', 'advanced')
    or coalesce(new.language, '') !~ '^[a-z]{2,3}$' or coalesce(new.session_duration, 0) not between 5 and 480
  then
    raise sqlstate 'PT422' using
      message = 'curriculum_invalid',
      detail = 'skill_level is beginner, intermediate or advanced; language two or three small letters; session_duration 5 to 480 minutes.',
      hint = 'Correct it.';
  end if;
  -- A merge of topics takes curricula along, also into a topic that is switched off.
  if new.topic_id is not null and (tg_op = 'INSERT' or new.topic_id is distinct from old.topic_id) and not exists (
    select from core.topics as t where tg_op = 'UPDATE' and t.id = old.topic_id and t.merged_into_id = new.topic_id
  ) then
    new.topic_id := private.living_topic(new.topic_id);
  end if;
  return new;
end;
$$;
comment on function private.tg_learning_curricula__check() is
  'Trigger: text_required, text_too_long, markup_not_allowed, curriculum_invalid, unknown_topic (422).';

-- The stamps follow the state, whoever moves it.
create function private.tg_learning_curricula__move()
returns trigger
language plpgsql
security definer -- the table of moves is read for whoever makes one
set search_path = ''
as $$
begin
  if not exists (
    select from learning.curriculum_transitions as t where t.from_status = old.status and t.to_status = new.status
  ) then
    raise sqlstate 'PT409' using
      message = 'illegal_transition',
      detail = format('A curriculum cannot go from %s to %s.', old.status, new.status),
      hint = 'See learning.curriculum_transitions for the legal moves.';
  end if;
  if new.status = 'archived' then
    new.archived_at := clock_timestamp();
    new.status_before_archive := old.status;
    return new;
  end if;
  new.archived_at := null;
  new.status_before_archive := null;
  new.completed_at := case when new.status = 'completed' then coalesce(new.completed_at, clock_timestamp()) end;
  return new;
end;
$$;
comment on function private.tg_learning_curricula__move() is
  'Trigger: illegal_transition (409) unless the move is a row of curriculum_transitions; sets archived_at, status_before_archive, completed_at.';

create trigger _100_by_person before update on learning.curricula
  for each row execute function private.tg_learning_curricula__by_person();
create trigger _200_check
  before insert or update of title, subject, goals, background, skill_level, language, session_duration, topic_id on learning.curricula
  for each row execute function private.tg_learning_curricula__check();
create trigger _300_move before update of status on learning.curricula
  for each row when (old.status is distinct from new.status)
  execute function private.tg_learning_curricula__move();
create trigger _900_touch_updated_at before update on learning.curricula
  for each row execute function private.tg__touch_updated_at();

create function private.tg_topics__move_learning()
returns trigger
language plpgsql
security definer -- moves rows of everybody
set search_path = ''
as $$
begin
  update learning.curricula as c set topic_id = new.merged_into_id where c.topic_id = new.id;
  update learning.templates as t set topic_id = new.merged_into_id where t.topic_id = new.id;
  return null;
end;
$$;
comment on function private.tg_topics__move_learning() is 'Trigger: curricula of a merged topic go with it.';
create trigger _511_move_learning
  after update of merged_into_id on core.topics
  for each row when (new.merged_into_id is not null and old.merged_into_id is distinct from new.merged_into_id)
  execute function private.tg_topics__move_learning();

revoke execute on function
  private.learning_archived(),
  private.tg_learning_curricula__by_person(), private.tg_learning_curricula__check(), private.tg_learning_curricula__move(),
  private.tg_topics__move_learning()
  from public, anon, authenticated;
-- The trigger that runs as the caller calls it.
grant execute on function private.learning_archived() to authenticated, service_role;
