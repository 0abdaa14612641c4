-- Reviews: the lease, the verdicts, and what each does to the answer.
begin;
select tests.share_temporaries();
select plan(33);

create temp table p as
select tests.create_user('rv-student@test.local', array['student']) as student, tests.qa_expert('rv-one@test.local') as one,
  tests.qa_expert('rv-two@test.local') as two;
select tests.qa_only_experts(array[(select one from p)]);
select qa.grant_credits((select student from p), 50, 'For the test', 'for-the-test');

create temp table q as select tests.qa_submit((select student from p)) as id;
select tests.qa_drive((select id from q), 'expert_review');

select tests.as_user((select student from p));
select throws_ok($$ select qa.claim_review((select id from q)) $$, 'PT403', 'role_required', 'a student claims nothing');
select tests.as_user((select two from p));
select throws_ok($$ select qa.claim_review((select id from q)) $$, 'PT409', 'review_taken', 'another expert does not take what is assigned');

select tests.as_user((select one from p));
create temp table s as select qa.claim_review((select id from q)) as sheet;
create function pg_temp.rid() returns uuid language sql security definer as $$ select (sheet ->> 'review_id')::uuid from s $$;
create function pg_temp.tok() returns bigint language sql security definer as $$ select (sheet ->> 'lease_token')::bigint from s $$;
grant select on s to public;
select is((select sheet -> 'question' ->> 'content' from s), 'How does the heart pump blood through the body?', 'the sheet holds the question');
select is((select sheet -> 'answer' ->> 'content' from s), 'Your heart is a pump made of muscle. [1]', 'the newest answer');
select is((select sheet -> 'answer' -> 'citations' -> 0 ->> 'quote' from s), 'The heart is a muscular pump', 'its citations');
select ok((select sheet -> 'originality' ? 'originality_score' from s), 'and the originality check');

select throws_ok($$ select qa.complete_review(pg_temp.rid(), pg_temp.tok() - 1, 'approved') $$, 'PT409', 'lease_lost', 'a stale token is refused');
select throws_ok($$ select qa.complete_review(pg_temp.rid(), pg_temp.tok(), 'splendid') $$, 'PT422', 'unknown_verdict', 'a verdict is one of three');
select throws_ok($$ select qa.complete_review(pg_temp.rid(), pg_temp.tok(), 'rejected') $$, 'PT422', 'rejection_reason_required', 'a rejection has a reason');
select throws_ok($$ select qa.complete_review(pg_temp.rid(), pg_temp.tok(), 'needs_revision') $$, 'PT422', 'review_notes_required', 'a revision has notes');
select throws_ok($$ select qa.complete_review(pg_temp.rid(), pg_temp.tok(), 'approved', 'It is a pump, as many say. [7]') $$, 'PT422', 'citation_unknown', 'a correction cites what is there');
select throws_ok($$ select qa.complete_review(pg_temp.rid(), pg_temp.tok(), 'approved', '<b>It is a pump</b>') $$, 'PT422', 'markup_not_allowed', 'in plain text');
select ok(qa.extend_review(pg_temp.rid(), pg_temp.tok()) > now(), 'the lease can be prolonged');
select throws_ok($$ update qa.expert_reviews set review_status = 'approved' $$, '42501', null, 'the table itself is closed');
select tests.as_user((select two from p));
select throws_ok($$ select qa.complete_review(pg_temp.rid(), pg_temp.tok(), 'approved') $$, 'PT404', 'review_not_found', 'another expert''s review is none of his');

-- Sent back with notes, twice; a third time there is a limit.
select tests.as_user((select one from p));
select is((qa.complete_review(pg_temp.rid(), pg_temp.tok(), 'needs_revision', p_review_notes => 'Say how much it pumps.')).review_status, 'needs_revision', 'needs_revision');
select is((qa.complete_review(pg_temp.rid(), pg_temp.tok(), 'needs_revision', p_review_notes => 'Say how much it pumps.')).review_status, 'needs_revision', 'the same again is harmless');
select tests.as_owner();
select is(tests.qa_status((select id from q)), 'processing', 'the question goes back');
select is(private.qa_begin_generation((select id from q), null, null) ->> 'notes', 'Say how much it pumps.', 'with the notes');
select is((select revision_count from qa.questions where id = (select id from q)), 1, 'counted once');
select tests.qa_drive((select id from q), 'expert_review');
select is((select expert_id from qa.expert_reviews where question_id = (select id from q) and review_status = 'pending'), (select one from p), 'the same expert sees it again');
update qa.questions set revision_count = 2 where id = (select id from q);
select tests.as_user((select one from p));
create temp table s2 as select qa.claim_review((select id from q)) as sheet;
select throws_ok($$ select qa.complete_review((sheet ->> 'review_id')::uuid, (sheet ->> 'lease_token')::bigint, 'needs_revision', p_review_notes => 'Again!') from s2 $$,
  'PT409', 'revision_limit_reached', 'not without end');

