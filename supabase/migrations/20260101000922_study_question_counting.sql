-- Statistics of questions. Whoever answers only appends what he answered; a task adds it up, so that a popular question is no
-- row for which learners wait. Nothing of it says who answered.

create table private.question_statistics_deltas (
  id bigint generated always as identity primary key,
  version_id uuid not null,
  question_id uuid not null,
  selected_indexes smallint[] not null,
  is_skipped boolean not null,
  is_correct boolean not null,
  is_first boolean not null,
  is_rated boolean not null,
  ability double precision not null,
  time_taken_ms bigint not null,
  constraint question_statistics_deltas_rated_check check (is_first or not is_rated),
  constraint question_statistics_deltas_ability_check check (ability between -100 and 100)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
comment on table private.question_statistics_deltas is
  'Answers that are not yet in study.question_statistics. Without foreign keys: they would lock the question for each answer.';
alter table private.question_statistics_deltas enable row level security;
revoke all on private.question_statistics_deltas from public, anon, authenticated;
grant select on private.question_statistics_deltas to service_role;

create function private.study_count_attempts(p_attempts study.user_question_attempts[], p_at timestamptz)
returns void
language plpgsql
volatile
security definer -- deltas are written here only, for whoever answers
set search_path = ''
as $$
declare
  v_newcomer double precision := coalesce((private.setting('study.mastery') ->> 'prior_mean')::double precision, 0);
  v_attempt study.user_question_attempts;
  v_seen uuid[] := '{}'::uuid[];
  v_is_first boolean;
  v_ability double precision;
begin
  foreach v_attempt in array p_attempts loop
    v_ability := null;
    v_is_first := not v_attempt.is_skipped and not v_attempt.question_id = any (v_seen)
      and not exists (
        select from study.user_progress as p
        where p.user_id = v_attempt.user_id and p.question_id = v_attempt.question_id and p.total_attempts > 0
      )
      and not exists (select from study.questions as q where q.id = v_attempt.question_id and q.author_id = v_attempt.user_id);
    if v_is_first then
      v_seen := v_seen || v_attempt.question_id;
      -- As what was answered before left it, in the topic as it stands today.
      select m.ability into v_ability
      from core.topics as t
      join study.mastery_levels as m on m.user_id = v_attempt.user_id and m.topic_id = coalesce(t.merged_into_id, t.id)
      where t.id = v_attempt.topic_id and m.observed_at <= p_at;
    end if;
    insert into private.question_statistics_deltas (
      version_id, question_id, selected_indexes, is_skipped, is_correct, is_first, is_rated, ability, time_taken_ms
    )
    values (
      v_attempt.version_id, v_attempt.question_id, v_attempt.selected_indexes, v_attempt.is_skipped, v_attempt.is_correct, v_is_first,
      v_ability is not null, greatest(least(coalesce(v_ability, v_newcomer), 100), -100), v_attempt.time_taken_ms
    );
  end loop;
end;
$$;
comment on function private.study_count_attempts(study.user_question_attempts[], timestamptz) is
  'Notes attempts of one learner that were just graded, in their order, for the statistics of their versions. Called before user_progress and mastery_levels learn of them: by these a first answer is recognised, and the ability that its learner had.';

create function private.study_fold_batch(p_limit integer)
returns integer
language plpgsql
volatile
security definer -- statistics are written here only
set search_path = ''
as $$
declare
  v_questions uuid[];
  v_count integer;
begin
  -- The question first, as those do who edit or delete it. One that is being written waits for the next time.
  v_questions := array(
    select q.id from study.questions as q
    where q.id in (
      select d.question_id from (select w.question_id from private.question_statistics_deltas as w order by w.id limit p_limit) as d
    )
    order by q.id
    for no key update skip locked
  );
  with taken as (
    delete from private.question_statistics_deltas as d
    where d.id in (select w.id from private.question_statistics_deltas as w order by w.id limit p_limit)
      and (d.question_id = any (v_questions) or not exists (select from study.questions as q where q.id = d.question_id))
    returning d.*
  ),
  summed as (
    select t.version_id, t.question_id, count(*) filter (where not t.is_skipped) as answered,
      count(*) filter (where t.is_correct) as correct, count(*) filter (where t.is_skipped) as skipped,
      sum(t.time_taken_ms) filter (where not t.is_skipped) as time_taken_ms,
      count(*) filter (where t.is_first) as firsts, count(*) filter (where t.is_first and t.is_correct) as firsts_correct,
      coalesce(sum(t.ability) filter (where t.is_first), 0) as ability,
      count(*) filter (where t.is_rated) as rated, count(*) filter (where t.is_rated and t.is_correct) as rated_correct,
      coalesce(sum(t.ability) filter (where t.is_rated), 0) as rated_ability,
      coalesce(sum(t.ability * t.ability) filter (where t.is_rated), 0) as ability_square,
      coalesce(sum(t.ability) filter (where t.is_rated and t.is_correct), 0) as ability_correct
    from taken as t
    group by t.version_id, t.question_id
  ),
  chosen as (
    select c.version_id, array_agg(c.times order by c.option_index) as option_counts
    from (
      select t.version_id, o.option_index, count(*) filter (where t.is_first and o.option_index = any (t.selected_indexes)) as times
      from taken as t
      cross join generate_series(0, 9) as o (option_index)
      group by t.version_id, o.option_index
    ) as c
    group by c.version_id
  ),
  kept as (
    insert into study.question_statistics as s (
      version_id, question_id, times_answered, times_correct, times_skipped, time_taken_ms, option_counts, first_answers,
      first_correct, ability_sum, rated_answers, rated_correct, rated_ability_sum, ability_square_sum, ability_correct_sum
    )
    select v.id, v.question_id, a.answered, a.correct, a.skipped, coalesce(a.time_taken_ms, 0), c.option_counts, a.firsts,
      a.firsts_correct, a.ability, a.rated, a.rated_correct, a.rated_ability, a.ability_square, a.ability_correct
    from summed as a
    join chosen as c using (version_id)
    join study.question_versions as v on v.id = a.version_id and v.question_id = a.question_id
    order by v.id
    on conflict (version_id) do update
    set times_answered = s.times_answered + excluded.times_answered, times_correct = s.times_correct + excluded.times_correct,
      times_skipped = s.times_skipped + excluded.times_skipped, time_taken_ms = s.time_taken_ms + excluded.time_taken_ms,
      option_counts = array(
        select n.times + e.times
        from unnest(s.option_counts) with ordinality as n (times, no)
        join unnest(excluded.option_counts) with ordinality as e (times, no) using (no)
        order by no
      ),
      first_answers = s.first_answers + excluded.first_answers, first_correct = s.first_correct + excluded.first_correct,
      rated_answers = s.rated_answers + excluded.rated_answers, rated_correct = s.rated_correct + excluded.rated_correct,
      ability_sum = s.ability_sum + excluded.ability_sum, rated_ability_sum = s.rated_ability_sum + excluded.rated_ability_sum,
      ability_square_sum = s.ability_square_sum + excluded.ability_square_sum,
      ability_correct_sum = s.ability_correct_sum + excluded.ability_correct_sum
  ),
  counted as (
    update study.questions as q
    set times_answered = q.times_answered + b.answered, times_correct = q.times_correct + b.correct
    from (
      select a.question_id, sum(a.answered)::bigint as answered, sum(a.correct)::bigint as correct
      from summed as a
      where a.answered > 0
      group by a.question_id
    ) as b
    where q.id = b.question_id and q.id = any (v_questions)
  )
  select count(*)::integer into v_count from taken;
  return v_count;
end;
$$;
comment on function private.study_fold_batch(integer) is
  'Adds up to p_limit waiting answers to the statistics of their versions and the counters of their questions; returns how many. Answers of questions that are gone are dropped.';

create function private.fold_question_statistics()
returns bigint
language plpgsql
volatile
security definer -- a scheduled task
set search_path = ''
as $$
declare
  v_folded integer;
  v_total bigint := 0;
begin
  -- One at a time: a second would find the rows taken anyway.
  if not pg_try_advisory_xact_lock(hashtext('study.fold_statistics')) then
    return 0;
  end if;
  for i in 1..10 loop
    v_folded := private.study_fold_batch(10000);
    v_total := v_total + v_folded;
    exit when v_folded < 10000;
  end loop;
  return v_total;
end;
$$;
comment on function private.fold_question_statistics() is
  'Adds waiting answers to the statistics of questions, up to 100,000 a run; returns how many. A scheduled task.';

insert into ops.scheduled_tasks (name, command, every, description) values
  ('study_fold_statistics', 'private.fold_question_statistics', '10 seconds', 'Adds what was answered to the statistics of questions.');

revoke execute on function
  private.study_count_attempts(study.user_question_attempts[], timestamptz), private.study_fold_batch(integer),
  private.fold_question_statistics()
  from public, anon, authenticated;
