-- An erasure that was completed left no account behind.
select r.id from ops.privacy_requests as r
join auth.users as u on u.id = r.user_tombstone
where r.kind = 'erasure' and r.status = 'completed';
