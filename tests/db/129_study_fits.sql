-- Weights of one's own: who may ask, what a worker sees and writes, when weights are put in use, and whom the clock asks for.
begin;
select plan(53);
select tests.share_temporaries();

create temp table who as
select tests.create_user('sf-ann@example.org') as ann, tests.create_user('sf-ben@example.org') as ben,
  tests.create_user('sf-cleo@example.org') as cleo;
update core.profiles set time_zone = 'UTC';
update core.settings set value = '20' where key = 'study.fit_min_reviews';
update core.settings set value = '8' where key = 'study.fit_new_reviews';

-- Some cards of a person, each reviewed at these intervals by the function that reviews.
create function pg_temp.study(p_user_id uuid, p_cards integer, p_from timestamptz, p_reviews integer)
returns void
language plpgsql
as $$
declare
  v_card uuid;
  v_at timestamptz;
begin
  for v_i in 1 .. p_cards loop
    insert into study.sm2_review_cards (user_id, source, front, back, due_at, due_on)
    values (p_user_id, 'note', 'f' || v_i, 'b', p_from, p_from) returning id into v_card;
    v_at := p_from;
    for v_no in 1 .. p_reviews loop
      perform private.study_review_card(p_user_id, v_card, 1 + (v_i + v_no) % 4, null, 1000, v_no, v_at);
      v_at := v_at + make_interval(days => v_no * 2);
    end loop;
  end loop;
end;
$$;
select pg_temp.study(ann, 5, '2026-01-05 10:00+00', 5) from who;
select pg_temp.study(ben, 5, '2026-01-05 10:00+00', 3) from who;

create function pg_temp.lease(p_fit uuid, out job_id uuid, out token bigint)
language plpgsql
as $$
begin
  perform core.claim_jobs('test', 20, 'default', '{study.fit_weights}');
  select q.id, q.lease_token into job_id, token from ops.queue_items as q where q.resource_id = p_fit and q.status = 'processing';
end;
$$;
create function pg_temp.weights(p_first double precision default 0.5)
returns double precision[]
language sql
security definer
as $$ select array[p_first] || (private.fsrs_default_weights())[2:21]; $$;

-- Asking
select tests.as_anon();
select throws_ok('select study.fit_weights()', '42501', null, 'nobody without an account asks');
select tests.as_user((select ben from who));
select throws_ok('select study.fit_weights()', 'PT409', 'too_few_reviews', 'nor who has too few reviews');
select is((select count(*) from study.weight_fits), 0::bigint, 'and nothing is written then');
select throws_ok('select study.begin_fit(gen_random_uuid(), 1)', '42501', null, 'a person is no worker');
select throws_ok('select study.fit_histories(gen_random_uuid(), 1)', '42501', null, 'reads no histories as one');
select throws_ok('select study.record_fit(gen_random_uuid(), 1)', '42501', null, 'and records no fit');
select throws_ok($$ insert into study.weight_fits (user_id) select ben from who $$, '42501', null, 'nor writes one');
select throws_ok($$ select private.study_tend_fits() $$, '42501', null, 'nor has others'' fitted');
select tests.as_owner();
update study.review_logs set undone_at = now() where (card_id, review_no) in (
  select l.card_id, max(l.review_no) from study.review_logs as l, who where l.user_id = who.ann group by l.card_id limit 1
);
update core.settings set value = '25' where key = 'study.fit_min_reviews';
select tests.as_user((select ann from who));
select throws_ok('select study.fit_weights()', 'PT409', 'too_few_reviews', 'what was undone is no review');
select tests.as_owner();
update core.settings set value = '20' where key = 'study.fit_min_reviews';
select tests.as_user((select ann from who));
create temp table fit as select * from study.fit_weights();
grant select on fit to public;
select results_eq('select status, is_adopted, weights_before from fit', $$ values ('pending', false, null::float8[]) $$, 'who has enough asks, and it waits');
select is((study.fit_weights()).id, (select id from fit), 'asking again: the same');
select is((select count(*) from study.weight_fits), 1::bigint, 'one of it');
select tests.as_user((select ben from who));
select is((select count(*) from study.weight_fits), 0::bigint, 'others do not see it');

