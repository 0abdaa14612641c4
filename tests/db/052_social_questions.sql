-- Questions and answers: one accepted at most, by the asker alone; closed ones take no answers; status follows.
begin;
select plan(142);

create temp table who as select
  tests.create_member('ann@test.local') as ann,
  tests.create_member('ben@test.local') as ben,
  tests.create_member('kim@test.local') as kim,
  tests.create_member('sue@test.local') as sue,
  tests.create_member('mod@test.local', '{moderator}') as warden,
  tests.create_member('boss@test.local', '{admin}') as boss,
  tests.create_member('viewer@test.local', '{admin}') as viewer;
grant select on who to public;
update core.admins set level = 'readonly' where id = (select viewer from who);
create temp table t as select
  tests.make_question((select ann from who)) as question,
  tests.make_question((select ann from who), 'Another') as other,
  tests.make_question((select kim from who), 'Of Kim') as kims,
  tests.make_question((select sue from who), 'Of Sue') as sues;
alter table t add column by_kim uuid, add column by_ben uuid, add column by_ann uuid, add column by_sue uuid, add column elsewhere uuid;
update t set
  by_kim = tests.make_answer((select kim from who), question),
  by_ben = tests.make_answer((select ben from who), question),
  by_ann = tests.make_answer((select ann from who), question),
  by_sue = tests.make_answer((select sue from who), question),
  elsewhere = tests.make_answer((select kim from who), other);
grant select on t to public;
insert into core.topics (slug, name) select 'qt-' || n, 'Topic ' || n from generate_series(1, 12) as n;
create temp table topics as select slug::text as slug, id from core.topics where slug::text like 'qt-%';
grant select on topics to public;
insert into social.question_topics (question_id, topic_id) select t.kims, o.id from t, topics as o where o.slug = 'qt-9';
select tests.block((select kim from who), (select ben from who));
select tests.suspend((select sue from who));

-- Anonymous
select tests.as_anon();
select is((select title from social.questions where id = (select question from t)), 'A question', 'a visitor reads questions');
select is(tests.count_of($$ select * from social.answers where question_id = (select question from t) $$), 4::bigint, 'and answers');
select throws_ok($$ insert into social.questions (title, content) values ('x', 'y') $$, '42501', null, 'asks none');
select throws_ok($$ insert into social.answers (question_id, content) values ((select question from t), 'y') $$, '42501', null, 'answers none');
select throws_ok($$ update social.questions set title = 'x' $$, '42501', null, 'changes no question');
select throws_ok($$ update social.answers set content = 'x' $$, '42501', null, 'and no answer');
select throws_ok($$ delete from social.questions $$, '42501', null, 'deletes no question');
select throws_ok($$ delete from social.answers $$, '42501', null, 'and no answer');
select throws_ok($$ select social.ask_question('x', 'y') $$, '42501', null, 'asks by no RPC');
select throws_ok($$ select social.accept_answer((select by_kim from t)) $$, '42501', null, 'accepts none');
select throws_ok($$ select social.unaccept_answer((select question from t)) $$, '42501', null, 'takes none back');
select throws_ok($$ select social.close_question((select question from t), 'solved') $$, '42501', null, 'closes none');
select throws_ok($$ select social.reopen_question((select question from t)) $$, '42501', null, 'opens none');
select throws_ok($$ select social.record_view((select question from t)) $$, '42501', null, 'is not counted');
select throws_ok($$ select social.is_accepted(a) from social.answers as a $$, '42501', null, 'has no computed fields');

