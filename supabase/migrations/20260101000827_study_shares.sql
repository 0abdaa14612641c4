-- Sharing material with people and groups, and filing it under topics and tags.

create function private.study_share(p_material_id uuid, p_user_id uuid, p_group_id uuid)
returns study.material_shares
language plpgsql
volatile
security definer -- reads profiles, groups and blocks of others, and tells them; acts for the owner only
set search_path = ''
as $$
declare
  v_material study.materials := private.study_my_material(p_material_id);
  v_share study.material_shares;
begin
  if num_nonnulls(p_user_id, p_group_id) <> 1 or p_user_id = v_material.user_id then
    raise sqlstate 'PT422' using
      message = 'share_target_invalid', detail = 'Material is shared with one person other than you, or with one group.',
      hint = 'Send p_user_id or p_group_id.';
  end if;
  select * into v_share from study.material_shares as s
  where s.material_id = p_material_id and (s.user_id = p_user_id or s.group_id = p_group_id);
  if found then
    return v_share;
  end if;
  if p_user_id is not null then
    perform from core.profiles as p where p.id = p_user_id and p.is_active for key share;
    if not found or private.is_blocked_between(v_material.user_id, p_user_id) then
      raise sqlstate 'PT409' using
        message = 'person_unavailable', detail = 'This person is unknown or suspended, or one of you has blocked the other.',
        hint = 'Choose somebody else.';
    end if;
  else
    -- Held: whoever leaves at this moment takes this share along.
    perform from study.group_members as m
    where m.group_id = p_group_id and m.user_id = v_material.user_id and m.accepted_at is not null
    for share;
    if not found then
      raise sqlstate 'PT404' using
        message = 'group_not_found', detail = 'You are in no group with this id.', hint = 'List yours: groups.';
    end if;
  end if;
  perform private.limit_action('study.limits', 'share', v_material.user_id::text);
  insert into study.material_shares (material_id, user_id, group_id)
  values (p_material_id, p_user_id, p_group_id)
  on conflict do nothing
  returning * into v_share;
  if v_share.id is null then
    select * into v_share from study.material_shares as s
    where s.material_id = p_material_id and (s.user_id = p_user_id or s.group_id = p_group_id);
  elsif p_user_id is not null then
    perform private.notify(
      p_user_id, 'material_shared', 'info', left(v_material.title, 200), 'Study material was shared with you.',
      jsonb_build_object('material_id', p_material_id, 'actor_id', v_material.user_id), '/materials/' || p_material_id,
      'material_shared:' || p_material_id
    );
  end if;
  return v_share;
end;
$$;
comment on function private.study_share(uuid, uuid, uuid) is 'See study.share_material.';

create function private.study_unshare(p_share_id uuid)
returns boolean
language plpgsql
volatile
security definer -- shares have no delete grant; for the owner, and for whom it is shared with
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
begin
  delete from study.material_shares as s
  using study.materials as m
  where s.id = p_share_id and m.id = s.material_id and (m.user_id = v_user_id or s.user_id = v_user_id);
  return found;
end;
$$;
comment on function private.study_unshare(uuid) is 'See study.unshare_material.';

create function private.study_set_tags(p_material_id uuid, p_tags text[])
returns setof study.material_tags
language plpgsql
volatile
security definer -- tags are written here only
set search_path = ''
as $$
declare
  v_material study.materials := private.study_my_material(p_material_id);
  v_tags text[] := '{}'::text[];
  v_tag text;
begin
  if coalesce(cardinality(p_tags), 0) > 30 then
    raise sqlstate 'PT422' using message = 'too_many_tags', detail = 'A material has 30 tags at most.', hint = 'Leave some out.';
  end if;
  foreach v_tag in array coalesce(p_tags, '{}') loop
    v_tags := array_append(v_tags, lower(private.clean_text(v_tag, 'tag', 1, 60)));
  end loop;
  delete from study.material_tags as t where t.material_id = v_material.id and t.tag <> all (v_tags);
  insert into study.material_tags as t (material_id, tag)
  select distinct v_material.id, u.tag from unnest(v_tags) as u (tag)
  on conflict (material_id, tag) do update set is_auto_generated = false, confidence = null;
  return query select * from study.material_tags as t where t.material_id = v_material.id order by t.tag;
end;
$$;
comment on function private.study_set_tags(uuid, text[]) is 'See study.set_material_tags.';

create function private.study_decide_topic(p_material_id uuid, p_topic text, p_accept boolean)
returns study.material_topics
language plpgsql
volatile
security definer -- topics of materials are written here only
set search_path = ''
as $$
declare
  v_material study.materials := private.study_my_material(p_material_id);
  v_topic_id uuid := private.topic_by_slug(p_topic);
  v_row study.material_topics;
