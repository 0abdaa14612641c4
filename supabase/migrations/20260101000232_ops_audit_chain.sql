-- Hashing and sealing the audit.
--
-- The hash of a row covers every column, as text that no session setting changes; occurred_at is covered by the
-- link, which has it once for all of its rows. private.verify_audit_rows builds the same text and must be changed
-- with it. No column can be empty text, so a null cannot pass for one.

create or replace function private.audit_link_hash(p_link ops.audit_chain)
returns bytea
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select sha256(
    convert_to(
      row(
        p_link.link_id, extract(epoch from p_link.sealed_at), extract(epoch from p_link.occurred_at),
        p_link.xact_id, p_link.row_ids
      )::text,
      'UTF8'
    ) || p_link.row_hashes || p_link.previous_hash
  );
$$;

comment on function private.audit_link_hash(ops.audit_chain) is 'The hash that a link must have.';

create or replace function private.tg_audit_logs__hash()
returns trigger
language plpgsql
security definer -- the one way into audit_pending
set search_path = ''
as $$
begin
  insert into ops.audit_pending (xact_id, row_ids, row_hashes)
  select
    pg_current_xact_id(),
    array_agg(n.id),
    string_agg(
      sha256(convert_to(
        concat(
          n.id, e'\x1f', n.table_name, e'\x1f', n.action, e'\x1f', n.row_key, e'\x1f', n.changed_columns, e'\x1f',
          n.old_values, e'\x1f', n.new_values, e'\x1f', n.actor_id, e'\x1f', n.actor_kind, e'\x1f', n.db_role,
          e'\x1f', n.request_id, e'\x1f', n.client_network
        ),
        'UTF8'
      )),
      ''
    )
  from new_rows as n
  having count(*) > 0;
  return null;
end;
$$;

comment on function private.tg_audit_logs__hash() is 'Hashes new audit rows and puts them down for sealing.';

create trigger _500_hash
  after insert on ops.audit_logs
  referencing new table as new_rows
  for each statement execute function private.tg_audit_logs__hash();

-- Fires at commit, once for each statement that wrote audit rows; the first firing seals them all, and leaves
-- word of how far it got for the others. The lock on the head is held from here to the end of the commit, so
-- links follow each other in the order of commits.
create or replace function private.tg_audit_pending__seal()
returns trigger
language plpgsql
security definer -- writes the chain, whoever commits
set search_path = ''
as $$
declare
  v_sealed bigint := nullif(current_setting('ops.audit_sealed_pending', true), '')::bigint;
  v_last bigint;
  v_statements bigint;
  v_link ops.audit_chain;
  v_head ops.audit_head;
begin
  if new.id <= v_sealed then
    return null;
  end if;

  select count(*), max(p.id) into v_statements, v_last
  from ops.audit_pending as p
  where p.xact_id = pg_current_xact_id() and p.id > coalesce(v_sealed, 0);
  if v_statements = 1 then
    v_link.row_ids := new.row_ids;
    v_link.row_hashes := new.row_hashes;
  else
    select string_agg(p.row_hashes, '' order by p.id) into v_link.row_hashes
    from ops.audit_pending as p
    where p.xact_id = pg_current_xact_id() and p.id between new.id and v_last;

    select array_agg(u.row_id order by p.id, u.place) into v_link.row_ids
    from ops.audit_pending as p
    cross join lateral unnest(p.row_ids) with ordinality as u (row_id, place)
    where p.xact_id = pg_current_xact_id() and p.id between new.id and v_last;
  end if;
  delete from ops.audit_pending as p
  where p.xact_id = pg_current_xact_id() and p.id between new.id and v_last;
  perform set_config('ops.audit_sealed_pending', v_last::text, true);

  select * into v_head from ops.audit_head for update;
  v_link.link_id := v_head.link_id + 1;
  v_link.sealed_at := greatest(clock_timestamp(), v_head.sealed_at);
  v_link.occurred_at := now();
  v_link.xact_id := pg_current_xact_id();
  v_link.previous_hash := v_head.hash;
  v_link.hash := private.audit_link_hash(v_link);
  insert into ops.audit_chain select v_link.*;
  update ops.audit_head
  set link_id = v_link.link_id, hash = v_link.hash, sealed_at = v_link.sealed_at
  where is_head;
  return null;
end;
$$;

comment on function private.tg_audit_pending__seal() is
  'Seals the audit rows of the transaction in one link of the chain.';

create constraint trigger _500_seal
  after insert on ops.audit_pending
  deferrable initially deferred
  for each row execute function private.tg_audit_pending__seal();

revoke execute on function private.audit_link_hash(ops.audit_chain) from public;
revoke execute on function private.tg_audit_logs__hash() from public;
revoke execute on function private.tg_audit_pending__seal() from public;
