-- Who reads experts, how one applies, and how an administrator decides.

alter table core.experts enable row level security;
alter table core.expert_topics enable row level security;
alter table core.expert_transitions enable row level security;
alter table core.expert_decisions enable row level security;

revoke all on core.experts, core.expert_topics, core.expert_transitions, core.expert_decisions from anon, authenticated;
grant select on core.experts, core.expert_topics, core.expert_transitions, core.expert_decisions to authenticated;
-- Credentials were part of the decision: they change by applying again.
grant update (headline, experience_years, hourly_rate_min_minor, hourly_rate_max_minor, currency, time_zone, languages, is_available)
  on core.experts to authenticated;
grant select, insert, update, delete on core.experts, core.expert_topics to service_role;
grant select on core.expert_transitions, core.expert_decisions to service_role;

create policy experts_select_verified on core.experts
  for select to authenticated
  using (
    id = (select auth.uid())
    or (verification_status = 'verified' and (select private.is_user()))
    or (select private.has_role('admin'))
  );
create policy experts_update_own on core.experts
  for update to authenticated
  using (id = (select auth.uid()) and (select private.is_active_user()))
  with check (id = (select auth.uid()) and (select private.is_active_user()));

create policy expert_topics_select_visible on core.expert_topics
  for select to authenticated
  using (expert_id in (select e.id from core.experts as e));

create policy expert_transitions_select_user on core.expert_transitions
  for select to authenticated
  using ((select private.is_user()));

create policy expert_decisions_select_own_or_admin on core.expert_decisions
  for select to authenticated
  using (expert_id = (select auth.uid()) or (select private.has_role('admin')));

create function private.set_expert_topics(p_expert_id uuid, p_topics text[])
returns void
language plpgsql
volatile
security definer -- expert_topics is written here only
set search_path = ''
as $$
declare
  v_name text;
  v_ids uuid[] := '{}'::uuid[];
begin
  if cardinality(p_topics) > private.setting_number('experts.max_topics') then
    raise sqlstate 'PT422' using
      message = 'too_many_topics', detail = 'So many topics are not taken.', hint = 'Name those you know best.';
  end if;
  foreach v_name in array coalesce(p_topics, '{}') loop
    if private.topic_by_slug(v_name) is null then
      raise sqlstate 'PT422' using
        message = 'unknown_topic',
        detail = format('There is no topic %s.', coalesce(quote_literal(left(v_name, 80)), 'without a name')),
        hint = 'Use the slug of a row in core.topics.';
    end if;
    v_ids := array_append(v_ids, private.topic_by_slug(v_name));
  end loop;
  delete from core.expert_topics as t where t.expert_id = p_expert_id and t.topic_id <> all (v_ids);
  insert into core.expert_topics (expert_id, topic_id)
  select distinct p_expert_id, i.id from unnest(v_ids) as i (id)
  on conflict do nothing;
end;
$$;
comment on function private.set_expert_topics(uuid, text[]) is 'Replaces the topics of an expert; unknown_topic (422) when one is not there.';

create function private.apply_as_expert(
  p_headline text, p_topics text[], p_credentials jsonb, p_experience_years integer, p_languages text[],
  p_hourly_rate_min_minor integer, p_hourly_rate_max_minor integer, p_currency text, p_time_zone text
)
returns core.experts
language plpgsql
volatile
security definer -- experts has no insert grant; the caller applies for himself only
set search_path = ''
as $$
declare
  v_user_id uuid := private.require_user();
  v_status text;
  v_expert core.experts;
begin
  perform private.clean_text(p_headline, 'headline', 3, 160);
  if coalesce(cardinality(p_topics), 0) = 0 then
    raise sqlstate 'PT422' using
      message = 'topics_required', detail = 'An application names at least one topic.', hint = 'Name the topics you know.';
  end if;
  select e.verification_status into v_status from core.experts as e where e.id = v_user_id for update;
  if v_status in ('verified', 'suspended') then
    raise sqlstate 'PT409' using
      message = 'expert_already_' || v_status,
      detail = format('Your application is %s.', v_status),
      hint = 'Write to the administrators.';
  end if;

  perform set_config('lyceum.change_reason', 'Applied.', true);
  begin
    insert into core.experts as e (
      id, headline, credentials, experience_years, languages, hourly_rate_min_minor, hourly_rate_max_minor, currency, time_zone
    ) values (
      v_user_id, p_headline, coalesce(p_credentials, '[]'), coalesce(p_experience_years, 0), coalesce(p_languages, '{en}'),
      p_hourly_rate_min_minor, p_hourly_rate_max_minor, coalesce(p_currency, 'EUR'),
      coalesce(p_time_zone, (select p.time_zone from core.profiles as p where p.id = v_user_id))
    )
    on conflict (id) do update set
      verification_status = 'pending', headline = excluded.headline, credentials = excluded.credentials,
      experience_years = excluded.experience_years, languages = excluded.languages,
      hourly_rate_min_minor = excluded.hourly_rate_min_minor, hourly_rate_max_minor = excluded.hourly_rate_max_minor,
      currency = excluded.currency, time_zone = excluded.time_zone, applied_at = now(), decided_at = null, decided_by = null
      where e.verification_status in ('pending', 'rejected')
    returning * into v_expert;
  exception when check_violation then
    raise sqlstate 'PT422' using
      message = 'expert_application_invalid',
      detail = 'A value is out of range: years 0 to 80, rates both or none and min at most max, currency of three letters, a known time zone, languages as two letters.',
      hint = 'Correct it and send it again.';
  end;
  perform set_config('lyceum.change_reason', '', true);
  perform private.set_expert_topics(v_user_id, p_topics);
  return v_expert;
