-- Payments, refunds, disputes, payouts and bookings agree with the ledger: every captured payment pays for a booking or goes
-- back whole; escrow holds exactly what is not settled; money left it only for a session that took place, that somebody did
-- not come to, or that was cancelled by its policy, divided by the rate that was agreed on.
-- They hold because private.ledger_settle is called, under the lock of the chain, after every change of these rows.

select rule, id, detail from private.market_payment_violations;
