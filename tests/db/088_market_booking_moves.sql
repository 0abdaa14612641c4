-- Every move of a booking, tried by learner, tutor, stranger and administrator in every state; refunds, moving, no-shows.
begin;
select plan(132);
select tests.share_temporaries();

create temp table p as select
  tests.tutor('mv-tutor@lyceum.test') as tutor, tests.create_user('mv-learner@lyceum.test') as learner,
  tests.create_user('mv-stranger@lyceum.test') as stranger, tests.create_user('mv-admin@lyceum.test', '{admin}') as administrator,
  tests.create_user('mv-look@lyceum.test', '{admin}') as looker;
insert into core.admins (id, level) select administrator, 'super' from p on conflict (id) do update set level = 'super';
insert into core.admins (id, level) select looker, 'readonly' from p on conflict (id) do update set level = 'readonly';
create temp table o as select tests.offer(tutor, 10000) as paid, tests.offer(tutor, 0) as free,
  tests.offer(tutor, 999, 60, 'strict') as strict, tests.offer(tutor, 999, 60, 'flexible') as flexible from p;
create function pg_temp.who(p_name text) returns uuid language sql security definer as $$ select (to_jsonb(p) ->> p_name)::uuid from p $$;
create function pg_temp.offer(p_name text) returns uuid language sql security definer as $$ select (to_jsonb(o) ->> p_name)::uuid from o $$;
create function pg_temp.money(p_id uuid) returns text language sql security definer as $$
  select concat_ws(' ', status, payment_status, refund_minor, (settled_at is not null)::text) from market.bookings where id = p_id $$;

-- 1. The table of moves is the law ---------------------------------------------------------------------------------

create temp table moves as
select f.status as from_status, t.status as to_status, null::text as outcome
from unnest('{hold,scheduled,completed,cancelled,no_show,expired}'::text[]) as f (status),
  unnest('{hold,scheduled,completed,cancelled,no_show,expired}'::text[]) as t (status)
where f.status <> t.status;
do $$
declare
  v_move record;
  v_id uuid;
begin
  for v_move in select * from moves loop
    begin
      v_id := tests.booking(pg_temp.offer('free'), pg_temp.who('learner'), tests.hour(500), v_move.from_status);
      update market.bookings set status = v_move.to_status, hold_expires_at = now(),
        completed_at = case v_move.to_status when 'completed' then now() end,
        cancelled_at = case v_move.to_status when 'cancelled' then now() end,
        cancelled_by = case v_move.to_status when 'cancelled' then 'learner' end,
        no_show_at = case v_move.to_status when 'no_show' then now() end,
        no_show_by = case v_move.to_status when 'no_show' then 'tutor' end
      where id = v_id;
      raise exception 'moved';
    exception when others then
      update moves set outcome = sqlerrm where moves.from_status = v_move.from_status and moves.to_status = v_move.to_status;
    end;
  end loop;
end;
$$;
select set_eq($$select from_status, to_status from moves where outcome = 'moved'$$,
  'select from_status, to_status from market.booking_transitions', 'what is a row of booking_transitions can be done');
select is((select count(*) from moves where outcome not in ('moved', 'illegal_transition')), 0::bigint, 'all else is an illegal transition');
-- 2. Every call, by everybody, in every state ---------------------------------------------------------------------

create temp table states (state text primary key, place integer, starts integer, status text);
insert into states values
  ('hold', 1, 200, 'hold'), ('scheduled', 2, 210, 'scheduled'), ('running', 3, 0, 'scheduled'), ('over', 4, -3, 'scheduled'),
  ('completed', 5, -6, 'completed'), ('cancelled', 6, 220, 'cancelled'), ('no_show', 7, -9, 'no_show'),
  ('tutor_no_show', 8, -12, 'tutor_no_show'), ('expired', 9, 230, 'expired');
alter table states add column id uuid;
-- The one that is running began a little ago.
update states set id = tests.booking(pg_temp.offer('paid'), pg_temp.who('learner'),
  case state when 'running' then now() - interval '20 minutes' else tests.hour(starts) end, status);
