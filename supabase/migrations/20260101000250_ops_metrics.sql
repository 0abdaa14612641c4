-- Numbers over time: raw points by month, rolled up by the hour into sums and mergeable histograms.
--
-- A histogram counts values in buckets whose bounds grow by two percent, so that any percentile over any span is
-- right to within one percent, from counts that simply add up. (The designs used TimescaleDB for this; Supabase
-- no longer offers it.)

create table ops.metrics (
  name text not null,
  labels jsonb not null default '{}',
  value double precision not null,
  recorded_at timestamptz not null default now(),
  id bigint not null generated always as identity,
  constraint metrics_pkey primary key (id, recorded_at),
  constraint metrics_name_check check (name ~ '^[a-z0-9_]+(\.[a-z0-9_]+)*$'),
  constraint metrics_value_check check (value between '-1e300' and '1e300'),
  constraint metrics_labels_check check (jsonb_typeof(labels) = 'object')
) partition by range (recorded_at);

comment on table ops.metrics is 'Measured points, by month. Labels are few and small: never an id of a person.';

create index metrics_recorded_at_idx on ops.metrics using brin (recorded_at);

create table ops.metric_rollups (
  name text not null,
  labels jsonb not null,
  hour timestamptz not null,
  points bigint not null,
  total double precision not null,
  minimum double precision not null,
  maximum double precision not null,
  buckets jsonb not null,
  constraint metric_rollups_pkey primary key (name, hour, labels),
  constraint metric_rollups_points_check check (points > 0)
);

comment on table ops.metric_rollups is 'Metrics by the hour: count, sum, extremes, and a histogram {bucket: count}.';
comment on column ops.metric_rollups.buckets is
  'Bucket n > 0 counts values up to 1.02^(n-10000) and above its neighbour; bucket 0 counts values that are not positive.';

create index metric_rollups_hour_idx on ops.metric_rollups (hour);

alter table ops.metrics enable row level security;
alter table ops.metric_rollups enable row level security;
grant select on ops.metrics, ops.metric_rollups to service_role;

select private.partition_by_month('ops.metrics');

create or replace function private.metric_bucket(p_value double precision)
returns integer
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select case when p_value < 1e-80 then 0 else 10000 + ceil(ln(p_value) / ln(1.02::double precision))::integer end;
$$;

comment on function private.metric_bucket(double precision) is 'The histogram bucket of a value.';

-- The middle of a bucket, weighted so that no value in it is more than one percent away.
create or replace function private.metric_bucket_value(p_bucket integer)
returns double precision
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select case when p_bucket = 0 then 0 else power(1.02::double precision, p_bucket - 10000) * 2 / 2.02 end;
$$;

comment on function private.metric_bucket_value(integer) is 'The value that stands for a histogram bucket.';

create or replace function ops.record_metric(p_name text, p_value double precision, p_labels jsonb default '{}')
returns void
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
begin
  insert into ops.metrics (name, labels, value) values (p_name, coalesce(p_labels, '{}'), p_value);
end;
$$;

comment on function ops.record_metric(text, double precision, jsonb) is 'Records one measured point.';

-- Recomputes from the last full hour that is rolled up, two hours of late points included; doing it twice
-- changes nothing.
create or replace function ops.rollup_metrics()
returns integer
language plpgsql
volatile
security definer -- writes ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_from timestamptz;
  v_rolled integer;
begin
  select coalesce(max(r.hour) - interval '2 hours', '-infinity') into v_from from ops.metric_rollups as r;

  with counted as (
    select
      m.name, m.labels, date_trunc('hour', m.recorded_at, 'UTC') as hour, private.metric_bucket(m.value) as bucket,
      count(*) as points, sum(m.value) as total, min(m.value) as minimum, max(m.value) as maximum
    from ops.metrics as m
    where m.recorded_at >= v_from
    group by 1, 2, 3, 4
  )
  insert into ops.metric_rollups as r (name, labels, hour, points, total, minimum, maximum, buckets)
  select
    c.name, c.labels, c.hour, sum(c.points), sum(c.total), min(c.minimum), max(c.maximum),
    jsonb_object_agg(c.bucket, c.points)
  from counted as c
  group by c.name, c.labels, c.hour
  on conflict (name, hour, labels) do update
  set points = excluded.points, total = excluded.total, minimum = excluded.minimum,
    maximum = excluded.maximum, buckets = excluded.buckets
  where r.points <> excluded.points;
  get diagnostics v_rolled = row_count;
  return v_rolled;
end;
$$;

comment on function ops.rollup_metrics() is
  'Sums metrics by the hour; returns how many hours changed. A scheduled task.';

-- The smallest value that p_quantile of all points do not exceed.
create or replace function ops.metric_percentile(
  p_name text,
  p_quantile double precision,
  p_from timestamptz,
  p_to timestamptz,
  p_labels jsonb default '{}'
)
returns double precision
language plpgsql
stable
security definer -- reads ops tables; execute is granted to service_role only
set search_path = ''
as $$
declare
  v_value double precision;
begin
  with merged as (
    select b.key::integer as bucket, sum(b.value::bigint) as points
    from ops.metric_rollups as r
    cross join lateral jsonb_each_text(r.buckets) as b
    where r.name = p_name and r.hour >= p_from and r.hour < p_to and r.labels @> p_labels
    group by 1
  ),
  running as (
    select m.bucket, sum(m.points) over (order by m.bucket) as below, sum(m.points) over () as points
    from merged as m
  )
  select private.metric_bucket_value(min(n.bucket)) into v_value
  from running as n
  where n.below >= greatest(ceil(n.points * p_quantile), 1);
  return v_value;
end;
$$;

comment on function ops.metric_percentile(text, double precision, timestamptz, timestamptz, jsonb) is
  'A percentile (0.95 for p95) over rolled-up hours from p_from until before p_to, right to within one percent.';

revoke execute on function private.metric_bucket(double precision) from public;
revoke execute on function private.metric_bucket_value(integer) from public;
revoke execute on function ops.record_metric(text, double precision, jsonb) from public;
revoke execute on function ops.rollup_metrics() from public;
revoke execute on function ops.metric_percentile(text, double precision, timestamptz, timestamptz, jsonb) from public;
grant execute on function ops.record_metric(text, double precision, jsonb) to service_role;
grant execute on function ops.rollup_metrics() to service_role;
grant execute on function ops.metric_percentile(text, double precision, timestamptz, timestamptz, jsonb)
  to service_role;
