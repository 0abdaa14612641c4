-- One message to the learner for what a transaction brought him: event study_progress on user:<id>. What was gained until then
-- is noted in a setting of the transaction, so that it goes with it when it fails.

create function private.study_note_gain(p_user_id uuid, p_xp integer, p_level integer, p_achievements jsonb)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_gained jsonb := nullif(current_setting('lyceum.study_gained', true), '')::jsonb;
begin
  if v_gained ->> 'user_id' is distinct from p_user_id::text then
    v_gained := jsonb_build_object('user_id', p_user_id, 'xp', 0, 'level', null, 'achievements', '[]'::jsonb);
  end if;
  perform set_config('lyceum.study_gained', (v_gained || jsonb_build_object(
    'xp', (v_gained ->> 'xp')::integer + p_xp,
    'level', coalesce((v_gained ->> 'level')::integer, p_level),
    'achievements', (v_gained -> 'achievements') || p_achievements
  ))::text, true);
end;
$$;
comment on function private.study_note_gain(uuid, integer, integer, jsonb) is
  'Notes for the message to a learner: experience, the level before it, achievements [{code, name, xp_reward}].';

create function private.study_announce(p_user_id uuid, p_at timestamptz)
returns void
language plpgsql
volatile
security definer -- sends on the learner's channel
set search_path = ''
as $$
declare
  v_gained jsonb := nullif(current_setting('lyceum.study_gained', true), '')::jsonb;
  v_is_told boolean := current_setting('lyceum.study_told', true) is not distinct from p_user_id::text;
  v_learner study.learners;
  v_streak integer;
begin
  if v_gained ->> 'user_id' is distinct from p_user_id::text then
    v_gained := null;
  end if;
  if v_gained is null and v_is_told then
    return;
  end if;
  perform set_config('lyceum.study_gained', '', true);
  perform set_config('lyceum.study_told', p_user_id::text, true);
  v_learner := private.study_learner(p_user_id);
  select s.current_streak into v_streak from private.study_streak_at(p_user_id, p_at) as s;
  perform private.broadcast_to_user(p_user_id, 'study_progress', jsonb_build_object(
    'xp', v_learner.xp,
    'xp_gained', coalesce((v_gained ->> 'xp')::integer, 0),
    'level', v_learner.level,
    'levels_gained', v_learner.level - coalesce((v_gained ->> 'level')::integer, v_learner.level),
    'streak', v_streak,
    'goal_met', exists (
      select from study.user_streaks as s
      where s.user_id = p_user_id and s.goal_met_at is not null
        and s.streak_date = (private.study_play_clock(v_learner, p_at)).study_day
    ),
    'achievements', coalesce(v_gained -> 'achievements', '[]'::jsonb),
    'due', private.study_due_count(p_user_id, p_at)
  ));
end;
$$;
comment on function private.study_announce(uuid, timestamptz) is
  'Sends study_progress on user:<id>: {xp, xp_gained, level, levels_gained, streak, goal_met, achievements: [{code, name, xp_reward}], due}. Once a transaction and learner; again only when something was gained since.';

revoke execute on function
  private.study_note_gain(uuid, integer, integer, jsonb), private.study_announce(uuid, timestamptz)
  from public, anon, authenticated;