create function pg_temp.try(p_actor text, p_call text, p_id uuid) returns text language plpgsql as $$
declare
  v_outcome text;
begin
  perform tests.as_user(pg_temp.who(p_actor));
  begin
    execute format('select market.' || p_call, p_id);
    raise exception 'ok';
  exception when others then
    v_outcome := sqlerrm;
  end;
  perform tests.as_owner();
  return v_outcome;
end;
$$;

-- Each row: who calls what, and what he hears in the nine states, in the order above; one word when it is always the same.
create temp table calls (call text, actor text, expected text);
insert into calls values
  ('release_hold(%L)', 'learner', 'ok booking_state booking_state booking_state booking_state booking_state booking_state booking_state ok'),
  ('release_hold(%L)', 'tutor', 'learner_required'),
  ('release_hold(%L)', 'administrator', 'learner_required'),
  ('cancel_booking(%L)', 'learner', 'ok ok booking_started booking_started booking_state ok booking_state booking_state booking_state'),
  ('cancel_booking(%L)', 'tutor', 'booking_state ok booking_started booking_started booking_state ok booking_state booking_state booking_state'),
  ('cancel_booking(%L)', 'administrator', 'booking_state ok ok ok booking_state ok booking_state booking_state booking_state'),
  ('cancel_booking(%L)', 'looker', 'admin_read_only'),
  ('reschedule_booking(%L, tests.hour(260))', 'learner', 'booking_state ok too_late_to_move too_late_to_move booking_state booking_state booking_state booking_state booking_state'),
  ('reschedule_booking(%L, tests.hour(260))', 'tutor', 'learner_required'),
  ('reschedule_booking(%L, tests.hour(260))', 'administrator', 'learner_required'),
  ('complete_booking(%L)', 'tutor', 'booking_state booking_not_over booking_not_over ok ok booking_state booking_state booking_state booking_state'),
  ('complete_booking(%L)', 'learner', 'tutor_required'),
  ('complete_booking(%L)', 'administrator', 'tutor_required'),
  ('report_no_show(%L, ''tutor'')', 'learner', 'booking_state no_show_not_now ok ok ok booking_state booking_state ok booking_state'),
  ('report_no_show(%L, ''learner'')', 'tutor', 'booking_state no_show_not_now ok ok booking_state booking_state ok booking_state booking_state'),
  ('report_no_show(%L, ''learner'')', 'learner', 'no_show_of_other'),
  ('report_no_show(%L, ''tutor'')', 'tutor', 'no_show_of_other'),
  ('report_no_show(%L, ''tutor'')', 'administrator', 'no_show_of_other'),
  ('report_no_show(%L, null)', 'learner', 'no_show_of_other'),
  ('contest_no_show(%L, ''I was there'')', 'learner', 'booking_state booking_state booking_state booking_state booking_state booking_state ok tutor_required booking_state'),
  ('contest_no_show(%L, ''I was there'')', 'tutor', 'booking_state booking_state booking_state booking_state booking_state booking_state learner_required ok booking_state'),
  ('contest_no_show(%L, ''They were there'')', 'administrator', 'booking_state booking_state booking_state booking_state booking_state booking_state learner_required tutor_required booking_state'),
  ('resolve_booking(%L, ''completed'', ''Seen'')', 'administrator', 'booking_state booking_not_over ok ok ok booking_state ok ok booking_state'),
  ('resolve_booking(%L, ''tutor_no_show'', ''Seen'')', 'administrator', 'booking_state booking_not_over ok ok ok booking_state ok ok booking_state'),
  ('resolve_booking(%L, ''learner_no_show'', ''Seen'')', 'administrator', 'booking_state booking_not_over ok ok ok booking_state ok ok booking_state'),
  ('resolve_booking(%L, ''cancelled'', ''Seen'')', 'administrator', 'outcome_invalid'),
  ('resolve_booking(%L, ''completed'', '' '')', 'administrator', 'text_required'),
  ('resolve_booking(%L, ''completed'', ''Seen'')', 'looker', 'admin_read_only'),
  ('resolve_booking(%L, ''completed'', ''Seen'')', 'learner', 'role_required'),
  ('resolve_booking(%L, ''completed'', ''Seen'')', 'tutor', 'role_required'),
  ('resolve_booking(%L, ''completed'', ''Seen'')', 'stranger', 'role_required'),
  ('set_meeting_link(%L, ''https://meet.test/new'')', 'tutor', 'booking_state ok ok ok booking_state booking_state booking_state booking_state booking_state'),
  ('set_meeting_link(%L, ''https://meet.test/new'')', 'learner', 'tutor_required'),
  ('set_meeting_link(%L, ''http://meet.test'')', 'tutor', 'link_invalid'),
  ('give_feedback(%L, 5, ''Good'')', 'learner', 'booking_state booking_state booking_state booking_state ok booking_state booking_state booking_state booking_state'),
  ('give_feedback(%L, 5, ''Good'')', 'tutor', 'learner_required'),
  ('give_feedback(%L, 6)', 'learner', 'invalid_rating'),
  ('give_feedback(%L, 5)', 'administrator', 'learner_required'),
  ('reply_to_feedback(%L, ''Thanks'')', 'tutor', 'feedback_not_found'),
  ('reply_to_feedback(%L, ''Thanks'')', 'learner', 'tutor_required'),
  ('booking_page(%L)', 'learner', 'ok'), ('booking_page(%L)', 'tutor', 'ok'), ('booking_page(%L)', 'administrator', 'ok');
