-- What a search looks at: one narrow row for each tutor who is listed and has something on offer. Triggers write it anew
-- whenever something that it is made of changes, in the same transaction; a row that is there can be found.
--
-- Writers of one tutor take turns at his row of tutors: each makes the card of what is there after the one before.

create table market.tutor_cards (
  tutor_id uuid primary key references market.tutors (id) on delete cascade,
  score integer not null,
  average_rating numeric(3, 2),
  currency text not null,
  from_price_minor bigint not null,
  languages text[] not null,
  marks text[] not null,
  words text not null,
  tsv tsvector not null
) with (fillfactor = 80);
comment on table market.tutor_cards is 'Listed tutors as a search sees them. Written by triggers only; read by market.search_tutors.';
comment on column market.tutor_cards.score is 'The shrunken average in ten-thousandths, see private.market_score.';
comment on column market.tutor_cards.from_price_minor is 'The cheapest active offer; all of them are in currency.';
comment on column market.tutor_cards.marks is
  'l:en for a language, t:<topic>:<n> for each n up to the proficiency: one index serves both.';
comment on column market.tutor_cards.words is 'Name, headline and topics without accents, for misspelt queries.';
create index tutor_cards_score_idx on market.tutor_cards (score desc, tutor_id desc);
create index tutor_cards_price_idx on market.tutor_cards (currency, from_price_minor);
create index tutor_cards_marks_idx on market.tutor_cards using gin (marks) with (fastupdate = off);
create index tutor_cards_tsv_idx on market.tutor_cards using gin (tsv) with (fastupdate = off);
create index tutor_cards_words_idx on market.tutor_cards using gin (words extensions.gin_trgm_ops) with (fastupdate = off);
alter table market.tutor_cards enable row level security;
revoke all on market.tutor_cards from public, anon, authenticated;
grant select on market.tutor_cards to service_role;

create function private.market_vector(p_text text)
returns tsvector
language sql
stable
security invoker
set search_path = ''
as $$
  select to_tsvector('pg_catalog.simple', extensions.unaccent(p_text)) || to_tsvector('pg_catalog.english', extensions.unaccent(p_text));
$$;
comment on function private.market_vector(text) is 'Words as they are and as stems, without accents.';

create view private.market_cards_made with (security_invoker = true) as
select t.id as tutor_id,
  private.market_score(t.rating_sum, t.rating_count, private.setting('market.rating_prior')) as score,
  t.average_rating, o.currency, o.from_price_minor, e.languages,
  array(select 'l:' || l.code from unnest(e.languages) as l (code) order by 1)
    || array(
      select 't:' || x.topic_id || ':' || n.n
      from core.expert_topics as x
      cross join lateral generate_series(1, x.proficiency) as n (n)
      where x.expert_id = t.id
      order by 1
    ) as marks,
  lower(extensions.unaccent(concat_ws(' ', p.full_name, p.username, e.headline, s.names))) as words,
  setweight(private.market_vector(concat_ws(' ', p.full_name, p.username, e.headline, s.names)), 'A')
    || setweight(private.market_vector(concat_ws(' ', o.titles, t.about)), 'B') as tsv
from market.tutors as t
join core.experts as e on e.id = t.id
join core.profiles as p on p.id = t.id
cross join lateral (
  select string_agg(c.name, ' ' order by c.name) as names
  from core.expert_topics as x
  join core.topics as c on c.id = x.topic_id
  where x.expert_id = t.id
) as s
cross join lateral (
  select min(f.currency) as currency, min(f.price_minor) as from_price_minor, string_agg(f.title, ' ' order by f.title) as titles
  from market.offers as f
  where f.tutor_id = t.id and f.is_active
) as o
where t.accepts_bookings and t.hidden_at is null and e.verification_status = 'verified' and e.is_available and p.is_active
  and o.currency is not null;
comment on view private.market_cards_made is 'The cards as they must be.';
revoke all on private.market_cards_made from public, anon, authenticated;

create function private.market_refresh_cards(p_tutor_ids uuid[])
returns void
language plpgsql
volatile
security definer -- called by triggers of several tables; writes what nobody else may
set search_path = ''
as $$
begin
  perform from market.tutors as t where t.id = any (p_tutor_ids) order by t.id for no key update;
  if not found then
    return;
  end if;
  update market.tutors as t
  set is_listed = not t.is_listed
  from core.experts as e
  join core.profiles as p on p.id = e.id
  where t.id = any (p_tutor_ids) and e.id = t.id
    and t.is_listed <> (
      t.accepts_bookings and t.hidden_at is null and e.verification_status = 'verified' and e.is_available and p.is_active
    );
  delete from market.tutor_cards as c
  where c.tutor_id = any (p_tutor_ids)
    and not exists (select from private.market_cards_made as m where m.tutor_id = c.tutor_id and m.tutor_id = any (p_tutor_ids));
  insert into market.tutor_cards as c (
    tutor_id, score, average_rating, currency, from_price_minor, languages, marks, words, tsv
  )
  select m.tutor_id, m.score, m.average_rating, m.currency, m.from_price_minor, m.languages, m.marks, m.words, m.tsv
  from private.market_cards_made as m
  where m.tutor_id = any (p_tutor_ids)
  on conflict (tutor_id) do update set
    score = excluded.score, average_rating = excluded.average_rating, currency = excluded.currency,
    from_price_minor = excluded.from_price_minor, languages = excluded.languages, marks = excluded.marks,
    words = excluded.words, tsv = excluded.tsv
    where (c.score, c.average_rating, c.currency, c.from_price_minor, c.languages, c.marks, c.words, c.tsv)
      is distinct from (
        excluded.score, excluded.average_rating, excluded.currency, excluded.from_price_minor, excluded.languages,
        excluded.marks, excluded.words, excluded.tsv
      );
end;
$$;
comment on function private.market_refresh_cards(uuid[]) is
  'Makes is_listed and the cards of these tutors what they must be. Locks their rows, by id.';

create function market.repair_cards()
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$ begin return private.market_repair_cards(); end; $$;
comment on function market.repair_cards() is 'The service key: makes all cards anew, as after an import that passed by the triggers; how many there are.';

create function private.market_repair_cards()
returns bigint
language plpgsql
volatile
security definer -- cards are written by nobody else
set search_path = ''
as $$
begin
  perform private.market_refresh_cards(array(select t.id from market.tutors as t));
  return (select count(*) from market.tutor_cards);
end;
$$;
comment on function private.market_repair_cards() is 'See market.repair_cards.';

revoke execute on function
  private.market_vector(text), private.market_refresh_cards(uuid[]), private.market_repair_cards(), market.repair_cards()
  from public, anon, authenticated;
grant execute on function private.market_repair_cards(), market.repair_cards() to service_role;
