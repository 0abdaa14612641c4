-- When somebody is busy: whatever the modules say that are there, together, and nothing else.
begin;
select plan(11);
select tests.share_temporaries();

-- Other modules may be there, or none.
delete from core.busy_sources;
create temp table who as select tests.create_user('busy@core.local') as busy, tests.create_user('idle@core.local') as idle;

create function private.test_busy_one(p_user_id uuid, p_from timestamptz, p_to timestamptz) returns tstzmultirange language sql stable set search_path = '' as $$
  select case when p_user_id = (select p.id from core.profiles as p join auth.users as u on u.id = p.id where u.email = 'busy@core.local')
    then tstzmultirange(tstzrange('2026-03-02 08:00+00', '2026-03-02 10:00+00')) end; $$;
create function private.test_busy_two(p_user_id uuid, p_from timestamptz, p_to timestamptz) returns tstzmultirange language sql stable set search_path = '' as $$
  select '{["2026-03-02 09:00+00","2026-03-02 11:00+00"),["2026-03-02 15:00+00","2026-03-02 16:00+00")}'::tstzmultirange; $$;
create function private.test_busy_broken(p_user_id uuid, p_from timestamptz, p_to timestamptz) returns tstzmultirange language plpgsql stable set search_path = '' as $$
  begin raise exception 'broken'; end; $$;
create function pg_temp.busy(p_who uuid, p_from text default '2026-03-02', p_to text default '2026-03-03') returns text language sql as $$
  select private.busy_times(p_who, (p_from || ' UTC')::timestamptz, (p_to || ' UTC')::timestamptz)::text; $$;
set local time zone 'UTC';

select is(pg_temp.busy((select busy from who)), '{}', 'without modules nobody is');
insert into core.busy_sources (module, busy_function) values ('one', 'test_busy_one');
select is(pg_temp.busy((select busy from who)), '{["2026-03-02 08:00:00+00","2026-03-02 10:00:00+00")}', 'one says when');
select is(pg_temp.busy((select idle from who)), '{}', 'and of whom; nothing is nothing');
insert into core.busy_sources (module, busy_function) values ('two', 'test_busy_two');
select is(pg_temp.busy((select busy from who)), '{["2026-03-02 08:00:00+00","2026-03-02 11:00:00+00"),["2026-03-02 15:00:00+00","2026-03-02 16:00:00+00")}',
  'what several say is put together');
select is(pg_temp.busy((select busy from who), '2026-03-02 10:30', '2026-03-02 15:30'),
  '{["2026-03-02 10:30:00+00","2026-03-02 11:00:00+00"),["2026-03-02 15:00:00+00","2026-03-02 15:30:00+00")}', 'and cut off where nobody asked');
select throws_ok($$ select pg_temp.busy(gen_random_uuid(), '2026-03-03', '2026-03-02') $$, 'PT422', 'range_invalid', 'a range goes forward');
select throws_ok($$ select pg_temp.busy(gen_random_uuid(), '2026-03-03', '2027-03-05') $$, 'PT422', 'range_invalid', 'for a year at most');
select throws_ok($$ select private.busy_times(gen_random_uuid(), null, now()) $$, 'PT422', 'range_invalid', 'and has a beginning');
insert into core.busy_sources (module, busy_function) values ('broken', 'test_busy_broken');
select throws_ok($$ select pg_temp.busy(gen_random_uuid()) $$, 'P0001', 'broken', 'a module that fails keeps nobody free');

select tests.as_user((select busy from who));
select throws_ok($$ select private.busy_times((select idle from who), now(), now()) $$, '42501', null, 'nobody asks when others are busy');
select throws_ok($$ select 1 from core.busy_sources $$, '42501', null, 'nor who says so');
select tests.as_owner();
select * from finish();
rollback;
