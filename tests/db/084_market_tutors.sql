-- Tutors, offers, availability: who becomes one, what he may write, who sees what.
begin;
select plan(138);

insert into core.topics (slug, name) values ('m-heart', 'Hearts of tutors'), ('m-kidney', 'Kidneys of tutors'), ('m-off', 'Switched off');
insert into core.topics (slug, name, parent_id) select 'm-valve', 'Valves of tutors', id from core.topics where slug = 'm-heart';
update core.topics set is_active = false where slug = 'm-off';
select tests.share_temporaries();
create temp table who as select
  tests.create_user('tina@test.local', '{expert}') as tina,
  tests.create_user('tom@test.local', '{expert}') as tom,
  tests.create_user('learner@test.local') as learner,
  tests.create_user('chief@test.local', '{admin}') as chief;
insert into core.expert_topics (expert_id, topic_id)
select w.tina, t.id from who as w, core.topics as t where t.slug in ('m-heart', 'm-off');
update core.experts set time_zone = 'Europe/Berlin', languages = '{de,en}' where id = (select tina from who);
create function pg_temp.topic(p_slug text) returns uuid language sql as $$ select id from core.topics where slug = p_slug::extensions.citext; $$;
create function pg_temp.days(p_days integer) returns date language sql as $$ select current_date + p_days; $$;

-- Visitors
select tests.as_anon();
select throws_ok('select market.become_tutor()', '42501', null, 'a visitor does not become a tutor');
select throws_ok('select * from market.tutors', '42501', null, 'nor reads them');
select throws_ok('select * from market.offers', '42501', null, 'nor offers');
select throws_ok($$ select market.search_tutors() $$, '42501', null, 'nor searches');

-- Becoming one
select tests.as_user((select learner from who));
select throws_ok('select market.become_tutor()', 'PT403', 'expert_required', 'only experts become tutors');
select throws_ok($$ insert into market.tutors (id) values (auth.uid()) $$, '42501', null, 'and not by writing the row');
select throws_ok($$ insert into market.offers (title, duration_minutes, price_minor) values ('x', 60, 1000) $$, 'PT403', 'tutor_required', 'only tutors offer');
select throws_ok($$ select market.set_availability('[]') $$, 'PT403', 'tutor_required', 'only tutors are available');
select throws_ok($$ select market.set_override(current_date + 1) $$, 'PT403', 'tutor_required', 'nor on a date');
select throws_ok($$ insert into market.out_of_office (starts_at, ends_at) values (now(), now() + interval '1 day') $$, 'PT403', 'tutor_required', 'nor are out of office');

select tests.as_owner();
update core.experts set verification_status = 'suspended' where id = (select tom from who);
select tests.as_user((select tom from who));
select throws_ok('select market.become_tutor()', 'PT403', 'expert_required', 'nor an expert who is suspended');
select tests.as_user((select tina from who));
select throws_ok($$ select market.become_tutor('<b>Me</b>') $$, 'PT422', 'markup_not_allowed', 'no markup');
select throws_ok($$ select market.become_tutor('Me', 'javascript:alert(1)') $$, 'PT422', 'link_invalid', 'no links but https');
select throws_ok($$ select market.become_tutor('Me', null, 'http://meet.test') $$, 'PT422', 'link_invalid', 'nor to meet at');
select is((select (market.become_tutor('  I teach hearts. ', null, 'https://meet.test/tina')).about), 'I teach hearts.', 'a verified expert becomes one');
select is((select (market.become_tutor('Other')).about), 'I teach hearts.', 'again: what is there');
select is((select is_listed from market.tutors where id = auth.uid()), true, 'and is listed');
select throws_ok('select default_meeting_link from market.tutors', '42501', null, 'the meeting link is in no list');
select is((select default_meeting_link from market.my_tutor()), 'https://meet.test/tina', 'but one has one''s own');

-- His row
select lives_ok($$ update market.tutors set about = 'Hearts', max_bookings_per_day = 4 where id = auth.uid() $$, 'a tutor describes himself');
select throws_ok($$ update market.tutors set about = '<script>x</script>' where id = auth.uid() $$, 'PT422', 'markup_not_allowed', 'without markup');
select throws_ok($$ update market.tutors set default_meeting_link = 'ftp://x' where id = auth.uid() $$, 'PT422', 'link_invalid', 'with links only');
select throws_ok(format('update market.tutors set %s where id = auth.uid()', c), '42501', null, c || ' is not his to write')
from unnest(array['rating_sum = 5', 'rating_count = 1', 'completed_count = 9', 'no_show_count = 0', 'cancelled_count = 0', 'is_listed = true', 'hidden_at = null']) as c;
select throws_ok('delete from market.tutors', '42501', null, 'nobody leaves by deleting');

