-- Offers: written by their tutor directly, in the currency of his expert's row, within his topics. What was booked keeps a
-- copy, so that an offer can be changed or deleted at any time.

create function private.market_may_teach(p_tutor_id uuid, p_topic_id uuid)
returns boolean
language plpgsql
stable
security definer -- walks the tree of topics
set search_path = ''
as $$
declare
  v_id uuid := p_topic_id;
begin
  for i in 1..12 loop
    exit when v_id is null;
    if exists (select from core.expert_topics as x where x.expert_id = p_tutor_id and x.topic_id = v_id) then
      return true;
    end if;
    select t.parent_id into v_id from core.topics as t where t.id = v_id;
  end loop;
  return false;
end;
$$;
comment on function private.market_may_teach(uuid, uuid) is 'True when the topic is one of the expert''s, or stands below one.';

create function private.tg_offers__check()
returns trigger
language plpgsql
volatile
security definer -- locks and counts what stands beside the offer, for its tutor
set search_path = ''
as $$
declare
  v_currency text;
  v_max bigint;
begin
  new.title := private.clean_text(new.title, 'title', 1, 160);
  new.description := private.clean_text(coalesce(new.description, ''), 'description', 0, 4000);
  if new.price_minor > 0 and new.price_minor < private.setting_number('market.min_price_minor') then
    raise sqlstate 'PT422' using
      message = 'price_too_low',
      detail = format('An offer is free of charge, or costs at least %s in minor units.', private.setting_number('market.min_price_minor')),
      hint = 'Send 0, or more.';
  end if;
  -- Locks are taken in this order: the topic, the expert, the tutor.
  if new.topic_id is not null and (tg_op = 'INSERT' or new.topic_id is distinct from old.topic_id) then
    new.topic_id := private.living_topic(new.topic_id);
    -- What his topic was merged into is his as well.
    if not private.market_may_teach(new.tutor_id, new.topic_id) and (
      tg_op = 'INSERT' or not exists (select from core.topics as t where t.id = old.topic_id and t.merged_into_id = new.topic_id)
    ) then
      raise sqlstate 'PT422' using
        message = 'topic_not_verified',
        detail = 'An offer is about a topic that you are verified for, or one below it.',
        hint = 'Choose one from market.expert_specialties.';
    end if;
  end if;
  if tg_op = 'INSERT' or new.currency is distinct from old.currency or new.is_active is distinct from old.is_active then
    -- In share mode: whoever changes his currency waits for his offers, or is waited for.
    select e.currency into v_currency from core.experts as e where e.id = new.tutor_id for share;
    new.currency := coalesce(new.currency, v_currency);
    if new.currency <> v_currency and new.is_active then
      raise sqlstate 'PT422' using
        message = 'currency_differs',
        detail = format('Your offers are in %s.', v_currency),
        hint = 'Leave currency out, or change it in core.experts.';
    end if;
  end if;
  if tg_op = 'INSERT' then
    perform from market.tutors as t where t.id = new.tutor_id for no key update;
    if not found then
      raise sqlstate 'PT403' using
        message = 'tutor_required', detail = 'Only tutors make offers.', hint = 'Call market.become_tutor first.';
    end if;
  end if;
  if tg_op = 'INSERT' and not private.is_service() then
    perform private.limit_action('market.writing_limits', 'offer', new.tutor_id::text);
    v_max := private.setting_number('market.max_offers');
    if (select count(*) from market.offers as o where o.tutor_id = new.tutor_id) >= v_max then
      raise sqlstate 'PT409' using
        message = 'offer_limit_reached',
        detail = format('A tutor has %s offers at most.', v_max),
        hint = 'Delete one that is not needed.';
    end if;
  end if;
  return new;
end;
$$;
comment on function private.tg_offers__check() is
  'Trigger: tutor_required (403), offer_limit_reached (409), text_required, text_too_long, markup_not_allowed, price_too_low, currency_differs, unknown_topic, topic_not_verified (422), rate_limited (429).';
create trigger _100_check before insert or update on market.offers
  for each row execute function private.tg_offers__check();
create trigger _900_touch_updated_at before update on market.offers
  for each row execute function private.tg__touch_updated_at();

-- A price means nothing without its currency: who changes it sets his offers anew.
create function private.tg_experts__keep_currency()
returns trigger
language plpgsql
volatile
security definer -- reads offers, whoever writes
set search_path = ''
as $$
begin
  if exists (select from market.offers as o where o.tutor_id = new.id and o.is_active and o.currency <> new.currency) then
    raise sqlstate 'PT409' using
      message = 'offers_in_other_currency',
      detail = format('There are active offers in %s.', old.currency),
      hint = 'Switch them off, change the currency, then set their currency and price.';
  end if;
  return new;
end;
$$;
comment on function private.tg_experts__keep_currency() is 'Trigger: offers_in_other_currency (409) while offers are active in the old one.';
create trigger _150_keep_currency before update of currency on core.experts
  for each row when (old.currency <> new.currency)
  execute function private.tg_experts__keep_currency();

create function private.tg_topics__move_offers()
returns trigger
language plpgsql
volatile
security definer -- moves rows of everybody
set search_path = ''
as $$
begin
  update market.offers as o set topic_id = new.merged_into_id where o.topic_id = new.id;
  return null;
end;
$$;
comment on function private.tg_topics__move_offers() is 'Trigger: offers of a merged topic go with it.';
create trigger _510_move_offers
  after update of merged_into_id on core.topics
  for each row when (new.merged_into_id is not null and old.merged_into_id is distinct from new.merged_into_id)
  execute function private.tg_topics__move_offers();

revoke execute on function
  private.market_may_teach(uuid, uuid), private.tg_offers__check(),
  private.tg_experts__keep_currency(), private.tg_topics__move_offers()
  from public, anon, authenticated;
