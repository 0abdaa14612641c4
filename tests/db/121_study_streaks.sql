-- Streaks: days of the learner's own clock, freezes, journeys, daylight saving, and that no change of clock makes days.
begin;
select plan(56);
select tests.share_temporaries();
update study.achievements set is_active = false;
create temp table q as select tests.play_question() as id;
create temp table person (name text primary key, id uuid);

-- A person of a zone, an activity of his, and how he stands: current/longest/freezes.
create function pg_temp.person(p_name text, p_zone text) returns uuid language sql
as $$ insert into person select p_name, tests.play_learner('st-' || p_name || '@example.org', p_zone) returning id $$;
create function pg_temp.zone(p_name text, p_zone text) returns void language sql
as $$ update core.profiles set time_zone = p_zone where id = (select id from person where name = p_name) $$;
create function pg_temp.hour(p_name text, p_hour integer) returns void language sql
as $$ insert into study.learner_settings (user_id, day_start_hour) select id, p_hour from person where name = p_name
  on conflict (user_id) do update set day_start_hour = excluded.day_start_hour $$;
create function pg_temp.study(p_name text, variadic p_at text[]) returns text language plpgsql
as $$
declare
  v_at text;
begin
  foreach v_at in array p_at loop
    perform tests.play_answer(p.id, q.id, true, v_at::timestamptz) from person as p, q where p.name = p_name;
  end loop;
  return (select format('%s/%s/%s', current_streak, longest_streak, streak_freezes) from study.learners as l join person as p on p.id = l.user_id where p.name = p_name);
end;
$$;
create function pg_temp.days(p_name text, p_from date, p_count integer) returns text language sql
as $$ select pg_temp.study(p_name, variadic array(select (p_from + n)::text || ' 12:00Z' from generate_series(0, p_count - 1) as n)) $$;
create function pg_temp.at(p_name text, p_at text) returns text language sql
as $$ select format('%s/%s/%s %s%s', s.current_streak, s.longest_streak, s.freezes, case when s.studied_today then 'studied' else 'idle' end,
  case when s.is_at_risk then ' at risk' else '' end) from person as p, private.study_streak_at(p.id, p_at::timestamptz) as s where p.name = p_name $$;
create function pg_temp.rows(p_name text) returns text language sql
as $$ select string_agg(to_char(s.streak_date, 'MMDD') || case when s.is_travel then '~' when s.is_frozen then '*' else '' end || '=' || s.streak_length, ' ' order by s.streak_date)
  from study.user_streaks as s join person as p on p.id = s.user_id where p.name = p_name $$;

-- At home
select pg_temp.person('ann', 'Europe/Berlin');
select is(pg_temp.at('ann', '2026-03-02 12:00Z'), '0/0/0 idle', 'nothing done yet');
select is(pg_temp.study('ann', '2026-03-02 22:59Z'), '1/1/0', 'the first day, by a minute: 23:59 in Berlin');
select is(pg_temp.study('ann', '2026-03-02 23:00Z'), '2/2/0', 'midnight in Berlin: the next');
select is(pg_temp.study('ann', '2026-03-03 22:30Z'), '2/2/0', 'the same day again');
select is(pg_temp.at('ann', '2026-03-03 22:59Z'), '2/2/0 studied', 'done for today');
select is(pg_temp.at('ann', '2026-03-04 12:00Z'), '2/2/0 idle at risk', 'the day after, until it ends');
select is(pg_temp.at('ann', '2026-03-04 23:00Z'), '0/2/0 idle', 'and then it is lost');
select is(pg_temp.study('ann', '2026-03-05 12:00Z'), '1/2/0', 'it begins anew, the longest stays');
select is(pg_temp.rows('ann'), '0302=1 0303=2 0305=1', 'days as they were');

-- Freezes
select pg_temp.person('ben', 'UTC');
select is(pg_temp.days('ben', '2026-03-01', 7), '7/7/1', 'seven days bring a freeze');
select is(pg_temp.at('ben', '2026-03-08 12:00Z'), '7/7/1 idle', 'with it, today may be missed');
select is(pg_temp.at('ben', '2026-03-09 12:00Z'), '7/7/0 idle at risk', 'tomorrow not');
select is(pg_temp.at('ben', '2026-03-10 00:00Z'), '0/7/1 idle', 'two days are too many, and the freeze is not wasted on them');
select is(pg_temp.days('ben', '2026-03-09', 1), '8/8/0', 'one day is bridged');
select is(pg_temp.days('ben', '2026-03-10', 6), '14/14/1', 'fourteen days that were studied: another');
select is(pg_temp.days('ben', '2026-03-16', 7), '21/21/2', 'twenty-one: two');
select is(pg_temp.days('ben', '2026-03-23', 7), '28/28/2', 'never more than two');
select is(pg_temp.at('ben', '2026-04-01 08:00Z'), '28/28/0 idle at risk', 'two days missed, both freezes hold it');
select is(pg_temp.days('ben', '2026-04-01', 1), '29/29/0', 'and are used');
select is(pg_temp.days('ben', '2026-04-03', 1), '1/29/0', 'without any, one day ends it');
select is((select string_agg(to_char(streak_date, 'MMDD') || '=' || streak_length, ' ' order by streak_date) from study.user_streaks join person on id = user_id where name = 'ben' and is_frozen),
  '0308=7 0330=28 0331=28', 'frozen days keep the count, and do not add to it');