-- Asking
select tests.as_user((select ann from who));
select lives_ok($$ insert into social.questions (id, title, content, category) values ('00000000-0000-4000-8000-000000000521', ' Why? ', 'Because?', 'study-help') $$, 'anybody asks');
select results_eq(
  $$ select author_id, title, status, answers_count, edited_at from social.questions where id = '00000000-0000-4000-8000-000000000521' $$,
  $$ select ann, 'Why?'::text, 'open'::text, 0, null::timestamptz from who $$, 'in his own name, open'
);
select throws_ok($$ insert into social.questions (title, content) values (' ', 'y') $$, 'PT422', 'text_required', 'a title is there');
select throws_ok($$ insert into social.questions (title, content) values ('x', ' ') $$, 'PT422', 'text_required', 'and a text');
select throws_ok($$ insert into social.questions (title, content) values ('x', repeat('y', 20001)) $$, 'PT422', 'text_too_long', 'not endless');
select throws_ok($$ insert into social.questions (title, content) values ('x', '<svg onload=alert(1)>') $$, 'PT422', 'markup_not_allowed', 'and plain');
select throws_ok($$ insert into social.questions (title, content, category) values ('x', 'y', 'gossip') $$, 'PT422', 'unknown_category', 'in a category that there is');
select throws_ok($$ insert into social.questions (author_id, title, content) values ((select kim from who), 'x', 'y') $$, '42501', null, 'not for others');
select throws_ok($$ insert into social.questions (title, content, views_count) values ('x', 'y', 9) $$, '42501', null, 'or with a number');
select throws_ok($$ insert into social.questions (title, content, closed_at, close_reason) values ('x', 'y', now(), 'other') $$, '42501', null, 'or closed');
select throws_ok($$ update social.questions set accepted_answer_id = (select by_ann from t) where id = (select question from t) $$, '42501', null, 'accepting is an RPC');
select throws_ok($$ update social.questions set closed_at = now(), close_reason = 'other' where id = (select question from t) $$, '42501', null, 'and so is closing');
select is(tests.rows_changed($$ update social.questions set content = 'Better?' where id = (select question from t) $$), 1::bigint, 'one''s own is edited');
select results_eq($$ select version, title, content, change from social.content_history('question', (select question from t)) $$, $$ values (1, 'A question', 'Of a test?', 'edit') $$, 'with a history');
select is(tests.rows_changed($$ update social.questions set title = 'Mine' where id = (select kims from t) $$), 0::bigint, 'somebody else''s is not');
select throws_ok($$ select social.delete_content('question', (select kims from t)) $$, 'PT403', 'not_author', 'nor deleted');
select is((social.ask_question('Once', 'Text', 'study-help', '{qt-1,Topic 2}', '00000000-0000-4000-8000-000000000522')).title, 'Once', 'a question with its topics');
select is((social.ask_question('Twice', 'Text', p_id => '00000000-0000-4000-8000-000000000522')).title, 'Once', 'a retry finds it');
select is(tests.count_of($$ select * from social.question_topics where question_id = '00000000-0000-4000-8000-000000000522' $$), 2::bigint, 'with both topics');
select throws_ok($$ select social.ask_question('x', 'y', p_id => (select kims from t)) $$, 'PT409', 'id_taken', 'an id of somebody else''s is refused');
select throws_ok($$ select social.ask_question('x', 'y', null, '{nonsense}') $$, 'PT422', 'unknown_topic', 'and an unknown topic');
select throws_ok($$ insert into social.question_topics (question_id, topic_id) select '00000000-0000-4000-8000-000000000522', id from topics $$, 'PT422', 'too_many_topics', 'ten topics at most');
select throws_ok($$ insert into social.question_topics (question_id, topic_id) select (select kims from t), id from topics limit 1 $$, '42501', null, 'none on somebody else''s');
select is(tests.rows_changed($$ delete from social.question_topics where question_id = '00000000-0000-4000-8000-000000000522' and topic_id = (select id from topics where slug = 'qt-1') $$), 1::bigint, 'one is taken away');
select tests.as_user((select kim from who));
select is(tests.count_of($$ select * from social.question_topics where question_id = '00000000-0000-4000-8000-000000000522' $$), 1::bigint, 'all read topics');
select is(tests.rows_changed($$ delete from social.question_topics where question_id = '00000000-0000-4000-8000-000000000522' $$), 0::bigint, 'and take none away');
select tests.as_user((select warden from who));
select core.merge_topics((select id from topics where slug = 'qt-2'), (select id from topics where slug = 'qt-3'));
select is((select topic_id from social.question_topics where question_id = '00000000-0000-4000-8000-000000000522'), (select id from topics where slug = 'qt-3'), 'a merged topic takes its questions along');

