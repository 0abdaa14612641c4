-- Who tutors, and what he may write of himself. An expert who was verified becomes a tutor by one call. He is listed, that
-- is, found and bookable by others, while he is verified and available in core.experts, his account is active, he accepts
-- bookings, and no moderator has hidden him.
--
--   tutor:    his own row; writes what describes him, never totals nor whether he is listed
--   others:   listed tutors, without the link that they meet at; nobody across a block
--   admin:    every tutor
--   anon:     nothing

insert into core.settings (key, value, description) values
  ('market.max_offers', '50', 'How many offers one tutor may have.'),
  ('market.max_slots', '112', 'How many weekly slots one tutor may have; as many for a date and a week together.'),
  ('market.max_overrides', '400', 'On how many dates a tutor may be available otherwise than in the week.'),
  ('market.max_out_of_office', '100', 'How many stretches out of office one tutor may have.'),
  ('market.min_price_minor', '50', 'The least that an offer costs that is not free of charge, in minor units: providers charge no less.'),
  ('market.rating_prior', '{"ratings": 10, "mean": 4.0}',
    'What a tutor counts as before anybody has rated him: so many ratings of this mean are added to his own.'),
  ('market.search_candidates', '400', 'So many tutors are looked at for free time in one search.'),
  ('market.writing_limits', '{
    "tutor": {"burst": 10, "per_hour": 20},
    "offer": {"burst": 60, "per_hour": 120},
    "availability": {"burst": 120, "per_hour": 360},
    "free_search": {"burst": 60, "per_hour": 600}
  }', 'Burst at once, then per hour, of one person: becoming a tutor, new offers, changes of availability, searches for free time.');

alter table market.tutors
  add column is_listed boolean not null default false,
  add column hidden_at timestamptz;
comment on column market.tutors.is_listed is
  'Whether others find and book him: verified, available, active, accepting bookings and not hidden. Kept by triggers.';
comment on column market.tutors.hidden_at is 'Since when a moderator has him hidden.';

create function private.tg_tutors__check()
returns trigger
language plpgsql
volatile
security definer -- the cleaning of texts is not executable by clients
set search_path = ''
as $$
begin
  new.about := private.clean_text(coalesce(new.about, ''), 'about', 0, 4000);
  new.video_url := nullif(btrim(new.video_url), '');
  new.default_meeting_link := nullif(btrim(new.default_meeting_link), '');
  if new.video_url !~ '^https://[^\s<>"]+$' or new.default_meeting_link !~ '^https://[^\s<>"]+$'
    or length(new.video_url) > 500 or length(new.default_meeting_link) > 500
  then
    raise sqlstate 'PT422' using
      message = 'link_invalid',
      detail = 'A link begins with https:// and has 500 characters at most, no blanks among them.',
      hint = 'Correct video_url or default_meeting_link.';
  end if;
  return new;
end;
$$;
comment on function private.tg_tutors__check() is 'Trigger: text_too_long, markup_not_allowed, link_invalid (422).';
create trigger _100_check before insert or update of about, video_url, default_meeting_link on market.tutors
  for each row execute function private.tg_tutors__check();
create trigger _900_touch_updated_at
  before update of about, video_url, default_meeting_link, accepts_bookings, max_bookings_per_day on market.tutors
  for each row execute function private.tg__touch_updated_at();

create function private.become_tutor(p_about text, p_video_url text, p_meeting_link text, p_accepts_bookings boolean)
returns market.tutors
language plpgsql
volatile
security definer -- tutors has no insert grant; the caller enters himself only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_tutor market.tutors;
begin
  -- Locked, so that a decision on him is waited for, or waits.
  perform from core.experts as e where e.id = v_user_id and e.verification_status = 'verified' for share;
  if not found then
    raise sqlstate 'PT403' using
      message = 'expert_required',
      detail = 'Only a verified expert becomes a tutor.',
      hint = 'Apply with core.apply_as_expert, and wait for the decision.';
  end if;
  select t.* into v_tutor from market.tutors as t where t.id = v_user_id;
  if found then
    return v_tutor;
  end if;
  perform private.limit_action('market.writing_limits', 'tutor', v_user_id::text);
  insert into market.tutors (id, about, video_url, default_meeting_link, accepts_bookings)
  values (v_user_id, coalesce(p_about, ''), p_video_url, p_meeting_link, coalesce(p_accepts_bookings, true))
  on conflict (id) do nothing;
  select t.* into v_tutor from market.tutors as t where t.id = v_user_id;
  return v_tutor;
end;
$$;
comment on function private.become_tutor(text, text, text, boolean) is 'See market.become_tutor.';

create function market.become_tutor(
  p_about text default '', p_video_url text default null, p_meeting_link text default null,
  p_accepts_bookings boolean default true
)
returns market.tutors
language sql
volatile
security invoker
set search_path = ''
as $$ select private.become_tutor(p_about, p_video_url, p_meeting_link, p_accepts_bookings); $$;
comment on function market.become_tutor(text, text, text, boolean) is
  'Makes a tutor of you, who are a verified expert; again: gives what is there, unchanged. Errors: expert_required (403), text_too_long, markup_not_allowed, link_invalid (422), rate_limited (429).';

create function private.market_my_tutor()
returns setof market.tutors
language plpgsql
stable
security definer -- default_meeting_link has no select grant; answers about the caller only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_reader();
begin
  return query select t.* from market.tutors as t where t.id = v_user_id;
end;
$$;
comment on function private.market_my_tutor() is 'See market.my_tutor.';

create function market.my_tutor()
returns setof market.tutors
language sql
stable
security invoker
set search_path = ''
as $$ select * from private.market_my_tutor(); $$;
comment on function market.my_tutor() is 'Your own row of tutors, with your meeting link; none when you are no tutor.';

revoke execute on function
  private.tg_tutors__check(),
  private.become_tutor(text, text, text, boolean), market.become_tutor(text, text, text, boolean),
  private.market_my_tutor(), market.my_tutor()
  from public, anon, authenticated;
grant execute on function
  private.become_tutor(text, text, text, boolean), market.become_tutor(text, text, text, boolean),
  private.market_my_tutor(), market.my_tutor()
  to authenticated;
