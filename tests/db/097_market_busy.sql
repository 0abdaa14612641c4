-- When bookings keep somebody busy: learner and tutor, with buffers; not what was called off or expired.
begin;
select plan(10);
select tests.share_temporaries();

create temp table who as select tests.tutor('busy-tutor@market.local') as tutor, tests.create_user('busy-learner@market.local') as learner,
  tests.create_user('busy-stranger@market.local') as stranger;
create temp table o as select tests.offer((select tutor from who), 0, 60, 'moderate', 15) as buffered;
create function pg_temp.busy(p_who uuid, p_from integer, p_to integer) returns tstzmultirange language sql as $$
  select private.market_busy(p_who, tests.hour(p_from), tests.hour(p_to)); $$;
create function pg_temp.around(p_hour integer) returns tstzmultirange language sql as $$
  select tstzmultirange(tstzrange(tests.hour(p_hour) - interval '15 minutes', tests.hour(p_hour + 1) + interval '15 minutes')); $$;

select tests.booking((select buffered from o), (select learner from who), tests.hour(48)) as id into temp b;
select is(pg_temp.busy((select learner from who), 40, 60), pg_temp.around(48), 'a session keeps the learner busy, with its buffers');
select is(pg_temp.busy((select tutor from who), 40, 60), pg_temp.around(48), 'and the tutor');
select is(pg_temp.busy((select stranger from who), 40, 60), '{}', 'and nobody else');
select is(pg_temp.busy((select learner from who), 49, 60), pg_temp.around(48), 'its buffer counts after it');
select is(pg_temp.busy((select learner from who), 50, 60), '{}', 'and no longer');
select is(private.busy_times((select learner from who), tests.hour(40), tests.hour(60)) @> pg_temp.around(48), true, 'whoever plans hears of it');
select tests.as_user((select learner from who));
select market.cancel_booking((select id from b));
select tests.as_owner();
select is(pg_temp.busy((select learner from who), 40, 60), '{}', 'what was called off keeps nobody busy');
select tests.booking((select buffered from o), (select learner from who), tests.hour(72), 'hold') as id into temp h;
select is(pg_temp.busy((select learner from who), 60, 80), pg_temp.around(72), 'a hold does');
update market.bookings set hold_expires_at = now() - interval '1 second' where id = (select id from h);
select is(pg_temp.busy((select learner from who), 60, 80), '{}', 'until it expires');
select is_empty('select tests.money_broken()', 'and the money adds up');
select * from finish();
rollback;
