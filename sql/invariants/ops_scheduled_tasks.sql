-- Every scheduled task names a function without arguments.
select t.name, t.command from ops.scheduled_tasks as t
where to_regprocedure(t.command || '()') is null;
