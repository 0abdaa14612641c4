-- Experts: a person applies, an administrator decides, the role follows; verification and totals cannot be written.
begin;
select plan(65);

insert into core.topics (slug, name) values ('t-heart', 'Heart of tests'), ('t-kidney', 'Kidney of tests');
create temp table who as select
  tests.create_user('xena@test.local') as xena,
  tests.create_user('yuri@test.local') as yuri,
  tests.create_user('stranger@test.local') as stranger,
  tests.create_user('chief@test.local', '{admin}') as chief;
grant select on who to public;

-- Every move that the table of moves names or leaves out
create function pg_temp.try_move(p_from text, p_to text) returns text language plpgsql as $$
declare
  v_id uuid := tests.create_user(gen_random_uuid() || '@test.local');
begin
  insert into core.experts (id, verification_status) values (v_id, p_from);
  update core.experts set verification_status = p_to where id = v_id;
  return case when private.user_has_role(v_id, 'expert') = (p_to = 'verified') then 'moved' else 'role astray' end;
exception when sqlstate 'PT409' then
  return sqlerrm;
end;
$$;
select is(
  pg_temp.try_move(a.s, b.s),
  case when exists (select from core.expert_transitions t where t.from_status = a.s and t.to_status = b.s) then 'moved' else 'illegal_transition' end,
  format('from %s to %s', a.s, b.s)
)
from unnest(array['pending', 'verified', 'rejected', 'suspended']) as a (s)
cross join unnest(array['pending', 'verified', 'rejected', 'suspended']) as b (s)
where a.s <> b.s
order by a.s, b.s;
delete from core.experts;
select is((select count(*) from core.user_roles where role = 'expert'), 0::bigint, 'the role goes with the row');

select tests.as_anon();
select throws_ok($$ select core.apply_as_expert('Knows hearts', '{t-heart}') $$, '42501', null, 'a visitor does not apply');
select throws_ok('select * from core.experts', '42501', null, 'and reads no experts');

-- The applicant
select tests.as_user((select xena from who));
select throws_ok($$ insert into core.experts (id, verification_status) values (auth.uid(), 'verified') $$, '42501', null, 'nobody enters himself');
select throws_ok($$ select core.apply_as_expert('Knows hearts', '{}') $$, 'PT422', 'topics_required', 'not without a topic');
select throws_ok($$ select core.apply_as_expert('Knows hearts', '{t-heart,astrology}') $$, 'PT422', 'unknown_topic', 'not for a topic that there is not');
select throws_ok($$ select core.apply_as_expert('', '{t-heart}') $$, 'PT422', 'text_required', 'not without a headline');
select throws_ok($$ select core.apply_as_expert('<b>Hearts</b>', '{t-heart}') $$, 'PT422', 'markup_not_allowed', 'no markup');
select throws_ok($$ select core.apply_as_expert('Knows hearts', '{t-heart}', '[{"title": "<script>x</script>"}]') $$, 'PT422', 'markup_not_allowed', 'nor among the credentials');
select throws_ok($$ select core.apply_as_expert('Knows hearts', '{t-heart}', p_experience_years => -1) $$, 'PT422', 'expert_application_invalid', 'no negative years');
select throws_ok($$ select core.apply_as_expert('Knows hearts', '{t-heart}', p_hourly_rate_min_minor => 500, p_hourly_rate_max_minor => 100) $$, 'PT422', 'expert_application_invalid', 'min is at most max');
select throws_ok($$ select core.apply_as_expert('Knows hearts', '{t-heart}', p_hourly_rate_min_minor => 500) $$, 'PT422', 'expert_application_invalid', 'rates come in pairs');
select throws_ok($$ select core.apply_as_expert('Knows hearts', '{t-heart}', p_time_zone => 'Mars/Olympus') $$, 'PT422', 'expert_application_invalid', 'no bogus time zone');
select throws_ok($$ select core.apply_as_expert('Knows hearts', '{t-heart}', p_languages => '{English}') $$, 'PT422', 'expert_application_invalid', 'languages are codes');
select is(tests.count_of('select * from core.experts'), 0::bigint, 'nothing of all that was written');
select is((core.apply_as_expert('Knows hearts', '{t-heart,Heart of tests}', '[{"title": "MD"}]', 12, '{en,de}', 4000, 6000, 'EUR', 'Europe/Berlin')).verification_status, 'pending', 'an application waits');
select is((core.apply_as_expert('Knows hearts well', '{t-heart}', '[{"title": "MD"}]')).headline, 'Knows hearts well', 'and may be mended');
select ok(not private.has_role('expert'), 'the role does not come with it');
select throws_ok($$ update core.experts set verification_status = 'verified' where id = auth.uid() $$, '42501', null, 'one does not verify oneself');
select throws_ok($$ update core.experts set rating_sum = 500, total_ratings = 100 where id = auth.uid() $$, '42501', null, 'nor rate oneself');
select throws_ok($$ update core.experts set total_reviews = 1000 where id = auth.uid() $$, '42501', null, 'nor count for oneself');
select throws_ok($$ update core.experts set average_rating = 5 where id = auth.uid() $$, '428C9', null, 'nor set the average');
select throws_ok($$ update core.experts set max_concurrent_reviews = 100 where id = auth.uid() $$, '42501', null, 'nor take more than one''s share');
select throws_ok($$ update core.experts set credentials = '[]' where id = auth.uid() $$, '42501', null, 'nor change credentials afterwards');
select throws_ok($$ insert into core.expert_topics (expert_id, topic_id) select auth.uid(), id from core.topics where slug = 't-kidney' $$, '42501', null, 'nor add topics afterwards');
select throws_ok($$ select core.decide_expert(auth.uid(), 'verified', 'I am good.') $$, 'PT403', 'role_required', 'nor decide');

