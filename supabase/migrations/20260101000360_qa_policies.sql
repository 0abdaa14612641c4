-- Who sees what. Nobody but RPCs and the service role writes here: there is no insert, update or delete grant.
--   client: his account, ledger, questions, timeline, ratings; of an answer the final version, once delivered
--   expert: questions and answers that he reviews or reviewed, his reviews and the ratings of them
--   admin:  everything

create function private.my_review_question_ids()
returns uuid[]
language plpgsql
stable
parallel safe
security definer -- asked by the policies of the tables that it reads
set search_path = ''
as $$
begin
  -- Whoever is no expert any more, or suspended, looks at nobody's question.
  if not private.has_role('expert') then
    return '{}'::uuid[];
  end if;
  return array(
    select distinct r.question_id from qa.expert_reviews r
    where r.expert_id = (select auth.uid())
      and r.review_status not in ('expired', 'declined', 'cancelled')
  );
end;
$$;
comment on function private.my_review_question_ids() is 'Questions whose answers the current user reviews or has judged.';

create function private.my_review_image_paths()
returns text[]
language plpgsql
stable
security definer -- the files belong to the client, not to the expert who asks
set search_path = ''
as $$
begin
  return array(
    select f.path
    from qa.question_images i
    join core.files f on f.id = i.file_id
    where i.question_id = any (private.my_review_question_ids()) and f.status <> 'rejected'
  );
end;
$$;
comment on function private.my_review_image_paths() is
  'Paths in question-images that the current user may look at as a reviewer; none that was found to be harmful.';

revoke execute on function
  private.my_review_question_ids(), private.my_review_image_paths()
  from public, anon;
grant execute on function
  private.my_review_question_ids(), private.my_review_image_paths()
  to authenticated, service_role;

do $$
declare
  v_table text;
begin
  foreach v_table in array array[
    'plans', 'sla_policies', 'question_transitions', 'clients', 'credit_entries', 'questions', 'question_events',
    'question_images', 'answers', 'answer_versions', 'answer_citations', 'expert_reviews', 'ratings',
    'humanization_logs', 'originality_checks', 'fingerprint_sources', 'fingerprints'
  ] loop
    execute format('alter table qa.%I enable row level security', v_table);
    execute format('revoke all on qa.%I from public, anon, authenticated', v_table);
    execute format('grant select, insert, update, delete on qa.%I to service_role', v_table);
  end loop;
end;
$$;
revoke update, delete on qa.credit_entries, qa.question_events, qa.answer_versions, qa.ratings from service_role;

grant select on qa.plans, qa.sla_policies, qa.question_transitions to anon, authenticated;
grant select on
  qa.clients, qa.credit_entries, qa.questions, qa.question_events, qa.question_images, qa.answers, qa.answer_versions,
  qa.answer_citations, qa.expert_reviews, qa.ratings, qa.humanization_logs, qa.originality_checks
  to authenticated;

create policy plans_select_all on qa.plans for select to anon, authenticated using (true);
create policy sla_policies_select_all on qa.sla_policies for select to anon, authenticated using (true);
create policy question_transitions_select_all on qa.question_transitions for select to anon, authenticated using (true);

create policy clients_select_own on qa.clients
  for select to authenticated
  using (user_id = (select auth.uid()) or (select private.has_role('admin')));

create policy credit_entries_select_own on qa.credit_entries
  for select to authenticated
  using (client_id = (select private.my_client_id()) or (select private.has_role('admin')));

create policy questions_select_party on qa.questions
  for select to authenticated
  using (
    client_id = (select private.my_client_id())
    or (select private.has_role('admin'))
    or id = any ((select private.my_review_question_ids())::uuid[])
  );

-- Below questions each table asks for the row above it, under that one's own policy. With exists, the planner looks up a
-- few rows by their keys and hashes for many; a list of ids would be made anew, in full, for each row that is read.

create policy question_events_select_party on qa.question_events
  for select to authenticated
  using (exists (select from qa.questions q where q.id = question_events.question_id));

create policy question_images_select_party on qa.question_images
  for select to authenticated
  using (exists (select from qa.questions q where q.id = question_images.question_id));

create policy answers_select_party on qa.answers
  for select to authenticated
  using (
    exists (
      select from qa.questions q
      where q.id = answers.question_id and q.client_id = (select private.my_client_id()) and q.status in ('delivered', 'rated')
    )
    or exists (
      select from qa.expert_reviews r
      where r.answer_id = answers.id and r.expert_id = (select auth.uid())
        and r.review_status not in ('expired', 'declined', 'cancelled') and (select private.has_role('expert'))
    )
    or (select private.has_role('admin'))
  );

create policy answer_versions_select_party on qa.answer_versions
  for select to authenticated
  using (
    (stage = 'final' and exists (select from qa.answers a where a.id = answer_versions.answer_id))
    or exists (
      select from qa.expert_reviews r
      where r.answer_id = answer_versions.answer_id and r.expert_id = (select auth.uid())
        and r.review_status not in ('expired', 'declined', 'cancelled') and (select private.has_role('expert'))
    )
    or (select private.has_role('admin'))
  );

create policy answer_citations_select_party on qa.answer_citations
  for select to authenticated
  using (exists (select from qa.answer_versions v where v.id = answer_citations.version_id));

create policy expert_reviews_select_expert on qa.expert_reviews
  for select to authenticated
  using (expert_id = (select auth.uid()) or (select private.has_role('admin')));

create policy ratings_select_party on qa.ratings
  for select to authenticated
  using (
    client_id = (select private.my_client_id())
    or expert_id = (select auth.uid())
    or (select private.has_role('admin'))
  );

create policy humanization_logs_select_reviewer on qa.humanization_logs
  for select to authenticated
  using (
    exists (
      select from qa.expert_reviews r
      where r.answer_id = humanization_logs.answer_id and r.expert_id = (select auth.uid())
        and r.review_status not in ('expired', 'declined', 'cancelled') and (select private.has_role('expert'))
    )
    or (select private.has_role('admin'))
  );

create policy originality_checks_select_reviewer on qa.originality_checks
  for select to authenticated
  using (
    exists (
      select from qa.expert_reviews r
      where r.answer_id = originality_checks.answer_id and r.expert_id = (select auth.uid())
        and r.review_status not in ('expired', 'declined', 'cancelled') and (select private.has_role('expert'))
    )
    or (select private.has_role('admin'))
  );

-- Images: a private bucket, one folder a person. The expert who reviews the question may look at them.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('question-images', 'question-images', false, 10485760, array['image/png', 'image/jpeg', 'image/webp'])
on conflict (id) do nothing;
insert into core.tended_buckets (bucket_id, description) values
  ('question-images', 'Pictures in questions: of people who are gone, harmful, or never asked with.');

create policy question_images_insert_own on storage.objects
  for insert to authenticated
  with check (
    bucket_id = 'question-images'
    and (storage.foldername(name))[1] = (select auth.uid())::text
    and (select private.is_active_user())
  );

create policy question_images_select_party on storage.objects
  for select to authenticated
  using (
    bucket_id = 'question-images'
    and (
      (storage.foldername(name))[1] = (select auth.uid())::text
      or (select private.has_role('admin'))
      or name = any ((select private.my_review_image_paths())::text[])
    )
  );

-- What a question refers to stays; a picture that was never used may go.
create policy question_images_delete_own on storage.objects
  for delete to authenticated
  using (
    bucket_id = 'question-images'
    and (storage.foldername(name))[1] = (select auth.uid())::text
    and not exists (select from core.files f where f.bucket_id = 'question-images' and f.path = name)
  );