-- Offers
select lives_ok($$ insert into market.offers (id, title, topic_id, duration_minutes, price_minor)
  values ('00000000-0000-4000-8000-00000000aa01', 'Hearts, an hour', pg_temp.topic('m-valve'), 60, 4500) $$, 'an offer below one of his topics');
select results_eq($$ select tutor_id = auth.uid(), currency from market.offers $$, $$ values (true, 'EUR') $$, 'is his, in his currency');
select throws_ok($$ insert into market.offers (title, duration_minutes, price_minor, tutor_id) values ('x', 60, 0, auth.uid()) $$, '42501', null, 'whose it is cannot be said');
select throws_ok($$ insert into market.offers (title, duration_minutes, price_minor, currency) values ('x', 60, 1000, 'USD') $$, 'PT422', 'currency_differs', 'in no other currency');
select throws_ok($$ insert into market.offers (title, duration_minutes, price_minor) values ('x', 60, 49) $$, 'PT422', 'price_too_low', 'not for pennies');
select throws_ok($$ insert into market.offers (title, duration_minutes, price_minor) values ('x', 60, -1) $$, '23514', null, 'nor for less than nothing');
select throws_ok($$ insert into market.offers (title, duration_minutes, price_minor) values (' ', 60, 0) $$, 'PT422', 'text_required', 'nor without a title');
select throws_ok($$ insert into market.offers (title, duration_minutes, price_minor) values ('x', 481, 0) $$, '23514', null, 'nor for longer than eight hours');
select throws_ok($$ insert into market.offers (title, duration_minutes, price_minor, topic_id) values ('x', 60, 0, pg_temp.topic('m-kidney')) $$, 'PT422', 'topic_not_verified', 'nor about what he is not verified for');
select throws_ok($$ insert into market.offers (title, duration_minutes, price_minor, topic_id) values ('x', 60, 0, pg_temp.topic('m-off')) $$, 'PT422', 'unknown_topic', 'nor about a topic that is off');
select throws_ok($$ insert into market.offers (title, duration_minutes, price_minor, cancellation_policy) values ('x', 60, 0, 'none') $$, '23503', null, 'nor with a policy that there is not');
select lives_ok($$ insert into market.offers (title, duration_minutes, price_minor) values ('First talk', 15, 0) $$, 'free of charge is a price');
select lives_ok($$ update market.offers set price_minor = 5000, is_active = true where title like 'Hearts%' $$, 'a tutor changes his price');
select throws_ok($$ update market.offers set tutor_id = (select tom from who) $$, '42501', null, 'not whose it is');
select throws_ok($$ update market.offers set currency = 'USD' where title like 'Hearts%' $$, 'PT422', 'currency_differs', 'nor the currency alone');
select throws_ok($$ update core.experts set currency = 'USD' where id = auth.uid() $$, 'PT409', 'offers_in_other_currency', 'nor that of his row while offers are active');
update market.offers set is_active = false;
select lives_ok($$ update market.offers set currency = 'USD' where title like 'First%' $$, 'what is not active may wait in another currency');
select lives_ok($$ update core.experts set currency = 'USD' where id = auth.uid() $$, 'with none active he does');
select throws_ok($$ update market.offers set is_active = true where title like 'Hearts%' $$, 'PT422', 'currency_differs', 'and an old price is not brought back');
select lives_ok($$ update market.offers set is_active = true, currency = 'USD', price_minor = 5500 where title like 'Hearts%' $$, 'but set anew');
select tests.as_owner();
update core.settings set value = '2' where key = 'market.max_offers';
select tests.as_user((select tina from who));
select throws_ok($$ insert into market.offers (title, duration_minutes, price_minor) values ('x', 60, 0) $$, 'PT409', 'offer_limit_reached', 'there is an end to offers');

-- The week
select is((select count(*) from market.set_availability('[{"weekday": 1, "start": "09:00", "end": "12:00"}, {"weekday": 7, "start": "22:00", "end": "02:00"}, {"weekday": 2, "start": "20:00", "end": "24:00"}]')), 4::bigint, 'over midnight is two rows');
select results_eq(
  'select weekday, start_time, end_time from market.expert_availability order by weekday, start_time',
  $$ values (1::smallint, '00:00'::time, '02:00'::time), (1::smallint, '09:00'::time, '12:00'::time), (2::smallint, '20:00'::time, '24:00'::time), (7::smallint, '22:00'::time, '24:00'::time) $$,
  'Sunday night goes on on Monday');