-- Answering
select tests.as_user((select kim from who));
select lives_ok($$ insert into social.answers (id, question_id, content) values ('00000000-0000-4000-8000-000000000523', '00000000-0000-4000-8000-000000000521', ' Because. ') $$, 'anybody answers');
select is((select content from social.answers where id = '00000000-0000-4000-8000-000000000523' and author_id = (select kim from who)), 'Because.', 'in his own name');
select throws_ok($$ insert into social.answers (question_id, author_id, content) values ((select question from t), (select ann from who), 'x') $$, '42501', null, 'not in another');
select throws_ok($$ insert into social.answers (question_id, content, likes_count) values ((select question from t), 'x', 9) $$, '42501', null, 'or with likes');
select throws_ok($$ insert into social.answers (question_id, content) values ((select question from t), '') $$, 'PT422', 'text_required', 'a text is there');
select throws_ok($$ insert into social.answers (question_id, content) values ((select question from t), '<b>x</b>') $$, 'PT422', 'markup_not_allowed', 'and plain');
select throws_ok($$ insert into social.answers (question_id, content) values (gen_random_uuid(), 'x') $$, 'PT404', 'content_not_found', 'to a question that is there');
select throws_ok($$ update social.answers set question_id = (select other from t) where id = (select by_kim from t) $$, '42501', null, 'nothing is moved to another question');
select is(tests.rows_changed($$ update social.answers set content = 'Better.' where id = (select by_kim from t) $$), 1::bigint, 'one''s own is edited');
select is((select edited_at from social.answers where id = (select by_kim from t)), now(), 'visibly');
select is(tests.rows_changed($$ update social.answers set content = 'Mine' where id = (select by_ann from t) $$), 0::bigint, 'somebody else''s is not');
select throws_ok($$ select social.delete_content('answer', (select by_ann from t)) $$, 'PT403', 'not_author', 'nor deleted');
select tests.as_service();
select throws_ok($$ update social.answers set question_id = (select other from t) where id = (select by_kim from t) $$, 'PT409', 'content_not_movable', 'the secret key moves none either');
select throws_ok($$ update social.questions set accepted_answer_id = (select elsewhere from t) where id = (select question from t) $$, '23503', null, 'and accepts no answer to something else');

-- Accepting
select tests.as_user((select kim from who));
select throws_ok($$ select social.accept_answer((select by_kim from t)) $$, 'PT403', 'not_asker', 'who answered does not accept himself');
select throws_ok($$ select social.unaccept_answer((select question from t)) $$, 'PT403', 'not_asker', 'or take anything back');
select tests.as_user((select warden from who));
select throws_ok($$ select social.accept_answer((select by_kim from t)) $$, 'PT403', 'not_asker', 'nor does a moderator');
select tests.as_user((select ann from who));
select results_eq($$ select accepted_answer_id, status from social.accept_answer((select by_kim from t)) $$, $$ select by_kim, 'answered'::text from t $$, 'the asker accepts, and the status follows');
select is((select accepted_answer_id from social.accept_answer((select by_kim from t))), (select by_kim from t), 'twice is once');
select results_eq($$ select id from social.answers as a where social.is_accepted(a) $$, $$ select by_kim from t $$, 'the computed field says so');
select tests.as_owner();
select is((select accepted_count from social.profile_stats where user_id = (select kim from who)), 1, 'it is on the profile');
select tests.as_user((select ann from who));
select is((select accepted_answer_id from social.accept_answer((select by_ann from t))), (select by_ann from t), 'another one instead, of one''s own');
select results_eq($$ select id from social.answers as a where a.question_id = (select question from t) and social.is_accepted(a) $$, $$ select by_ann from t $$, 'there is never a second');
select tests.as_owner();
select results_eq(
  $$ select accepted_count from social.profile_stats where user_id in (select unnest(array[ann, kim]) from who) order by user_id = (select kim from who) $$,
  $$ values (1), (0) $$, 'on both profiles'
);
select tests.as_user((select ann from who));
select is((select status from social.unaccept_answer((select question from t))), 'open', 'the asker takes it back');
select is((select status from social.unaccept_answer((select question from t))), 'open', 'twice is once');
select throws_ok($$ select social.accept_answer(gen_random_uuid()) $$, 'PT404', 'content_not_found', 'what is not there is not accepted');
select throws_ok($$ select social.accept_answer(null) $$, 'PT404', 'content_not_found', 'nor nothing');
select throws_ok($$ select social.unaccept_answer(gen_random_uuid()) $$, 'PT404', 'content_not_found', 'no question, nothing to take back');

