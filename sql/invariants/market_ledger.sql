-- The ledger: entries sum to zero by currency, every transfer has its two, a balance is the sum of its entries, every
-- movement is of a legal kind and between accounts of its own chain or payout, nothing is taken back beyond what was moved.
-- They hold because a transfer writes its entries, and only an entry moves an account. The query is a view, so that the
-- tests run it in the middle of their transactions, and a task every day.

select rule, id, detail from private.market_ledger_violations;
