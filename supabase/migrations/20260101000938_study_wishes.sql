-- What a learner wishes, changed one by one.

create function private.study_set_learner_settings(p_settings jsonb)
returns study.learner_settings
language plpgsql
volatile
security definer -- wishes have no direct writing
set search_path = ''
as $$
declare
  v_user_id constant uuid := private.require_user();
  v_settings study.learner_settings;
  v_bounds record;
  v_key text;
  v_problem text;
begin
  if jsonb_typeof(p_settings) is distinct from 'object' then
    v_problem := 'p_settings is no object.';
  else
    for v_key in select * from jsonb_object_keys(p_settings) loop
      if v_key in ('user_id', 'updated_at') or not to_jsonb(private.study_settings(v_user_id)) ? v_key then
        v_problem := format('There is no wish %s.', left(v_key, 100));
      elsif (jsonb_typeof(p_settings -> v_key) = 'array') <> (v_key in (
        'weights', 'learning_steps_minutes', 'relearning_steps_minutes', 'easy_weekdays', 'study_weekdays'
      )) and not (v_key = 'weights' and p_settings -> v_key = 'null')
        -- What stands in an array is neither an array nor an object: the path looks into arrays by itself.
        or jsonb_path_exists(p_settings, '$.* ? (@.type() == "object" || @.type() == "array")')
      then
        v_problem := format('%s has another form.', v_key);
      end if;
      exit when v_problem is not null;
    end loop;
  end if;
  if v_problem is null then
    perform private.study_learner(v_user_id);
    insert into study.learner_settings (user_id) values (v_user_id) on conflict do nothing;
    select * into v_settings from study.learner_settings as s where s.user_id = v_user_id for update;
    begin
      v_settings := jsonb_populate_record(v_settings, p_settings);
      if v_settings.weights is not null then
        select * into v_bounds from private.fsrs_weight_bounds(false);
        if cardinality(v_settings.weights) <> 21 or exists (
          select from unnest(v_settings.weights, v_bounds.lowest, v_bounds.highest) as w (weight, lowest, highest)
          where w.weight is null or w.weight not between w.lowest and w.highest
        ) then
          raise check_violation using message = 'weights';
        end if;
      end if;
      update study.learner_settings as s
      set day_start_hour = v_settings.day_start_hour, daily_goal_xp = v_settings.daily_goal_xp,
        daily_goal_minutes = v_settings.daily_goal_minutes, scheduler = v_settings.scheduler,
        desired_retention = v_settings.desired_retention, weights = v_settings.weights,
        learning_steps_minutes = v_settings.learning_steps_minutes, relearning_steps_minutes = v_settings.relearning_steps_minutes,
        maximum_interval_days = v_settings.maximum_interval_days, is_fuzzed = v_settings.is_fuzzed,
        new_cards_per_day = v_settings.new_cards_per_day, reviews_per_day = v_settings.reviews_per_day,
        easy_weekdays = v_settings.easy_weekdays, cards_from = v_settings.cards_from, on_leaderboards = v_settings.on_leaderboards,
        study_from = v_settings.study_from, study_until = v_settings.study_until, study_weekdays = v_settings.study_weekdays,
        block_minutes = v_settings.block_minutes, updated_at = now()
      where s.user_id = v_user_id
      returning * into v_settings;
      return v_settings;
    exception
      when data_exception or integrity_constraint_violation then
        v_problem := format('Not possible: %s.', left(sqlerrm, 300));
    end;
  end if;
  raise sqlstate 'PT422' using
    message = 'settings_invalid', detail = v_problem, hint = 'Send an object with columns of study.learner_settings that are to change.';
end;
$$;
comment on function private.study_set_learner_settings(jsonb) is 'See study.set_learner_settings.';

create function private.study_my_settings()
returns study.learner_settings
language sql
stable
security definer -- the defaults stand for who has wished nothing
set search_path = ''
as $$ select private.study_settings(private.require_reader()); $$;
comment on function private.study_my_settings() is 'See study.my_settings.';

create function study.my_settings()
returns study.learner_settings
language sql
stable
security invoker
set search_path = ''
as $$ select private.study_my_settings(); $$;
comment on function study.my_settings() is 'What you wish: a row of study.learner_settings, the defaults when you have changed none.';

create function study.set_learner_settings(p_settings jsonb)
returns study.learner_settings
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_set_learner_settings(p_settings); $$;
comment on function study.set_learner_settings(jsonb) is
  'Changes what you wish: an object of columns of study.learner_settings; what is not named stays. Another scheduler lays its rules on all your cards; after another retention or other weights call study.reschedule_all when cards are to move before their next review. Errors: settings_invalid (422), account_inactive (403).';

revoke execute on function
  private.study_set_learner_settings(jsonb), private.study_my_settings(), study.my_settings(), study.set_learner_settings(jsonb)
  from public, anon, authenticated;
grant execute on function
  private.study_set_learner_settings(jsonb), private.study_my_settings(), study.my_settings(), study.set_learner_settings(jsonb)
  to authenticated;
