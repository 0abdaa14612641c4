// Twenty thousand tutors with topics, languages, offers, ratings and a week, for the case market-search.
import type pg from "pg";

export const tutorCount = 20_000;

/** Written past the triggers, then carded by the function that they call. Few topics are frequent, many are rare. */
const rows = `
  set session_replication_role = replica;
  create schema bench_search;
  create table bench_search.tutors as
    select n, md5('search tutor ' || n)::uuid as id, (hashtext('rating ' || n) & 1023) / 1024.0 as luck
    from generate_series(0, ${tutorCount}) as n;
  insert into core.topics (id, slug, name, parent_id)
    select md5('search topic ' || n)::uuid, 'search-topic-' || n, 'Subject ' || md5('subject ' || n),
      case when n >= 20 then md5('search topic ' || n % 20)::uuid end
    from generate_series(0, 399) as n;
  insert into core.profiles (id, username, full_name)
    select id, 'search_' || n, 'Tutor ' || md5('name ' || n) from bench_search.tutors;
  insert into core.experts (id, verification_status, headline, languages, time_zone)
    select id, 'verified', 'Explains ' || md5('headline ' || n % 3000),
      case when n % 100 = 0 then '{ne}' when n % 7 = 0 then '{de}' when n % 3 = 0 then '{de,en}' else '{en}' end::text[],
      ('{Europe/London,America/New_York,Asia/Kathmandu,UTC}'::text[])[n % 4 + 1]
    from bench_search.tutors where n > 0;
  insert into core.expert_topics (expert_id, topic_id, proficiency)
    select t.id, md5('search topic ' || floor(400 * power((hashtext(t.n || '/' || k) & 65535) / 65536.0, 3)))::uuid, (t.n + k) % 5 + 1
    from bench_search.tutors as t, generate_series(1, 4) as k where t.n > 0
    on conflict do nothing;
  insert into market.tutors (id, accepts_bookings, is_listed, about, rating_count, rating_sum)
    select t.id, true, true, 'About ' || md5('about ' || t.n % 5000), r.count, r.count + round(4 * t.luck * r.count)
    from bench_search.tutors as t
    cross join lateral (select (hashtext('ratings ' || t.n) & 63)::integer as count) as r
    where t.n > 0;
  insert into market.offers (tutor_id, title, duration_minutes, price_minor, currency)
    select t.id, 'An hour', 60, 1000 + (hashtext('price ' || t.n) & 8191) + k * 500, 'EUR'
    from bench_search.tutors as t, generate_series(0, 1) as k where t.n > 0;
  insert into market.expert_availability (tutor_id, weekday, start_time, end_time)
    select t.id, (t.n + k) % 7 + 1, '09:00', '17:00'
    from bench_search.tutors as t, generate_series(0, 2) as k where t.n > 0;
  set session_replication_role = origin;
  select private.market_refresh_cards(array(select id from bench_search.tutors));
  analyze core.topics, core.profiles, core.experts, core.expert_topics, market.tutors, market.offers,
    market.expert_availability, market.tutor_cards`;

/** Who asks. */
export async function fillSearch(client: pg.Client): Promise<string> {
  const { rows: [found] } = await client.query("select to_regnamespace('bench_search') as there");
  if (!found?.there) await client.query(rows);
  const { rows: [seeker] } = await client.query<{ id: string }>(
    "select id from bench_search.tutors where n = 0",
  );
  return seeker?.id ?? "";
}

/** As one would first write it: everything joined and worked out when somebody asks. Arguments as wanted() gives them. */
export const joined = `
  select t.id, p.full_name, e.headline, o.price
  from market.tutors as t
  join core.experts as e on e.id = t.id
  join core.profiles as p on p.id = t.id
  cross join lateral (
    select min(f.price_minor) as price from market.offers as f where f.tutor_id = t.id and f.is_active and f.currency = 'EUR'
  ) as o
  where t.accepts_bookings and e.verification_status = 'verified' and e.is_available and p.is_active and o.price is not null
    and t.id not in (
      select b.blocked_id from core.blocks as b where b.blocker_id = auth.uid()
      union all select b.blocker_id from core.blocks as b where b.blocked_id = auth.uid()
    )
    and ($1::text is null or exists (
      with recursive below as (
        select c.id from core.topics as c where c.slug = $1::extensions.citext
        union all select c.id from core.topics as c join below as b on c.parent_id = b.id
      )
      select from core.expert_topics as x where x.expert_id = t.id and x.proficiency >= $2 and x.topic_id in (select id from below)
    ))
    and ($3::text[] is null or e.languages && $3)
    and ($4::bigint is null or o.price <= $4)
    and ($5::text is null or p.full_name || ' ' || e.headline || ' ' || t.about ilike '%' || $5 || '%')
  order by (10 * 4.0 + t.rating_sum) / (10 + t.rating_count) desc, t.id desc
  limit 20`;
