-- Answers: a final version exists exactly when the answer was approved, it is the newest, and what it cites is listed.

with finals as (
  select
    a.question_id,
    count(v.id) filter (where v.stage = 'final') as finals,
    (array_agg(v.stage order by v.version_no desc))[1] as newest_stage
  from qa.answers a
  left join qa.answer_versions v on v.answer_id = a.id
  group by a.question_id
)
select
  'final_version_iff_approved' as rule,
  q.id::text as id,
  format('%s with %s final versions', q.status, coalesce(f.finals, 0)) as detail
from qa.questions q
left join finals f on f.question_id = q.id
where coalesce(f.finals, 0) <> (case when q.status in ('approved', 'delivered', 'rated') then 1 else 0 end)

union all

select 'final_version_is_newest', f.question_id::text, format('the newest is %s', f.newest_stage)
from finals f
where f.finals > 0 and f.newest_stage <> 'final'

union all

select 'versions_are_numbered_without_gaps', v.answer_id::text, format('%s versions, the highest is %s', count(*), max(v.version_no))
from qa.answer_versions v
group by v.answer_id
having count(*) <> max(v.version_no)

union all

select 'marker_has_its_citation', v.id::text, format('the text refers to [%s]', m.marker[1])
from qa.answer_versions v
cross join lateral regexp_matches(v.content, '\[([0-9]{1,2})\]', 'g') as m (marker)
where not exists (
  select from qa.answer_citations c where c.version_id = v.id and c.position = m.marker[1]::integer
)

union all

-- What was delivered says who wrote it and who checked it: nothing written by AI goes out as if it were not.
select 'final_version_says_who_wrote_it', v.id::text, coalesce(v.provenance::text, 'null')
from qa.answer_versions v
where v.stage = 'final'
  and (v.provenance ->> 'statement' is null or v.provenance ->> 'response_type' is null)

union all

select 'delivered_answer_has_fingerprints', a.id::text, q.status
from qa.questions q
join qa.answers a on a.question_id = q.id
where q.status in ('delivered', 'rated')
  and not exists (select from qa.fingerprint_sources s where s.answer_id = a.id);
