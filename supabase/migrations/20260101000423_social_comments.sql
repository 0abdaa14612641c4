-- Comments: under a post that one sees, in answer to a comment of the same post, six levels deep.

create function private.social_check_parent(p_post_id uuid, p_parent_id uuid, p_writer_id uuid, p_is_client boolean)
returns smallint
language plpgsql
volatile
security definer -- called by a trigger
set search_path = ''
as $$
declare
  v_parent social.comments;
begin
  select * into v_parent from social.comments as c where c.id = p_parent_id and c.post_id = p_post_id;
  if not found then
    raise sqlstate 'PT422' using
      message = 'parent_elsewhere',
      detail = 'One replies to a comment of the same post.',
      hint = 'Send the post_id of the comment that you reply to.';
  end if;
  if p_is_client then
    perform private.social_require_content('comment', p_parent_id, p_writer_id);
  end if;
  if v_parent.deleted_at is not null or v_parent.hidden_at is not null then
    perform private.social_raise_removed();
  end if;
  if v_parent.depth >= 5 then
    raise sqlstate 'PT422' using
      message = 'thread_too_deep',
      detail = 'Replies go five levels below a comment.',
      hint = 'Reply to the comment above.';
  end if;
  return v_parent.depth + 1;
end;
$$;
comment on function private.social_check_parent(uuid, uuid, uuid, boolean) is
  'The depth of a reply; raises parent_elsewhere (422), content_not_found (404), content_removed (409) or thread_too_deep (422).';

create function private.tg_comments__clean()
returns trigger
language plpgsql
security definer -- reads limits and other people's things, writes versions
set search_path = ''
as $$
declare
  v_is_client boolean := not private.is_service();
  v_post social.posts;
begin
  if tg_op = 'UPDATE' then
    if (new.deleted_at, new.hidden_at) is distinct from (old.deleted_at, old.hidden_at) then
      return new; -- private.social_remove and private.social_unhide are at work
    end if;
    if old.deleted_at is not null or old.hidden_at is not null then
      if new.content is distinct from old.content then
        perform private.social_raise_removed();
      end if;
      return new;
    end if;
    new.content := private.clean_text(new.content, 'content', 1, 10000);
    if new.content <> old.content then
      perform private.social_edit(old.id, '', old.content);
      new.edited_at := now();
    end if;
    return new;
  end if;

  new.author_id := private.social_writer(new.author_id);
  new.content := private.clean_text(new.content, 'content', 1, 10000);
  if v_is_client then
    perform private.social_limit('comment', new.author_id),
      private.social_require_content('post', new.post_id, new.author_id);
  end if;
  select * into v_post from social.posts as p where p.id = new.post_id;
  if v_post.deleted_at is not null or v_post.hidden_at is not null then
    perform private.social_raise_removed();
  end if;
  if not v_post.is_published then
    raise sqlstate 'PT409' using
      message = 'post_not_published', detail = 'Nobody comments on a draft.', hint = 'Publish it first.';
  end if;
  new.depth := 0;
  if new.parent_id is not null then
    new.depth := private.social_check_parent(new.post_id, new.parent_id, new.author_id, v_is_client);
  end if;
  return new;
end;
$$;
comment on function private.tg_comments__clean() is 'Trigger: author, allowance, text, post, parent, depth, history.';

create trigger _100_clean
  before insert or update of content on social.comments
  for each row execute function private.tg_comments__clean();
create trigger _060_refuse_move
  before update of id, post_id, parent_id, depth, author_id on social.comments
  for each row when (
    new.id <> old.id or new.post_id <> old.post_id or new.parent_id is distinct from old.parent_id or new.depth <> old.depth
    or (new.author_id is distinct from old.author_id and new.author_id is not null)
  )
  execute function private.tg__social_refuse_move();

revoke execute on function
  private.social_check_parent(uuid, uuid, uuid, boolean), private.tg_comments__clean()
  from public, anon, authenticated;