-- Removing an accepted answer
select social.accept_answer((select by_kim from t));
select tests.as_user((select kim from who));
select is(social.delete_content('answer', (select by_kim from t)), true, 'an accepted answer is deleted by its author');
select results_eq($$ select status, accepted_answer_id from social.questions where id = (select question from t) $$, $$ values ('open', null::uuid) $$, 'and accepted no longer');
select throws_ok($$ update social.answers set content = 'x' where id = (select by_kim from t) $$, 'PT409', 'content_removed', 'nor edited');
select tests.as_owner();
select is((select accepted_count from social.profile_stats where user_id = (select kim from who)), 0, 'the profile knows');
select is((select answers_count from social.questions where id = (select question from t)), 3, 'as does the question');
select tests.as_user((select ann from who));
select throws_ok($$ select social.accept_answer((select by_kim from t)) $$, 'PT409', 'content_removed', 'what was deleted is not accepted');
select is((select content from social.answers where id = (select by_kim from t)), '', 'its empty row stays');
select social.accept_answer((select by_ben from t));
select tests.as_owner();
select private.social_remove('answer', (select by_ben from t), 'hide', null);
select is((select accepted_answer_id from social.questions where id = (select question from t)), null, 'a hidden answer is not accepted');
select private.social_unhide('answer', (select by_ben from t));
select is((select content from social.answers where id = (select by_ben from t)), 'An answer.', 'and comes back as an answer among others');
select is((select answers_count from social.questions where id = (select question from t)), 3, 'counted again');

-- Closing
select tests.as_user((select kim from who));
select throws_ok($$ select social.close_question((select question from t), 'solved') $$, 'PT403', 'not_asker', 'others do not close');
select throws_ok($$ select social.reopen_question((select question from t)) $$, 'PT403', 'not_asker', 'or open');
select tests.as_user((select viewer from who));
select throws_ok($$ select social.close_question((select question from t), 'solved') $$, 'PT403', 'not_asker', 'an administrator who may only look does not');
select tests.as_user((select ann from who));
select throws_ok($$ select social.close_question((select question from t), 'bored') $$, 'PT422', 'close_reason_invalid', 'a reason is one of six');
select throws_ok($$ select social.close_question((select question from t), null) $$, 'PT422', 'close_reason_invalid', 'and is there');
select throws_ok($$ select social.close_question(gen_random_uuid(), 'solved') $$, 'PT404', 'content_not_found', 'a question is there');
select results_eq($$ select status, close_reason, closed_by from social.close_question((select question from t), 'solved') $$, $$ select 'closed'::text, 'solved'::text, ann from who $$, 'the asker closes');
select is((select status from social.close_question((select question from t), 'solved')), 'closed', 'twice is once');
select throws_ok($$ select social.close_question((select question from t), 'outdated') $$, 'PT409', 'question_closed', 'not for another reason');
select throws_ok($$ insert into social.answers (question_id, content) values ((select question from t), 'x') $$, 'PT409', 'question_closed', 'no answers any more');
select tests.as_service();
select throws_ok($$ insert into social.answers (author_id, question_id, content) values ((select kim from who), (select question from t), 'x') $$, 'PT409', 'question_closed', 'from nobody');
select tests.as_user((select ann from who));
select results_eq($$ select status, accepted_answer_id from social.accept_answer((select by_ann from t)) $$, $$ select 'closed'::text, by_ann from t $$, 'one is still accepted');
select is((select status from social.reopen_question((select question from t))), 'answered', 'the asker opens it again');
select is((select status from social.reopen_question((select question from t))), 'answered', 'twice is once');
select tests.as_user((select warden from who));
select results_eq($$ select status, closed_by from social.close_question((select question from t), 'off_topic') $$, $$ select 'closed'::text, warden from who $$, 'a moderator closes');
select tests.as_user((select ann from who));
select throws_ok($$ select social.reopen_question((select question from t)) $$, 'PT403', 'closed_by_moderator', 'which the asker does not undo');
select tests.as_user((select boss from who));
select is((select status from social.reopen_question((select question from t))), 'answered', 'but an administrator does');
select tests.as_user((select warden from who));
create temp table wardens as select id from social.ask_question('May I?', 'Ask as well?');
grant select on wardens to public;
select tests.as_user((select boss from who));
select is((select status from social.close_question((select id from wardens), 'off_topic')), 'closed', 'what a moderator asks is closed by another');
select tests.as_user((select warden from who));
select throws_ok($$ select social.reopen_question((select id from wardens)) $$, 'PT403', 'closed_by_moderator', 'which he does not undo himself');

