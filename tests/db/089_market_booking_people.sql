-- What the two say around a session; feedback and its moderation; reminders and the clock; accounts that go.
begin;
select plan(95);
select tests.share_temporaries();

create temp table p as select
  tests.tutor('pp-tutor@lyceum.test', 'Asia/Kathmandu') as tutor, tests.tutor('pp-second@lyceum.test') as second,
  tests.create_user('pp-learner@lyceum.test', '{}', '{"time_zone": "America/New_York"}') as learner,
  tests.create_user('pp-leaver@lyceum.test') as leaver, tests.create_user('pp-stranger@lyceum.test') as stranger,
  tests.create_user('pp-admin@lyceum.test', '{admin}') as admin, tests.create_user('pp-mod@lyceum.test', '{moderator}') as moderator;
create temp table o as select tests.offer(tutor, 5000) as paid, tests.offer(tutor, 0) as free, tests.offer(second, 5000) as second from p;
create function pg_temp.who(p_name text) returns uuid language sql security definer as $$ select (to_jsonb(p) ->> p_name)::uuid from p $$;
create function pg_temp.offer(p_name text) returns uuid language sql security definer as $$ select (to_jsonb(o) ->> p_name)::uuid from o $$;
create temp table b (what text primary key, id uuid);
create function pg_temp.b(p_what text) returns uuid language sql security definer as $$ select id from b where what = p_what $$;
insert into b values
  ('soon', tests.booking(pg_temp.offer('paid'), pg_temp.who('learner'), tests.hour(30))),
  ('hold', tests.booking(pg_temp.offer('paid'), pg_temp.who('learner'), tests.hour(34), 'hold')),
  ('done', tests.booking(pg_temp.offer('paid'), pg_temp.who('learner'), tests.hour(-30), 'completed')),
  ('old', tests.booking(pg_temp.offer('free'), pg_temp.who('learner'), tests.hour(-2000), 'completed'));

-- 1. Notes --------------------------------------------------------------------------------------------------------

create function pg_temp.note(p_what text, p_content text, p_is_shared boolean default false) returns text language sql as $$
  select format('insert into market.booking_notes (booking_id, content, is_shared) values (%L, %L, %L)', pg_temp.b(p_what), p_content, p_is_shared) $$;
