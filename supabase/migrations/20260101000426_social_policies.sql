-- Who reads and writes posts, comments, questions, answers and their topics.
--
-- Visitors read what is published. Signed-in people read the same, without what is by people whom they blocked or who
-- blocked them, and their own drafts; they write in their own name. What was deleted or hidden stays as an empty row.

alter table social.posts enable row level security;
alter table social.comments enable row level security;
alter table social.content_versions enable row level security;
alter table social.post_topics enable row level security;
alter table social.questions enable row level security;
alter table social.answers enable row level security;
alter table social.question_topics enable row level security;

revoke all on
  social.posts, social.comments, social.content_versions, social.post_topics, social.questions, social.answers,
  social.question_topics
  from public, anon, authenticated;
grant select on
  social.posts, social.comments, social.post_topics, social.questions, social.answers, social.question_topics
  to anon, authenticated;
grant insert (id, title, content, category, is_published), update (title, content, category, is_published)
  on social.posts to authenticated;
grant insert (id, post_id, parent_id, content), update (content) on social.comments to authenticated;
grant insert (id, title, content, category), update (title, content, category) on social.questions to authenticated;
grant insert (id, question_id, content), update (content) on social.answers to authenticated;
grant insert (post_id, topic_id), delete on social.post_topics to authenticated;
grant insert (question_id, topic_id), delete on social.question_topics to authenticated;
grant select, insert, update, delete on
  social.posts, social.comments, social.questions, social.answers, social.post_topics, social.question_topics
  to service_role;
grant select on social.content_versions to service_role;

-- Posts
create policy posts_select_visitor on social.posts
  for select to anon
  using (is_published);
create policy posts_select_user on social.posts
  for select to authenticated
  using (
    (is_published or author_id = (select auth.uid()))
    and (author_id is null or author_id <> all ((select private.my_block_ids())::uuid[]))
  );
create policy posts_insert_own on social.posts
  for insert to authenticated
  with check (author_id = (select auth.uid()) and (select private.is_active_user()));
create policy posts_update_own on social.posts
  for update to authenticated
  using (author_id = (select auth.uid()) and (select private.is_active_user()))
  with check (author_id = (select auth.uid()) and (select private.is_active_user()));

-- Comments: where the post may be read. The policies of posts hold inside, too.
create policy comments_select_visitor on social.comments
  for select to anon
  using (exists (select from social.posts as p where p.id = post_id));
create policy comments_select_user on social.comments
  for select to authenticated
  using (
    author_id = (select auth.uid())
    or (
      (author_id is null or author_id <> all ((select private.my_block_ids())::uuid[]))
      and exists (select from social.posts as p where p.id = post_id)
    )
  );
create policy comments_insert_own on social.comments
  for insert to authenticated
  with check (author_id = (select auth.uid()) and (select private.is_active_user()));
create policy comments_update_own on social.comments
  for update to authenticated
  using (author_id = (select auth.uid()) and (select private.is_active_user()))
  with check (author_id = (select auth.uid()) and (select private.is_active_user()));

-- Questions and answers
create policy questions_select_visitor on social.questions
  for select to anon
  using (true);
create policy questions_select_user on social.questions
  for select to authenticated
  using (author_id is null or author_id <> all ((select private.my_block_ids())::uuid[]));
create policy questions_insert_own on social.questions
  for insert to authenticated
  with check (author_id = (select auth.uid()) and (select private.is_active_user()));
create policy questions_update_own on social.questions
  for update to authenticated
  using (author_id = (select auth.uid()) and (select private.is_active_user()))
  with check (author_id = (select auth.uid()) and (select private.is_active_user()));

create policy answers_select_visitor on social.answers
  for select to anon
  using (true);
create policy answers_select_user on social.answers
  for select to authenticated
  using (
    author_id = (select auth.uid())
    or (
      (author_id is null or author_id <> all ((select private.my_block_ids())::uuid[]))
      and exists (select from social.questions as q where q.id = question_id)
    )
  );
create policy answers_insert_own on social.answers
  for insert to authenticated
  with check (author_id = (select auth.uid()) and (select private.is_active_user()));
create policy answers_update_own on social.answers
  for update to authenticated
  using (author_id = (select auth.uid()) and (select private.is_active_user()))
  with check (author_id = (select auth.uid()) and (select private.is_active_user()));

-- Topics of both
create policy post_topics_select_visitor on social.post_topics
  for select to anon
  using (exists (select from social.posts as p where p.id = post_id));
create policy post_topics_select_user on social.post_topics
  for select to authenticated
  using (exists (select from social.posts as p where p.id = post_id));
create policy post_topics_insert_own on social.post_topics
  for insert to authenticated
  with check (
    (select private.is_active_user())
    and exists (select from social.posts as p where p.id = post_id and p.author_id = (select auth.uid()))
  );
create policy post_topics_delete_own on social.post_topics
  for delete to authenticated
  using (
    (select private.is_active_user())
    and exists (select from social.posts as p where p.id = post_id and p.author_id = (select auth.uid()))
  );

create policy question_topics_select_visitor on social.question_topics
  for select to anon
  using (true);
create policy question_topics_select_user on social.question_topics
  for select to authenticated
  using (exists (select from social.questions as q where q.id = question_id));
create policy question_topics_insert_own on social.question_topics
  for insert to authenticated
  with check (
    (select private.is_active_user())
    and exists (select from social.questions as q where q.id = question_id and q.author_id = (select auth.uid()))
  );
create policy question_topics_delete_own on social.question_topics
  for delete to authenticated
  using (
    (select private.is_active_user())
    and exists (select from social.questions as q where q.id = question_id and q.author_id = (select auth.uid()))
  );

-- A computed field: select=*,is_accepted.
create function social.is_accepted(p_answer social.answers)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$ select exists (select from social.questions as q where q.id = p_answer.question_id and q.accepted_answer_id = p_answer.id); $$;
comment on function social.is_accepted(social.answers) is 'Computed field of answers: is it the accepted one? Visitors compare with questions.accepted_answer_id.';

revoke execute on function social.is_accepted(social.answers) from public, anon, authenticated;
grant execute on function social.is_accepted(social.answers) to authenticated, service_role;
