-- Finding tutors: by whom, in which order, page after page; ratings and cards follow what they are made of.
begin;
select plan(103);
select tests.share_temporaries();
update core.settings set value = '{"ratings": 10, "mean": 4.0}' where key = 'market.rating_prior';

insert into core.topics (slug, name) values ('s-heart', 'Cardiology of searches'), ('s-kidney', 'Nephrology of searches');
insert into core.topics (slug, name, parent_id) select 's-valve', 'Valves of searches', id from core.topics where slug = 's-heart';
create temp table who as select
  tests.tutor('anna@search.local', 'Europe/London') as anna, tests.tutor('bert@search.local', 'Asia/Kathmandu') as bert,
  tests.tutor('cleo@search.local') as cleo, tests.tutor('dora@search.local') as dora,
  tests.create_user('seeker@search.local') as seeker, tests.create_user('rater@search.local') as rater,
  tests.create_user('guard@search.local', '{moderator}') as guard;
update core.profiles set full_name = n.name
from (select anna as id, 'Anna Böhm' as name from who union all select bert, 'Bert Sharma' from who
  union all select cleo, 'Cleo Silva' from who union all select dora, 'Dora Idle' from who) as n
where profiles.id = n.id;
update core.experts set headline = h.headline, languages = h.languages
from (select anna as id, 'Explains murmurs and electrolytes' as headline, '{de,en}'::text[] as languages from who
  union all select bert, 'Electrolytes made easy', '{en,ne}' from who
  union all select cleo, 'Valves and imaging', '{pt}' from who) as h
where experts.id = h.id;
insert into core.expert_topics (expert_id, topic_id, proficiency)
select w.anna, t.id, 5 from who as w, core.topics as t where t.slug = 's-heart'
union all select w.bert, t.id, 2 from who as w, core.topics as t where t.slug = 's-kidney'
union all select w.cleo, t.id, 3 from who as w, core.topics as t where t.slug = 's-valve';
create temp table offer as select
  tests.offer((select anna from who), 6000) as anna, tests.offer((select bert from who), 2000) as bert,
  tests.offer((select cleo from who), 4000) as cleo;

create function pg_temp.names(p jsonb) returns text language sql as $$
  select string_agg(split_part(t ->> 'full_name', ' ', 1), ' ' order by n) from jsonb_array_elements(p -> 'tutors') with ordinality as x (t, n);
$$;
-- The ids of equal tutors decide who comes first: here a rating does.
create function pg_temp.rate(p_offer uuid, p_hours integer, p_rating integer, p_learner uuid default null) returns uuid language plpgsql as $$
declare
  v_id uuid := tests.booking(p_offer, coalesce(p_learner, (select rater from who)), tests.hour(-p_hours), 'hold');
  v_tutor uuid := (select tutor_id from market.offers where id = p_offer);
begin
  insert into market.session_feedback (booking_id, tutor_id, learner_id, rating)
  values (v_id, v_tutor, (select learner_id from market.bookings where id = v_id), p_rating);
  return v_id;
end;
$$;
create function pg_temp.wrong() returns bigint language sql as $$
  select (
    select count(*) from private.market_cards_made as m full join market.tutor_cards as c on c.tutor_id = m.tutor_id
    where to_jsonb(m) is distinct from to_jsonb(c)
  ) + (
    select count(*) from market.tutors as t
    cross join lateral (
      select coalesce(sum(f.rating), 0) as sum, count(*) as count from market.session_feedback as f
      where f.tutor_id = t.id and f.hidden_at is null
    ) as f
    where t.rating_sum <> f.sum or t.rating_count <> f.count
  );
$$;

-- The score: published formula, worked out by hand
select is(private.market_score(0, 0, '{"ratings": 10, "mean": 4.0}'), 40000, 'nobody has rated: the mean');
select is(private.market_score(10, 2, '{"ratings": 10, "mean": 4.0}'), 41667, 'two of 5: 50 / 12');
select is(private.market_score(960, 200, '{"ratings": 10, "mean": 4.0}'), 47619, 'two hundred of 4.8: 1000 / 210');
select is(private.market_score(0, 0, '{"ratings": 0, "mean": 3.5}'), 35000, 'without a prior the mean stands in for nothing');
select is(private.market_score(9, 2, '{"ratings": 0, "mean": 3.5}'), 45000, 'and the plain average is the score');

