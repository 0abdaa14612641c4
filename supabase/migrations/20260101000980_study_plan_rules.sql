-- Rules of the plan: how long and how many blocks, which moves they make, and what calendars are told of.
--
-- A block belongs to one person, who reads it and moves it through RPCs (0985); suggestions are made by 0984. Whoever
-- writes blocks or plans holds the lock of the learner first (private.study_learner).

insert into core.settings (key, value, description) values
  ('study.plan_min_minutes', '10', 'The shortest block of a plan; also what a day gives to topics, whatever the reviews take.'),
  ('study.plan_max_minutes', '240', 'Most minutes of a day that a plan suggests.'),
  ('study.plan_step_minutes', '5', 'Suggested blocks begin at multiples of this, and last multiples of it.'),
  ('study.plan_break_minutes', '10', 'Pause between two blocks of a plan.'),
  ('study.plan_lead_minutes', '15', 'The first suggestion begins no sooner than so many minutes from now.'),
  ('study.plan_seconds_a_review', '12', 'What a review takes, until a learner''s own say better.'),
  ('study.plan_seconds_a_question', '60', 'What a question takes, until a learner''s own say better.'),
  ('study.plan_topics', '3', 'How many topics of paths, and how many others, a plan goes through in turn.'),
  ('study.plan_done_percent', '30', 'Share of what was planned for a block that makes it done.'),
  ('study.plan_grace_minutes', '10', 'What is studied so shortly before or after a block counts in it.'),
  ('study.plan_missed_after_minutes', '60', 'So long after its end an accepted block is missed, and a suggestion goes.'),
  ('study.plan_active_days', '14', 'Plans of people who studied or asked for one within so many days are made anew each day.'),
  ('study.plan_ahead_days', '90', 'How far ahead a block may be moved.'),
  ('study.plan_calendar_past_days', '60', 'How far back a calendar of a plan goes.');

update core.settings set value = value || '{
  "plan": {"burst": 30, "per_hour": 120}, "plan_link": {"burst": 10, "per_hour": 20},
  "plan_fetch": {"burst": 60, "per_hour": 240}, "plan_miss": {"burst": 60, "per_hour": 120}
}' where key = 'study.limits';

create function private.tg_plan_blocks__check()
returns trigger
language plpgsql
security definer -- looks up moves for whoever writes
set search_path = ''
as $$
begin
  if new.status <> old.status and not exists (
    select from study.plan_block_transitions as t where t.from_status = old.status and t.to_status = new.status
  ) then
    raise sqlstate 'PT409' using
      message = 'illegal_transition',
      detail = format('A block cannot go from %s to %s.', old.status, new.status),
      hint = 'See study.plan_block_transitions.';
  end if;
  -- A calendar program keeps what it has unless this number grows.
  new.calendar_sequence := old.calendar_sequence + 1;
  return new;
end;
$$;
create trigger _100_check before update on study.plan_blocks
  for each row when (old.* is distinct from new.*) execute function private.tg_plan_blocks__check();

-- Blocks follow their topic when it becomes another.
create function private.tg_topics__move_plan_blocks()
returns trigger
language plpgsql
security definer -- blocks have no direct writing
set search_path = ''
as $$
begin
  update study.plan_blocks as b set topic_id = new.merged_into_id where b.topic_id = new.id;
  return null;
end;
$$;
create trigger _720_move_plan_blocks
  after update of merged_into_id on core.topics
  for each row when (new.merged_into_id is not null and old.merged_into_id is distinct from new.merged_into_id)
  execute function private.tg_topics__move_plan_blocks();

-- Other hours, another goal, another clock: the plan is made anew at the next turn (0986).
create function private.tg__plan_anew()
returns trigger
language plpgsql
security definer -- plans have no direct writing
set search_path = ''
as $$
begin
  update study.plans as p set next_at = least(p.next_at, now())
  where p.user_id = (case tg_table_name when 'profiles' then to_jsonb(new) ->> 'id' else to_jsonb(new) ->> 'user_id' end)::uuid;
  return null;
end;
$$;
create trigger _850_plan_anew
  after insert or update of
    day_start_hour, daily_goal_minutes, reviews_per_day, study_from, study_until, study_weekdays, block_minutes
  on study.learner_settings
  for each row execute function private.tg__plan_anew();
create trigger _850_plan_anew after update of time_zone on core.profiles
  for each row when (old.time_zone is distinct from new.time_zone) execute function private.tg__plan_anew();

revoke execute on function
  private.tg_plan_blocks__check(), private.tg_topics__move_plan_blocks(), private.tg__plan_anew()
  from public, anon, authenticated;
