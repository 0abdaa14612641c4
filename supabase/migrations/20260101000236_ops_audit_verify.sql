-- Checking the audit. What it finds, and first_broken_id:
--   row_changed, row_removed, row_unsealed   the audit row (audit_logs.id) that was changed, removed, or slipped in
--   link_changed, link_removed, link_added   the link (audit_chain.link_id)
--   head_changed                             the last link
--   checkpoint_forged                        the checkpoint (audit_checkpoints.id)
--
-- What it cannot find: a superuser may disable the triggers and rebuild every link, hash and head from some point
-- on. Only a head hash that was copied elsewhere before shows that; see docs/ops.md.

-- Links in order: each follows the one before it, and its hash is right.
create or replace function private.verify_audit_links(
  p_first_link_id bigint,
  p_anchor_hash bytea,
  out broken_id bigint,
  out reason text
)
language plpgsql
stable
security definer -- reads ops tables; called by ops.verify_audit_chain
set search_path = ''
as $$
declare
  v_last ops.audit_chain;
  v_head ops.audit_head;
begin
  select
    case when w.link_id > w.before_id + 1 then w.before_id + 1 else w.link_id end,
    case
      when w.link_id > w.before_id + 1 then 'link_removed'
      when w.link_id < w.before_id + 1 then 'link_added'
      else 'link_changed'
    end
  into broken_id, reason
  from (
    select
      c.link_id,
      c.hash = private.audit_link_hash(c) as is_hashed,
      c.previous_hash = lag(c.hash, 1, p_anchor_hash) over chain as is_linked,
      lag(c.link_id, 1, p_first_link_id - 1) over chain as before_id
    from ops.audit_chain as c
    where c.link_id >= p_first_link_id
    window chain as (order by c.link_id, c.sealed_at)
  ) as w
  where not (w.is_hashed and w.is_linked and w.link_id = w.before_id + 1)
  order by w.link_id
  limit 1;
  if reason is not null then
    return;
  end if;

  select * into v_last from ops.audit_chain as c
  where c.link_id >= p_first_link_id order by c.link_id desc limit 1;
  select * into v_head from ops.audit_head;
  v_last.link_id := coalesce(v_last.link_id, p_first_link_id - 1);
  v_last.hash := coalesce(v_last.hash, p_anchor_hash);
  if v_head.link_id > v_last.link_id then
    broken_id := v_last.link_id + 1;
    reason := 'link_removed';
  elsif v_head.link_id is distinct from v_last.link_id or v_head.hash is distinct from v_last.hash then
    broken_id := v_last.link_id;
    reason := 'head_changed';
  end if;
end;
$$;

comment on function private.verify_audit_links(bigint, bytea) is 'The first broken link of the chain, or nulls.';

-- Rows in the order of their links, then rows that no link knows.
create or replace function private.verify_audit_rows(
  p_rows_before timestamptz,
  out broken_id bigint,
  out reason text
)
language plpgsql
stable
security definer -- reads ops tables; called by ops.verify_audit_chain
set search_path = ''
as $$
begin
  select s.row_id, case when a.id is null then 'row_removed' else 'row_changed' end
  into broken_id, reason
  from (
    select c.link_id, c.occurred_at, u.row_id, u.place,
      substr(c.row_hashes, (u.place::integer - 1) * 32 + 1, 32) as row_hash
    from ops.audit_chain as c
    cross join lateral unnest(c.row_ids) with ordinality as u (row_id, place)
    where c.occurred_at >= p_rows_before
  ) as s
  left join ops.audit_logs as a on a.id = s.row_id and a.occurred_at = s.occurred_at
  where a.id is null
    or s.row_hash <> sha256(convert_to(
      concat(
        a.id, e'\x1f', a.table_name, e'\x1f', a.action, e'\x1f', a.row_key, e'\x1f', a.changed_columns, e'\x1f',
        a.old_values, e'\x1f', a.new_values, e'\x1f', a.actor_id, e'\x1f', a.actor_kind, e'\x1f', a.db_role,
        e'\x1f', a.request_id, e'\x1f', a.client_network
      ),
      'UTF8'
    ))
  order by s.link_id, s.place
  limit 1;
  if reason is not null then
    return;
  end if;

  -- What this transaction wrote and has not sealed yet is no finding; nobody else's is visible.
  select e.id, 'row_unsealed' into broken_id, reason
  from (
    select a.id, a.occurred_at from ops.audit_logs as a where a.occurred_at >= p_rows_before
    except
    (
      select unnest(c.row_ids), c.occurred_at from ops.audit_chain as c
      union all
      select unnest(p.row_ids), now() from ops.audit_pending as p
    )
  ) as e
  order by e.id
  limit 1;
end;
$$;

comment on function private.verify_audit_rows(timestamptz) is 'The first broken audit row, or nulls.';

create or replace function ops.verify_audit_chain()
returns table (is_valid boolean, checked_links bigint, checked_rows bigint, first_broken_id bigint, reason text)
language plpgsql
stable
security definer -- reads ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_point ops.audit_checkpoints;
begin
  select * into v_point from ops.audit_checkpoints as p order by p.id desc limit 1;
  if v_point.id is not null and not exists (
    select from ops.audit_logs as a
    where a.table_name = 'ops.audit_checkpoints' and a.action = 'insert' and a.row_key = v_point.id::text
      and a.new_values = to_jsonb(v_point) - 'id' - 'created_at'
  ) then
    first_broken_id := v_point.id;
    reason := 'checkpoint_forged';
  end if;
  v_point.first_link_id := coalesce(v_point.first_link_id, 1);
  v_point.anchor_hash := coalesce(v_point.anchor_hash, sha256('lyceum'));
  v_point.rows_before := coalesce(v_point.rows_before, '-infinity');

  if reason is null then
    select v.broken_id, v.reason into first_broken_id, reason
    from private.verify_audit_links(v_point.first_link_id, v_point.anchor_hash) as v;
  end if;
  if reason is null then
    select v.broken_id, v.reason into first_broken_id, reason
    from private.verify_audit_rows(v_point.rows_before) as v;
  end if;

  select count(*), coalesce(sum(cardinality(c.row_ids)) filter (where c.occurred_at >= v_point.rows_before), 0)
  into checked_links, checked_rows
  from ops.audit_chain as c
  where c.link_id >= v_point.first_link_id;
  is_valid := reason is null;
  return next;
end;
$$;

comment on function ops.verify_audit_chain() is
  'Checks every link and row of the audit. When one is broken: its id and what is wrong (row_changed, row_removed, row_unsealed, link_changed, link_removed, link_added, head_changed, checkpoint_forged).';

revoke execute on function private.verify_audit_links(bigint, bytea) from public;
revoke execute on function private.verify_audit_rows(timestamptz) from public;
revoke execute on function ops.verify_audit_chain() from public;
grant execute on function ops.verify_audit_chain() to service_role;
