-- Months that are put away: detached from their table and moved to the schema archive, whole and readable for
-- whoever runs the database, out of the way of everybody else. They keep their keys, so that a person who is
-- erased goes from there, too, and a data export finds them (ops.export_user_data).
--
-- Whatever comes late for such a month lands in the default partition, as for any month that is not there; the
-- next run puts it beside the others, in place of an older row with its key.

create schema if not exists archive;
comment on schema archive is 'Months of partitioned tables that retention has put away. Never exposed to clients, without any grant.';
revoke all on schema archive from public, anon, authenticated, service_role;

create table ops.archived_partitions (
  name text primary key,
  table_schema text not null,
  table_name text not null,
  month date not null,
  archived_at timestamptz not null default now(),
  constraint archived_partitions_month_key unique (table_schema, table_name, month),
  constraint archived_partitions_month_check check (extract(day from month) = 1)
);
comment on table ops.archived_partitions is 'Which months of which tables lie in the schema archive, as archive.<name>.';

alter table ops.archived_partitions enable row level security;
grant select on ops.archived_partitions to service_role;

-- The columns that can be written: all but generated ones.
create or replace function private.written_columns(p_table regclass)
returns text[]
language sql
stable
security invoker
set search_path = ''
as $$
  select array_agg(a.attname::text order by a.attnum)
  from pg_catalog.pg_attribute as a
  where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped and a.attgenerated = '';
$$;
comment on function private.written_columns(regclass) is 'Columns of a table that an insert can name.';