select throws_ok(format('select market.set_availability(%L)', s), 'PT422', 'slots_invalid', 'no week: ' || coalesce(s, 'null'))
from unnest(array[
  'null', '{}', '[1]', '[{"weekday": 0, "start": "09:00", "end": "10:00"}]', '[{"weekday": 8, "start": "09:00", "end": "10:00"}]',
  '[{"weekday": "1", "start": "09:00", "end": "10:00"}]', '[{"weekday": 1.5, "start": "09:00", "end": "10:00"}]',
  '[{"weekday": 1, "start": "lunch", "end": "10:00"}]', '[{"weekday": 1, "start": "09:00"}]',
  '[{"weekday": 1, "start": "09:00", "end": "09:00"}]', '[{"weekday": 1, "start": "25:00", "end": "26:00"}]',
  '[{"weekday": 1, "start": "09:00:30", "end": "10:00"}]', '[{"start": "09:00", "end": "10:00"}]',
  '[{"weekday": 42, "start": "09:00", "end": "10:00"}]'
]) as s;
select throws_ok($$ select market.set_availability('[{"weekday": 1, "start": "09:00", "end": "11:00"}, {"weekday": 1, "start": "10:59", "end": "12:00"}]') $$, 'PT422', 'slots_overlap', 'overlaps are a mistake');
select throws_ok($$ select market.set_availability((select jsonb_agg(jsonb_build_object('weekday', 1 + n / 24, 'start', to_char(time '00:00' + n % 24 * interval '1 hour', 'HH24:MI'), 'end', to_char(time '00:30' + n % 24 * interval '1 hour', 'HH24:MI'))) from generate_series(0, 130) as n)) $$, 'PT422', 'too_many_slots', 'there is an end to slots');
select is((select count(*) from market.expert_availability), 4::bigint, 'the old week stands');
select is((select count(*) from market.set_availability('[{"weekday": 1, "start": "09:00", "end": "11:00"}, {"weekday": 1, "start": "11:00", "end": "12:00"}]')), 2::bigint, 'slots may touch');
select throws_ok($$ insert into market.expert_availability (tutor_id, weekday, start_time, end_time) values (auth.uid(), 3, '09:00', '10:00') $$, '42501', null, 'the week is not written by rows');
select throws_ok('delete from market.expert_availability', '42501', null, 'nor removed by rows');

-- Dates
select is((select count(*) from market.set_override(pg_temp.days(3), '[{"start": "10:00", "end": "12:00"}, {"start": "22:00", "end": "00:00"}]')), 2::bigint, 'a date that is different');
select is((select count(*) from market.set_override(pg_temp.days(3), '[{"start": "10:00", "end": "11:00"}]')), 1::bigint, 'again: otherwise');
select results_eq($$ select start_time is null, end_time is null from market.set_override(pg_temp.days(3)) $$, 'values (true, true)', 'or not at all');
select is((select count(*) from market.set_override(pg_temp.days(3), null)), 0::bigint, 'or as always');
select is(tests.count_of('select * from market.availability_overrides'), 0::bigint, 'nothing is left of it');
select throws_ok($$ select market.set_override(pg_temp.days(3), '[{"start": "22:00", "end": "02:00"}]') $$, 'PT422', 'slots_invalid', 'a date ends at midnight');
select throws_ok($$ select market.set_override(pg_temp.days(3), '[{"weekday": 1, "start": "20:00", "end": "22:00"}]') $$, 'PT422', 'slots_invalid', 'and has its own weekday');
select throws_ok($$ select market.set_override(pg_temp.days(3), '[{"start": "20:00", "end": "22:00"}, {"start": "21:00", "end": "23:00"}]') $$, 'PT422', 'slots_overlap', 'and no overlaps');
select throws_ok($$ select market.set_override(pg_temp.days(-9)) $$, 'PT422', 'date_invalid', 'not the past');
select throws_ok($$ select market.set_override('infinity') $$, 'PT422', 'date_invalid', 'nor eternity');
select lives_ok($$ select market.set_override(pg_temp.days(3)) $$, 'he takes a day off');

-- Out of office
select lives_ok($$ insert into market.out_of_office (starts_at, ends_at, reason) values (now() + interval '10 days', now() + interval '20 days', 'Surgery') $$, 'he goes away');
select throws_ok($$ insert into market.out_of_office (starts_at, ends_at) values (now(), now()) $$, 'PT422', 'range_invalid', 'not for no time');
select throws_ok($$ insert into market.out_of_office (starts_at, ends_at) values (now(), 'infinity') $$, 'PT422', 'range_invalid', 'nor for ever');
select throws_ok($$ insert into market.out_of_office (starts_at, ends_at) values ('294276-12-31Z', '294276-12-31 10:00Z') $$, 'PT422', 'range_invalid', 'nor where no time can be added');
select throws_ok($$ insert into market.out_of_office (starts_at, ends_at, tutor_id) values (now(), now() + interval '1 day', (select tom from who)) $$, '42501', null, 'nor for somebody else');
select lives_ok($$ update market.out_of_office set ends_at = now() + interval '15 days' $$, 'he comes back sooner');