select tests.as_anon();
select throws_ok(pg_temp.note('soon', 'Hello'), '42501', null, 'without an account no note');
select tests.as_user(pg_temp.who('stranger'));
select throws_ok(pg_temp.note('soon', 'Hello'), '42501', null, 'nor from a stranger');
select tests.as_user(pg_temp.who('admin'));
select throws_ok(pg_temp.note('soon', 'Hello'), '42501', null, 'nor an administrator');
select tests.as_user(pg_temp.who('learner'));
select lives_ok(pg_temp.note('soon', '  My weak spot is the heart  '), 'a note for oneself');
select lives_ok(pg_temp.note('soon', 'Please bring the atlas', true), 'and one for both');
select throws_ok(pg_temp.note('hold', 'Buy my book', true), '42501', null, 'who merely holds a slot does not write to its tutor');
select throws_ok(pg_temp.note('soon', ' '), 'PT422', 'text_required', 'a note says something');
select throws_ok(pg_temp.note('soon', '<img src=x onerror=alert(1)>'), 'PT422', 'markup_not_allowed', 'in plain text');
select throws_ok($$insert into market.booking_notes (booking_id, content, author_id) values (pg_temp.b('soon'), 'I owe you', pg_temp.who('tutor'))$$, '42501', null, 'nobody writes for another');
select is((select content from market.booking_notes where not is_shared), 'My weak spot is the heart', 'and it is cleaned');
select throws_ok($$update market.booking_notes set booking_id = pg_temp.b('done')$$, '42501', null, 'a note stays where it is');
select tests.as_user(pg_temp.who('tutor'));
select is((select string_agg(content, '|') from market.booking_notes), 'Please bring the atlas', 'the tutor sees what is shared');
select lives_ok($$insert into core.blocks (blocker_id, blocked_id) values (auth.uid(), pg_temp.who('learner'))$$, 'unless he has blocked the learner');
select is(tests.count_of('select * from market.booking_notes') + jsonb_array_length(market.booking_page(pg_temp.b('soon')) -> 'notes'), 0::bigint, 'then he reads none, on the page neither');
delete from core.blocks where blocker_id = auth.uid();
select is(tests.rows_changed($$update market.booking_notes set content = 'Mine'$$), 0::bigint, 'and does not change it');
select is(tests.rows_changed($$delete from market.booking_notes$$), 0::bigint, 'or remove it');
select lives_ok(pg_temp.note('soon', 'He is behind', false), 'he has his own');
select is(jsonb_array_length(market.booking_page(pg_temp.b('soon')) -> 'notes'), 2, 'on the page: his, and the shared one');
select tests.as_user(pg_temp.who('admin'));
select is(tests.count_of('select * from market.booking_notes'), 0::bigint, 'an administrator reads no notes');
select is(market.booking_page(pg_temp.b('soon')) -> 'notes', '[]'::jsonb, 'not on the page, either');
select tests.as_owner();
select is((select count(*) from core.notifications where type = 'booking_note' and user_id = pg_temp.who('tutor')), 1::bigint, 'the other one is told of what is shared');
update core.settings set value = '2' where key = 'market.max_notes';
select tests.as_user(pg_temp.who('learner'));
select throws_ok(pg_temp.note('soon', 'A third'), 'PT409', 'too_many_notes', 'no more than so many');
select is(tests.rows_changed($$delete from market.booking_notes where is_shared$$), 1::bigint, 'one goes');
select lives_ok(pg_temp.note('soon', 'A third', true), 'and another comes');
select tests.as_owner();
update core.profiles set is_active = false where id = pg_temp.who('learner');
select tests.as_user(pg_temp.who('learner'));
select throws_ok(pg_temp.note('done', 'Hello'), '42501', null, 'a suspended person writes nothing');
select is(tests.count_of('select * from market.bookings'), 4::bigint, 'but sees his bookings');
select lives_ok(format('select market.cancel_booking(%L)', pg_temp.b('hold')), 'and cancels');
select throws_ok(format('select market.reschedule_booking(%L, %L)', pg_temp.b('soon'), tests.hour(60)), 'PT403', 'account_inactive', 'though he does not book anew');
select throws_ok(format('select market.give_feedback(%L, 1)', pg_temp.b('done')), 'PT403', 'account_inactive', 'nor judge');
select tests.as_owner();
update core.profiles set is_active = true where id = pg_temp.who('learner');

-- 2. Feedback -----------------------------------------------------------------------------------------------------

select tests.as_user(pg_temp.who('learner'));
select throws_ok(format('select market.give_feedback(%L, 5)', pg_temp.b('old')), 'PT409', 'feedback_too_late', 'not months later');
select throws_ok(format('select market.give_feedback(%L, 5, %L)', pg_temp.b('done'), '<b>Good</b>'), 'PT422', 'markup_not_allowed', 'in plain text');
select lives_ok(format('select market.give_feedback(%L, 4, %L)', pg_temp.b('done'), 'Patient'), 'once, after it was completed');
select lives_ok(format('select market.give_feedback(%L, 4, %L)', pg_temp.b('done'), 'Patient'), 'a retry changes nothing');
select throws_ok(format('select market.give_feedback(%L, 1, %L)', pg_temp.b('done'), 'Patient'), 'PT409', 'feedback_given', 'but nobody gives it twice');
select throws_ok($$insert into market.session_feedback (booking_id, rating) values (pg_temp.b('soon'), 5)$$, '42501', null, 'nor past the function');
select throws_ok($$update market.session_feedback set rating = 5$$, '42501', null, 'nor changes it');
select tests.as_user(pg_temp.who('tutor'));
select lives_ok(format('select market.reply_to_feedback(%L, %L)', pg_temp.b('done'), 'Thank you'), 'the tutor replies');
select lives_ok(format('select market.reply_to_feedback(%L, %L)', pg_temp.b('done'), 'Thank you!'), 'and changes his reply');
select tests.as_user(pg_temp.who('stranger'));
select results_eq('select rating, review, reply from market.session_feedback', $$values (4::smallint, 'Patient', 'Thank you!')$$, 'everybody signed in reads it');
select throws_ok('select learner_id from market.session_feedback', '42501', null, 'but not of whom it is');
select throws_ok(format('select market.reply_to_feedback(%L, %L)', pg_temp.b('done'), 'Lies'), 'PT404', 'booking_not_found', 'and does not reply');
select tests.as_owner();
select is((select average_rating from market.tutors where id = pg_temp.who('tutor')), 4.00, 'it counts');
select is((select count(*) from core.notifications where type = 'booking_feedback_reply'), 1::bigint, 'and the learner is told once');

