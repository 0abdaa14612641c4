-- Whatever a card is made of makes it anew when it changes.

create function private.tg__refresh_card()
returns trigger
language plpgsql
volatile
security definer -- writes cards, whoever writes
set search_path = ''
as $$
begin
  -- The first argument names the column that holds the tutor.
  perform private.market_refresh_cards(array[(
    case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end ->> tg_argv[0]
  )::uuid]);
  return null;
end;
$$;
comment on function private.tg__refresh_card() is 'Trigger: makes the card of one tutor anew.';

create trigger _600_card after insert on market.tutors
  for each row execute function private.tg__refresh_card('id');
create trigger _600_card_updated after update of about, accepts_bookings, hidden_at, rating_sum, rating_count on market.tutors
  for each row when (
    (old.about, old.accepts_bookings, old.hidden_at, old.rating_sum, old.rating_count)
      is distinct from (new.about, new.accepts_bookings, new.hidden_at, new.rating_sum, new.rating_count)
  )
  execute function private.tg__refresh_card('id');
create trigger _600_card after insert or delete on market.offers
  for each row execute function private.tg__refresh_card('tutor_id');
create trigger _600_card_updated after update of title, price_minor, currency, is_active on market.offers
  for each row when (
    (old.title, old.price_minor, old.currency, old.is_active)
      is distinct from (new.title, new.price_minor, new.currency, new.is_active)
  )
  execute function private.tg__refresh_card('tutor_id');
create trigger _600_card_updated after update of headline, languages, verification_status, is_available on core.experts
  for each row when (
    (old.headline, old.languages, old.verification_status, old.is_available)
      is distinct from (new.headline, new.languages, new.verification_status, new.is_available)
  )
  execute function private.tg__refresh_card('id');
create trigger _600_card_updated after update of full_name, username, is_active on core.profiles
  for each row when (
    (old.full_name, old.username::text, old.is_active) is distinct from (new.full_name, new.username::text, new.is_active)
  )
  execute function private.tg__refresh_card('id');

create function private.tg_expert_topics__refresh_cards()
returns trigger
language plpgsql
volatile
security definer -- writes cards, whoever writes
set search_path = ''
as $$
declare
  v_ids uuid[];
begin
  if tg_op = 'DELETE' then
    v_ids := array(select distinct o.expert_id from old_rows as o);
  elsif tg_op = 'INSERT' then
    v_ids := array(select distinct n.expert_id from new_rows as n);
  else
    v_ids := array(select n.expert_id from new_rows as n union select o.expert_id from old_rows as o);
  end if;
  perform private.market_refresh_cards(v_ids);
  return null;
end;
$$;
comment on function private.tg_expert_topics__refresh_cards() is 'Trigger, once a statement: makes the cards of its experts anew.';
create trigger _600_cards_inserted after insert on core.expert_topics
  referencing new table as new_rows for each statement execute function private.tg_expert_topics__refresh_cards();
create trigger _600_cards_updated after update on core.expert_topics
  referencing old table as old_rows new table as new_rows for each statement
  execute function private.tg_expert_topics__refresh_cards();
create trigger _600_cards_deleted after delete on core.expert_topics
  referencing old table as old_rows for each statement execute function private.tg_expert_topics__refresh_cards();

create function private.tg_topics__refresh_cards()
returns trigger
language plpgsql
volatile
security definer -- writes cards, whoever writes
set search_path = ''
as $$
begin
  perform private.market_refresh_cards(array(select x.expert_id from core.expert_topics as x where x.topic_id = new.id));
  return null;
end;
$$;
comment on function private.tg_topics__refresh_cards() is 'Trigger: a new name of a topic is in the cards of its experts.';
create trigger _600_cards after update of name on core.topics
  for each row when (old.name <> new.name)
  execute function private.tg_topics__refresh_cards();

create function private.tg_settings__rescore_tutors()
returns trigger
language plpgsql
volatile
security definer -- writes all cards
set search_path = ''
as $$
begin
  if jsonb_typeof(new.value -> 'ratings') is distinct from 'number' or jsonb_typeof(new.value -> 'mean') is distinct from 'number'
    or (new.value ->> 'ratings')::numeric not between 0 and 100000 or (new.value ->> 'mean')::numeric not between 1 and 5
  then
    raise sqlstate 'PT422' using
      message = 'setting_invalid',
      detail = 'market.rating_prior has ratings, from 0 on, and a mean between 1 and 5.',
      hint = 'Send {"ratings": 10, "mean": 4.0}.';
  end if;
  -- It locks every tutor: whoever writes a card with the old prior is waited for, and the next one reads the new.
  perform private.market_repair_cards();
  return null;
end;
$$;
comment on function private.tg_settings__rescore_tutors() is 'Trigger: another prior of ratings ranks everybody anew. setting_invalid (422).';
create trigger _600_rescore_tutors after insert or update on core.settings
  for each row when (new.key = 'market.rating_prior')
  execute function private.tg_settings__rescore_tutors();

revoke execute on function
  private.tg__refresh_card(), private.tg_expert_topics__refresh_cards(), private.tg_topics__refresh_cards(),
  private.tg_settings__rescore_tutors()
  from public, anon, authenticated;
