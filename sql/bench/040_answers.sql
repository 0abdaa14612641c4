-- Answers with their versions and citations, the reviews that approved them, and what clients thought of them.

create table bench.texts (n integer primary key, body text not null);
comment on table bench.texts is 'Paragraphs of which answers are put together.';
insert into bench.texts (n, body) select t.n, t.body from bench.make_texts(5000, 50, 90) as t;

insert into qa.answers (id, question_id, response_type, ai_model, ai_confidence_score, expert_id, word_count, approved_at, created_at, updated_at)
select gen_random_uuid(), q.id, 'humanized', 'bench', 0.8, q.assigned_expert_id, 140, q.delivered_at, q.processed_at, q.updated_at
from qa.questions as q
where q.status <> 'cancelled'
order by q.created_at;

insert into qa.answer_versions (id, answer_id, version_no, stage, content, expert_id, provider, model, confidence, provenance, created_at)
select
  gen_random_uuid(), a.id, v.version_no, v.stage, one.body || case when v.stage = 'ai' then '' else ' [1] ' || two.body || ' [2]' end,
  case when v.stage = 'final' then a.expert_id end, 'bench', 'bench', 0.8,
  case when v.stage = 'final'
    then '{"revision": 0, "statement": "Written by AI, checked by an expert.", "response_type": "humanized"}'::jsonb
    else '{"revision": 0}'::jsonb
  end,
  a.created_at + v.version_no * interval '1 minute'
from (select x.*, row_number() over (order by x.created_at)::integer as n from qa.answers as x) as a
cross join (values (1, 'ai'), (2, 'humanized'), (3, 'final')) as v (version_no, stage)
join bench.texts as one on one.n = 1 + a.n % 5000
join bench.texts as two on two.n = 1 + (a.n * 7) % 5000
where v.stage <> 'final' or a.approved_at is not null;

insert into qa.answer_citations (version_id, position, title, quote, locator)
select v.id, p.position, format('Page %s', p.position), left(v.content, 120), jsonb_build_object('page', p.position)
from qa.answer_versions as v
cross join (values (1), (2)) as p (position)
where v.stage <> 'ai';

insert into qa.expert_reviews (
  answer_id, question_id, expert_id, review_status, lease_token, expires_at, review_time_seconds, assigned_at, claimed_at,
  completed_at, created_at, updated_at
)
select
  a.id, q.id, q.assigned_expert_id, case when q.status = 'expert_review' then 'pending' else 'approved' end, 0,
  case when q.status = 'expert_review' then now() + interval '1 day' end,
  case when q.status <> 'expert_review' then 900 end, q.processed_at, q.processed_at,
  case when q.status <> 'expert_review' then q.delivered_at end, q.processed_at, q.updated_at
from qa.questions as q
join qa.answers as a on a.question_id = q.id
where q.assigned_expert_id is not null
order by q.created_at;

insert into qa.ratings (question_id, client_id, answer_id, expert_id, overall_score, created_at)
select q.id, q.client_id, a.id, a.expert_id, 3 + (length(a.id::text) + ascii(a.id::text)) % 3, q.rated_at
from qa.questions as q
join qa.answers as a on a.question_id = q.id
where q.status = 'rated';

update core.experts as e
set total_reviews = coalesce(v.total, 0), total_ratings = coalesce(r.total, 0), rating_sum = coalesce(r.sum, 0)
from core.experts as x
left join (
  select expert_id, count(*) as total from qa.expert_reviews where review_status = 'approved' group by expert_id
) as v on v.expert_id = x.id
left join (
  select expert_id, count(*) as total, sum(overall_score) as sum from qa.ratings group by expert_id
) as r on r.expert_id = x.id
where x.id = e.id;

-- That each delivered answer has its source; the fingerprints themselves are measured over passages.
insert into qa.fingerprint_sources (kind, answer_id) select 'answer', a.id from qa.answers as a where a.approved_at is not null;