-- Somebody else
select tests.as_user((select learner from who));
select is(tests.count_of('select id from market.tutors'), 1::bigint, 'others see a listed tutor');
select is(tests.count_of('select * from market.offers'), 1::bigint, 'and what he offers now');
select is(tests.count_of('select * from market.expert_availability'), 2::bigint, 'and his week');
select is(tests.count_of('select * from market.availability_overrides'), 0::bigint, 'not the days that he takes off');
select is(tests.count_of('select * from market.out_of_office'), 0::bigint, 'nor why he is away');
select is(tests.count_of('select * from market.expert_specialties'), 2::bigint, 'but what he is verified for');
select is(tests.count_of('select * from market.my_tutor()'), 0::bigint, 'one who is no tutor has no row');
select is(tests.rows_changed($$ update market.tutors set about = 'Mine' $$), 0::bigint, 'nobody writes another''s row');
select is(tests.rows_changed($$ update market.offers set price_minor = 0 $$), 0::bigint, 'nor his price');
select is(tests.rows_changed($$ delete from market.offers $$), 0::bigint, 'nor takes his offers away');
select is(tests.rows_changed($$ delete from market.out_of_office $$), 0::bigint, 'nor brings him back');
select is((market.tutor_page((select tina from who)) -> 'offers' -> 0 ->> 'price_minor'), '5500', 'his page shows what he offers');
select ok(market.tutor_page((select tina from who))::text !~ 'meet.test', 'not where he meets');

-- Proficiency
select throws_ok($$ select market.set_proficiency('m-heart', 3, (select tina from who)) $$, 'PT403', 'role_required', 'nobody rates another');
select tests.as_user((select tina from who));
select is((select (market.set_proficiency('m-heart', 4)).proficiency), 4::smallint, 'an expert says how well he knows it');
select throws_ok($$ select market.set_proficiency('m-heart', 5) $$, 'PT403', 'own_authority', 'but makes himself no authority');
select throws_ok($$ select market.set_proficiency('m-kidney', 3) $$, 'PT404', 'speciality_not_found', 'nor an expert of more');
select throws_ok($$ select market.set_proficiency('m-heart', 0) $$, 'PT422', 'proficiency_invalid', 'nor of nothing');
select tests.as_user((select chief from who));
select is((select (market.set_proficiency('m-heart', 5, (select tina from who))).proficiency), 5::smallint, 'an administrator does');
select is(tests.count_of('select id from market.tutors'), 1::bigint, 'an administrator sees tutors');

-- Who is not listed is seen by himself only
select tests.as_user((select tina from who));
update market.tutors set accepts_bookings = false where id = auth.uid();
select tests.as_user((select learner from who));
select is(tests.count_of('select id from market.tutors') + tests.count_of('select id from market.offers') + tests.count_of('select id from market.expert_availability'), 0::bigint, 'others see nothing of a tutor who is not listed');
select tests.as_user((select tina from who));
select is(tests.count_of('select id from market.tutors') * tests.count_of('select id from market.offers') * tests.count_of('select id from market.expert_availability'), 4::bigint, 'he himself does');
update market.tutors set accepts_bookings = true where id = auth.uid();
select is((select (market.set_proficiency('m-heart', 5)).proficiency), 5::smallint, 'who is an authority may say so again');