end;
$$;
comment on function private.apply_as_expert(text, text[], jsonb, integer, text[], integer, integer, text, text) is
  'Applies for the caller, again after a rejection, or mends an application that nobody has decided.';

create function private.decide_expert(p_expert_id uuid, p_decision text, p_reason text, p_topics text[])
returns core.experts
language plpgsql
volatile
security definer -- writes the status after checking that an administrator asks
set search_path = ''
as $$
declare
  v_actor uuid := private.require_admin('experts');
  v_reason text := private.change_reason(p_reason);
  v_expert core.experts;
begin
  if v_actor = p_expert_id then
    raise sqlstate 'PT403' using
      message = 'own_expert_application',
      detail = 'Nobody decides on his own application.',
      hint = 'Ask another administrator.';
  end if;
  select * into v_expert from core.experts as e where e.id = p_expert_id for update;
  if not found then
    raise sqlstate 'PT404' using
      message = 'expert_not_found', detail = 'This person has not applied.', hint = 'Check the id.';
  end if;
  if p_decision is null or p_decision not in ('verified', 'rejected', 'suspended') then
    raise sqlstate 'PT422' using
      message = 'decision_invalid', detail = 'A decision is verified, rejected or suspended.', hint = 'Send one of these.';
  end if;
  if p_topics is not null then
    perform private.set_expert_topics(p_expert_id, p_topics);
  end if;
  if v_expert.verification_status = p_decision then
    return v_expert;
  end if;
  perform set_config('lyceum.change_reason', v_reason, true);
  update core.experts as e
  set verification_status = p_decision, decided_at = now(), decided_by = v_actor
  where e.id = p_expert_id
  returning * into v_expert;
  perform set_config('lyceum.change_reason', '', true);
  perform private.notify(
    p_expert_id, 'expert_' || p_decision, case p_decision when 'verified' then 'success' else 'warning' end,
    case p_decision when 'verified' then 'You are a verified expert' when 'rejected' then 'Your application was rejected'
      else 'You are suspended as an expert' end,
    v_reason
  );
  return v_expert;
end;
$$;
comment on function private.decide_expert(uuid, text, text, text[]) is 'Decides on an application; the role expert follows.';

create function core.apply_as_expert(
  p_headline text, p_topics text[], p_credentials jsonb default '[]', p_experience_years integer default 0,
  p_languages text[] default '{en}', p_hourly_rate_min_minor integer default null,
  p_hourly_rate_max_minor integer default null, p_currency text default 'EUR', p_time_zone text default null
)
returns core.experts
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.apply_as_expert(
    p_headline, p_topics, p_credentials, p_experience_years, p_languages,
    p_hourly_rate_min_minor, p_hourly_rate_max_minor, p_currency, p_time_zone
  );
$$;
comment on function core.apply_as_expert(text, text[], jsonb, integer, text[], integer, integer, text, text) is
  'Applies as an expert for these topics (slugs). Again after a rejection; an undecided application is replaced.';

create function core.decide_expert(p_expert_id uuid, p_decision text, p_reason text, p_topics text[] default null)
returns core.experts
language sql
volatile
security invoker
set search_path = ''
as $$ select private.decide_expert(p_expert_id, p_decision, p_reason, p_topics); $$;
comment on function core.decide_expert(uuid, text, text, text[]) is
  'Administrators: verified, rejected or suspended, with the reason; optionally the topics verified. Gives and takes the role expert.';

revoke execute on all functions in schema core, private from public;
revoke execute on function
  private.set_expert_topics(uuid, text[]),
  private.apply_as_expert(text, text[], jsonb, integer, text[], integer, integer, text, text),
  private.decide_expert(uuid, text, text, text[])
  from anon, authenticated;
grant execute on function
  private.apply_as_expert(text, text[], jsonb, integer, text[], integer, integer, text, text),
  core.apply_as_expert(text, text[], jsonb, integer, text[], integer, integer, text, text)
  to authenticated;
grant execute on function private.decide_expert(uuid, text, text, text[]), core.decide_expert(uuid, text, text, text[])
  to authenticated, service_role;
