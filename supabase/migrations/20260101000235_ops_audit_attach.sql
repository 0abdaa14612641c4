-- Putting tables under audit. In a migration: select private.audit_table('module.table', '{ignored,columns}');
-- and again after columns were added or dropped, because the columns are written into the trigger function:
-- that is what makes it fast. sql/invariants/ops_audited_columns.sql finds tables where it was forgotten.

-- The SQL of one table's trigger function, piece by piece. r is a row of an insert or delete, o and n the two
-- sides of an update.
create or replace function private.audit_expressions(
  p_table regclass,
  p_ignored_columns text[],
  p_unaudited_columns text[],
  out columns text[],
  out row_key text,
  out update_key text,
  out key_column text,
  out key_join text,
  out is_changed text,
  out changed_columns text,
  out old_changes text,
  out new_changes text,
  out new_row text,
  out old_row text
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  -- A type without an equality of its own (json, point) is compared as text. updated_at says nothing that
  -- occurred_at does not, and a generated column nothing that its sources do not.
  with cols as (
    select
      a.attname::text as name,
      a.attnum as place,
      quote_ident(a.attname) as ident,
      a.attnum = any (coalesce(i.indkey::smallint[], '{}')) as is_key,
      i.indnkeyatts = 1 as has_plain_key,
      a.attname = any (p_ignored_columns) as is_ignored,
      case when t.typname in ('json', 'xml', 'point', 'polygon', 'line', 'path') then '::text' else '' end as cast_to
    from pg_catalog.pg_attribute as a
    join pg_catalog.pg_type as t on t.oid = a.atttypid
    left join pg_catalog.pg_index as i on i.indrelid = a.attrelid and i.indisprimary
    where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped
      and a.attgenerated = '' and a.attname <> 'updated_at' and a.attname <> all (p_unaudited_columns)
  ),
  parts as (
    select
      c.*,
      format('o.%1$s%2$s is distinct from n.%1$s%2$s', c.ident, c.cast_to) as differs,
      -- jsonb_build_object takes a hundred arguments at most.
      (row_number() over (partition by c.is_ignored order by c.place) - 1) / 40 as chunk
    from cols as c
  ),
  pieces as (
    select
      p.*,
      format('case when %s then jsonb_build_object(%L, %%s.%s) else ''{}'' end', p.differs, p.name, p.ident) as change
    from parts as p
  ),
  chunks as (
    select
      p.chunk,
      format('jsonb_build_object(%s)', string_agg(format('%L, r.%s', p.name, p.ident), ', ' order by p.place)) as old_part,
      -- row_key and occurred_at say a plain key and created_at already.
      format('jsonb_build_object(%s)', string_agg(format('%L, r.%s', p.name, p.ident), ', ' order by p.place)
        filter (where not (p.is_key and p.has_plain_key) and p.name <> 'created_at')) as new_part
    from parts as p
    where not p.is_ignored
    group by p.chunk
  )
  select
    array_agg(p.name order by p.place),
    format('concat_ws('':'', %s)', string_agg(format('r.%s', p.ident), ', ' order by p.place) filter (where p.is_key)),
    format('concat_ws('':'', %s)',
      string_agg(format('coalesce(o.%1$s, n.%1$s)', p.ident), ', ' order by p.place) filter (where p.is_key)),
    min(p.ident) filter (where p.is_key),
    string_agg(format('o.%1$s = n.%1$s', p.ident), ' and ' order by p.place) filter (where p.is_key),
    string_agg(p.differs, ' or ' order by p.place),
    format('array_remove(array[%s], null)',
      string_agg(format('case when %s then %L end', p.differs, p.name), ', ' order by p.place)),
    coalesce(string_agg(replace(p.change, '%s', 'o'), ' || ' order by p.place) filter (where not p.is_ignored), 'null'),
    coalesce(string_agg(replace(p.change, '%s', 'n'), ' || ' order by p.place) filter (where not p.is_ignored), 'null'),
    coalesce((select string_agg(c.new_part, ' || ' order by c.chunk) from chunks as c), 'null'),
    coalesce((select string_agg(c.old_part, ' || ' order by c.chunk) from chunks as c), 'null')
  into columns, row_key, update_key, key_column, key_join, is_changed, changed_columns, old_changes, new_changes,
    new_row, old_row
  from pieces as p;
end;
$$;

comment on function private.audit_expressions(regclass, text[], text[]) is
  'Pieces of SQL from which private.audit_table writes a trigger function.';

-- A full join pairs the rows of an update: it cannot become a nested loop, whatever the plan was made for, and
-- a row whose key was changed shows as a delete and an insert.
create or replace function private.audit_table(
  p_table regclass,
  p_ignored_columns text[] default '{}',
  p_keep_inserts boolean default true,
  p_unaudited_columns text[] default '{}'
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_schema text;
  v_table text;
  v_function text;
  v_name text;
  v_sql record;
  v_event text;
  -- Where counters move all the time, a statement trigger would cost each of these updates its look at the rows; a row
  -- trigger with a condition costs them nothing.
  v_by_row boolean := p_unaudited_columns <> '{}';
begin
  select n.nspname, c.relname into v_schema, v_table
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where c.oid = p_table;
  v_name := format('%s.%s', v_schema, v_table);
  v_function := format('private.%I', left(format('tg_audit__%s_%s', v_schema, v_table), 63));

  select * into v_sql from private.audit_expressions(p_table, p_ignored_columns, p_unaudited_columns);
  if v_sql.key_join is null or not array_remove(p_ignored_columns, 'updated_at') <@ v_sql.columns
    or exists (
      select from unnest(p_unaudited_columns) as u (name)
      where not exists (select from pg_catalog.pg_attribute as a where a.attrelid = p_table and a.attname = u.name and not a.attisdropped)
    )
  then
    raise sqlstate 'PT422' using
      message = 'table_not_auditable',
      detail = format('Table %s has no primary key, or lacks one of the columns %s.', v_name, p_ignored_columns || p_unaudited_columns),
      hint = 'An audit row names its row by the primary key; ignore only columns that there are.';
  end if;

  execute format($sql$
    create or replace function %1$s() returns trigger
    language plpgsql
    security definer -- writes ops.audit_logs, whoever changes the table
    set search_path = ''
    as $body$
    declare
      v_actor record;
    begin
      select * into v_actor from private.audit_actor();
      case tg_op
        when 'INSERT' then
          insert into ops.audit_logs (
            table_name, action, row_key, new_values, actor_id, actor_kind, request_id, client_network
          )
          select
            %2$L, 'insert', %3$s, %4$s,
            v_actor.actor_id, v_actor.actor_kind, v_actor.request_id, v_actor.client_network
          from new_rows as r;
        when 'UPDATE' then
          insert into ops.audit_logs (
            table_name, action, row_key, changed_columns, old_values, new_values, actor_id, actor_kind,
            request_id, client_network
          )
          select
            %2$L,
            case when n.%12$s is null then 'delete' when o.%12$s is null then 'insert' else 'update' end,
            %5$s, %6$s, %7$s, %8$s,
            v_actor.actor_id, v_actor.actor_kind, v_actor.request_id, v_actor.client_network
          from %9$s
          where %10$s;
        when 'DELETE' then
          insert into ops.audit_logs (
            table_name, action, row_key, old_values, actor_id, actor_kind, request_id, client_network
          )
          select
            %2$L, 'delete', %3$s, %11$s,
            v_actor.actor_id, v_actor.actor_kind, v_actor.request_id, v_actor.client_network
          from old_rows as r;
        else
          insert into ops.audit_logs (table_name, action, actor_id, actor_kind, request_id, client_network)
          values (
            %2$L, 'truncate', v_actor.actor_id, v_actor.actor_kind, v_actor.request_id, v_actor.client_network
          );
      end case;
      return null;
    end;
    $body$
    $sql$,
    v_function, v_name, v_sql.row_key, case when p_keep_inserts then v_sql.new_row else 'null' end,
    v_sql.update_key, v_sql.changed_columns, v_sql.old_changes, v_sql.new_changes,
    case when v_by_row then '(select old.*) as o cross join (select new.*) as n'
      else format('old_rows as o full join new_rows as n on %s', v_sql.key_join) end,
    v_sql.is_changed, v_sql.old_row, v_sql.key_column
  );
  execute format('revoke execute on function %s() from public', v_function);
  execute format('comment on function %s() is %L', v_function,
    format('Audit of %s, written by private.audit_table.', v_name));

  foreach v_event in array array['insert', 'update', 'delete', 'truncate'] loop
    execute format(
      'create or replace trigger _900_audit_%1$s after %1$s on %2$s %3$s execute function %4$s()',
      v_event, p_table,
      case when v_event = 'update' and v_by_row then format(
        'for each row when (%s)', replace(replace(v_sql.is_changed, 'o.', 'old.'), 'n.', 'new.')
      ) else case v_event
        when 'insert' then 'referencing new table as new_rows'
        when 'update' then 'referencing old table as old_rows new table as new_rows'
        when 'delete' then 'referencing old table as old_rows'
        else ''
      end || ' for each statement' end,
      v_function
    );
  end loop;

  insert into ops.audited_tables (table_schema, table_name, columns, ignored_columns, unaudited_columns, keeps_inserts)
  values (v_schema, v_table, v_sql.columns, p_ignored_columns, p_unaudited_columns, p_keep_inserts)
  on conflict (table_schema, table_name) do update
  set columns = excluded.columns, ignored_columns = excluded.ignored_columns,
    unaudited_columns = excluded.unaudited_columns,
    keeps_inserts = excluded.keeps_inserts, updated_at = now();
end;
$$;

comment on function private.audit_table(regclass, text[], boolean, text[]) is
  'Puts a table under audit. Values of ignored columns never enter it; p_keep_inserts false keeps only that a row was inserted, not its values: half the price. Unaudited columns are not looked at: an update of those alone leaves no row.';

revoke execute on function private.audit_expressions(regclass, text[], text[]) from public;
revoke execute on function private.audit_table(regclass, text[], boolean, text[]) from public;

select private.audit_table('ops.audit_checkpoints');
