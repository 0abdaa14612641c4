-- Notifications: person 1 has a thousand, the others six on average; what is older than a month was read.

insert into core.notifications (user_id, type, severity, title, message, data, link, read_at, created_at, updated_at)
select
  p.id, 'qa.delivered', 'success', 'Your answer is there', 'An expert has checked it.', '{}', '/questions/' || n.n,
  case when n.at < now() - interval '1 month' then n.at + interval '1 hour' end, n.at, n.at
from (
  select
    s.n,
    case when s.n <= bench.size(1000) then 1 else 1 + floor(power(random(), 2) * bench.size(50000))::integer end as person,
    now() - random() * interval '2 years' as at
  from generate_series(1, bench.size(300000)) as s (n)
) as n
join bench.people as p on p.n = n.person
order by n.at;