-- Approved with corrections.
select is((qa.complete_review((sheet ->> 'review_id')::uuid, (sheet ->> 'lease_token')::bigint, 'approved',
  'Your heart is a muscular pump [1] that moves about five litres a minute.')).is_approved, true, 'approved with corrections') from s2;
select tests.as_owner();
select is((select array_agg(v.stage order by v.version_no) from qa.answer_versions v join qa.answers a on a.id = v.answer_id where a.question_id = (select id from q)),
  array['ai', 'humanized', 'ai', 'humanized', 'expert', 'final'], 'the expert''s text is a version of its own');
select is((select response_type from qa.answers where question_id = (select id from q)), 'hybrid', 'and the answer says so');
select is((select provenance ->> 'statement' from private.qa_latest_version((select id from q))), 'Drafted by AI from the cited sources, corrected and approved by an expert.', 'in words as well');
select is((select total_reviews from core.experts where id = (select one from p)), 2, 'finished reviews are counted');

-- A claim again, in a second window, makes the first one stale.
create temp table q2 as select tests.qa_submit((select student from p)) as id;
select tests.qa_drive((select id from q2), 'expert_review', false);
select tests.as_user((select one from p));
create temp table w1 as select qa.claim_review((select id from q2)) as sheet;
create temp table w2 as select qa.claim_review((select id from q2)) as sheet;
select throws_ok($$ select qa.complete_review((sheet ->> 'review_id')::uuid, (sheet ->> 'lease_token')::bigint, 'approved', 'From the first window.') from w1 $$,
  'PT409', 'lease_lost', 'the first window is stale');
select throws_ok($$ select qa.complete_review((sheet ->> 'review_id')::uuid, (sheet ->> 'lease_token')::bigint, 'approved') from w2 $$,
  'PT422', 'corrections_required', 'an answer that the AI did not find is not approved as it is');
select is((qa.complete_review((sheet ->> 'review_id')::uuid, (sheet ->> 'lease_token')::bigint, 'approved',
  'This is not in your course, but the answer is as follows.')).review_status, 'approved', 'the expert writes it') from w2;
select tests.as_owner();
select is((select response_type from qa.answers where question_id = (select id from q2)), 'expert', 'and is named as its author');

-- A review is not held for ever.
create temp table q4 as select tests.qa_submit((select student from p)) as id;
select tests.qa_drive((select id from q4), 'expert_review');
select tests.as_user((select one from p));
create temp table slow as select qa.claim_review((select id from q4)) as sheet;
select tests.as_owner();
update qa.expert_reviews set claimed_at = now() - interval '1 day' where question_id = (select id from q4);
select tests.as_user((select one from p));
select throws_ok($$ select qa.extend_review((sheet ->> 'review_id')::uuid, (sheet ->> 'lease_token')::bigint) from slow $$,
  'PT409', 'review_time_used_up', 'an expert cannot prolong without end');

-- Time that ran out while he was writing.
create temp table q3 as select tests.qa_submit((select student from p)) as id;
select tests.qa_drive((select id from q3), 'expert_review');
select tests.as_user((select one from p));
create temp table late as select qa.claim_review((select id from q3)) as sheet;
select tests.as_owner();
update qa.expert_reviews set expires_at = now() - interval '1 second' where question_id = (select id from q3);
select tests.as_user((select one from p));
select throws_ok($$ select qa.complete_review((sheet ->> 'review_id')::uuid, (sheet ->> 'lease_token')::bigint, 'approved') from late $$,
  'PT409', 'lease_lost', 'a lease that ran out is lost');

select * from finish();
rollback;