select pg_temp.person('bea', 'UTC');
select pg_temp.days('bea', '2026-03-01', 7);
select is(pg_temp.days('bea', '2026-03-10', 1), '1/7/1', 'freezes that do not suffice are kept');

-- One's own start of the day
select pg_temp.person('cat', 'Europe/Berlin');
select pg_temp.hour('cat', 4);
select is(pg_temp.study('cat', '2026-03-02 20:00Z', '2026-03-03 02:59Z'), '1/1/0', 'until four it is still yesterday');
select is(pg_temp.study('cat', '2026-03-03 03:00Z'), '2/2/0', 'at four it is not');
select pg_temp.hour('cat', 0);
select is(pg_temp.study('cat', '2026-03-03 23:30Z'), '2/2/0', 'a day that begins earlier from now on begins once the last one is over');
select is(pg_temp.study('cat', '2026-03-04 03:00Z'), '3/3/0', 'as it was counted');
select pg_temp.hour('cat', 6);
select is(pg_temp.study('cat', '2026-03-05 04:30Z'), '3/3/0', 'one that begins later too');
select is(pg_temp.study('cat', '2026-03-05 05:00Z'), '4/4/0', 'once it has begun');
select is(pg_temp.rows('cat'), '0302=1 0303=2 0304=3 0305=4', 'four days');

-- Daylight saving: days of 23 and 25 hours
select pg_temp.person('dan', 'Europe/Berlin');
select is(pg_temp.study('dan', '2026-03-28 22:30Z', '2026-03-28 23:30Z', '2026-03-29 21:59Z', '2026-03-29 22:00Z'), '3/3/0', 'spring: 28, 29 and 30 March');
select is(pg_temp.rows('dan'), '0328=1 0329=2 0330=3', 'each once');
select pg_temp.person('dot', 'America/New_York');
select is(pg_temp.study('dot', '2026-11-01 03:59Z', '2026-11-01 04:00Z', '2026-11-02 04:59Z', '2026-11-02 05:00Z'), '3/3/0', 'autumn: 25 hours are one day');
select pg_temp.person('dee', 'Africa/Cairo');
select is(pg_temp.study('dee', '2026-04-23 21:59Z', '2026-04-23 22:00Z'), '2/2/0', 'a midnight that the clock skips');

-- Journeys
select pg_temp.person('eve', 'Europe/London');
select pg_temp.study('eve', '2026-03-02 08:00Z', '2026-03-03 08:00Z');
select pg_temp.zone('eve', 'Asia/Tokyo');
select is(pg_temp.study('eve', '2026-03-03 23:00Z'), '2/2/0', 'east: eight in the morning of the 4th in Tokyo, the 3rd in London is not over');
select is(pg_temp.study('eve', '2026-03-04 23:00Z'), '3/3/0', 'the next morning it is, and nothing was missed');
select is(pg_temp.rows('eve'), '0302=1 0303=2 0304~=2 0305=3', 'the date between is bridged without a freeze');
select pg_temp.person('fay', 'Asia/Tokyo');
select pg_temp.study('fay', '2026-03-01 23:00Z', '2026-03-02 23:00Z');
select pg_temp.zone('fay', 'America/Los_Angeles');
select is(pg_temp.study('fay', '2026-03-03 16:00Z'), '2/2/0', 'west: the 3rd once more');
select is(pg_temp.study('fay', '2026-03-05 04:00Z'), '3/3/0', 'the evening of the 4th, 53 hours after the last day: nothing was missed');
select is(pg_temp.rows('fay'), '0302=1 0303=2 0304=3', 'a day each');
select pg_temp.person('gus', 'Pacific/Honolulu');
select pg_temp.study('gus', '2026-03-02 18:00Z');
select pg_temp.zone('gus', 'Pacific/Kiritimati');
select is(pg_temp.study('gus', '2026-03-03 18:00Z'), '2/2/0', 'over the date line: the 2nd, then the 4th, a day apart');
select pg_temp.zone('gus', 'Pacific/Honolulu');
select is(pg_temp.study('gus', '2026-03-04 18:00Z'), '2/2/0', 'and back: the 4th once more');
select is(pg_temp.study('gus', '2026-03-05 18:00Z'), '3/3/0', 'then the 5th');