-- Texts, and the ends of what one may have
select throws_ok($$ update market.offers set description = '<b>x</b>' $$, 'PT422', 'markup_not_allowed', 'no markup in an offer');
select throws_ok($$ update market.out_of_office set reason = '<b>x</b>' $$, 'PT422', 'markup_not_allowed', 'nor in a reason');
select throws_ok($$ insert into market.out_of_office (starts_at, ends_at) values ('1999-12-01', '1999-12-02') $$, 'PT422', 'range_invalid', 'nobody is away in another century');
select throws_ok($$ select market.set_override(pg_temp.days(4), (select jsonb_agg(jsonb_build_object('start', to_char(time '00:00' + n * interval '10 minutes', 'HH24:MI'), 'end', to_char(time '00:05' + n * interval '10 minutes', 'HH24:MI'))) from generate_series(0, 120) as n)) $$, 'PT422', 'too_many_slots', 'there is an end to the slots of a date');
select tests.as_owner();
insert into market.out_of_office (tutor_id, starts_at, ends_at) select tina, now() - interval '500 days', now() - interval '499 days' from who;
insert into market.availability_overrides (tutor_id, on_date) select tina, current_date - 500 from who;
update core.settings set value = '2' where key in ('market.max_out_of_office', 'market.max_overrides');
select tests.as_user((select tina from who));
select lives_ok($$ insert into market.out_of_office (starts_at, ends_at) values (now() + interval '30 days', now() + interval '31 days') $$, 'what is long past makes room');
select throws_ok($$ insert into market.out_of_office (starts_at, ends_at) values (now() + interval '30 days', now() + interval '31 days') $$, 'PT409', 'out_of_office_limit_reached', 'there is an end to being away');
select lives_ok($$ select market.set_override(pg_temp.days(5)) $$, 'dates that are long past make room');
select throws_ok($$ select market.set_override(pg_temp.days(6)) $$, 'PT409', 'override_limit_reached', 'there is an end to dates');
select lives_ok($$ select market.set_override(pg_temp.days(5), '[{"start": "09:00", "end": "10:00"}]') $$, 'the same date counts once');
select tests.as_owner();
update core.settings set value = '{"tutor": {"burst": 1, "per_hour": 1}, "offer": {"burst": 1, "per_hour": 1}, "availability": {"burst": 1, "per_hour": 1}, "free_search": {"burst": 1, "per_hour": 1}}' where key = 'market.writing_limits';
update core.settings set value = '50' where key = 'market.max_offers';
delete from ops.rate_limits where key like 'market.writing_limits:%';
select tests.as_user((select tina from who));
select throws_ok($$ insert into market.offers (title, duration_minutes, price_minor) select 'x', 60, 0 from generate_series(1, 2) $$, 'PT429', 'rate_limited', 'offers are not made by the thousand');
select throws_ok($$ select market.set_availability('[]'), market.set_availability('[]') $$, 'PT429', 'rate_limited', 'nor weeks');
select throws_ok($$ select market.search_tutors(p_free_from => now()), market.search_tutors(p_free_from => now()) $$, 'PT429', 'rate_limited', 'nor searches for free time');

-- Topics that are merged, and go
select tests.as_owner();
select is((select o.topic_id from market.offers as o where o.id = '00000000-0000-4000-8000-00000000aa01'), pg_temp.topic('m-valve'), 'an offer has its topic');
select core.merge_topics(pg_temp.topic('m-valve'), pg_temp.topic('m-kidney'));
select is((select o.topic_id from market.offers as o where o.id = '00000000-0000-4000-8000-00000000aa01'), pg_temp.topic('m-kidney'), 'and goes with it when it is merged');
insert into core.expert_topics (expert_id, topic_id) select tina, pg_temp.topic('m-kidney') from who;
select tests.as_user((select tina from who));
update market.offers set topic_id = pg_temp.topic('m-valve') where id = '00000000-0000-4000-8000-00000000aa01';
select is((select o.topic_id from market.offers as o where o.id = '00000000-0000-4000-8000-00000000aa01'), pg_temp.topic('m-kidney'), 'an old topic leads to the new one');

-- A suspended account reads, and writes nothing
select tests.as_owner();
update core.profiles set is_active = false where id = (select tina from who);
select tests.as_user((select tina from who));
select is(tests.count_of('select id from market.tutors'), 1::bigint, 'a suspended tutor sees his row');
select is(tests.rows_changed($$ update market.tutors set about = 'x' $$), 0::bigint, 'and does not write it');
select is(tests.rows_changed($$ update market.offers set title = 'x' $$), 0::bigint, 'nor his offers');
select is(tests.rows_changed($$ delete from market.offers $$), 0::bigint, 'nor deletes them');
select is(tests.rows_changed($$ update market.out_of_office set reason = 'x' $$), 0::bigint, 'nor stays away otherwise');
select is(tests.rows_changed($$ delete from market.out_of_office $$), 0::bigint, 'nor comes back');
select throws_ok($$ insert into market.offers (title, duration_minutes, price_minor) values ('x', 60, 0) $$, '42501', null, 'nor makes offers');
select throws_ok($$ insert into market.out_of_office (starts_at, ends_at) values (now(), now() + interval '1 day') $$, 'PT403', 'account_inactive', 'nor goes away');
select throws_ok($$ select market.set_availability('[]') $$, 'PT403', 'account_inactive', 'nor changes his week');
select throws_ok($$ select market.become_tutor() $$, 'PT403', 'account_inactive', 'nor becomes a tutor');

select * from finish();
rollback;
