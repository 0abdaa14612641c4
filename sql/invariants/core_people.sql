-- People: everybody has a profile, roles agree with what they follow from, the history ends where the roles are, and an
-- administrator remains. They hold because triggers write each of these in the statement that changes the other.

select 'account without a profile' as rule, u.id::text as id, null::text as detail
from auth.users as u
where not exists (select from core.profiles as p where p.id = u.id)
union all
select 'role admin and table admins disagree', coalesce(r.user_id, a.id)::text,
  case when a.id is null then 'no row in admins' else 'no role' end
from (select * from core.user_roles where role = 'admin') as r
full join core.admins as a on a.id = r.user_id
where a.id is null or r.user_id is null
union all
select 'verified expert without the role', e.id::text, e.verification_status
from core.experts as e
where e.verification_status = 'verified'
  and not exists (select from core.user_roles as r where r.user_id = e.id and r.role = 'expert')
union all
select 'role expert without verification', r.user_id::text, e.verification_status
from core.user_roles as r
left join core.experts as e on e.id = r.user_id
where r.role = 'expert' and e.verification_status is distinct from 'verified'
union all
select 'expert status and last decision disagree', e.id::text, format('%s, decided %s', e.verification_status, d.new_status)
from core.experts as e
left join lateral (
  select h.new_status from core.expert_decisions as h
  where h.expert_id = e.id
  order by h.decided_at desc
  limit 1
) as d on true
where d.new_status is distinct from e.verification_status
union all
select 'history does not end at the roles there are', p.id::text, format('has %s, history %s', r.roles, h.new_roles)
from core.profiles as p
cross join lateral (
  select coalesce(array_agg(u.role order by u.role), '{}') as roles from core.user_roles as u where u.user_id = p.id
) as r
left join lateral (
  select c.new_roles from core.role_change_history as c
  where c.user_id = p.id
  order by c.changed_at desc
  limit 1
) as h on true
where coalesce(h.new_roles, '{}') <> r.roles
union all
-- A project that never had one is new; one that had keeps one.
select 'no administrator remains', null, null
where exists (select from core.role_change_history as h where h.role = 'admin')
  and not exists (
    select from core.user_roles as r
    join core.profiles as p on p.id = r.user_id and p.is_active
    join core.admins as a on a.id = r.user_id and a.level <> 'readonly'
    where r.role = 'admin'
  );
