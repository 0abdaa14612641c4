-- What the statistics say of a question. Everybody who reads it learns how often it was answered and how hard it is; who may
-- edit it, also whether it tells those who know from those who do not, and which wrong options mislead whom.

insert into core.settings (key, value, description) values
  ('study.facility_min_answers', '5', 'First answers from which on the facility of a question is told.'),
  ('study.discrimination_min_answers', '30', 'First answers of known ability from which on the discrimination of a question is told.'),
  ('study.max_export_questions', '5000', 'Questions asked for at once: their statistics, or an export.')
on conflict (key) do nothing;

-- Pearson's correlation between two columns of which one holds only 0 and 1: the point-biserial coefficient.
create function private.study_point_biserial(
  p_answers bigint, p_correct bigint, p_ability_sum double precision, p_ability_square_sum double precision,
  p_ability_correct_sum double precision
)
returns double precision
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select case when s.right_wrong > 0 and s.ability > 1e-9 then
    greatest(-1, least(1, (p_answers * p_ability_correct_sum - p_correct * p_ability_sum) / sqrt(s.right_wrong * s.ability)))
  end
  from (
    select p_correct::double precision * (p_answers - p_correct) as right_wrong,
      p_answers * p_ability_square_sum - p_ability_sum * p_ability_sum as ability
  ) as s;
$$;
comment on function private.study_point_biserial(bigint, bigint, double precision, double precision, double precision) is
  'The point-biserial correlation of right answers x (0 or 1) with abilities a, from n, Σx, Σa, Σa², Σax: (nΣax − ΣxΣa) / √((nΣx − (Σx)²)(nΣa² − (Σa)²)), which is (mean a of the right − mean a of the wrong) / sd(a) · √(p(1 − p)). From −1 to 1; null when all answers or all abilities are equal. F. M. Lord, M. R. Novick: Statistical Theories of Mental Test Scores (1968).';

create function private.study_may_edit_question(p_question study.questions, p_user_id uuid)
returns boolean
language plpgsql
stable
security definer -- asks for roles and materials of one person
set search_path = ''
as $$
begin
  return p_question.author_id is not distinct from p_user_id
    or p_question.status not in ('draft', 'retired') and private.user_has_role(p_user_id, 'educator') and (
      p_question.visibility = 'authenticated'
      or p_question.visibility = 'material' and private.study_may_read_material(p_question.material_id, p_user_id)
    );
end;
$$;
comment on function private.study_may_edit_question(study.questions, uuid) is
  'Whether private.study_edit_question would let a person in: its author, and educators whom it was handed to.';

create function private.study_may_see_question(p_question study.questions, p_user_id uuid)
returns boolean
language plpgsql
stable
security definer -- asks for roles and materials of one person
set search_path = ''
as $$
begin
  return private.study_may_edit_question(p_question, p_user_id)
    or p_question.status = 'published' and (
      p_question.visibility = 'authenticated'
      or p_question.visibility = 'material' and private.study_may_read_material(p_question.material_id, p_user_id)
    );
end;
$$;
comment on function private.study_may_see_question(study.questions, uuid) is 'The policy of study.questions, for functions that act for somebody.';

create function private.study_question_statistics_of(p_question_ids uuid[], p_all_versions boolean)
returns table (
  question_id uuid, version_id uuid, version_no integer, times_answered bigint, first_answers bigint, facility double precision,
  times_skipped bigint, average_time_ms double precision, rated_answers bigint, discrimination double precision, options jsonb
)
language plpgsql
stable
security definer -- statistics have no grant
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
  v_facility_from integer := private.setting_number('study.facility_min_answers');
  v_discrimination_from integer := private.setting_number('study.discrimination_min_answers');
begin
  if cardinality(p_question_ids) > private.setting_number('study.max_export_questions') then
    raise sqlstate 'PT422' using
      message = 'too_many_questions', detail = format('At most %s questions at once.', private.setting_number('study.max_export_questions')),
      hint = 'Ask in parts.';
  end if;
  return query
  select q.id, v.id, v.version_no, coalesce(s.times_answered, 0), coalesce(s.first_answers, 0),
    case when s.first_answers >= v_facility_from then s.first_correct::double precision / s.first_answers end,
    case when e.edits then coalesce(s.times_skipped, 0) end,
    case when e.edits then s.time_taken_ms::double precision / nullif(s.times_answered, 0) end,
    case when e.edits then coalesce(s.rated_answers, 0) end,
    case when e.edits and s.rated_answers >= v_discrimination_from then
      private.study_point_biserial(s.rated_answers, s.rated_correct, s.rated_ability_sum, s.ability_square_sum, s.ability_correct_sum)
    end,
    case when e.edits then (
      select jsonb_agg(jsonb_build_object(
        'index', o.option_index, 'text', o.option_text, 'is_correct', k.is_correct,
        'chosen', coalesce(s.option_counts[o.option_index + 1], 0),
        'share', s.option_counts[o.option_index + 1]::double precision / nullif(s.first_answers, 0)
      ) order by o.option_index)
      from study.question_options as o
      join study.question_keys as k on k.version_id = o.version_id and k.option_index = o.option_index
      where o.version_id = v.id
    ) end
  from (select u.id, min(u.no) as no from unnest(p_question_ids) with ordinality as u (id, no) group by u.id) as w
  join study.questions as q on q.id = w.id
  cross join lateral (select private.study_may_edit_question(q, v_user_id) as edits) as e
  join study.question_versions as v on v.question_id = q.id and (v.version_no = q.current_version or p_all_versions and e.edits)
  left join study.question_statistics as s on s.version_id = v.id
  where e.edits or private.study_may_see_question(q, v_user_id)
  order by w.no, v.version_no desc;
end;
$$;
comment on function private.study_question_statistics_of(uuid[], boolean) is 'See study.question_statistics_of.';

create function study.question_statistics_of(p_question_ids uuid[], p_all_versions boolean default false)
returns table (
  question_id uuid, version_id uuid, version_no integer, times_answered bigint, first_answers bigint, facility double precision,
  times_skipped bigint, average_time_ms double precision, rated_answers bigint, discrimination double precision, options jsonb
)
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.study_question_statistics_of(p_question_ids, p_all_versions); $$;
comment on function study.question_statistics_of(uuid[], boolean) is
  'Statistics of questions that you may read, in their order; others are left out. A row is about one version, the present one unless p_all_versions (for who may edit). facility: share of right first answers, null below study.facility_min_answers (5). For who may edit, else null: times_skipped, average_time_ms, rated_answers (first answers of known ability), discrimination (point-biserial, −1 to 1, null below study.discrimination_min_answers (30)), options [{index, text, is_correct, chosen, share}] of first answers. Some ten seconds late. too_many_questions (422).';

revoke execute on function
  private.study_point_biserial(bigint, bigint, double precision, double precision, double precision),
  private.study_may_edit_question(study.questions, uuid), private.study_may_see_question(study.questions, uuid),
  private.study_question_statistics_of(uuid[], boolean), study.question_statistics_of(uuid[], boolean)
  from public, anon, authenticated;
grant execute on function private.study_question_statistics_of(uuid[], boolean), study.question_statistics_of(uuid[], boolean) to authenticated;