begin
  if v_topic_id is null then
    raise sqlstate 'PT422' using
      message = 'unknown_topic', detail = 'There is no such topic.', hint = 'Use the slug of a row in core.topics.';
  end if;
  insert into study.material_topics as t (material_id, topic_id, status)
  values (v_material.id, v_topic_id, case when coalesce(p_accept, true) then 'accepted' else 'dismissed' end)
  on conflict (material_id, topic_id) do update set status = excluded.status
  returning * into v_row;
  return v_row;
end;
$$;
comment on function private.study_decide_topic(uuid, text, boolean) is 'See study.set_material_topic.';

create function study.share_material(p_material_id uuid, p_user_id uuid default null, p_group_id uuid default null)
returns study.material_shares
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_share(p_material_id, p_user_id, p_group_id); $$;
comment on function study.share_material(uuid, uuid, uuid) is
  'Shares a material of yours with a person or a group of yours, to read and to learn from. Again: the same row. Errors: material_not_found, group_not_found (404), person_unavailable (409), share_target_invalid (422), rate_limited (429).';

create function study.unshare_material(p_share_id uuid)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_unshare(p_share_id); $$;
comment on function study.unshare_material(uuid) is 'Takes a share back, or gives up what was shared with you. False when there is none.';

create function study.set_material_tags(p_material_id uuid, p_tags text[])
returns setof study.material_tags
language sql
volatile
security invoker
set search_path = ''
as $$ select * from private.study_set_tags(p_material_id, p_tags); $$;
comment on function study.set_material_tags(uuid, text[]) is
  'Replaces the tags of a material of yours, suggested ones included. material_not_found (404), too_many_tags, text_required, text_too_long, markup_not_allowed (422).';

create function study.set_material_topic(p_material_id uuid, p_topic text, p_accept boolean default true)
returns study.material_topics
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_decide_topic(p_material_id, p_topic, p_accept); $$;
comment on function study.set_material_topic(uuid, text, boolean) is
  'Files a material of yours under a topic (a slug), or dismisses one that was suggested: it is not suggested again. material_not_found (404), unknown_topic (422).';

-- A block ends what was shared between the two.
create function private.tg_blocks__unshare_material()
returns trigger
language plpgsql
security definer -- shares of both
set search_path = ''
as $$
begin
  delete from study.material_shares as s
  using study.materials as m
  where m.id = s.material_id
    and (m.user_id, s.user_id) in ((new.blocker_id, new.blocked_id), (new.blocked_id, new.blocker_id));
  return null;
end;
$$;
create trigger _600_unshare_material after insert on core.blocks
  for each row execute function private.tg_blocks__unshare_material();

-- Whoever leaves a group takes what he shared with it along.
create function private.tg_group_members__unshare_material()
returns trigger
language plpgsql
security definer -- shares of the member
set search_path = ''
as $$
begin
  delete from study.material_shares as s
  using study.materials as m
  where m.id = s.material_id and s.group_id = old.group_id and m.user_id = old.user_id;
  return null;
end;
$$;
create trigger _600_unshare_material after delete on study.group_members
  for each row execute function private.tg_group_members__unshare_material();

-- A notice says the name of what was shared, or of the group: it goes when that does, or is taken back.
create function private.tg_study__withdraw_notice()
returns trigger
language plpgsql
security definer -- notices of whom it was shared with
set search_path = ''
as $$
begin
  delete from core.notifications as n
  where n.user_id = old.user_id and n.group_key = tg_argv[0] || ':' || (to_jsonb(old) ->> tg_argv[1]);
  return null;
end;
$$;
comment on function private.tg_study__withdraw_notice() is
  'Trigger: the notice of a share or an invitation goes with it. Arguments: the kind of notice, and the column with the id of what it names.';
create trigger _700_withdraw_notice after delete on study.material_shares
  for each row when (old.user_id is not null)
  execute function private.tg_study__withdraw_notice('material_shared', 'material_id');
create trigger _700_withdraw_notice after delete on study.group_members
  for each row execute function private.tg_study__withdraw_notice('study_group_invited', 'group_id');

revoke execute on function
  private.tg_study__withdraw_notice(), private.tg_group_members__unshare_material(), private.study_share(uuid, uuid, uuid), private.study_unshare(uuid), private.study_set_tags(uuid, text[]),
  private.study_decide_topic(uuid, text, boolean), private.tg_blocks__unshare_material(), study.share_material(uuid, uuid, uuid),
  study.unshare_material(uuid), study.set_material_tags(uuid, text[]), study.set_material_topic(uuid, text, boolean)
  from public, anon, authenticated;
grant execute on function
  private.study_share(uuid, uuid, uuid), private.study_unshare(uuid), private.study_set_tags(uuid, text[]),
  private.study_decide_topic(uuid, text, boolean), study.share_material(uuid, uuid, uuid),
  study.unshare_material(uuid), study.set_material_tags(uuid, text[]), study.set_material_topic(uuid, text, boolean)
  to authenticated;
