-- Cards after other weights, another retention or another scheduler: computed anew from their logs, some at once and the rest
-- by a task.

insert into core.settings (key, value, description) values
  ('study.reschedule_at_once', '200', 'Cards that are rescheduled at once; the rest follows by a task.'),
  ('study.reschedule_batch', '2000', 'Cards that one run of that task reschedules.');
update core.settings set value = value || '{"reschedule": {"burst": 10, "per_hour": 20}}' where key = 'study.limits';

create table private.study_reschedules (
  user_id uuid primary key references core.profiles (id) on delete cascade,
  after_id uuid not null,
  requested_at timestamptz not null default now()
);
comment on table private.study_reschedules is 'Learners whose cards are being computed anew, and after which card to go on.';
create index study_reschedules_requested_at_idx on private.study_reschedules (requested_at);
alter table private.study_reschedules enable row level security;
revoke all on private.study_reschedules from public, anon, authenticated;

create function private.study_reschedule_cards(p_user_id uuid, p_after_id uuid, p_limit integer, out cards integer, out last_id uuid)
returns record
language plpgsql
volatile
security definer -- cards have no direct writing
set search_path = ''
as $$
declare
  v_settings study.learner_settings;
  v_card study.sm2_review_cards;
begin
  perform private.study_learner(p_user_id);
  v_settings := private.study_settings(p_user_id);
  cards := 0;
  for v_card in
    select * from study.sm2_review_cards as c
    where c.user_id = p_user_id and c.state <> 'new' and (p_after_id is null or c.id > p_after_id)
    order by c.id limit p_limit for update
  loop
    perform private.study_store_card(private.study_replay_card(v_card, v_settings));
    cards := cards + 1;
    last_id := v_card.id;
  end loop;
end;
$$;
comment on function private.study_reschedule_cards(uuid, uuid, integer) is
  'Computes cards of a learner anew from their logs, p_limit of them in the order of their ids; returns how many, and the last.';

create function private.study_reschedule_all(p_user_id uuid, p_at timestamptz)
returns integer
language plpgsql
volatile
security definer -- for the learner, or when weights were fitted for him
set search_path = ''
as $$
declare
  v_limit constant integer := private.setting_number('study.reschedule_at_once');
  v_done record;
begin
  select * into v_done from private.study_reschedule_cards(p_user_id, null, v_limit);
  if v_done.cards < v_limit then
    delete from private.study_reschedules as r where r.user_id = p_user_id;
  else
    insert into private.study_reschedules as r (user_id, after_id, requested_at) values (p_user_id, v_done.last_id, p_at)
    on conflict (user_id) do update set after_id = excluded.after_id, requested_at = excluded.requested_at;
  end if;
  return v_done.cards;
end;
$$;
comment on function private.study_reschedule_all(uuid, timestamptz) is
  'Computes all cards of a learner anew: returns how many at once; the rest is done by the task study_reschedule.';

create function private.study_reschedule_waiting()
returns jsonb
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_left integer := private.setting_number('study.reschedule_batch');
  v_people integer := 0;
  v_cards integer := 0;
  v_waiting private.study_reschedules;
  v_done record;
begin
  -- One after the other, each with the learner's lock first, as everywhere.
  for v_waiting in select * from private.study_reschedules as r order by r.requested_at limit 50 loop
    exit when v_left <= 0;
    continue when not exists (select from study.learners as l where l.user_id = v_waiting.user_id for update skip locked);
    select * into v_done from private.study_reschedule_cards(v_waiting.user_id, v_waiting.after_id, v_left);
    if v_done.cards < v_left then
      delete from private.study_reschedules as r where r.user_id = v_waiting.user_id and r.requested_at = v_waiting.requested_at;
    else
      update private.study_reschedules as r set after_id = v_done.last_id
      where r.user_id = v_waiting.user_id and r.requested_at = v_waiting.requested_at;
    end if;
    v_left := v_left - v_done.cards;
    v_cards := v_cards + v_done.cards;
    v_people := v_people + 1;
  end loop;
  return jsonb_build_object('learners', v_people, 'cards', v_cards);
end;
$$;
comment on function private.study_reschedule_waiting() is 'Task: goes on computing cards anew, for learners who wait for it.';

-- A card still under the rules of before is brought under the new ones when it is reviewed, if not by then.
create function private.tg_learner_settings__reschedule()
returns trigger
language plpgsql
security definer -- cards have no direct writing
set search_path = ''
as $$
begin
  perform private.study_reschedule_all(new.user_id, now());
  return null;
end;
$$;
comment on function private.tg_learner_settings__reschedule() is 'Trigger: who changes the scheduler has his cards computed anew.';
create trigger _300_reschedule after update of scheduler on study.learner_settings
  for each row when (old.scheduler <> new.scheduler) execute function private.tg_learner_settings__reschedule();

insert into ops.scheduled_tasks (name, command, every, description) values
  ('study_reschedule', 'private.study_reschedule_waiting', '10 seconds', 'Computes review cards anew after other weights or another scheduler.');

revoke execute on function
  private.study_reschedule_cards(uuid, uuid, integer), private.study_reschedule_all(uuid, timestamptz),
  private.study_reschedule_waiting(), private.tg_learner_settings__reschedule()
  from public, anon, authenticated;
