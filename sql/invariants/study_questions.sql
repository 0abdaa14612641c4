-- The question bank: each question has its present version, whole; what is verified is what somebody else looked at; a
-- source that is not stale stands in its passage; counts are counts.

select 'the present version is not there, or not the last' as rule, q.id::text as id, format('%s, versions up to %s', q.current_version, v.last) as detail
from study.questions as q
cross join lateral (select max(x.version_no) as last from study.question_versions as x where x.question_id = q.id) as v
where q.current_version is distinct from v.last
union all
select 'options and keys of a version are not the same', v.id::text, format('%s options, %s keys', o.number, k.number)
from study.question_versions as v
cross join lateral (select count(*) as number from study.question_options as x where x.version_id = v.id) as o
cross join lateral (select count(*) as number, count(*) filter (where x.is_correct) as correct from study.question_keys as x where x.version_id = v.id) as k
where o.number <> k.number or o.number < 2 or k.correct < 1 or k.correct = o.number
  or v.question_type = 'single_choice' and k.correct <> 1
union all
select 'verified without a decision on this version', q.id::text, format('version %s', q.current_version)
from study.questions as q
where q.is_verified and not exists (
  select from study.question_decisions as d
  where d.question_id = q.id and d.version_no = q.current_version and d.decision = 'published'
    and (d.decided_by is null or d.decided_by is distinct from q.author_id)
)
union all
select 'published for others, and never looked at', q.id::text, q.visibility
from study.questions as q
where q.status = 'published' and q.visibility <> 'private' and not q.is_verified
union all
select 'a source does not stand in its passage', s.id::text, s.quote
from study.question_sources as s
join study.material_chunks as k on k.id = s.chunk_id
where s.stale_at is null and substr(k.content, s.char_start - k.char_start + 1, s.char_end - s.char_start) <> s.quote
union all
select 'a source is of another material than its question', s.id::text, s.material_id::text
from study.question_sources as s
join study.question_versions as v on v.id = s.version_id
join study.questions as q on q.id = v.question_id
where s.material_id is not null and s.material_id is distinct from q.material_id
union all
select 'flag_count is not the number of flags', q.id::text, format('%s, there are %s', q.flag_count, f.number)
from study.questions as q
cross join lateral (select count(*) as number from study.question_flags as x where x.question_id = q.id) as f
where q.flag_count < f.number
union all
select 'an open flag, and the question is not flagged', f.question_id::text, f.id::text
from study.question_flags as f
join study.questions as q on q.id = f.question_id
where f.status = 'open' and not q.is_flagged
union all
select 'question_count is not the number of questions for its readers', m.id::text, format('%s, there are %s', m.question_count, c.number)
from study.materials as m
cross join lateral (
  select count(*) as number from study.questions as q
  where q.material_id = m.id and q.visibility <> 'private' and q.status in ('in_review', 'published')
) as c
where m.question_count <> c.number
union all
-- What waits in private.question_statistics_deltas is in neither.
select 'counts of a question are not the sums of its versions', q.id::text,
  format('%s/%s, versions %s/%s', q.times_correct, q.times_answered, s.correct, s.answered)
from study.questions as q
cross join lateral (
  select coalesce(sum(x.times_answered), 0) as answered, coalesce(sum(x.times_correct), 0) as correct
  from study.question_statistics as x where x.question_id = q.id
) as s
where q.times_answered <> s.answered or q.times_correct <> s.correct
union all
select 'first answers and the options that they took do not fit', s.version_id::text, format('%s answers, %s options', s.first_answers, c.taken)
from study.question_statistics as s
join study.question_versions as v on v.id = s.version_id
cross join lateral (select sum(n) as taken from unnest(s.option_counts) as n) as c
where c.taken < s.first_answers or v.question_type = 'single_choice' and c.taken <> s.first_answers