-- Ratings
create temp table rated as select pg_temp.rate((select anna from offer), 10, 5) as one, pg_temp.rate((select anna from offer), 20, 4) as two;
select results_eq('select rating_sum, rating_count, average_rating from market.tutors where id = (select anna from who)', $$ values (9, 2, 4.50) $$, 'ratings are counted');
update market.session_feedback set rating = 5 where booking_id = (select two from rated);
select results_eq('select rating_sum, rating_count from market.tutors where id = (select anna from who)', 'values (10, 2)', 'and changed ones');
update market.session_feedback set hidden_at = now() where booking_id = (select one from rated);
select results_eq('select rating_sum, rating_count from market.tutors where id = (select anna from who)', 'values (5, 1)', 'hidden ones do not count');
update market.session_feedback set rating = 1 where booking_id = (select one from rated);
select results_eq('select rating_sum, rating_count from market.tutors where id = (select anna from who)', 'values (5, 1)', 'whatever is done to them');
update market.session_feedback set hidden_at = null where booking_id = (select one from rated);
select results_eq('select rating_sum, rating_count from market.tutors where id = (select anna from who)', 'values (6, 2)', 'until they are shown again');
update market.session_feedback set review = 'Fine.' where booking_id = (select one from rated);
delete from market.session_feedback where booking_id = (select one from rated);
select results_eq('select rating_sum, rating_count from market.tutors where id = (select anna from who)', 'values (5, 1)', 'and deleted ones go');
delete from market.session_feedback;
select results_eq('select rating_sum, rating_count, average_rating from market.tutors where id = (select anna from who)', 'values (0, 0, null::numeric)', 'to nothing');
select pg_temp.rate((select anna from offer), 10 * n, 5) from generate_series(3, 7) as n;
select pg_temp.rate((select cleo from offer), 100, 4);
select pg_temp.rate((select bert from offer), 200, 2);
select is(pg_temp.wrong(), 0::bigint, 'cards and totals are what they must be');

-- What was hidden is on no page, and what is hidden cannot be reported
update market.session_feedback set hidden_at = now() where tutor_id = (select bert from who);
select tests.as_user((select seeker from who));
select is(jsonb_array_length(market.tutor_page((select anna from who)) -> 'reviews'), 5, 'a page has the reviews');
select is(market.tutor_page((select bert from who)) ->> 'reviews', '[]', 'but not one that is hidden');
select is(market.tutor_page((select bert from who)) -> 'ratings' ->> '2', '0', 'nor its rating');
select ok(core.report_content('market', 'tutor', (select anna from who), 'spam', 'Sells shoes.') is not null, 'a tutor can be reported');
select throws_ok($$ select core.report_content('market', 'tutor', (select seeker from who), 'spam', 'No tutor.') $$, 'PT404', null, 'who is none cannot');
select tests.as_owner();
update market.session_feedback set hidden_at = null where tutor_id = (select bert from who);