insert into calls
select distinct call, 'stranger', 'booking_not_found' from calls as c
where call not like 'resolve%' and call not like '%http:%' and call not like '%null%';
select is(
  array_to_string(array(select pg_temp.try(c.actor, c.call, s.id) from states as s order by s.place), ' '),
  case when c.expected like '% %' then c.expected else rtrim(repeat(c.expected || ' ', 9)) end,
  c.actor || ': ' || c.call
)
from calls as c order by c.call, c.actor;

-- 3. What comes back ----------------------------------------------------------------------------------------------

create function pg_temp.percent(p_policy text, p_before interval) returns integer language sql as $$
  select private.booking_refund_percent(private.market_refund_steps(p_policy), '2026-06-01T12:00Z', timestamptz '2026-06-01T12:00Z' - p_before) $$;
select is(pg_temp.percent('moderate', '24 hours'), 100, 'at the very hour of a step it still fits');
select is(pg_temp.percent('moderate', '23:59:59.999999'), 50, 'a moment later the next one does');
select is(pg_temp.percent('moderate', '2 hours'), 50, 'and so on');
select is(pg_temp.percent('moderate', '1:59:59'), 0, 'down to nothing');
select is(pg_temp.percent('flexible', '1 minute'), 50, 'flexible: half up to the start');
select is(pg_temp.percent('strict', '7 days'), 100, 'strict: a week');
select is(pg_temp.percent('strict', '49 hours'), 50, 'two days');
select is(pg_temp.percent('strict', '47 hours'), 0, 'not one');
select is(private.booking_refund_percent('[]', now(), now()), 0, 'without a policy nothing');

create temp table b (what text primary key, id uuid);
insert into b values
  ('early', tests.booking(pg_temp.offer('paid'), pg_temp.who('learner'), tests.hour(300))),
  ('half', tests.booking(pg_temp.offer('strict'), pg_temp.who('learner'), tests.hour(60))),
  ('late', tests.booking(pg_temp.offer('strict'), pg_temp.who('learner'), tests.hour(40))),
  ('tutor', tests.booking(pg_temp.offer('strict'), pg_temp.who('learner'), tests.hour(42))),
  ('admin', tests.booking(pg_temp.offer('strict'), pg_temp.who('learner'), tests.hour(44))),
  ('free', tests.booking(pg_temp.offer('free'), pg_temp.who('learner'), tests.hour(46)));