-- The worker
select tests.as_service();
create temp table lease as select l.* from fit, lateral pg_temp.lease(fit.id) as l;
select isnt((select job_id from lease), null, 'there is one job of it');
select throws_ok('select study.begin_fit(job_id, token + 1) from lease', 'PT409', 'lease_lost', 'only who holds the lease begins');
select throws_ok('select study.fit_histories(job_id, token + 1) from lease', 'PT409', 'lease_lost', 'reads');
select throws_ok('select study.record_fit(job_id, token + 1) from lease', 'PT409', 'lease_lost', 'and writes');
select is(
  (select study.begin_fit(job_id, token) - 'fit_id' from lease),
  '{"proceed": true, "weights": null, "relearning_steps": 1, "has_steps": true, "max_reviews": 100000}', 'what the learner wishes'
);
create temp table page as select study.fit_histories(job_id, token, null, 3) as one from lease;
select is((select jsonb_array_length(one -> 'cards') from page), 3, 'as many cards as asked for');
create temp table rest as select study.fit_histories(job_id, token, (one ->> 'next')::uuid, 3) as two from lease, page;
select results_eq(
  $$ select jsonb_array_length(two -> 'cards'), two -> 'next' from rest $$, $$ values (2, 'null'::jsonb) $$, 'then the rest, and no more'
);
select tests.as_owner();
select results_eq(
  $$ select c ->> 0 as rating, c ->> 1 as days, c ->> 2 as at from page, rest, jsonb_array_elements(one -> 'cards' || (two -> 'cards')) as h, jsonb_array_elements(h) as c order by 1, 2, 3 $$,
  $$ select l.rating::text, l.elapsed_days::text, extract(epoch from l.reviewed_at)::bigint::text from study.review_logs as l, who where l.user_id = who.ann and l.undone_at is null order by 1, 2, 3 $$,
  'all reviews that stand, nobody else''s'
);
select is(
  (select bool_and((h -> 0 ->> 1)::integer = 0) from page, jsonb_array_elements(one -> 'cards') as h), true, 'a card''s first review is after none'
);

-- What is refused
select tests.as_service();
select throws_ok('select study.record_fit(job_id, token) from lease', 'PT422', 'fit_invalid', 'no weights are no fit');
select throws_ok($$ select study.record_fit(job_id, token, '{1, 2, 3}', 24, 5, 0.4, 0.3, true) from lease $$, 'PT422', 'fit_invalid', 'nor are too few');
select throws_ok($$ select study.record_fit(job_id, token, pg_temp.weights(200), 24, 5, 0.4, 0.3, true) from lease $$, 'PT422', 'fit_invalid', 'nor those beyond their bounds');
select throws_ok($$ select study.record_fit(job_id, token, pg_temp.weights('NaN'), 24, 5, 0.4, 0.3, true) from lease $$, 'PT422', 'fit_invalid', 'nor what is no number');
select throws_ok($$ select study.record_fit(job_id, token, pg_temp.weights(null), 24, 5, 0.4, 0.3, true) from lease $$, 'PT422', 'fit_invalid', 'nor nothing');
select throws_ok($$ select study.record_fit(job_id, token, pg_temp.weights(), 24, 5, 0.4, 'NaN', true) from lease $$, 'PT422', 'fit_invalid', 'nor a loss that is none');
select throws_ok($$ select study.record_fit(job_id, token, pg_temp.weights(), 24, 5, 0.4, null, true) from lease $$, 'PT422', 'fit_invalid', 'nor none');
select tests.as_owner();
select is((select weights from private.study_settings((select ann from who))), null, 'and the weights in use stay');

-- What is put in use, and what is not
create temp table before as
select c.* from study.sm2_review_cards as c, who where c.user_id = who.ann;
select tests.as_service();
select is(
  (select study.record_fit(job_id, token, pg_temp.weights(), 24, 5, 0.4, 0.3, true) from lease), '{"proceed": false, "is_adopted": true}',
  'better weights are put in use'
);
select is(
  (select study.record_fit(job_id, token, pg_temp.weights(0.6), 24, 5, 0.4, 0.2, true) from lease), '{"proceed": false}', 'sent again, nothing happens'
);
select tests.as_owner();
select is((select weights from private.study_settings((select ann from who))), pg_temp.weights(), 'they are the learner''s now');
select is((select count(*) from study.sm2_review_cards as c join before as b using (id) where c.stability is distinct from b.stability) > 0, true, 'and the cards are computed anew');
select is(
  (
    select count(*) from study.sm2_review_cards as c
    cross join lateral private.study_replay_card(c, private.study_settings(c.user_id)) as r
    where c.user_id = (select ann from who) and (c.stability, c.difficulty) is distinct from (r.stability, r.difficulty)
  ),
  0::bigint, 'as their logs and these weights make them'
);
select is((select count(*) from core.notifications as n, who where n.user_id = who.ann and n.type = 'weights_fitted'), 1::bigint, 'the learner is told');
select results_eq(
  'select status, is_adopted, review_count, held_out_count, loss_before, loss_after from study.weight_fits',
  $$ values ('completed', true, 24, 5, 0.4::float8, 0.3::float8) $$, 'the fit says why'
);