-- The order, and what one can ask for
select tests.as_user((select seeker from who));
select is(pg_temp.names(market.search_tutors()), 'Anna Cleo Bert', 'best first; who offers nothing is not there');
select is(pg_temp.names(market.search_tutors(p_topic => 's-heart')), 'Anna Cleo', 'a topic, and what stands below it');
select is(pg_temp.names(market.search_tutors(p_topic => 'Valves of searches')), 'Cleo', 'by its name');
select is(pg_temp.names(market.search_tutors(p_topic => 's-heart', p_min_proficiency => 4)), 'Anna', 'who knows it well');
select is(pg_temp.names(market.search_tutors(p_topic => 's-kidney', p_min_proficiency => 3)), null, 'nobody does');
select is(pg_temp.names(market.search_tutors(p_topic => 's-kidney', p_min_proficiency => -7)), 'Bert', 'or at all');
select throws_ok($$ select market.search_tutors(p_topic => 'astrology') $$, 'PT422', 'unknown_topic', 'no topic that there is not');
select is(pg_temp.names(market.search_tutors(p_languages => '{en}')), 'Anna Bert', 'a language');
select is(pg_temp.names(market.search_tutors(p_languages => '{NE,pt,null}')), 'Cleo Bert', 'any of some');
select is(pg_temp.names(market.search_tutors(p_languages => '{}')), 'Anna Cleo Bert', 'none is all');
select is(pg_temp.names(market.search_tutors(p_max_price_minor => 4000, p_currency => 'eur')), 'Cleo Bert', 'a price');
select is(pg_temp.names(market.search_tutors(p_max_price_minor => 4000, p_currency => 'USD')), null, 'in its currency');
select throws_ok($$ select market.search_tutors(p_max_price_minor => 4000) $$, 'PT422', 'currency_required', 'and not without');
select is(pg_temp.names(market.search_tutors(p_min_rating => 4.5)), 'Anna', 'a rating');
select is(pg_temp.names(market.search_tutors('murmurs')), 'Anna', 'a word of the headline');
select is(pg_temp.names(market.search_tutors('murmur')), 'Anna', 'in another form');
select is(pg_temp.names(market.search_tutors('CARDIO')), 'Anna', 'the beginning of a topic');
select is(pg_temp.names(market.search_tutors('bohm')), 'Anna', 'a name without its accent');
select is(pg_temp.names(market.search_tutors('valves the imaging')), 'Cleo', 'all words, but for the small ones');
select is(pg_temp.names(market.search_tutors('valves electrolytes')), null, 'all of them');
select is(pg_temp.names(market.search_tutors('electrolites')), 'Anna Bert', 'a misspelt one');
select is(pg_temp.names(market.search_tutors('electrolites', p_limit => 1, p_cursor => market.search_tutors('electrolites', p_limit => 1) ->> 'cursor')), 'Bert', 'page after page');
select is(pg_temp.names(market.search_tutors('electrolites besy')), null, 'when all words are like some');
select is(pg_temp.names(market.search_tutors(repeat('electrolytes ', 12) || 'zebra')), 'Anna Bert', 'twelve words are enough');
select is(pg_temp.names(market.search_tutors('the')), null, 'a small word alone is looked for');
select is(pg_temp.names(market.search_tutors('!!! &|:*')), null, 'what is no word finds nobody');
select is(pg_temp.names(market.search_tutors('''; drop table x; --')), null, 'nor breaks anything');
select throws_ok($$ select market.search_tutors('<script>x</script>') $$, 'PT422', 'markup_not_allowed', 'no markup');
select is(market.search_tutors('bert') -> 'tutors' -> 0 ->> 'from_price_minor', '2000', 'with the price it begins at');
select is(market.search_tutors('bert') -> 'tutors' -> 0 ->> 'next_free', null, 'and no free slot unless asked for');

-- Page after page
select is(pg_temp.names(market.search_tutors(p_limit => 2)), 'Anna Cleo', 'the first page');
select is(pg_temp.names(market.search_tutors(p_limit => 2, p_cursor => market.search_tutors(p_limit => 2) ->> 'cursor')), 'Bert', 'the second');
select is(market.search_tutors(p_limit => 2, p_cursor => market.search_tutors(p_limit => 2) ->> 'cursor') ->> 'cursor', null, 'is the last');
select is(market.search_tutors(p_limit => 3) ->> 'cursor', null, 'a full last page says so, too');
select throws_ok(format('select market.search_tutors(p_cursor => %L)', c), 'PT400', 'cursor_invalid', 'no cursor: ' || c)
from unnest(array['', 'x', '1', '9999999999:00000000-0000-0000-0000-000000000000', '1:00000000-0000-0000-0000-00000000000g', '40000:']) as c;

-- The price that is asked for is that of the slot, too
select tests.as_owner();
create temp table dear as select tests.offer((select bert from who), 9000, 30) as id;
select tests.as_user((select seeker from who));
select is(market.search_tutors('bert', p_free_from => tests.hour(48), p_free_to => tests.hour(50)) -> 'tutors' -> 0 -> 'next_free' ->> 'offer_id' in ((select id from dear)::text, (select bert from offer)::text), true, 'any offer when no price is named');
select is(pg_temp.names(market.search_tutors('bert', p_max_price_minor => 3000, p_currency => 'EUR', p_free_from => tests.hour(48), p_free_to => tests.hour(48) + interval '50 minutes')), null, 'none that costs more');
select is(pg_temp.names(market.search_tutors('bert', p_free_from => tests.hour(48), p_free_to => tests.hour(48) + interval '50 minutes')), 'Bert', 'though there is one');
select tests.as_owner();
delete from market.offers where id = (select id from dear);
select tests.as_user((select seeker from who));

-- Free time
select is(pg_temp.names(market.search_tutors(p_free_from => tests.hour(48), p_free_to => tests.hour(50))), 'Anna Cleo Bert', 'all are free');
select is(
  (market.search_tutors('bert', p_free_from => tests.hour(48), p_free_to => tests.hour(50), p_zone => 'Asia/Kathmandu') -> 'tutors' -> 0 -> 'next_free' ->> 'local_start')::timestamp,
  (market.search_tutors('bert', p_free_from => tests.hour(48), p_free_to => tests.hour(50)) -> 'tutors' -> 0 -> 'next_free' ->> 'starts_at')::timestamptz at time zone 'Asia/Kathmandu',
  'when, by the clock that was asked for');
select is(pg_temp.names(market.search_tutors(p_free_from => tests.hour(48), p_free_to => tests.hour(48) + interval '45 minutes')), null, 'an hour does not go into 45 minutes');
select throws_ok($$ select market.search_tutors(p_free_from => now(), p_free_to => now() + interval '40 days') $$, 'PT422', 'range_invalid', 'not for ever');
select is(pg_temp.names(market.search_tutors(p_free_from => now() - interval '60 days', p_free_to => tests.hour(50))), 'Anna Cleo Bert', 'what is past of it is no matter');
select throws_ok($$ select market.search_tutors(p_free_to => now() - interval '1 day') $$, 'PT422', 'range_invalid', 'nor in the past');
select throws_ok($$ select market.search_tutors(p_free_from => '-infinity', p_free_to => 'infinity') $$, 'PT422', 'range_invalid', 'nor from the beginning to the end');
select throws_ok($$ select market.search_tutors(p_free_from => '294276-12-31Z') $$, 'PT422', 'range_invalid', 'nor at the end of all calendars');
select throws_ok($$ select market.search_tutors(p_free_from => now(), p_zone => 'Mars') $$, 'PT422', 'time_zone_unknown', 'nor on Mars');
select tests.as_owner();
select tests.booking((select cleo from offer), (select rater from who), tests.hour(48 + n)) from generate_series(0, 1) as n;
insert into market.out_of_office (tutor_id, starts_at, ends_at) select anna, tests.hour(0), tests.hour(100) from who;
update core.settings set value = '2' where key = 'market.search_candidates';
select tests.as_user((select seeker from who));
create function pg_temp.free(p_cursor text default null) returns jsonb language sql as $$
  select market.search_tutors(p_free_from => tests.hour(48), p_free_to => tests.hour(50), p_cursor => p_cursor);
$$;
select is(pg_temp.names(pg_temp.free()), null, 'one is away and one is booked: after two looked at the page is empty');
select isnt(pg_temp.free() ->> 'cursor', null, 'but there is more');
select is(pg_temp.names(pg_temp.free(pg_temp.free() ->> 'cursor')), 'Bert', 'and there he is');
select is(pg_temp.free(pg_temp.free() ->> 'cursor') ->> 'cursor', null, 'the last one');

-- Who is not there any more. Each stands beside the proof that he was, and comes back.
create function pg_temp.seen() returns text language plpgsql as $$
declare
  v_names text;
begin
  perform tests.as_user((select seeker from who));
  v_names := pg_temp.names(market.search_tutors()) || ' / ' || tests.count_of('select id from market.tutors');
  perform tests.as_owner();
  return v_names;
end;
$$;
select tests.as_owner();
select is(pg_temp.seen(), 'Anna Cleo Bert / 4', 'all are seen');
update market.tutors set accepts_bookings = false where id = (select cleo from who);
select is(pg_temp.seen(), 'Anna Bert / 3', 'not one who takes no bookings');
update market.tutors set accepts_bookings = true where id = (select cleo from who);
update core.experts set verification_status = 'suspended' where id = (select bert from who);
select is(pg_temp.seen(), 'Anna Cleo / 3', 'nor an expert who is suspended');
update core.experts set verification_status = 'verified', is_available = false where id = (select bert from who);
select is(pg_temp.seen(), 'Anna Cleo / 3', 'nor one who is not available');
update core.experts set is_available = true where id = (select bert from who);
update core.profiles set is_active = false where id = (select anna from who);
select is(pg_temp.seen(), 'Cleo Bert / 3', 'nor a suspended account');
update core.profiles set is_active = true where id = (select anna from who);
update market.offers set is_active = false where id = (select cleo from offer);
select is(pg_temp.seen(), 'Anna Bert / 4', 'nor, in a search, one who offers nothing');
update market.offers set is_active = true where id = (select cleo from offer);
insert into core.blocks (blocker_id, blocked_id) select bert, seeker from who;
select is(pg_temp.seen(), 'Anna Cleo / 3', 'nor one on the other side of a block');
select tests.as_user((select seeker from who));
select throws_ok($$ select market.tutor_page((select bert from who)) $$, 'PT404', 'tutor_not_found', 'neither his page');
select is(tests.count_of($$ select * from market.offers where tutor_id = (select bert from who) $$), 0::bigint, 'nor what he offers');
select tests.as_owner();
delete from core.blocks;
select private.market_hide_tutor('tutor', (select cleo from who), (select guard from who));
select is(pg_temp.seen(), 'Anna Bert / 3', 'nor one whom a moderator has hidden');
select private.market_show_tutor('tutor', (select cleo from who), (select guard from who));
select is(pg_temp.seen(), 'Anna Cleo Bert / 4', 'all are back');
select is(pg_temp.wrong(), 0::bigint, 'and cards are what they must be');

-- Equals come page by page, too, each once
select tests.as_owner();
create temp table equals as select tests.tutor(format('equal%s@search.local', n)) as id from generate_series(1, 5) as n;
select tests.offer(id, 1000) from equals;
create function pg_temp.walk(p_limit integer) returns uuid[] language plpgsql as $$
declare
  v_ids uuid[] := '{}';
  v_page jsonb;
begin
  loop
    v_page := market.search_tutors(p_limit => p_limit, p_cursor => v_page ->> 'cursor');
    v_ids := v_ids || array(select (t ->> 'id')::uuid from jsonb_array_elements(v_page -> 'tutors') as t);
    exit when v_page ->> 'cursor' is null or cardinality(v_ids) > 20;
  end loop;
  return v_ids;
end;
$$;
select tests.as_user((select seeker from who));
select is(cardinality(pg_temp.walk(100)), 8, 'eight tutors');
select is(pg_temp.walk(1), pg_temp.walk(100), 'one by one the same');
select is(pg_temp.walk(3), pg_temp.walk(100), 'and three by three');
select tests.as_owner();
update market.tutors set accepts_bookings = false where id in (select id from equals);

-- Cards follow topics and the prior
update core.topics set name = 'Podology of searches' where slug = 's-valve';
select tests.as_user((select seeker from who));
select is(pg_temp.names(market.search_tutors('podology')), 'Cleo', 'a topic is found by its new name');
select tests.as_owner();
create function pg_temp.after(p_change text) returns bigint language plpgsql as $$
begin
  execute format(p_change, (select cleo from who));
  return pg_temp.wrong();
end;
$$;
select is(pg_temp.after(c), 0::bigint, 'in the cards: ' || c)
from unnest(array[
  'update core.expert_topics set proficiency = 1 where expert_id = %L',
  'update core.profiles set full_name = ''Cleopatra Silva'' where id = %L',
  'update core.experts set headline = ''Podology'' where id = %L', 'update core.experts set languages = ''{fr}'' where id = %L',
  'update market.offers set price_minor = 3900 where tutor_id = %L', 'update market.offers set title = ''Feet'' where tutor_id = %L',
  'update market.tutors set about = ''Feet'' where id = %L'
]) as c;
delete from core.expert_topics where expert_id = (select cleo from who);
select is(pg_temp.wrong(), 0::bigint, 'and what is taken away is not');
insert into core.expert_topics (expert_id, topic_id) select cleo, (select id from core.topics where slug = 's-valve') from who;
select core.merge_topics((select id from core.topics where slug = 's-valve'), (select id from core.topics where slug = 's-kidney'));
update core.settings set value = '{"ratings": 1, "mean": 1.0}' where key = 'market.rating_prior';
select is(pg_temp.wrong(), 0::bigint, 'merged topics and another prior are in the cards');
select tests.as_user((select seeker from who));
select is(pg_temp.names(market.search_tutors(p_topic => 's-valve')), 'Cleopatra Bert', 'the old topic leads to the new one');
select tests.as_owner();
select throws_ok($$ update core.settings set value = '{"ratings": -1, "mean": 4}' where key = 'market.rating_prior' $$, 'PT422', 'setting_invalid', 'no prior that is none');
delete from auth.users where id = (select anna from who);
select is(pg_temp.seen(), 'Cleopatra Bert / 3', 'a deleted account leaves the lists');

select tests.as_owner();
select is_empty('select tests.money_broken()', 'and the money adds up');
select * from finish();
rollback;
