-- Nothing waits for its seal once a transaction is over.
select p.id, p.xact_id, p.row_ids
from ops.audit_pending as p
where p.xact_id <> coalesce(pg_current_xact_id_if_assigned(), '0'::xid8);
