-- Sessions keep both busy, learner and tutor, with the buffers that keep other bookings away. A hold does until it expires.

create function private.market_busy(p_user_id uuid, p_from timestamptz, p_to timestamptz)
returns tstzmultirange
language plpgsql
stable
security definer -- called by private.busy_times; not executable by clients
set search_path = ''
as $$
begin
  return (
    select coalesce(range_agg(tstzrange(b.blocked_from, b.blocked_to)), '{}')
    from market.bookings as b
    where (b.learner_id = p_user_id or b.tutor_id = p_user_id)
      -- A session is eight hours long at most, and a buffer four: these bounds go along the indexes.
      and b.starts_at > p_from - interval '12 hours' and b.starts_at < p_to + interval '4 hours'
      and b.blocked_to > p_from and b.blocked_from < p_to
      and (b.status in ('scheduled', 'completed', 'no_show') or b.status = 'hold' and b.hold_expires_at > now())
  );
end;
$$;
comment on function private.market_busy(uuid, timestamptz, timestamptz) is
  'The bookings of a person between two moments, as learner or as tutor, as stretches of time with their buffers.';

insert into core.busy_sources (module, busy_function, description) values
  ('market', 'market_busy', 'Bookings, as learner and as tutor, with their buffers.');

revoke execute on function private.market_busy(uuid, timestamptz, timestamptz) from public, anon, authenticated;