select tests.as_user(pg_temp.who('stranger'));
create temp table r as select core.report_content('market', 'feedback', pg_temp.b('done'), 'abuse', 'Rude') as id;
select tests.as_user(pg_temp.who('learner'));
select throws_ok(format('select core.report_content(%L, %L, %L, %L)', 'market', 'feedback', pg_temp.b('done'), 'spam'), 'PT403', 'own_content', 'whoever wrote it, does not report it');
select tests.as_user(pg_temp.who('moderator'));
select is((select title || ': ' || excerpt from core.moderation_queue()), E'Feedback: 4 of 5: Patient\nThank you!', 'moderators see what it said');
select lives_ok(format('select core.moderate_content(%L, %L, %L, %L, %L)', 'market', 'feedback', pg_temp.b('done'), 'hide', 'Rude'), 'and hide it');
select tests.as_user(pg_temp.who('stranger'));
select is(tests.count_of('select rating from market.session_feedback'), 0::bigint, 'then nobody reads it');
select tests.as_user(pg_temp.who('tutor'));
select is(tests.count_of('select rating from market.session_feedback'), 1::bigint, 'but the two');
select throws_ok(format('select market.reply_to_feedback(%L, %L)', pg_temp.b('done'), 'More'), 'PT409', 'content_removed', 'and it is not replied to');
select tests.as_owner();
select is((select average_rating from market.tutors where id = pg_temp.who('tutor')), null, 'nor does it count');
do $$ begin perform private.market_unhide('feedback', pg_temp.b('done'), null); end $$;
select is((select average_rating from market.tutors where id = pg_temp.who('tutor')), 4.00, 'until it is shown again');

-- 3. The clock ----------------------------------------------------------------------------------------------------

create temp table lease as select * from tests.booking_lease(pg_temp.b('soon'), 'market.remind');
select throws_ok(format('select market.send_reminder(%L, 0)', (select id from lease)), 'PT409', 'lease_lost', 'only who has the job reminds');
select tests.as_service();
select is(market.send_reminder(id, lease_token), '{"reminded": true}'::jsonb, 'both are reminded') from lease;
select is(market.send_reminder(id, lease_token), '{"reminded": true}'::jsonb, 'a job that runs twice') from lease;
select tests.as_owner();
select is((select count(*) from core.notifications where type = 'booking_reminder'), 2::bigint, 'reminds once');
select is(
  (select message from core.notifications where type = 'booking_reminder' and user_id = pg_temp.who('tutor')),
  'An hour: ' || to_char(tests.hour(30) at time zone 'Asia/Kathmandu', 'Dy DD Mon YYYY HH24:MI') || ' (Asia/Kathmandu)',
  'each in his own zone'
);
do $$ begin perform tests.shift(pg_temp.b('soon'), interval '-29 hours -30 minutes'); end $$;
select is(private.market_send_reminder(id, lease_token), '{"reminded": false}'::jsonb, 'the day before is not told of in the last hour') from lease;
do $$ begin perform tests.shift(pg_temp.b('soon'), interval '29 hours 30 minutes'); end $$;
select tests.as_user(pg_temp.who('learner'));
create temp table moved as select id from market.reschedule_booking(pg_temp.b('soon'), tests.hour(50) + interval '15 minutes');
select tests.as_owner();
select is(private.market_send_reminder(id, lease_token), '{"reminded": false}'::jsonb, 'of what was moved nobody is reminded') from lease;
select is((select count(*) from ops.queue_items where resource_id = (select id from moved)), 2::bigint, 'but of where it was moved to');