create function pg_temp.b(p_what text) returns uuid language sql security definer as $$ select id from b where what = p_what $$;
select tests.as_user(pg_temp.who('learner'));
select is((market.booking_page(pg_temp.b('half')) ->> 'refund_now_minor')::bigint, 499::bigint, 'half of 999, rounded down, would come back');
select is((market.cancel_booking(pg_temp.b('early'), 'I am ill')).refund_minor, 10000::bigint, 'early: all');
select is((market.cancel_booking(pg_temp.b('half'))).refund_minor, 499::bigint, 'later: half');
select is((market.cancel_booking(pg_temp.b('late'))).refund_minor, 0::bigint, 'late: nothing');
select is((market.cancel_booking(pg_temp.b('free'))).refund_minor, 0::bigint, 'of what was free nothing');
select throws_ok(format('select market.cancel_booking(%L, %L)', pg_temp.b('tutor'), '<script>'), 'PT422', 'markup_not_allowed', 'a reason is plain text');
select tests.as_user(pg_temp.who('tutor'));
select is((market.cancel_booking(pg_temp.b('tutor'), 'My train')).refund_minor, 999::bigint, 'from the tutor all comes back, whatever the policy');
select is((market.cancel_booking(pg_temp.b('tutor'), 'Again')).cancel_reason, 'My train', 'again changes nothing');
select tests.as_user(pg_temp.who('administrator'));
select is((market.cancel_booking(pg_temp.b('admin'), 'Fraud')).cancelled_by, 'administrator', 'an administrator cancels for both');
select tests.as_owner();
select results_eq('select pg_temp.money(id) from b order by what', $$values
  ('cancelled refunded 999 true'), ('cancelled refunded 10000 true'), ('cancelled free 0 true'),
  ('cancelled partially_refunded 499 true'), ('cancelled paid 0 true'), ('cancelled refunded 999 true')$$, 'and the money is divided at once');
select is((select actor || ' ' || reason from market.booking_events where booking_id = pg_temp.b('admin') and to_status = 'cancelled'), 'administrator Fraud', 'an administrator''s reason is kept');
select is((select actor || coalesce(reason, ' no reason') from market.booking_events where booking_id = pg_temp.b('early') and to_status = 'cancelled'), 'learner no reason', 'what a person wrote is not in the history that outlives him');
select is((select cancelled_count from market.tutors where id = pg_temp.who('tutor')), 2, 'what the tutor called off is counted');
select is((select calendar_sequence from market.bookings where id = pg_temp.b('early')), 1, 'calendars hear of it');

-- 4. Moving -------------------------------------------------------------------------------------------------------

insert into b values
  ('move', tests.booking(pg_temp.offer('strict'), pg_temp.who('learner'), tests.hour(100))),
  ('other', tests.booking(pg_temp.offer('free'), pg_temp.who('stranger'), tests.hour(110)));
create function pg_temp.last(p_what text) returns market.bookings language sql security definer as $$
  select * from market.bookings where chain_id = pg_temp.b(p_what) and moved_at is null $$;
create function pg_temp.move(p_hours integer) returns text language sql as $$
  select format('select market.reschedule_booking(%L, %L)', (pg_temp.last('move')).id, tests.hour(p_hours)) $$;
