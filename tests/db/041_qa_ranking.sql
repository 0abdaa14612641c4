-- Who gets a question: each criterion is tried alone, for one expert and then for the other, so that no other criterion
-- and no accident of ids can pass for it.
begin;
select tests.share_temporaries();
select plan(18);

create temp table p as
select
  tests.create_user('rank-student@test.local', array['student']) as student,
  tests.qa_expert('rank-a@test.local', null, 4) as a,
  tests.qa_expert('rank-b@test.local', null, 4) as b;
select tests.qa_only_experts(array[a, b]) from p;
select qa.grant_credits(student, 50, 'For the test', 'rank-credits') from p;

create function pg_temp.ask() returns uuid language plpgsql as $$
declare v_id uuid := tests.qa_submit((select student from p));
begin
  perform tests.qa_drive(v_id, 'humanized');
  return v_id;
end;
$$;
create temp table q as select pg_temp.ask() as id, pg_temp.ask() as other;

create function pg_temp.first() returns text language sql as $$
  select case r.expert_id when p.a then 'a' when p.b then 'b' end
  from p, q, private.qa_rank_experts(q.id) with ordinality as r (expert_id, has_room, fits, place)
  order by r.place limit 1;
$$;
create function pg_temp.reviewed(p_question_id uuid, p_expert_id uuid, p_status text) returns void language sql as $$
  insert into qa.expert_reviews (answer_id, question_id, expert_id, review_status, review_notes, expires_at, completed_at)
  select a.id, a.question_id, p_expert_id, p_status, 'Notes.',
    case when p_status = 'pending' then now() + interval '1 hour' end, case when p_status <> 'pending' then now() end
  from qa.answers as a where a.question_id = p_question_id;
$$;

-- Longest without work.
savepoint clean;
select pg_temp.reviewed(other, a, 'cancelled') from p, q;
select is(pg_temp.first(), 'b', 'who has had no work yet comes first');
rollback to clean;
select pg_temp.reviewed(other, b, 'cancelled') from p, q;
select is(pg_temp.first(), 'a', 'whoever it is');
rollback to clean;

-- Rating.
update core.experts set rating_sum = 40, total_ratings = 8 where id = (select a from p);
update core.experts set rating_sum = 16, total_ratings = 8 where id = (select b from p);
select is(pg_temp.first(), 'a', 'the better rated one comes first');
update core.experts set rating_sum = 8 where id = (select a from p);
select is(pg_temp.first(), 'b', 'and no more when his ratings are worse');
update core.experts set rating_sum = 5, total_ratings = 1 where id = (select a from p);
update core.experts set rating_sum = 46, total_ratings = 10 where id = (select b from p);
select is(pg_temp.first(), 'b', 'a single five does not win against ten ratings of 4.6');
rollback to clean;

-- Load, before the rating.
update core.experts set rating_sum = 40, total_ratings = 8 where id = (select a from p);
select pg_temp.reviewed(other, a, 'pending') from p, q;
select is(pg_temp.first(), 'b', 'the smaller load comes before the better rating');
rollback to clean;
update core.experts set rating_sum = 40, total_ratings = 8 where id = (select b from p);
select pg_temp.reviewed(other, b, 'pending') from p, q;
select is(pg_temp.first(), 'a', 'for either of them');
rollback to clean;

-- Who sent it back, before the load.
select pg_temp.reviewed(id, a, 'needs_revision'), pg_temp.reviewed(other, a, 'pending') from p, q;
select is(pg_temp.first(), 'a', 'who asked for the revision gets it again');
rollback to clean;
select pg_temp.reviewed(id, b, 'needs_revision'), pg_temp.reviewed(other, b, 'pending') from p, q;
select is(pg_temp.first(), 'b', 'even with more to do');
rollback to clean;

-- Silence, before all of these.
select pg_temp.reviewed(id, a, 'needs_revision'), pg_temp.reviewed(id, a, 'expired') from p, q;
select is(pg_temp.first(), 'b', 'who let this question lie comes last');
rollback to clean;
select pg_temp.reviewed(id, b, 'needs_revision'), pg_temp.reviewed(id, b, 'declined') from p, q;
select is(pg_temp.first(), 'a', 'and so does who declined it');
rollback to clean;
select pg_temp.reviewed(id, a, 'expired') from p, q;
update core.experts set is_available = false where id = (select b from p);
select is(pg_temp.first(), 'a', 'but better he than nobody');
rollback to clean;

-- The asker is no candidate.
select is((select count(*) from q, private.qa_rank_experts(q.id)), 2::bigint, 'both are candidates');
update qa.clients set user_id = null where user_id = (select a from p);
update qa.clients set user_id = (select a from p) where id = (select client_id from qa.questions where id = (select id from q));
select is((select count(*) from q, private.qa_rank_experts(q.id)), 1::bigint, 'who asked it is none');
rollback to clean;

-- The waiting list is served when somebody has time again.
update core.experts set is_available = false where id in (select unnest(array[a, b]) from p);
select is(private.qa_assign_expert(id, null, null) ->> 'reason', 'all_experts_busy', 'nobody is there') from q;
delete from ops.queue_items;
update core.experts set is_available = true where id = (select a from p);
select ok(exists (select from ops.queue_items, q where job_type = 'qa.assign' and resource_id = q.id), 'who comes back is tried for it');
update core.experts set is_available = false where id = (select a from p);
delete from ops.queue_items;
update core.experts set max_concurrent_reviews = 5 where id = (select a from p);
select ok(not exists (select from ops.queue_items, q where resource_id = q.id), 'who is away is not');
update core.experts set max_concurrent_reviews = 6, is_available = true where id = (select b from p);
select ok(exists (select from ops.queue_items, q where job_type = 'qa.assign' and resource_id = q.id), 'who takes more is');

select * from finish();
rollback;
