-- Demo accounts, the same on hosted Supabase and on the local stack. Password of all of them: lyceum-demo-1
-- For demonstration only: docs/deploy.md says how to leave seeds out of production.
-- Running the file again changes nothing.

create or replace function pg_temp.demo_account(p_id uuid, p_email text, p_username text, p_full_name text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_column text;
begin
  insert into auth.users (
    id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at
  ) values (
    p_id, 'authenticated', 'authenticated', p_email,
    extensions.crypt('lyceum-demo-1', extensions.gen_salt('bf')), now(),
    '{"provider": "email", "providers": ["email"]}',
    jsonb_build_object('username', p_username, 'full_name', p_full_name), now(), now()
  )
  on conflict do nothing;
  if not found then
    return;
  end if;
  -- The Auth server reads these into plain strings and fails on null. Which of them there are depends on its version.
  for v_column in
    select a.attname from pg_catalog.pg_attribute as a
    where a.attrelid = 'auth.users'::regclass and not a.attisdropped and a.attgenerated = ''
      and a.attname in (
        'confirmation_token', 'recovery_token', 'email_change', 'email_change_token_new', 'email_change_token_current',
        'phone_change', 'phone_change_token', 'reauthentication_token'
      )
  loop
    execute format('update auth.users set %I = coalesce(%I, '''') where id = $1', v_column, v_column) using p_id;
  end loop;
  if exists (
    select from pg_catalog.pg_attribute as a
    where a.attrelid = 'auth.users'::regclass and a.attname = 'instance_id' and not a.attisdropped
  ) then
    execute 'update auth.users set instance_id = $2 where id = $1' using p_id, '00000000-0000-0000-0000-000000000000'::uuid;
  end if;

  insert into auth.identities (id, user_id, provider_id, provider, identity_data, last_sign_in_at, created_at, updated_at)
  values (
    p_id, p_id, p_id::text, 'email',
    jsonb_build_object('sub', p_id, 'email', p_email, 'email_verified', true, 'phone_verified', false), now(), now(), now()
  )
  on conflict do nothing;
end;
$$;

select pg_temp.demo_account('5eed0000-0000-4000-8000-000000000001', 'student@lyceum.test', 'mira', 'Mira Lindqvist');
select pg_temp.demo_account('5eed0000-0000-4000-8000-000000000002', 'student2@lyceum.test', 'tomas', 'Tomas Okafor');
select pg_temp.demo_account('5eed0000-0000-4000-8000-000000000003', 'expert@lyceum.test', 'dr_hale', 'Dr Ines Hale');
select pg_temp.demo_account('5eed0000-0000-4000-8000-000000000004', 'expert2@lyceum.test', 'dr_varga', 'Dr Petra Varga');
select pg_temp.demo_account('5eed0000-0000-4000-8000-000000000005', 'moderator@lyceum.test', 'jonas', 'Jonas Adeyemi');
select pg_temp.demo_account('5eed0000-0000-4000-8000-000000000006', 'admin@lyceum.test', 'ruth', 'Ruth Castellan');

-- Roles by the functions that a real project uses. The first administrator only where there is none.
do $$
begin
  if not exists (select from core.user_roles as r where r.role = 'admin') then
    perform private.bootstrap_admin('admin@lyceum.test');
  end if;
  perform core.grant_role('5eed0000-0000-4000-8000-000000000006', 'admin', 'Demo account.');
  perform core.grant_role('5eed0000-0000-4000-8000-000000000005', 'moderator', 'Demo account.');
end;
$$;

insert into core.experts (id, headline, credentials, experience_years, languages, hourly_rate_min_minor, hourly_rate_max_minor, currency, time_zone)
values
  (
    '5eed0000-0000-4000-8000-000000000003', 'Cardiologist who likes simple pictures',
    '[{"title": "MD, cardiology", "year": 2009}]', 15, '{en,es}', 4000, 6000, 'EUR', 'Europe/Madrid'
  ),
  (
    '5eed0000-0000-4000-8000-000000000004', 'Nephrologist and physiology teacher',
    '[{"title": "MD, PhD, nephrology", "year": 2012}]', 12, '{en,hu}', 3500, 5000, 'EUR', 'Europe/Budapest'
  )
on conflict (id) do nothing;
-- Both know the whole of physiology; each knows one organ best.
select e.id
from (values
  ('5eed0000-0000-4000-8000-000000000003'::uuid, array['cardiovascular-system', 'renal-system', 'human-physiology']),
  ('5eed0000-0000-4000-8000-000000000004'::uuid, array['renal-system', 'cardiovascular-system', 'human-physiology'])
) as t (id, topics)
join core.experts as e on e.id = t.id and e.verification_status = 'pending'
cross join lateral core.decide_expert(t.id, 'verified', 'Demo account.', t.topics) as d;
update core.expert_topics as t
set proficiency = 5
where (t.expert_id, t.topic_id) in (
  ('5eed0000-0000-4000-8000-000000000003'::uuid, private.topic_by_slug('cardiovascular-system')),
  ('5eed0000-0000-4000-8000-000000000004'::uuid, private.topic_by_slug('renal-system'))
) and t.proficiency <> 5;
