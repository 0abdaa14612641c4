-- Totals of experts are the sums of what they count. A trigger adds to them, so a lost update would show here.

with reviews as (
  select r.expert_id, count(*) as total
  from qa.expert_reviews r
  where r.review_status in ('approved', 'rejected', 'needs_revision') and r.expert_id is not null
  group by r.expert_id
),
ratings as (
  select r.expert_id, count(*) as total, sum(r.overall_score) as score_sum, round(avg(r.overall_score), 2) as average
  from qa.ratings r
  where r.expert_id is not null
  group by r.expert_id
)
select
  'total_reviews_is_count' as rule,
  e.id::text as id,
  format('total_reviews %s, reviews %s', e.total_reviews, coalesce(v.total, 0)) as detail
from core.experts e
left join reviews v on v.expert_id = e.id
where e.total_reviews <> coalesce(v.total, 0)

union all

select
  'rating_totals_are_sums',
  e.id::text,
  format('%s ratings of sum %s, average %s; the ratings say %s, %s, %s',
    e.total_ratings, e.rating_sum, e.average_rating, coalesce(r.total, 0), coalesce(r.score_sum, 0), r.average)
from core.experts e
left join ratings r on r.expert_id = e.id
where e.total_ratings <> coalesce(r.total, 0)
  or e.rating_sum <> coalesce(r.score_sum, 0)
  or (r.total is not null and e.average_rating is distinct from r.average)

union all

select 'rated_means_one_rating', q.id::text, format('%s with %s ratings', q.status, count(r.id))
from qa.questions q
left join qa.ratings r on r.question_id = q.id
group by q.id
having count(r.id) <> (case when q.status = 'rated' then 1 else 0 end);