-- The others, before the decision
select tests.as_user((select stranger from who));
select is(tests.count_of('select * from core.experts'), 0::bigint, 'an application is nobody else''s business');
select is(tests.count_of('select * from core.expert_topics'), 0::bigint, 'nor its topics');

-- The administrator
select tests.as_user((select chief from who));
select throws_ok($$ select core.decide_expert((select stranger from who), 'verified', 'Looks fine.') $$, 'PT404', 'expert_not_found', 'nobody is verified who did not apply');
select throws_ok($$ select core.decide_expert((select xena from who), 'verified', '') $$, 'PT422', 'reason_required', 'not without a reason');
select throws_ok($$ select core.decide_expert((select xena from who), 'promoted', 'Looks fine.') $$, 'PT422', 'decision_invalid', 'not anything');
select is((core.decide_expert((select xena from who), 'rejected', 'No proof.')).verification_status, 'rejected', 'rejects');
select tests.as_user((select xena from who));
select is((core.apply_as_expert('Knows hearts, with proof', '{t-heart}')).verification_status, 'pending', 'one may apply again');
select tests.as_user((select chief from who));
select is((core.decide_expert((select xena from who), 'verified', 'Diploma seen.', '{t-heart,t-kidney}')).decided_by, (select chief from who), 'verifies, with the topics');
select is((core.decide_expert((select xena from who), 'verified', 'Again.')).verification_status, 'verified', 'twice is once');
select throws_ok($$ select core.revoke_role((select xena from who), 'expert', 'Oops.') $$, 'PT409', 'expert_role_is_decided', 'the role goes with the decision only');
select lives_ok($$ select core.apply_as_expert('An administrator who knows', '{t-heart}') $$, 'an administrator may apply');
select throws_ok($$ select core.decide_expert(auth.uid(), 'verified', 'Obviously.') $$, 'PT403', 'own_expert_application', 'but not decide on himself');

select tests.as_user((select xena from who));
select ok(private.has_role('expert'), 'the role is there');
select is((select count(*) from core.expert_topics where expert_id = auth.uid()), 2::bigint, 'with the topics');
select throws_ok($$ select core.apply_as_expert('Again', '{t-heart}') $$, 'PT409', 'expert_already_verified', 'a verified expert does not apply');
select is(tests.rows_changed($$ update core.experts set headline = 'Hearts, mostly', is_available = false where id = auth.uid() $$), 1::bigint, 'but describes himself');
select results_eq(
  $$ select previous_status, new_status, reason from core.expert_decisions where expert_id = auth.uid() order by decided_at $$,
  $$ values (null, 'pending', 'Applied.'), ('pending', 'rejected', 'No proof.'), ('rejected', 'pending', 'Applied.'), ('pending', 'verified', 'Diploma seen.') $$,
  'every step is recorded'
);
select tests.as_user((select stranger from who));
select is((select headline from core.experts where id = (select xena from who)), 'Hearts, mostly', 'others see a verified expert');
select is(tests.rows_changed($$ update core.experts set headline = 'Fraud' where id = (select xena from who) $$), 0::bigint, 'and do not describe him');
select is(tests.count_of('select * from core.expert_decisions'), 0::bigint, 'the decisions are not theirs');
select is((select count(*) from core.search('hearts', '{expert}')), 1::bigint, 'and find him');

-- Suspended as an expert; totals by the owner
select tests.as_user((select chief from who));
select is((core.decide_expert((select xena from who), 'suspended', 'Complaints.')).verification_status, 'suspended', 'suspends');
select tests.as_owner();
select ok(not private.user_has_role((select xena from who), 'expert'), 'the role is gone at once');
select is((select count(*) from core.search_documents where kind = 'expert' and entity_id = (select xena from who)), 0::bigint, 'and nobody finds him');
update core.experts set rating_sum = 9, total_ratings = 2 where id = (select xena from who);
select is((select average_rating from core.experts where id = (select xena from who)), 4.50, 'the average follows the sums');
select throws_ok($$ update core.experts set rating_sum = 1, total_ratings = 2 where id = (select xena from who) $$, '23514', null, 'which must be possible');
delete from auth.users where id = (select xena from who);
select is((select count(*) from core.expert_decisions where expert_tombstone = (select xena from who) and expert_id is null and reason = 'Removed with the account.'), 5::bigint, 'the decisions outlive the person');

select * from finish();
rollback;