-- Blocked, in either direction
select tests.as_user((select ben from who));
select is(tests.count_of($$ select * from social.questions where id in (select unnest(array[question, kims]) from t) $$), 1::bigint, 'who is blocked does not read the other''s questions');
select is(tests.count_of($$ select * from social.question_topics where question_id = (select kims from t) $$), 0::bigint, 'nor what they are about');
select throws_ok($$ insert into social.answers (question_id, content) values ((select kims from t), 'x') $$, 'PT404', 'content_not_found', 'or answer them');
select throws_ok($$ select social.record_view((select kims from t)) $$, 'PT404', 'content_not_found', 'or count as a reader');
select is(tests.count_of($$ select * from social.answers where id in (select unnest(array[elsewhere, by_ben]) from t) $$), 1::bigint, 'or read his answers');
select tests.as_user((select kim from who));
select is(tests.count_of($$ select * from social.answers where id in (select unnest(array[elsewhere, by_ben]) from t) $$), 1::bigint, 'who blocked does not read the other''s');
select tests.as_owner();
create temp table b as select tests.make_answer((select ben from who), (select kims from t)) as id;
grant select on b to public;
select tests.as_user((select kim from who));
select throws_ok($$ select social.accept_answer((select id from b)) $$, 'PT404', 'content_not_found', 'or accept it');
select tests.as_owner();
select is(tests.count_of($$ select * from social.answers where id in (select id from b union all select unnest(array[elsewhere, by_ben]) from t) $$), 3::bigint, 'while all are there');

-- Suspended
select tests.as_user((select sue from who));
select is(tests.count_of($$ select * from social.answers where id in (select unnest(array[by_sue, by_ann]) from t) $$), 2::bigint, 'a suspended person reads');
select throws_ok($$ insert into social.questions (title, content) values ('x', 'y') $$, 'PT403', 'account_inactive', 'asks nothing');
select throws_ok($$ select social.ask_question('x', 'y') $$, 'PT403', 'account_inactive', 'by no RPC');
select throws_ok($$ insert into social.answers (question_id, content) values ((select question from t), 'x') $$, 'PT403', 'account_inactive', 'answers nothing');
select is(tests.rows_changed($$ update social.questions set title = 'x' where id = (select sues from t) $$), 0::bigint, 'edits no question');
select is(tests.rows_changed($$ update social.answers set content = 'x' where id = (select by_sue from t) $$), 0::bigint, 'and no answer');
select throws_ok($$ select social.accept_answer((select by_sue from t)) $$, 'PT403', 'account_inactive', 'accepts nothing');
select throws_ok($$ select social.unaccept_answer((select sues from t)) $$, 'PT403', 'account_inactive', 'takes nothing back');
select throws_ok($$ select social.close_question((select sues from t), 'solved') $$, 'PT403', 'account_inactive', 'closes nothing');
select throws_ok($$ select social.reopen_question((select sues from t)) $$, 'PT403', 'account_inactive', 'opens nothing');
select is(social.record_view((select question from t)), false, 'and is not counted');

