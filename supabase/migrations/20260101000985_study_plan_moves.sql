-- What a learner does with a block: accepts it, dismisses it, or puts it elsewhere. Only into time in which he is not busy
-- and has accepted nothing else; what is merely suggested there gives way. His hours are for suggestions: he himself may
-- study whenever he likes.

create function private.study_enter_plan_block(p_user_id uuid, p_block_id uuid, p_at timestamptz)
returns study.plan_blocks
language plpgsql
volatile
security definer -- locks rows for functions that checked their caller
set search_path = ''
as $$
declare
  v_block study.plan_blocks;
begin
  perform private.study_learner(p_user_id);
  select * into v_block from study.plan_blocks as b where b.id = p_block_id and b.user_id = p_user_id for update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'plan_block_not_found', detail = 'There is no such block in your plan.', hint = 'Read study.my_plan: suggestions are made anew.';
  end if;
  if v_block.status in ('done', 'missed') or v_block.ends_at <= p_at then
    raise sqlstate 'PT409' using
      message = 'plan_block_over', detail = 'This block is over.', hint = 'Choose one that is to come.';
  end if;
  return v_block;
end;
$$;
comment on function private.study_enter_plan_block(uuid, uuid, timestamptz) is
  'A block of this learner that is not over, locked, and the learner with it; plan_block_not_found (404), plan_block_over (409).';

create function private.study_take_time(p_block study.plan_blocks, p_starts_at timestamptz, p_ends_at timestamptz)
returns study.plan_blocks
language plpgsql
volatile
security definer -- blocks have no direct writing; for functions that checked their caller
set search_path = ''
as $$
declare
  v_block study.plan_blocks;
begin
  if private.busy_times(p_block.user_id, p_starts_at, p_ends_at) <> '{}' or exists (
    select from study.plan_blocks as b
    where b.user_id = p_block.user_id and b.id <> p_block.id and b.status = 'accepted'
      and tstzrange(b.starts_at, b.ends_at) && tstzrange(p_starts_at, p_ends_at)
  ) then
    raise sqlstate 'PT409' using
      message = 'plan_time_taken', detail = 'You are busy at that time, or mean to study something else.', hint = 'Choose another time, or have the plan made anew.';
  end if;
  delete from study.plan_blocks as b
  where b.user_id = p_block.user_id and b.id <> p_block.id and b.status = 'suggested'
    and tstzrange(b.starts_at, b.ends_at) && tstzrange(p_starts_at, p_ends_at);
  update study.plan_blocks as b set status = 'accepted', starts_at = p_starts_at, ends_at = p_ends_at
  where b.id = p_block.id
  returning * into v_block;
  return v_block;
end;
$$;
comment on function private.study_take_time(study.plan_blocks, timestamptz, timestamptz) is
  'Accepts a block for this time; plan_time_taken (409) when its person is busy then.';

create function private.study_accept_plan_block(p_user_id uuid, p_block_id uuid, p_at timestamptz)
returns study.plan_blocks
language plpgsql
volatile
security definer -- blocks have no direct writing; for functions that checked their caller
set search_path = ''
as $$
declare
  v_block study.plan_blocks := private.study_enter_plan_block(p_user_id, p_block_id, p_at);
begin
  if v_block.status <> 'accepted' then
    v_block := private.study_take_time(v_block, v_block.starts_at, v_block.ends_at);
  end if;
  return v_block;
end;
$$;
comment on function private.study_accept_plan_block(uuid, uuid, timestamptz) is 'See study.accept_plan_block.';

create function private.study_dismiss_plan_block(p_user_id uuid, p_block_id uuid, p_at timestamptz)
returns study.plan_blocks
language plpgsql
volatile
security definer -- blocks have no direct writing; for functions that checked their caller
set search_path = ''
as $$
declare
  v_block study.plan_blocks := private.study_enter_plan_block(p_user_id, p_block_id, p_at);
begin
  if v_block.status <> 'dismissed' then
    update study.plan_blocks as b set status = 'dismissed' where b.id = p_block_id returning * into v_block;
  end if;
  return v_block;
end;
$$;
comment on function private.study_dismiss_plan_block(uuid, uuid, timestamptz) is 'See study.dismiss_plan_block.';

