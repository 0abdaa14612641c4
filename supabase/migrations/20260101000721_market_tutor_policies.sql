-- Row-level security of tutors, offers and availability. Who may what stands in 0720. Others ask market.free_slots when
-- somebody is free: dates that are different, and why somebody is away, are his own affair.

alter table market.tutors enable row level security;
alter table market.offers enable row level security;
alter table market.expert_availability enable row level security;
alter table market.availability_overrides enable row level security;
alter table market.out_of_office enable row level security;
revoke all on
  market.tutors, market.offers, market.expert_availability, market.availability_overrides, market.out_of_office
  from public, anon, authenticated;
grant select, insert, update, delete on
  market.tutors, market.offers, market.expert_availability, market.availability_overrides, market.out_of_office
  to service_role;

-- Not default_meeting_link: market.my_tutor() gives a tutor his own.
grant select (
  id, about, video_url, accepts_bookings, max_bookings_per_day, rating_sum, rating_count, average_rating,
  completed_count, no_show_count, cancelled_count, is_listed, hidden_at, created_at, updated_at
) on market.tutors to authenticated;
grant update (about, video_url, accepts_bookings, default_meeting_link, max_bookings_per_day) on market.tutors to authenticated;

alter table market.offers alter column tutor_id set default auth.uid();
grant select, delete,
  insert (
    id, title, description, topic_id, duration_minutes, price_minor, currency, buffer_before_minutes, buffer_after_minutes,
    minimum_notice_minutes, booking_window_days, slot_step_minutes, cancellation_policy, is_active
  ),
  update (
    title, description, topic_id, duration_minutes, price_minor, currency, buffer_before_minutes, buffer_after_minutes,
    minimum_notice_minutes, booking_window_days, slot_step_minutes, cancellation_policy, is_active
  )
  on market.offers to authenticated;

-- Weekly slots and overrides are replaced as a whole, by RPC.
grant select on market.expert_availability, market.availability_overrides to authenticated;
alter table market.out_of_office alter column tutor_id set default auth.uid();
grant select, delete, insert (id, starts_at, ends_at, reason), update (starts_at, ends_at, reason)
  on market.out_of_office to authenticated;

create policy tutors_select_listed on market.tutors
  for select to authenticated
  using (
    id = (select auth.uid())
    or (is_listed and (select private.is_user()) and id <> all ((select private.my_block_ids())::uuid[]))
    or (select private.has_role('admin'))
  );
create policy tutors_update_own on market.tutors
  for update to authenticated
  using (id = (select auth.uid()) and (select private.is_active_user()))
  with check (id = (select auth.uid()) and (select private.is_active_user()));

-- The tutor is looked up under his own policy.
create policy offers_select_listed on market.offers
  for select to authenticated
  using (
    tutor_id = (select auth.uid())
    or (is_active and exists (select from market.tutors as t where t.id = offers.tutor_id and t.is_listed))
    or (select private.has_role('admin'))
  );
create policy offers_insert_own on market.offers
  for insert to authenticated
  with check (tutor_id = (select auth.uid()) and (select private.is_active_user()));
create policy offers_update_own on market.offers
  for update to authenticated
  using (tutor_id = (select auth.uid()) and (select private.is_active_user()))
  with check (tutor_id = (select auth.uid()) and (select private.is_active_user()));
create policy offers_delete_own on market.offers
  for delete to authenticated
  using (tutor_id = (select auth.uid()) and (select private.is_active_user()));

create policy expert_availability_select_listed on market.expert_availability
  for select to authenticated
  using (
    tutor_id = (select auth.uid())
    or exists (select from market.tutors as t where t.id = expert_availability.tutor_id and t.is_listed)
  );
create policy availability_overrides_select_own on market.availability_overrides
  for select to authenticated
  using (tutor_id = (select auth.uid()));

create policy out_of_office_select_own on market.out_of_office
  for select to authenticated
  using (tutor_id = (select auth.uid()));
create policy out_of_office_insert_own on market.out_of_office
  for insert to authenticated
  with check (tutor_id = (select auth.uid()) and (select private.is_active_user()));
create policy out_of_office_update_own on market.out_of_office
  for update to authenticated
  using (tutor_id = (select auth.uid()) and (select private.is_active_user()))
  with check (tutor_id = (select auth.uid()) and (select private.is_active_user()));
create policy out_of_office_delete_own on market.out_of_office
  for delete to authenticated
  using (tutor_id = (select auth.uid()) and (select private.is_active_user()));

create view market.expert_specialties with (security_invoker = true) as
select e.expert_id, e.topic_id, e.proficiency, t.slug, t.name, t.parent_id, e.created_at
from core.expert_topics as e
join core.topics as t on t.id = e.topic_id;
comment on view market.expert_specialties is
  'What an expert is verified for, and how well he knows it: 1 the basics … 5 an authority. Those of others once they are verified.';
revoke all on market.expert_specialties from public, anon, authenticated;
grant select on market.expert_specialties to authenticated, service_role;
