-- For the tests of social: things that are there already, written as the database's owner.

create or replace function tests.make_post(p_author_id uuid, p_is_published boolean default true, p_title text default 'A post')
returns uuid
language sql
as $$
  insert into social.posts (author_id, title, content, is_published) values (p_author_id, p_title, 'Of a test.', p_is_published)
  returning id;
$$;

create or replace function tests.make_comment(p_author_id uuid, p_post_id uuid, p_parent_id uuid default null, p_content text default 'A comment.')
returns uuid
language sql
as $$
  insert into social.comments (author_id, post_id, parent_id, content) values (p_author_id, p_post_id, p_parent_id, p_content)
  returning id;
$$;

create or replace function tests.make_question(p_author_id uuid, p_title text default 'A question')
returns uuid
language sql
as $$
  insert into social.questions (author_id, title, content) values (p_author_id, p_title, 'Of a test?') returning id;
$$;

create or replace function tests.make_answer(p_author_id uuid, p_question_id uuid, p_content text default 'An answer.')
returns uuid
language sql
as $$
  insert into social.answers (author_id, question_id, content) values (p_author_id, p_question_id, p_content) returning id;
$$;

-- An account that is no longer new, and so writes under the usual limits.
create or replace function tests.create_member(p_email text, p_roles text[] default '{}')
returns uuid
language plpgsql
as $$
declare
  v_id uuid := tests.create_user(p_email, p_roles);
begin
  update core.profiles as p set created_at = now() - interval '30 days' where p.id = v_id;
  return v_id;
end;
$$;

create or replace function tests.block(p_blocker_id uuid, p_blocked_id uuid)
returns void
language sql
as $$ insert into core.blocks (blocker_id, blocked_id) values (p_blocker_id, p_blocked_id); $$;

create or replace function tests.suspend(p_user_id uuid)
returns void
language sql
as $$ update core.profiles as p set is_active = false where p.id = p_user_id; $$;

grant execute on all functions in schema tests to public;
