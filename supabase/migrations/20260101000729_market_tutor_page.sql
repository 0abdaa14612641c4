-- One tutor in one call, and tutors for the moderators.

create function private.market_tutor_page(p_tutor_id uuid)
returns jsonb
language plpgsql
stable
security definer -- gathers what stands in tables of two schemas, after checking who asks
set search_path = ''
as $$
declare
  v_me uuid := private.require_reader();
  v_page jsonb;
begin
  select jsonb_build_object(
    'id', t.id, 'username', p.username, 'full_name', p.full_name, 'avatar_path', p.avatar_path, 'headline', e.headline,
    'about', t.about, 'video_url', t.video_url, 'credentials', e.credentials, 'experience_years', e.experience_years,
    'time_zone', e.time_zone, 'languages', e.languages, 'average_rating', t.average_rating, 'rating_count', t.rating_count,
    'completed_count', t.completed_count, 'is_listed', t.is_listed, 'is_me', t.id = v_me, 'created_at', t.created_at
  )
  into v_page
  from market.tutors as t
  join core.experts as e on e.id = t.id
  join core.profiles as p on p.id = t.id
  where t.id = p_tutor_id
    and (t.id = v_me or t.is_listed and not private.is_blocked_between(v_me, t.id) or private.has_role('admin'));
  if v_page is null then
    raise sqlstate 'PT404' using
      message = 'tutor_not_found',
      detail = 'There is no such tutor, or he cannot be booked now.',
      hint = 'Look for another one with search_tutors.';
  end if;
  return v_page || jsonb_build_object(
    'topics', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', c.id, 'slug', c.slug, 'name', c.name, 'proficiency', x.proficiency
      ) order by x.proficiency desc, c.name), '[]')
      from core.expert_topics as x
      join core.topics as c on c.id = x.topic_id
      where x.expert_id = p_tutor_id
    ),
    'offers', (
      select coalesce(jsonb_agg(to_jsonb(o) - array['tutor_id', 'created_at', 'updated_at'] order by o.price_minor, o.id), '[]')
      from market.offers as o
      where o.tutor_id = p_tutor_id and o.is_active
    ),
    'availability', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'weekday', a.weekday, 'start', to_char(a.start_time, 'HH24:MI'), 'end', to_char(a.end_time, 'HH24:MI')
      ) order by a.weekday, a.start_time), '[]')
      from market.expert_availability as a
      where a.tutor_id = p_tutor_id
    ),
    -- Of the newest reviews the words, never who wrote them.
    'reviews', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'rating', f.rating, 'review', f.review, 'reply', f.reply, 'created_at', f.created_at
      ) order by f.created_at desc, f.booking_id), '[]')
      from (
        select s.* from market.session_feedback as s
        where s.tutor_id = p_tutor_id and s.hidden_at is null
        order by s.created_at desc, s.booking_id
        limit 10
      ) as f
    ),
    'ratings', (
      select jsonb_object_agg(r.rating, coalesce(n.n, 0))
      from generate_series(1, 5) as r (rating)
      left join (
        select s.rating, count(*) as n from market.session_feedback as s
        where s.tutor_id = p_tutor_id and s.hidden_at is null
        group by s.rating
      ) as n on n.rating = r.rating
    )
  );
end;
$$;
comment on function private.market_tutor_page(uuid) is 'See market.tutor_page.';

create function market.tutor_page(p_tutor_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$ select private.market_tutor_page(p_tutor_id); $$;
comment on function market.tutor_page(uuid) is
  'A tutor with topics, active offers, weekly availability (by his clock), how often he was rated 1 to 5, and the ten newest reviews. Errors: tutor_not_found (404).';

-- What can be reported of a tutor is what he writes there: of himself and of his offers.
create function private.market_moderated_tutor(
  p_type text, p_id uuid, p_viewer_id uuid,
  out author_id uuid, out title text, out excerpt text, out link text, out is_visible boolean, out is_hidden boolean
)
returns record
language plpgsql
stable
security definer -- called by private.moderated_thing; not executable by clients
set search_path = ''
as $$
begin
  select t.id, coalesce(p.full_name, p.username::text),
    concat_ws(E'\n', nullif(e.headline, ''), nullif(t.about, ''), (
      select string_agg(concat_ws(E'\n', o.title, nullif(o.description, '')), E'\n' order by o.created_at desc, o.id)
      from market.offers as o where o.tutor_id = t.id and o.is_active
    )),
    '/tutors/' || t.id, p_viewer_id is null or t.is_listed, t.hidden_at is not null
  into author_id, title, excerpt, link, is_visible, is_hidden
  from market.tutors as t
  join core.experts as e on e.id = t.id
  join core.profiles as p on p.id = t.id
  where t.id = p_id;
end;
$$;
comment on function private.market_moderated_tutor(text, uuid, uuid) is 'Looks up a tutor for the moderators.';

create function private.market_hide_tutor(p_type text, p_id uuid, p_actor_id uuid)
returns void
language sql
volatile
security definer -- called by private.carry_out; not executable by clients
set search_path = ''
as $$ update market.tutors as t set hidden_at = now() where t.id = p_id and t.hidden_at is null; $$;
comment on function private.market_hide_tutor(text, uuid, uuid) is 'Takes a tutor out of the lists. What is booked stays booked.';

create function private.market_show_tutor(p_type text, p_id uuid, p_actor_id uuid)
returns void
language sql
volatile
security definer -- called by private.carry_out; not executable by clients
set search_path = ''
as $$ update market.tutors as t set hidden_at = null where t.id = p_id; $$;
comment on function private.market_show_tutor(text, uuid, uuid) is 'Lists a tutor again.';

insert into core.moderated_kinds (module, entity_type, lookup_function, hide_function, unhide_function, description)
values ('market', 'tutor', 'market_moderated_tutor', 'market_hide_tutor', 'market_show_tutor', 'A tutor with his offers. Hidden: not found and not bookable.');

revoke execute on function
  private.market_tutor_page(uuid), market.tutor_page(uuid), private.market_moderated_tutor(text, uuid, uuid),
  private.market_hide_tutor(text, uuid, uuid), private.market_show_tutor(text, uuid, uuid)
  from public, anon, authenticated;
grant execute on function private.market_tutor_page(uuid), market.tutor_page(uuid) to authenticated;
