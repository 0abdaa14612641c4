-- Rows by the million go into tables without indexes, which are then built in one go, from the very definitions that the
-- migrations gave them. Keys that another table refers to stay.

create table bench.later (
  place integer generated always as identity primary key,
  relation regclass not null,
  definition text not null
);
comment on table bench.later is 'Indexes and keys that are built when the rows are in.';

create function bench.take_indexes(p_relation regclass)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_key record;
  v_index record;
begin
  for v_key in
    select c.conname, pg_catalog.pg_get_constraintdef(c.oid) as definition
    from pg_catalog.pg_constraint as c
    where c.conrelid = p_relation and c.contype in ('p', 'u')
      and not exists (select from pg_catalog.pg_constraint as f where f.contype = 'f' and f.conindid = c.conindid)
  loop
    insert into bench.later (relation, definition)
    values (p_relation, format('alter table %s add constraint %I %s', p_relation, v_key.conname, v_key.definition));
    execute format('alter table %s drop constraint %I', p_relation, v_key.conname);
  end loop;
  for v_index in
    select i.indexrelid::regclass as name, pg_catalog.pg_get_indexdef(i.indexrelid) as definition
    from pg_catalog.pg_index as i
    where i.indrelid = p_relation
      and not exists (select from pg_catalog.pg_constraint as c where c.conindid = i.indexrelid)
  loop
    insert into bench.later (relation, definition) values (p_relation, v_index.definition);
    execute format('drop index %s', v_index.name);
  end loop;
end;
$$;
comment on function bench.take_indexes(regclass) is 'Drops the indexes of a table and notes how they were.';

create function bench.give_indexes(p_relation regclass)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_definition text;
begin
  for v_definition in select l.definition from bench.later as l where l.relation = p_relation order by l.place loop
    execute v_definition;
  end loop;
  delete from bench.later as l where l.relation = p_relation;
end;
$$;
comment on function bench.give_indexes(regclass) is 'Builds the indexes of a table again.';

-- The same thing has the same id in every file, without looking it up.
create function bench.id(p_kind text, p_n integer)
returns uuid
language sql
immutable
set search_path = ''
as $$ select md5(p_kind || p_n)::uuid; $$;
comment on function bench.id(text, integer) is 'The id of thing number n of a kind.';

-- A number below 1, the same for the same thing on every machine.
create function bench.chance(p_what text, p_n integer)
returns double precision
language sql
immutable
set search_path = ''
as $$ select (hashtextextended(p_what, p_n) & 1048575) / 1048576.0::double precision; $$;
comment on function bench.chance(text, integer) is 'A number from 0 to 1 that belongs to this thing.';
