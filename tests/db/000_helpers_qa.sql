-- Helpers for the tests of qa: people with a part to play, and a question driven to any state along the real path.

create function tests.qa_topic(p_slug text)
returns uuid
language plpgsql
as $$
begin
  insert into core.topics (slug, name) values (p_slug, p_slug) on conflict (slug) do nothing;
  return private.topic_by_slug(p_slug);
end;
$$;

-- A verified expert. p_topic null: a generalist.
create function tests.qa_expert(p_email text, p_topic text default null, p_capacity integer default 10)
returns uuid
language plpgsql
as $$
declare
  v_id uuid := tests.create_user(p_email, array['student', 'expert']);
begin
  insert into core.experts (id, verification_status, is_available, max_concurrent_reviews)
  values (v_id, 'verified', true, p_capacity)
  on conflict (id) do update
    set verification_status = 'verified', is_available = true, max_concurrent_reviews = excluded.max_concurrent_reviews;
  if p_topic is not null then
    insert into core.expert_topics (expert_id, topic_id) values (v_id, tests.qa_topic(p_topic));
  end if;
  return v_id;
end;
$$;

-- No other expert takes part in the test.
create function tests.qa_only_experts(p_experts uuid[])
returns void
language sql
as $$
  update core.experts set is_available = (id = any (p_experts));
$$;

create function tests.qa_passage(p_name text, p_body text)
returns uuid
language sql
as $$
  select private.index_document('study', 'passage', md5('tests:' || p_name)::uuid, p_name, p_body);
$$;

-- Submits as the person and comes back as the owner.
create function tests.qa_submit(p_user_id uuid, p_content text default 'How does the heart pump blood through the body?')
returns uuid
language plpgsql
as $$
declare
  v_id uuid;
begin
  perform tests.as_user(p_user_id);
  select id into v_id from qa.submit_question(p_content, 'test-' || gen_random_uuid(), p_allow_reuse => true);
  perform tests.as_owner();
  return v_id;
end;
$$;

-- Along the path of the pipeline, each stage by its own function, up to p_status.
create function tests.qa_drive(p_question_id uuid, p_status text, p_covered boolean default true)
returns void
language plpgsql
as $$
declare
  v_document_id uuid := tests.qa_passage('Pump', 'The heart is a muscular pump that drives blood through two circuits.');
  v_sheet jsonb;
  v_expert_id uuid;
  v_now text;
begin
  perform tests.as_owner();
  loop
    select status into v_now from qa.questions where id = p_question_id;
    exit when v_now = p_status;
    case v_now
      when 'submitted' then
        perform private.qa_begin_generation(p_question_id, null, null);
      when 'processing' then
        perform private.qa_record_generated_answer(
          p_question_id, null, null,
          case when p_covered then 'The heart is a muscular pump. [1]' else 'This is not in the material.' end,
          case when p_covered then jsonb_build_array(jsonb_build_object(
            'document_id', v_document_id, 'title', 'Pump', 'quote', 'The heart is a muscular pump')) else '[]' end,
          'local', 'test-model', case when p_covered then 0.8 else 0.1 end, p_covered
        );
      when 'ai_generated' then
        perform private.qa_record_humanized_answer(
          p_question_id, null, null,
          (private.qa_begin_humanization(p_question_id, null, null) ->> 'version_id')::uuid,
          'test', 'success', case when p_covered then 'Your heart is a pump made of muscle. [1]' else 'This is not in the material.' end,
          2, 5, null
        );
      when 'humanized' then
        perform private.qa_check_originality(p_question_id, null, null);
        perform private.qa_assign_expert(p_question_id, null, null);
        if not exists (select from qa.questions where id = p_question_id and status = 'expert_review') then
          raise exception 'nobody could be assigned';
        end if;
      when 'expert_review' then
        select expert_id into v_expert_id from qa.expert_reviews
        where question_id = p_question_id and review_status in ('pending', 'in_progress');
        if v_expert_id is null then
          v_expert_id := (private.qa_assign_expert(p_question_id, null, null) ->> 'expert_id')::uuid;
        end if;
        perform tests.as_user(v_expert_id);
        v_sheet := qa.claim_review(p_question_id);
        perform qa.complete_review(
          (v_sheet ->> 'review_id')::uuid, (v_sheet ->> 'lease_token')::bigint, 'approved',
          case when p_covered then null else 'An expert wrote this answer himself, from what he knows.' end
        );
        perform tests.as_owner();
      when 'approved' then
        perform private.qa_deliver_answer(p_question_id, null, null);
      else
        raise exception 'no way from % to %', v_now, p_status;
    end case;
  end loop;
end;
$$;

create function tests.qa_status(p_question_id uuid)
returns text
language sql
as $$
  select status from qa.questions where id = p_question_id;
$$;

grant execute on all functions in schema tests to public;
