-- The audit chain is whole.
select * from ops.verify_audit_chain() as v where not v.is_valid;
