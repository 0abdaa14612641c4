-- What market gives to the layers below: the tables to audit and what belongs to a person's data. Bookings, payments and the
-- ledger have no retention: they are kept, with tombstones in place of people.

-- Texts of people never enter the audit, which outlives them, only that they changed. Accounts, transfers, entries and
-- events of bookings are append-only themselves.
select private.audit_table('market.booking_transitions');
select private.audit_table('market.cancellation_policies');
select private.audit_table('market.cancellation_policy_steps');
select private.audit_table('market.tutors', array['about', 'video_url', 'default_meeting_link'], p_unaudited_columns => array[
  'rating_sum', 'rating_count', 'completed_count', 'no_show_count', 'cancelled_count', 'is_listed'
]);
select private.audit_table('market.offers', array['title', 'description']);
select private.audit_table('market.bookings', array['title', 'meeting_link', 'cancel_reason', 'contest_reason', 'idempotency_key']);
select private.audit_table('market.booking_notes', array['content']);
select private.audit_table('market.session_feedback', array['review', 'reply']);
select private.audit_table('market.calendar_links', array['token_hash'], p_unaudited_columns => array['last_used_at']);
select private.audit_table('market.payments', array['checkout_url'], p_unaudited_columns => array['checked_at']);
select private.audit_table('market.refunds', array['note']);
select private.audit_table('market.disputes');
select private.audit_table('market.payout_accounts', p_unaudited_columns => array['status_at']);
select private.audit_table('market.payouts');
select private.audit_table('market.payout_batches', p_unaudited_columns => array['payouts_count', 'total_minor']);

create view private.market_export_refunds with (security_invoker = true) as
select p.learner_tombstone as user_id, r.id, r.payment_id, r.amount_minor, r.reason, r.note, r.status, r.created_at, r.finished_at
from market.refunds as r join market.payments as p on p.id = r.payment_id;
create view private.market_export_disputes with (security_invoker = true) as
select p.learner_tombstone as user_id, d.id, d.payment_id, d.amount_minor, d.status, d.reason, d.created_at, d.closed_at
from market.disputes as d join market.payments as p on p.id = d.payment_id;
create view private.market_export_transfers with (security_invoker = true) as
select a.owner_id as user_id, t.id, t.kind, e.amount_minor, t.currency, t.chain_id, t.created_at
from market.entries as e
join market.accounts as a on a.id = e.account_id and a.kind in ('learner', 'refunds', 'tutor', 'in_transit', 'paid_out')
join market.transfers as t on t.id = e.transfer_id;
comment on view private.market_export_refunds is 'Refunds with the learner they go to.';
comment on view private.market_export_disputes is 'Disputes with the learner whose payment they are about.';
comment on view private.market_export_transfers is 'Movements on the accounts of a person.';
revoke all on private.market_export_refunds, private.market_export_disputes, private.market_export_transfers
  from public, anon, authenticated;

insert into ops.privacy_sources (table_schema, table_name, user_column, columns, description) values
  ('market', 'tutors', 'id', null, 'Profile as a tutor.'),
  ('market', 'offers', 'tutor_id', null, 'Offers.'),
  ('market', 'expert_availability', 'tutor_id', null, 'Weekly availability.'),
  ('market', 'availability_overrides', 'tutor_id', null, 'Dates that are different.'),
  ('market', 'out_of_office', 'tutor_id', null, 'Stretches out of office.'),
  ('market', 'bookings', 'learner_id', array[
    'id', 'chain_id', 'rescheduled_from_id', 'title', 'starts_at', 'ends_at', 'status', 'price_minor', 'currency',
    'payment_status', 'refund_minor', 'meeting_link', 'cancelled_by', 'cancelled_at', 'cancel_reason', 'no_show_by',
    'contest_reason', 'completed_at', 'created_at'
  ], 'Sessions booked.'),
  ('market', 'bookings', 'tutor_id', array[
    'id', 'chain_id', 'rescheduled_from_id', 'title', 'starts_at', 'ends_at', 'status', 'price_minor', 'currency',
    'commission_minor', 'tutor_minor', 'meeting_link', 'cancelled_by', 'cancelled_at', 'no_show_by', 'completed_at', 'created_at'
  ], 'Sessions given.'),
  ('market', 'booking_notes', 'author_id', null, 'Notes on sessions.'),
  ('market', 'session_feedback', 'learner_id', array['booking_id', 'rating', 'review', 'created_at'], 'Feedback given.'),
  ('market', 'session_feedback', 'tutor_id', array['booking_id', 'rating', 'review', 'reply', 'created_at'],
   'Feedback received, and replies.'),
  ('market', 'calendar_links', 'user_id', array['id', 'role', 'last_used_at', 'revoked_at', 'created_at'],
   'Links to calendars of sessions.'),
  ('market', 'payments', 'learner_tombstone', array[
    'id', 'booking_id', 'provider', 'status', 'amount_minor', 'currency', 'refunded_minor', 'captured_at', 'created_at'
  ], 'Payments.'),
  ('private', 'market_export_refunds', 'user_id', null, 'Refunds.'),
  ('private', 'market_export_disputes', 'user_id', null, 'Disputes.'),
  ('market', 'payouts', 'tutor_tombstone', null, 'Payouts.'),
  ('market', 'payout_accounts', 'tutor_tombstone', null, 'Where earnings are sent.'),
  ('private', 'market_export_transfers', 'user_id', null, 'Movements of money.');

insert into ops.retention_policies (name, table_schema, table_name, time_column, keep, action, description) values
  ('market_past_out_of_office', 'market', 'out_of_office', 'ends_at', '400 days', 'delete', 'Stretches out of office that are long past.');