insert into b values
  ('ended', tests.booking(pg_temp.offer('paid'), pg_temp.who('learner'), tests.hour(-50))),
  ('fresh', tests.booking(pg_temp.offer('paid'), pg_temp.who('learner'), tests.hour(-20)));
select is(private.market_close_due(), '1 bookings to close', 'a day after its end a session is closed');
select is(private.market_close_due(), '0 bookings to close', 'by one job');
create temp table close as select * from tests.booking_lease(pg_temp.b('ended'), 'market.close_booking');
select tests.as_service();
select is(market.close_booking(id, lease_token), '{"outcome": "completed"}'::jsonb, 'it took place') from close;
select is(market.close_booking(id, lease_token), '{"outcome": "nothing"}'::jsonb, 'once') from close;
select tests.as_owner();
select is((select actor from market.booking_events where booking_id = pg_temp.b('ended') and to_status = 'completed'), 'system', 'says the clock');
select isnt((select settled_at from market.bookings where id = pg_temp.b('ended')), null, 'and the tutor has earned');

-- 4. Lists --------------------------------------------------------------------------------------------------------

select tests.as_user(pg_temp.who('learner'));
create temp table page as select * from market.my_bookings(p_limit => 2);
select is((select count(*) from page), 2::bigint, 'two at a time');
create temp table rest as select * from market.my_bookings(p_limit => 20, p_cursor => (select cursor from page order by starts_at limit 1));
select is((select count(*) from rest), 4::bigint, 'then the rest, without the one that was moved');
select is((select count(*) from rest join page using (id)), 0::bigint, 'none twice');
select is((select count(*) from market.my_bookings('tutor')), 0::bigint, 'none as tutor');
select is((select string_agg(distinct status, ' ') from market.my_bookings(null, '{completed}')), 'completed', 'only some');
select throws_ok($$select * from market.my_bookings('boss')$$, 'PT422', 'filter_invalid', 'a role is one of two');
select throws_ok($$select * from market.my_bookings(null, '{done}')$$, 'PT422', 'filter_invalid', 'a status one of six');
select throws_ok($$select * from market.my_bookings(p_cursor => 'x')$$, 'PT400', 'cursor_invalid', 'and a cursor is one of ours');
select tests.as_user(pg_temp.who('tutor'));
select is((select role || ' ' || other_id from market.my_bookings(p_limit => 1)), 'tutor ' || pg_temp.who('learner'), 'the tutor sees his learner');
select tests.as_user(pg_temp.who('stranger'));
select is((select count(*) from market.my_bookings()), 0::bigint, 'a stranger sees none');

-- 5. Accounts that go ---------------------------------------------------------------------------------------------

select tests.as_owner();
insert into b values
  ('leave-early', tests.booking(pg_temp.offer('second'), pg_temp.who('leaver'), tests.hour(70))),
  ('leave-late', tests.booking(pg_temp.offer('second'), pg_temp.who('leaver'), tests.hour(10))),
  ('leave-hold', tests.booking(pg_temp.offer('second'), pg_temp.who('leaver'), tests.hour(74), 'hold')),
  ('leave-paying', tests.booking(pg_temp.offer('second'), pg_temp.who('leaver'), tests.hour(78), 'hold')),
  ('leave-running', tests.booking(pg_temp.offer('second'), pg_temp.who('leaver'), now() - interval '20 minutes')),
  ('leave-done', tests.booking(pg_temp.offer('second'), pg_temp.who('leaver'), tests.hour(-8), 'completed'));