select tests.as_user(pg_temp.who('learner'));
select throws_ok(pg_temp.move(110), 'PT409', 'slot_taken', 'not where somebody is');
select throws_ok(pg_temp.move(99999), 'PT409', 'slot_unavailable', 'nor beyond the window');
select is((pg_temp.last('move')).status, 'scheduled', 'what was refused has changed nothing');
select throws_ok(format('select market.reschedule_booking(%L, null)', pg_temp.b('move')), 'PT422', 'start_required', 'nor nowhere');
select lives_ok(pg_temp.move(100), 'to where it is');
select is((pg_temp.last('move')).id, pg_temp.b('move'), 'is no move');
select is((market.reschedule_booking(pg_temp.b('move'), tests.hour(100) + interval '30 minutes')).rescheduled_from_id, pg_temp.b('move'), 'half an hour later, over its own time');
select is((market.reschedule_booking(pg_temp.b('move'), tests.hour(100) + interval '30 minutes')).id, (pg_temp.last('move')).id, 'a retry finds the same');
select throws_ok(format('select market.reschedule_booking(%L, %L)', pg_temp.b('move'), tests.hour(140)), 'PT409', 'booking_moved', 'the old one is moved no more');
select throws_ok(format('select market.cancel_booking(%L)', pg_temp.b('move')), 'PT409', 'booking_moved', 'nor cancelled');
select is((pg_temp.last('move')).refund_steps -> 0, '{"hours_before": 168, "refund_percent": 50}'::jsonb, 'the new one gives back no more than the old one would have');
select lives_ok(pg_temp.move(400), 'so moving it far away');
select is((market.booking_page((pg_temp.last('move')).id) ->> 'refund_now_minor')::bigint, 499::bigint, 'is no way to all of it');
select is((select string_agg(calendar_sequence::text, ' ' order by calendar_sequence) from market.bookings where chain_id = pg_temp.b('move')), '0 1 2', 'calendars see one event that changes');
select is((select count(*) from market.my_bookings('learner', '{scheduled,cancelled}') as m where m.chain_id = pg_temp.b('move')), 1::bigint, 'and so does the list');
select is((pg_temp.last('move')).payment_status, 'paid', 'no money has moved');
select tests.as_owner();
update market.offers set duration_minutes = 90 where id = pg_temp.offer('strict');
select tests.as_user(pg_temp.who('learner'));
select throws_ok(pg_temp.move(420), 'PT409', 'offer_changed', 'what is offered otherwise now is booked anew');
select tests.as_owner();
update market.offers set duration_minutes = 60 where id = pg_temp.offer('strict');
update core.settings set value = '2' where key = 'market.max_moves';
select tests.as_user(pg_temp.who('learner'));
select throws_ok(pg_temp.move(420), 'PT409', 'too_many_moves', 'nor moved for ever');
select is((market.cancel_booking((pg_temp.last('move')).id)).refund_minor, 499::bigint, 'and the last of the chain is cancelled');
select tests.as_owner();
select is(pg_temp.money((pg_temp.last('move')).id), 'cancelled partially_refunded 499 true', 'with the money of the chain');

-- 5. No-shows -----------------------------------------------------------------------------------------------------

create function pg_temp.state(p_state text) returns uuid language sql security definer as $$ select id from states where state = p_state $$;
select is(pg_temp.money(pg_temp.state('tutor_no_show')), 'no_show paid 0 false', 'after a report the money waits');
select tests.as_user(pg_temp.who('tutor'));
select isnt((market.contest_no_show(pg_temp.state('tutor_no_show'), 'I was there')).contested_at, null, 'the tutor contests it');
select tests.as_owner();
update market.bookings set no_show_at = now() - interval '25 hours' where status = 'no_show';
select set_eq('select * from private.market_due_bookings()', $$select pg_temp.state('no_show')$$, 'a day later the other one is divided, the contested one is not');
select is(private.booking_settle(pg_temp.state('no_show')), 'settled', 'the learner did not come');
select is(pg_temp.money(pg_temp.state('no_show')), 'no_show paid 0 true', 'the tutor is paid');
select tests.as_user(pg_temp.who('administrator'));
select is((market.resolve_booking(pg_temp.state('tutor_no_show'), 'tutor_no_show', 'The log says so')).contested_at, null, 'an administrator has looked');
select is(pg_temp.money(pg_temp.state('tutor_no_show')), 'no_show refunded 10000 true', 'all goes back');
select throws_ok(format('select market.resolve_booking(%L, %L, %L)', pg_temp.state('tutor_no_show'), 'completed', 'Oh'), 'PT409', 'booking_refunded', 'what went back stays there');
select is((market.resolve_booking(pg_temp.state('completed'), 'tutor_no_show', 'Nobody came')).no_show_by, 'tutor', 'what was completed wrongly');
select is(pg_temp.money(pg_temp.state('completed')), 'no_show refunded 10000 true', 'goes back, too');
select is((market.resolve_booking(pg_temp.state('no_show'), 'completed', 'He came')).status, 'completed', 'and a learner who came');
select is(pg_temp.money(pg_temp.state('no_show')), 'completed paid 0 true', 'costs the same');
select tests.as_owner();
select is((select string_agg(coalesce(from_status, '-') || '>' || to_status, ' ' order by id) from market.booking_events where booking_id = pg_temp.state('completed')), '->hold hold>scheduled scheduled>completed completed>no_show', 'all of it is in the history');
select results_eq($$select completed_count, no_show_count from market.tutors where id = pg_temp.who('tutor')$$, 'values (1, 2)', 'and counted');

