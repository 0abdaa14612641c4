-- Counters are what they count, once what still waits to be added is added: whoever changes a thing changes its counter in
-- the same transaction. After an import that passed by the triggers: select * from social.repair_counters().

select 'counter_is_count' as rule, c.id::text as id, format('%s %s is %s, counted %s', c.kind, c.counter, c.value, c.counted) as detail
from private.social_counters_counted as c
where c.value <> c.counted

union all

select 'person_has_counters', p.id::text, 'no row in social.profile_stats'
from core.profiles as p
where not exists (select from social.profile_stats as s where s.user_id = p.id)

union all

select 'vote_on_ones_own', v.votable_id::text, format('%s by %s', v.votable_type, v.user_id)
from social.votes as v
where v.user_id in (
  select p.author_id from social.posts as p where p.id = v.votable_id
  union all select c.author_id from social.comments as c where c.id = v.votable_id
  union all select q.author_id from social.questions as q where q.id = v.votable_id
  union all select a.author_id from social.answers as a where a.id = v.votable_id
);