-- Hopping
select pg_temp.person('hal', 'Etc/GMT+12');
select pg_temp.study('hal', '2026-03-03 11:30Z');
select pg_temp.zone('hal', 'Pacific/Kiritimati');
select is(pg_temp.study('hal', '2026-03-03 11:31Z'), '1/1/0', 'one sitting is one day, although it is the 2nd here and the 4th there');
select is(pg_temp.study('hal', '2026-03-03 12:00Z'), '2/2/0', 'the next begins when the last is over');
select pg_temp.zone('hal', 'Etc/GMT+12');
select is(pg_temp.study('hal', '2026-03-04 12:30Z', '2026-03-04 13:00Z'), '2/2/0', 'dates never go back');
-- At random for 120 days, from zone to zone and hour to hour, some 12 answers a day
select pg_temp.person('ida', 'UTC');
select setseed(0.42);
create temp table hop as
select n, '2026-05-01 00:00Z'::timestamptz + n * interval '2 hours' as at,
  (array['Etc/GMT+12', 'Pacific/Kiritimati', 'UTC', 'Asia/Tokyo', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia'])[1 + floor(random() * 7)::integer] as zone, floor(random() * 7)::integer as hour
from generate_series(0, 1439) as n;
do $$
declare
  v_hop record;
begin
  for v_hop in select * from hop order by n loop
    perform pg_temp.zone('ida', v_hop.zone), pg_temp.hour('ida', v_hop.hour);
    perform pg_temp.study('ida', v_hop.at::text);
  end loop;
end;
$$;
select cmp_ok((select count(*) from study.user_streaks join person on id = user_id where name = 'ida' and not is_frozen), '<=', 122::bigint, 'hopping at random for 120 days does not make days');
select is((select count(*) from study.user_streaks join person on id = user_id where name = 'ida' and is_frozen and not is_travel), 0::bigint, 'nor does it cost any');
-- A traveller who studies on each date that his clock shows, at random hours, loses nothing
select pg_temp.person('jan', 'UTC');
create function pg_temp.journey(p_name text, p_days integer) returns integer language plpgsql
as $$
declare
  v_at timestamptz := '2026-02-01 10:00Z';
  v_zone text := 'UTC';
  v_date date;
  v_shown date;
  v_count integer := 0;
begin
  while v_count < p_days loop
    perform pg_temp.study(p_name, v_at::text);
    v_count := v_count + 1;
    v_date := (v_at at time zone v_zone)::date;
    -- A flight, on some days, within the date; then the next date that his clock shows.
    if random() < 0.4 then
      v_zone := (array['Etc/GMT+12', 'Pacific/Kiritimati', 'UTC', 'Asia/Tokyo', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia'])[1 + floor(random() * 7)::integer];
      perform pg_temp.zone(p_name, v_zone);
      v_at := v_at + interval '1 minute';
    end if;
    v_shown := (v_at at time zone v_zone)::date;
    if not exists (select from person as p, private.study_streak_at(p.id, v_at) as s where p.name = p_name and s.current_streak > 0) then
      return -v_count;
    end if;
    v_at := case
      -- The flight took him into a date on which he has not studied yet,
      when v_shown > v_date then v_at + random() * ((v_shown + 1)::timestamp at time zone v_zone - v_at)
      else ((v_shown + 1) + random() * interval '23 hours') at time zone v_zone
    end;
  end loop;
  return v_count;
end;
$$;
select is(pg_temp.journey('jan', 200), 200, '200 days on journeys: the streak stands all the time');
select is((select count(*) from study.user_streaks join person on id = user_id where name = 'jan' and is_frozen and not is_travel), 0::bigint, 'without a freeze');

-- Nothing else counts as a day, and all adds up
select pg_temp.person('kim', 'UTC');
select is(tests.play_answer(p.id, q.id, false, '2026-03-02 12:00Z', p_is_skipped => true), 0, 'a skip') from person as p, q where p.name = 'kim';
select is_empty($$ select from study.user_streaks join person on id = user_id where name = 'kim' $$, 'makes no day');
-- Experience without anything done, on a day that a freeze bridges
select pg_temp.person('leo', 'UTC');
select is(pg_temp.days('leo', '2026-03-02', 7), '7/7/1', 'a week');
select is(private.study_award_xp(id, 10, 'session_complete', 'ended by itself', '', '{}', '2026-03-09 10:00Z'), 10, 'a session that ended by itself') from person where name = 'leo';
select is(pg_temp.study('leo', '2026-03-10 12:00Z'), '8/8/0', 'the freeze is used');
select is((select s.xp_earned from study.user_streaks as s join person on id = user_id where name = 'leo' and is_frozen), 10, 'and the day holds what was earned on it');
select is_empty('select * from private.study_play_violations', 'all adds up');

select * from finish();
rollback;
