-- Ratings: once, by the client, after delivery; averages follow.
begin;
select tests.share_temporaries();
select plan(21);

create temp table p as
select tests.create_user('rt-student@test.local', array['student']) as student, tests.create_user('rt-other@test.local', array['student']) as other,
  tests.qa_expert('rt-expert@test.local') as expert;
select tests.qa_only_experts(array[(select expert from p)]);
create temp table q as select tests.qa_submit((select student from p)) as id;
create temp table q2 as select tests.qa_submit((select student from p)) as id;

select tests.as_user((select student from p));
select throws_ok($$ select qa.rate_answer((select id from q), 5) $$, 'PT409', 'not_delivered', 'not before delivery');
select tests.as_owner();
select tests.qa_drive((select id from q), 'delivered');
select tests.qa_drive((select id from q2), 'delivered');
select tests.as_user((select other from p));
select throws_ok($$ select qa.rate_answer((select id from q), 5) $$, 'PT404', 'question_not_found', 'not somebody else''s');
select tests.as_user((select expert from p));
select throws_ok($$ select qa.rate_answer((select id from q), 5) $$, 'PT404', 'question_not_found', 'not by the expert himself');
select tests.as_user((select student from p));
select throws_ok($$ select qa.rate_answer((select id from q), 6) $$, 'PT422', 'score_out_of_range', 'no six stars');
select throws_ok($$ select qa.rate_answer((select id from q), 0) $$, 'PT422', 'score_out_of_range', 'nor none');
select throws_ok($$ select qa.rate_answer((select id from q), null) $$, 'PT422', 'score_out_of_range', 'nor nothing');
select throws_ok($$ select qa.rate_answer((select id from q), 4, p_quality_score => 9) $$, 'PT422', 'score_out_of_range', 'in no column');
select throws_ok($$ select qa.rate_answer((select id from q), 4, p_comment => '<script>x</script>') $$, 'PT422', 'markup_not_allowed', 'in plain text');
select is((qa.rate_answer((select id from q), 4, 5, 3, 4, 'Clear.', true, true)).overall_score, 4::smallint, 'the client rates');
select throws_ok($$ select qa.rate_answer((select id from q), 1) $$, 'PT409', 'already_rated', 'once');
select throws_ok($$ insert into qa.ratings (question_id, client_id, answer_id, overall_score)
  select question_id, client_id, answer_id, 5 from qa.ratings $$, '42501', null, 'and only so');
select is((qa.rate_answer((select id from q2), 5)).expert_id, (select expert from p), 'the rating goes to who approved the answer');

select is((select average_rating from core.experts where id = (select expert from p)), 4.50, 'the average moves');
select is((select total_ratings from core.experts where id = (select expert from p)), 2, 'and so does the number');
select results_eq(
  $$ select average_rating, total_ratings, rating_distribution from qa.calculate_expert_rating((select expert from p)) $$,
  $$ values (4.50::numeric, 2::bigint, '{"5_star": 1, "4_star": 1, "3_star": 0, "2_star": 0, "1_star": 0}'::jsonb) $$,
  'calculate_expert_rating gives average, number and distribution');
select is((select total from qa.question_status_summary where status = 'rated'), 2::bigint, 'the summary counts one''s own questions');
select cmp_ok((select avg_processing_time_seconds from qa.question_status_summary where status = 'rated'), '>=', 0::numeric,
  'and the time that processing took');
select tests.as_owner();
create temp table q3 as select tests.qa_submit((select student from p)) as id;
select tests.qa_drive((select id from q3), 'ai_generated');
select tests.as_user((select student from p));
select qa.cancel_question((select id from q3));
select is((select avg_processing_time_seconds from qa.question_status_summary where status = 'cancelled'), null::numeric,
  'to which a cancelled question adds nothing');
select tests.as_user((select other from p));
select is_empty($$ select * from qa.question_status_summary $$, 'and nobody else''s');
select tests.as_user((select expert from p));
select is((select approved_count from qa.expert_performance where expert_id = (select expert from p)), 2::bigint, 'an expert sees his own performance');
select tests.as_owner();
select is((select rating_sum from core.experts where id = (select expert from p))::integer,
  (select sum(overall_score)::integer from qa.ratings where expert_id = (select expert from p)), 'totals are the sums of their rows');

select * from finish();
rollback;