-- A table for a month of which only the default partition has rows.
create or replace function private.make_archive_table(p_table regclass, p_name text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_key record;
begin
  execute format('create table archive.%I (like %s including all)', p_name, p_table);
  for v_key in
    select c.conname, pg_catalog.pg_get_constraintdef(c.oid) as definition
    from pg_catalog.pg_constraint as c where c.conrelid = p_table and c.contype = 'f'
  loop
    execute format('alter table archive.%I add constraint %I %s', p_name, v_key.conname, v_key.definition);
  end loop;
  execute format('alter table archive.%I enable row level security', p_name);
end;
$$;
comment on function private.make_archive_table(regclass, text) is 'An empty table in archive with the columns, checks and keys of another.';

-- Rows that the archive has already are replaced: those that come later were computed later.
create or replace function private.move_to_archive(p_table regclass, p_from regclass, p_name text, p_where text)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_columns text[] := private.written_columns(p_from);
  v_key text[];
  v_changes text;
  v_rows bigint;
begin
  select array_agg(a.attname::text) into v_key
  from pg_catalog.pg_constraint as c
  join pg_catalog.pg_attribute as a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
  where c.conrelid = p_table and c.contype = 'p';
  select string_agg(format('%1$I = excluded.%1$I', u.name), ', ') into v_changes
  from unnest(v_columns) as u (name) where v_key is not null and not u.name = any (v_key);
  execute format(
    'with moved as (delete from %1$s where %2$s returning *)
     insert into archive.%3$I (%4$s) overriding system value select %4$s from moved %5$s',
    p_from, p_where, p_name,
    (select string_agg(format('%I', u.name), ', ') from unnest(v_columns) as u (name)),
    case
      when v_key is null then ''
      else format(
        'on conflict (%s) do %s', (select string_agg(format('%I', u.name), ', ') from unnest(v_key) as u (name)),
        coalesce('update set ' || v_changes, 'nothing')
      )
    end
  );
  get diagnostics v_rows = row_count;
  return v_rows;
end;
$$;
comment on function private.move_to_archive(regclass, regclass, text, text) is
  'Moves rows of a partition into a table of archive, over those with the same key of p_table; returns how many.';

create or replace function private.archive_month(p_table regclass, p_month date, p_partition regclass, p_where text)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_schema text;
  v_table text;
  v_name text;
  v_rows bigint;
begin
  select n.nspname, c.relname into v_schema, v_table
  from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace where c.oid = p_table;
  v_name := format('%s_%s_%s', v_schema, v_table, to_char(p_month, 'YYYY_MM'));
  perform private.lock_referenced(p_table);
  if p_where is not null or to_regclass(format('archive.%I', v_name)) is not null then
    if to_regclass(format('archive.%I', v_name)) is null then
      perform private.make_archive_table(p_table, v_name);
    end if;
    v_rows := private.move_to_archive(p_table, p_partition, v_name, coalesce(p_where, 'true'));
    if p_where is null then
      execute format('drop table %s', p_partition);
    end if;
  else
    execute format('alter table %s detach partition %s', p_table, p_partition);
    execute format('alter table %s rename to %I', p_partition, v_name);
    execute format('alter table %s set schema archive', p_partition);
    execute format('select count(*) from archive.%I', v_name) into v_rows;
  end if;
  execute format('revoke all on archive.%I from public, anon, authenticated, service_role', v_name);
  execute format('comment on table archive.%I is %L', v_name, format('Rows of %s.%s for %s.', v_schema, v_table, to_char(p_month, 'YYYY-MM')));
  insert into ops.archived_partitions (name, table_schema, table_name, month) values (v_name, v_schema, v_table, p_month)
  on conflict (name) do nothing;
  return v_rows;
end;
$$;
comment on function private.archive_month(regclass, date, regclass, text) is
  'Puts a month away: a partition as a whole, or with p_where those rows of it (the default one). Returns how many rows.';

create or replace function private.archive_old_partitions(p_schema text, p_table text, p_before timestamptz)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_table regclass := format('%I.%I', p_schema, p_table)::regclass;
  v_default regclass := to_regclass(format('%I.%I', p_schema, p_table || '_default'));
  v_first date := date_trunc('month', p_before at time zone 'UTC')::date;
  v_month_of text;
  v_part record;
  v_month text;
  v_rows bigint := 0;
begin
  for v_part in
    select c.oid::regclass as name, to_date(right(c.relname, 7), 'YYYY_MM') as month
    from pg_catalog.pg_inherits as i
    join pg_catalog.pg_class as c on c.oid = i.inhrelid
    where i.inhparent = v_table and c.relname ~ ('^' || p_table || '_\d{4}_\d{2}$') and to_date(right(c.relname, 7), 'YYYY_MM') < v_first
    order by c.relname
  loop
    v_rows := v_rows + private.archive_month(v_table, v_part.month, v_part.name, null);
  end loop;

  if v_default is not null then
    -- A date is its own; a moment belongs to the month that it falls into in UTC, as with the partitions.
    select format(case when a.atttypid = 'date'::regtype then 'to_char(%I, ''YYYY-MM'')' else 'to_char(%I at time zone ''UTC'', ''YYYY-MM'')' end, a.attname)
    into v_month_of
    from pg_catalog.pg_partitioned_table as t
    join pg_catalog.pg_attribute as a on a.attrelid = t.partrelid and a.attnum = t.partattrs[0]
    where t.partrelid = v_table;
    for v_month in execute format('select %1$s from %2$s where %1$s < %3$L group by 1 order by 1', v_month_of, v_default, to_char(v_first, 'YYYY-MM')) loop
      v_rows := v_rows + private.archive_month(
        v_table, to_date(v_month, 'YYYY-MM'), v_default, format('%s = %L', v_month_of, v_month)
      );
    end loop;
  end if;
  return v_rows;
end;
$$;
comment on function private.archive_old_partitions(text, text, timestamptz) is
  'Puts the months away that end before a time; returns how many rows. A second run finds nothing to do.';

revoke execute on function
  private.written_columns(regclass), private.make_archive_table(regclass, text), private.move_to_archive(regclass, regclass, text, text),
  private.archive_month(regclass, date, regclass, text), private.archive_old_partitions(text, text, timestamptz)
  from public, anon, authenticated;