select tests.as_user(pg_temp.who('leaver'));
do $$ begin perform market.give_feedback(pg_temp.b('leave-done'), 2, 'Late again'); end $$;
insert into market.booking_notes (booking_id, content, is_shared) values (pg_temp.b('leave-done'), 'My address', true);
select tests.as_owner();
create temp table paying as select tests.checkout(pg_temp.b('leave-paying')) as id;
update market.bookings set hold_expires_at = now(), status = 'expired' where id = pg_temp.b('leave-paying');
delete from auth.users where id = pg_temp.who('leaver');
create function pg_temp.state(p_what text) returns text language sql security definer as $$
  select concat_ws(' ', status, cancelled_by, refund_minor, (settled_at is null)::text) from market.bookings where id = pg_temp.b(p_what) $$;
select is(pg_temp.state('leave-early'), 'cancelled system 5000 true', 'a learner goes: by the policy all');
select is(pg_temp.state('leave-late'), 'cancelled system 2500 true', 'half');
select is(pg_temp.state('leave-hold'), 'cancelled system 0 false', 'a hold is given back');
select is(pg_temp.state('leave-running'), 'scheduled 0 true', 'what is under way is left to the clock');
select is((select tests.capture(id) from paying), 'processed', 'what he has paid for a hold that had run out arrives when he is gone');
select is((select status || ' ' || payment_status from market.bookings where id = pg_temp.b('leave-paying')), 'expired refunded', 'and goes back: nobody would come');
select is((select learner_id::text || '' from market.bookings where id = pg_temp.b('leave-done')), null, 'he is gone from his bookings');
select is((select learner_tombstone from market.bookings where id = pg_temp.b('leave-done')), pg_temp.who('leaver'), 'a tombstone is there');
select results_eq($$select rating, review from market.session_feedback where booking_id = pg_temp.b('leave-done')$$, $$values (2::smallint, '')$$, 'his rating counts, what he wrote is gone');
select is((select count(*) from market.booking_notes where booking_id = pg_temp.b('leave-done')), 0::bigint, 'and so are his notes');
select is((select count(*) from core.notifications where user_id = pg_temp.who('second') and type = 'booking_cancelled'), 2::bigint, 'the tutor is told');
select results_eq($$select (private.market_close_booking(l.id, l.lease_token)) ->> 'outcome' from unnest(array['leave-early', 'leave-late']) as w, tests.booking_lease(pg_temp.b(w), 'market.close_booking') as l$$,
  $$values ('settled'), ('settled')$$, 'the money follows');
select is(pg_temp.state('leave-late'), 'cancelled system 2500 false', 'as it was decided');

select tests.as_user(pg_temp.who('tutor'));
select lives_ok(format('select market.cancel_booking(%L, %L)', (select id from moved), 'My knee hurts'), 'he calls one off');
select tests.as_owner();
insert into b values ('tutor-goes', tests.booking(pg_temp.offer('paid'), pg_temp.who('learner'), tests.hour(8)));
delete from auth.users where id = pg_temp.who('tutor');
select is(pg_temp.state('tutor-goes'), 'cancelled system 5000 true', 'a tutor goes: all comes back, however late');
select is((select cancel_reason from market.bookings where id = (select id from moved)), null, 'what he wrote is gone');
select is((select count(*) from market.bookings where tutor_tombstone = pg_temp.who('tutor')), 8::bigint, 'every booking is there');
select results_eq($$select reply from market.session_feedback where booking_id = pg_temp.b('done')$$, $$values ('')$$, 'his replies are not');
select tests.as_user(pg_temp.who('learner'));
select is(market.booking_page(pg_temp.b('done')) ->> 'tutor', null, 'the learner still has the page of his session');

select is_empty('select tests.money_broken()', 'and the money adds up');
select * from finish();
rollback;
