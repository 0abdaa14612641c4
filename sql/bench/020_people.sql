-- Accounts, profiles, roles, experts and client accounts. Person 1 asks far more than others, person 2 is the
-- administrator, and the last ones are the experts.

create table bench.people (
  n integer primary key,
  id uuid not null default gen_random_uuid(),
  client_id uuid not null default gen_random_uuid(),
  is_expert boolean not null,
  created_at timestamptz not null
);
comment on table bench.people is 'Everybody, by number.';

insert into bench.people (n, is_expert, created_at)
select s.n, s.n > bench.size(50000) - least(200, bench.size(50000) / 4), now() - interval '3 years' + random() * interval '1 year'
from generate_series(1, bench.size(50000)) as s (n);

insert into auth.users (
  id, aud, role, email, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at
)
select
  p.id, 'authenticated', 'authenticated', format('person%s@bench.test', p.n), p.created_at,
  '{"provider": "email", "providers": ["email"]}', '{}', p.created_at, p.created_at
from bench.people as p;

insert into core.profiles (id, username, full_name, created_at, updated_at)
select p.id, format('person_%s', p.n), format('Person %s', p.n), p.created_at, p.created_at
from bench.people as p;

insert into core.user_roles (user_id, role, granted_at)
select p.id, r.role, p.created_at
from bench.people as p
join (values ('student'), ('expert'), ('admin')) as r (role)
  on r.role = 'student' or r.role = 'expert' and p.is_expert or r.role = 'admin' and p.n = 2;

insert into core.admins (id, level) select p.id, 'super' from bench.people as p where p.n = 2;

insert into core.role_change_history (
  user_id, user_tombstone, change, role, previous_roles, new_roles, changed_via, reason, changed_at
)
select r.user_id, r.user_id, 'granted', 'student', '{}', array_agg(r.role order by r.role), 'system', 'Sign-up', min(r.granted_at)
from core.user_roles as r
group by r.user_id;

insert into core.topics (slug, name, description)
select format('bench-topic-%s', s.n), format('Topic %s', s.n), 'A topic of the benchmark'
from generate_series(1, 40) as s (n);

insert into core.experts (id, verification_status, headline, max_concurrent_reviews, decided_at, decided_by)
select p.id, 'verified', 'Made for the benchmark', 50, p.created_at, (select a.id from bench.people as a where a.n = 2)
from bench.people as p
where p.is_expert;

insert into core.expert_decisions (expert_id, expert_tombstone, previous_status, new_status, reason, decided_at)
select e.id, e.id, 'pending', 'verified', 'Made for the benchmark', e.decided_at from core.experts as e;

insert into core.expert_topics (expert_id, topic_id)
select e.id, t.id
from (select id, row_number() over (order by id) as n from core.experts) as e
join (select id, row_number() over (order by slug) as n from core.topics) as t on (t.n - e.n) % 10 = 0;

insert into qa.clients (id, user_id, created_at, updated_at)
select p.client_id, p.id, p.created_at, p.created_at from bench.people as p;