-- Views
select tests.as_user((select kim from who));
select is(social.record_view((select question from t)), true, 'a reader is counted');
select is(social.record_view((select question from t)), false, 'once an hour');
select throws_ok($$ select * from social.question_views $$, '42501', null, 'who read what is nobody''s business');
select tests.as_user((select ann from who));
select is(social.record_view((select question from t)), false, 'not one''s own');
select tests.as_owner();
update social.question_views set viewed_at = now() - interval '61 minutes';
select tests.as_user((select kim from who));
select is(social.record_view((select question from t)), true, 'an hour later again');
select is((select views_count from social.questions where id = (select question from t)), 2, 'two views');

-- Removing a question
select tests.as_user((select ann from who));
select is(social.delete_content('question', (select other from t)), true, 'the asker deletes');
select results_eq($$ select title, content, deleted_at is not null from social.questions where id = (select other from t) $$, $$ values ('', '', true) $$, 'an empty row stays');
select throws_ok($$ update social.questions set title = 'x', content = 'y' where id = (select other from t) $$, 'PT409', 'content_removed', 'not edited');
select throws_ok($$ insert into social.answers (question_id, content) values ((select other from t), 'x') $$, 'PT409', 'content_removed', 'not answered');
select throws_ok($$ select social.accept_answer((select elsewhere from t)) $$, 'PT409', 'content_removed', 'nothing accepted');
select throws_ok($$ select social.close_question((select other from t), 'solved') $$, 'PT409', 'content_removed', 'not closed');
select is(social.record_view((select other from t)), false, 'not counted');
select is((select content from social.answers where id = (select elsewhere from t)), 'An answer.', 'answers stay');

-- Numbers of people, and people who go
select tests.as_owner();
select results_eq(
  $$ select questions_count, answers_count, accepted_count from social.profile_stats where user_id = (select ann from who) $$,
  $$ values (3, 1, 1) $$, 'the numbers on the profile'
);
delete from social.answers where id = (select by_ann from t);
select is((select status from social.questions where id = (select question from t)), 'open', 'an accepted answer that vanishes is accepted no longer');
select results_eq(
  $$ select answers_count, accepted_count from social.profile_stats where user_id = (select ann from who) $$, $$ values (0, 0) $$, 'or counted'
);
update social.questions set accepted_answer_id = (select id from b) where id = (select kims from t);
delete from social.questions where id = (select kims from t);
select results_eq(
  $$ select answers_count, accepted_count from social.profile_stats where user_id = (select ben from who) $$, $$ values (1, 0) $$, 'nor one that vanishes with its question'
);
select is((select count(*) from social.contents where id in (select kims from t union all select id from b)), 0::bigint, 'both leave the register');
delete from auth.users where id in (select unnest(array[ann, warden]) from who);
select results_eq($$ select title, author_id from social.questions where id = (select question from t) $$, $$ values ('A question', null::uuid) $$, 'a question stays without its asker');
select tests.as_user((select kim from who));
select throws_ok($$ select social.accept_answer((select by_ben from t)) $$, 'PT404', 'content_not_found', 'what one does not see is not accepted');
select throws_ok($$ select social.accept_answer((select by_sue from t)) $$, 'PT403', 'not_asker', 'and nobody inherits a question');

select tests.as_owner();
select is_empty('select * from private.social_counters_counted where value <> counted', 'after all that every number is right');

select * from finish();
rollback;
