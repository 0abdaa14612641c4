-- The operations schema, and the months that its tables are cut into.
--
-- ops is not exposed through the Data API. Administrators read it in Studio, services reach it through the
-- wrappers in core, modules call its functions from SQL. Every function here that writes runs with its
-- owner's rights and may be executed by service_role only: that grant is the check of its caller.

create schema if not exists ops;
create schema if not exists private;

comment on schema ops is 'Jobs, audit, usage, limits, cache and retention. Never exposed to clients.';

revoke all on schema ops from public, anon, authenticated;
grant usage on schema ops to service_role;

create table ops.partition_sets (
  table_schema text not null,
  table_name text not null,
  months_ahead integer not null default 3 check (months_ahead between 1 and 24),
  is_append_only boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (table_schema, table_name)
);

comment on table ops.partition_sets is
  'Tables cut by month: ops.ensure_partitions creates their coming months. A module adds one row a table.';
comment on column ops.partition_sets.is_append_only is
  'New partitions refuse TRUNCATE too: statement triggers of a parent do not fire for its partitions.';

alter table ops.partition_sets enable row level security;
grant select on ops.partition_sets to service_role;

create or replace function private.tg__refuse_change()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT403' using
    message = 'append_only_table',
    detail = format('%s of %I.%I is refused: its rows are never changed or removed.',
      tg_op, tg_table_schema, tg_table_name),
    hint = 'Write a new row that corrects the old one.';
end;
$$;

comment on function private.tg__refuse_change() is
  'Trigger of append-only tables: refuses the change, for the owner of the table too.';

-- Making or taking away a partition changes the triggers of the tables that its keys point to. Those are locked first, as
-- whoever deletes a row there and what hangs on it locks them first: otherwise the two would wait for each other.
create or replace function private.lock_referenced(p_table regclass)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_referenced regclass;
begin
  for v_referenced in
    select distinct c.confrelid::regclass
    from pg_catalog.pg_constraint as c
    where c.conrelid = p_table and c.contype = 'f'
    order by 1
  loop
    execute format('lock table %s in share row exclusive mode', v_referenced);
  end loop;
end;
$$;

comment on function private.lock_referenced(regclass) is
  'Keeps others from changing rows of the tables that a table refers to, until the transaction ends; reading goes on.';

-- A month that the default partition already holds rows of is left there: it cannot be attached without
-- moving them, and an append-only table moves nothing. Reads and retention do not mind.
create or replace function private.ensure_month_partition(p_schema text, p_table text, p_month date)
returns boolean
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_from date := date_trunc('month', p_month)::date;
  v_to date := (date_trunc('month', p_month) + interval '1 month')::date;
  v_name text := format('%s_%s', p_table, to_char(v_from, 'YYYY_MM'));
  v_append_only boolean;
  v_is_date boolean;
begin
  if to_regclass(format('%I.%I', p_schema, v_name)) is not null then
    return false;
  end if;
  -- A date has no zone: its months begin on its own first day.
  select a.atttypid = 'date'::regtype into v_is_date
  from pg_catalog.pg_partitioned_table as t
  join pg_catalog.pg_attribute as a on a.attrelid = t.partrelid and a.attnum = t.partattrs[0]
  where t.partrelid = format('%I.%I', p_schema, p_table)::regclass;

  perform private.lock_referenced(format('%I.%I', p_schema, p_table)::regclass);
  begin
    execute format(
      'create table %I.%I partition of %I.%I for values from (%L) to (%L)',
      p_schema, v_name, p_schema, p_table,
      case when v_is_date then v_from::text else (v_from::timestamp at time zone 'UTC')::text end,
      case when v_is_date then v_to::text else (v_to::timestamp at time zone 'UTC')::text end
    );
  exception when check_violation then
    return false;
  end;
  execute format('alter table %I.%I enable row level security', p_schema, v_name);
  execute format('comment on table %I.%I is %L', p_schema, v_name,
    format('Rows of %s.%s for %s.', p_schema, p_table, to_char(v_from, 'YYYY-MM')));

  select s.is_append_only into v_append_only
  from ops.partition_sets as s
  where s.table_schema = p_schema and s.table_name = p_table;
  if v_append_only then
    perform private.refuse_truncate(format('%I.%I', p_schema, v_name)::regclass);
  end if;
  return true;
end;
$$;

comment on function private.ensure_month_partition(text, text, date) is
  'Creates one month of a partitioned table. False when it exists or when the default partition holds rows of it.';

create or replace function private.refuse_truncate(p_table regclass)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  execute format(
    'create or replace trigger _100_refuse_truncate before truncate on %s
       for each statement execute function private.tg__refuse_change()',
    p_table
  );
end;
$$;

comment on function private.refuse_truncate(regclass) is 'Makes a table refuse TRUNCATE.';

-- For migrations: registers a table that is partitioned by range of a timestamptz or a date, and gives it its default
-- partition and its first months.
create or replace function private.partition_by_month(p_table regclass, p_append_only boolean default false)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_schema text;
  v_table text;
  v_default text;
begin
  select n.nspname, c.relname into v_schema, v_table
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where c.oid = p_table;

  insert into ops.partition_sets (table_schema, table_name, is_append_only)
  values (v_schema, v_table, p_append_only)
  on conflict do nothing;

  v_default := v_table || '_default';
  if to_regclass(format('%I.%I', v_schema, v_default)) is null then
    execute format('create table %I.%I partition of %I.%I default', v_schema, v_default, v_schema, v_table);
    execute format('alter table %I.%I enable row level security', v_schema, v_default);
    execute format('comment on table %I.%I is %L', v_schema, v_default,
      format('Rows of %s.%s that no month covers, so that an insert never fails.', v_schema, v_table));
  end if;
  if p_append_only then
    perform private.refuse_truncate(p_table);
    perform private.refuse_truncate(format('%I.%I', v_schema, v_default)::regclass);
  end if;
  perform ops.ensure_partitions();
end;
$$;

comment on function private.partition_by_month(regclass, boolean) is
  'Registers a partitioned table, and creates its default partition and its coming months.';

-- Waits at most two seconds for a busy table: the next run tries again, and the default partition catches
-- what comes in between.
create or replace function ops.ensure_partitions()
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
set lock_timeout = '2s'
as $$
declare
  v_set ops.partition_sets;
  v_created integer := 0;
begin
  for v_set in select * from ops.partition_sets order by table_schema, table_name loop
    continue when to_regclass(format('%I.%I', v_set.table_schema, v_set.table_name)) is null;
    for v_month in 0..v_set.months_ahead loop
      if private.ensure_month_partition(v_set.table_schema, v_set.table_name,
        ((now() at time zone 'UTC')::date + make_interval(months => v_month))::date)
      then
        v_created := v_created + 1;
      end if;
    end loop;
  end loop;
  return v_created;
end;
$$;

comment on function ops.ensure_partitions() is
  'Creates the coming months of every registered table; returns how many were new. A scheduled task.';

revoke execute on function private.tg__refuse_change() from public;
revoke execute on function private.lock_referenced(regclass) from public;
revoke execute on function private.ensure_month_partition(text, text, date) from public;
revoke execute on function private.refuse_truncate(regclass) from public;
revoke execute on function private.partition_by_month(regclass, boolean) from public;
revoke execute on function ops.ensure_partitions() from public;