create function pg_temp.fit_again(p_weights double precision[], p_before double precision, p_after double precision, p_is_better boolean, p_changed boolean default false)
returns jsonb
language plpgsql
as $$
declare
  v_fit study.weight_fits := private.study_ask_fit((select ann from who), '2026-03-01');
  v_lease record := pg_temp.lease(v_fit.id);
  v_result jsonb;
begin
  perform private.study_begin_fit(v_lease.job_id, v_lease.token);
  if p_changed then
    update study.learner_settings set weights = null where user_id = v_fit.user_id;
  end if;
  v_result := private.study_record_fit(v_lease.job_id, v_lease.token, p_weights, 24, 5, p_before, p_after, p_is_better, null, '2026-03-01');
  perform core.complete_job(v_lease.job_id, v_lease.token);
  return v_result;
end;
$$;
select is(pg_temp.fit_again(pg_temp.weights(0.7), 0.4, 0.39, false) ->> 'is_adopted', 'false', 'not those that are better by luck only');
select is(pg_temp.fit_again(pg_temp.weights(0.7), 0.4, 0.4, true) ->> 'is_adopted', 'false', 'nor those with the same loss');
select is(pg_temp.fit_again(pg_temp.weights(0.7), 0.4, 0.5, true) ->> 'is_adopted', 'false', 'nor with a higher one, whatever the worker says');
select is((select weights from private.study_settings((select ann from who))), pg_temp.weights(), 'the weights in use stay');
select is(pg_temp.fit_again(pg_temp.weights(0.7), 0.4, 0.3, true, true) ->> 'is_adopted', 'false', 'nor when they were changed meanwhile');
select is((select weights from private.study_settings((select ann from who))), null, 'then the change stands');
select is((select error_message from study.weight_fits order by created_at desc, completed_at desc limit 1) is not null or exists (
  select from study.weight_fits where error_message = 'The weights were changed meanwhile.'), true, 'and the fit says so');

-- A learner who goes away while it is under way
create temp table gone as select private.study_ask_fit((select ben from who), now()) as fit;
create temp table gone_lease as select l.* from gone, lateral pg_temp.lease((fit).id) as l;
delete from auth.users where id = (select ben from who);
select tests.as_service();
select is((select study.begin_fit(job_id, token) from gone_lease), '{"proceed": false}', 'of somebody who is gone nothing is left to do');
select is((select study.record_fit(job_id, token, pg_temp.weights(), 24, 5, 0.4, 0.3, true) from gone_lease), '{"proceed": false}', 'nor to write');
select tests.as_owner();

-- The clock
delete from study.weight_fits;
select pg_temp.study(cleo, 5, '2026-01-05 10:00+00', 5) from who;
update study.learner_settings set scheduler = 'sm2' where user_id = (select ann from who);
select is(private.study_tend_fits('2026-02-01'), '{"asked": 1, "given_up": 0}', 'the clock asks for those on FSRS who have enough reviews');
select is((select f.user_id from study.weight_fits as f), (select cleo from who), 'and for no others');
select is(private.study_tend_fits('2026-02-01'), '{"asked": 0, "given_up": 0}', 'once');
select private.study_end_fit(f.id, 'failed', 'why', '2026-02-01') from study.weight_fits as f;
select is(private.study_tend_fits('2026-02-09'), '{"asked": 0, "given_up": 0}', 'not again without new reviews');
select pg_temp.study(cleo, 2, '2026-02-02 10:00+00', 4) from who;
select is(private.study_tend_fits('2026-02-07'), '{"asked": 0, "given_up": 0}', 'with them, not within a week');
select is(private.study_tend_fits('2026-02-09'), '{"asked": 1, "given_up": 0}', 'after it, again');
delete from ops.queue_items;
select is(private.study_tend_fits('2026-02-10'), '{"asked": 0, "given_up": 1}', 'one whose job is lost ends');

select * from finish();
rollback;