create function private.study_move_plan_block(
  p_user_id uuid, p_block_id uuid, p_starts_at timestamptz, p_ends_at timestamptz, p_at timestamptz
)
returns study.plan_blocks
language plpgsql
volatile
security definer -- blocks have no direct writing; for functions that checked their caller
set search_path = ''
as $$
declare
  v_block study.plan_blocks := private.study_enter_plan_block(p_user_id, p_block_id, p_at);
  v_min integer := private.setting_number('study.plan_min_minutes');
  v_days integer := private.setting_number('study.plan_ahead_days');
  v_ends_at timestamptz;
begin
  -- Infinity, too, is outside of this, and not reckoned with.
  if p_starts_at between p_at and p_at + make_interval(days => v_days) then
    v_ends_at := coalesce(p_ends_at, p_starts_at + (v_block.ends_at - v_block.starts_at));
  end if;
  if v_ends_at is null or v_ends_at < p_starts_at + make_interval(mins => v_min) or v_ends_at > p_starts_at + interval '4 hours' then
    raise sqlstate 'PT422' using
      message = 'plan_time_invalid',
      detail = format('A block begins from now until in %s days, and takes %s minutes to 4 hours.', v_days, v_min),
      hint = 'Send p_starts_at, and p_ends_at when it is to take longer or shorter.';
  end if;
  return private.study_take_time(v_block, p_starts_at, v_ends_at);
end;
$$;
comment on function private.study_move_plan_block(uuid, uuid, timestamptz, timestamptz, timestamptz) is 'See study.move_plan_block.';

-- For the caller, now.
create function private.study_plan_act(p_act text, p_block_id uuid, p_starts_at timestamptz default null, p_ends_at timestamptz default null)
returns study.plan_blocks
language plpgsql
volatile
security definer -- blocks have no direct writing; acts for the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
begin
  return case p_act
    when 'accept' then private.study_accept_plan_block(v_user_id, p_block_id, now())
    when 'dismiss' then private.study_dismiss_plan_block(v_user_id, p_block_id, now())
    when 'move' then private.study_move_plan_block(v_user_id, p_block_id, p_starts_at, p_ends_at, now())
  end;
end;
$$;
comment on function private.study_plan_act(text, uuid, timestamptz, timestamptz) is
  'accept, dismiss or move, for the caller: see study.accept_plan_block and its like.';

create function study.accept_plan_block(p_block_id uuid)
returns study.plan_blocks
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_plan_act('accept', p_block_id); $$;
comment on function study.accept_plan_block(uuid) is
  'You mean to study then: the block stays when the plan is made anew. Also one that you dismissed, while it is not over; suggestions at that time give way. Again: the same. Errors: plan_block_not_found (404), plan_block_over, plan_time_taken (409).';

create function study.dismiss_plan_block(p_block_id uuid)
returns study.plan_blocks
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_plan_act('dismiss', p_block_id); $$;
comment on function study.dismiss_plan_block(uuid) is
  'You do not want the block: neither at that time nor at another hour of that day is it suggested again. Again: the same. Errors: plan_block_not_found (404), plan_block_over (409).';

create function study.move_plan_block(p_block_id uuid, p_starts_at timestamptz, p_ends_at timestamptz default null)
returns study.plan_blocks
language sql
volatile
security invoker
set search_path = ''
as $$ select private.study_plan_act('move', p_block_id, p_starts_at, p_ends_at); $$;
comment on function study.move_plan_block(uuid, timestamptz, timestamptz) is
  'Puts a block into other free time and accepts it; p_ends_at null: as long as before. Not while you are busy or over another accepted block; suggestions give way. Errors: plan_block_not_found (404), plan_block_over, plan_time_taken (409), plan_time_invalid (422).';

revoke execute on function
  private.study_enter_plan_block(uuid, uuid, timestamptz), private.study_take_time(study.plan_blocks, timestamptz, timestamptz),
  private.study_accept_plan_block(uuid, uuid, timestamptz), private.study_dismiss_plan_block(uuid, uuid, timestamptz),
  private.study_move_plan_block(uuid, uuid, timestamptz, timestamptz, timestamptz),
  private.study_plan_act(text, uuid, timestamptz, timestamptz),
  study.accept_plan_block(uuid), study.dismiss_plan_block(uuid), study.move_plan_block(uuid, timestamptz, timestamptz)
  from public, anon, authenticated;
grant execute on function
  private.study_plan_act(text, uuid, timestamptz, timestamptz),
  study.accept_plan_block(uuid), study.dismiss_plan_block(uuid), study.move_plan_block(uuid, timestamptz, timestamptz)
  to authenticated;