-- 6. Who says first that it took place does not thereby decide it ---------------------------------------------------

insert into b values
  ('hasty', tests.booking(pg_temp.offer('paid'), pg_temp.who('learner'), tests.hour(-18))),
  ('decided', tests.booking(pg_temp.offer('paid'), pg_temp.who('learner'), tests.hour(-21))),
  ('long ago', tests.booking(pg_temp.offer('paid'), pg_temp.who('learner'), tests.hour(-30), 'completed')),
  ('free again', tests.booking(pg_temp.offer('free'), pg_temp.who('learner'), tests.hour(-15), 'completed'));
select tests.as_user(pg_temp.who('tutor'));
select is((market.complete_booking(pg_temp.b('hasty'))).status, 'completed', 'a tutor who did not come says at once that he did');
select tests.as_owner();
select is(split_part(tests.money_of(pg_temp.b('hasty')), ' ', 2), '0', 'and has the money');
update core.profiles set is_active = false where id in (pg_temp.who('learner'), pg_temp.who('tutor'));
select tests.as_user(pg_temp.who('learner'));
select is((market.report_no_show(pg_temp.b('hasty'), 'tutor')).no_show_by, 'tutor', 'the learner still has his day to say otherwise, suspended or not');
select throws_ok(format('select market.report_no_show(%L, %L)', pg_temp.b('long ago'), 'tutor'), 'PT409', 'no_show_not_now', 'but no longer than that');
select is((market.report_no_show(pg_temp.b('free again'), 'tutor')).settled_at, null, 'what was free of charge likewise');
select tests.as_user(pg_temp.who('tutor'));
select isnt((market.contest_no_show(pg_temp.b('free again'), 'I was there')).contested_at, null, 'and the tutor may contest it, suspended or not');
select tests.as_owner();
update core.profiles set is_active = true where id in (pg_temp.who('learner'), pg_temp.who('tutor'));
select is(pg_temp.money(pg_temp.b('hasty')), 'no_show paid 0 false', 'then the money waits again');
select is(split_part(tests.money_of(pg_temp.b('hasty')), ' ', 2), '10000', 'in escrow, all of it');
select is_empty('select tests.money_broken()', 'and adds up meanwhile');
update market.bookings set no_show_at = now() - interval '25 hours' where id = pg_temp.b('hasty');
select is(private.booking_settle(pg_temp.b('hasty')), 'settled', 'nobody contests it');
select is(pg_temp.money(pg_temp.b('hasty')), 'no_show refunded 10000 true', 'so it goes back');
select tests.as_user(pg_temp.who('administrator'));
select is((market.resolve_booking(pg_temp.b('decided'), 'completed', 'The log says so')).status, 'completed', 'what an administrator has decided');
select tests.as_user(pg_temp.who('learner'));
select throws_ok(format('select market.report_no_show(%L, %L)', pg_temp.b('decided'), 'tutor'), 'PT409', 'booking_resolved', 'is not said otherwise any more');
select tests.as_owner();

insert into b values
  ('own', tests.booking(pg_temp.offer('paid'), pg_temp.who('administrator'), tests.hour(-24), 'completed')),
  ('own later', tests.booking(pg_temp.offer('strict'), pg_temp.who('administrator'), tests.hour(40)));
select tests.as_user(pg_temp.who('administrator'));
select throws_ok(format('select market.resolve_booking(%L, %L, %L)', pg_temp.b('own'), 'tutor_no_show', 'I say so'), 'PT403', 'own_content', 'an administrator does not decide about his own lesson');
select is((market.cancel_booking(pg_temp.b('own later'))).refund_minor, 0::bigint, 'and calls it off as a learner does, by the policy');
select tests.as_owner();

select is_empty('select tests.money_broken()', 'and the money adds up');
select * from finish();
rollback;
