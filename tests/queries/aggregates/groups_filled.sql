select k0, a0, a1, a2, fits
from (
select f.*
from (
with grouped as (
select date_trunc('hour', case when t."order_date" < '4711-01-01 BC' then '-infinity' when t."order_date" >= '294275-01-01' then 'infinity' else t."order_date" end, 'Asia/Kolkata') as k0, count(*) as a0, sum(t."total_amount") as a1, trim_scale(avg(t."total_amount")) as a2
from "read"."orders" t
where t."workspace_id" = $1
group by 1
), r as (
select min(k0) as lo, max(k0) as hi, coalesce(max(k0)::timestamp - min(k0)::timestamp <= 10000 * interval '1 hour', true) as fits
from grouped
where isfinite(k0)
), missing as (
select b.k0
from r
cross join lateral (select date_trunc('hour', s, 'Asia/Kolkata') from generate_series(r.lo, r.hi, interval '30 minutes') s where r.fits) b(k0)
except
select k0
from grouped
)
select u.*, (select bool_and(fits) from r) as fits
from (
select * from grouped
union all
select k0, 0 as a0, 0 as a1, null as a2 from missing
) u
) f
) g
order by g.k0 asc
limit 30;

select count(*)
from (
select f.*
from (
with grouped as (
select date_trunc('hour', case when t."order_date" < '4711-01-01 BC' then '-infinity' when t."order_date" >= '294275-01-01' then 'infinity' else t."order_date" end, 'Asia/Kolkata') as k0
from "read"."orders" t
where t."workspace_id" = $1
group by 1
), r as (
select min(k0) as lo, max(k0) as hi, coalesce(max(k0)::timestamp - min(k0)::timestamp <= 10000 * interval '1 hour', true) as fits
from grouped
where isfinite(k0)
), missing as (
select b.k0
from r
cross join lateral (select date_trunc('hour', s, 'Asia/Kolkata') from generate_series(r.lo, r.hi, interval '30 minutes') s where r.fits) b(k0)
except
select k0
from grouped
)
select u.*, (select bool_and(fits) from r) as fits
from (
select * from grouped
union all
select k0 from missing
) u
) f
) g;

select k0, k1, id, a0, fits
from (
select f.*, encode(substring(sha256(convert_to(row(f.k0, f.k1)::text, 'UTF8')) for 16), 'hex')::uuid as id
from (
with grouped as (
select t1."email" as k0, date_trunc('day', case when t."order_date" < '4711-01-01 BC' then '-infinity' when t."order_date" >= '294275-01-01' then 'infinity' else t."order_date" end, 'UTC') as k1, count(*) as a0
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
group by 1, 2
), r as (
select min(k1) as lo, max(k1) as hi, coalesce(max(k1)::timestamp - min(k1)::timestamp <= 10000 * interval '1 day', true) as fits
from grouped
where isfinite(k1)
), missing as (
select o.k0, b.k1
from r
cross join (select distinct k0 from grouped) o
cross join lateral (select s at time zone 'UTC' from generate_series(date_trunc('day', r.lo at time zone 'UTC'), r.hi at time zone 'UTC', interval '1 day') s where r.fits) b(k1)
except
select k0, k1
from grouped
)
select u.*, (select bool_and(fits) from r) as fits
from (
select * from grouped
union all
select k0, k1, 0 as a0 from missing
) u
) f
) g
order by g.k0 asc, g.k1 asc
limit 25;

select count(*)
from (
select f.*
from (
with grouped as (
select t1."email" as k0, date_trunc('day', case when t."order_date" < '4711-01-01 BC' then '-infinity' when t."order_date" >= '294275-01-01' then 'infinity' else t."order_date" end, 'UTC') as k1
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
group by 1, 2
), r as (
select min(k1) as lo, max(k1) as hi, coalesce(max(k1)::timestamp - min(k1)::timestamp <= 10000 * interval '1 day', true) as fits
from grouped
where isfinite(k1)
), missing as (
select o.k0, b.k1
from r
cross join (select distinct k0 from grouped) o
cross join lateral (select s at time zone 'UTC' from generate_series(date_trunc('day', r.lo at time zone 'UTC'), r.hi at time zone 'UTC', interval '1 day') s where r.fits) b(k1)
except
select k0, k1
from grouped
)
select u.*, (select bool_and(fits) from r) as fits
from (
select * from grouped
union all
select k0, k1 from missing
) u
) f
) g;

select count(*)
from (
select f.*
from (
with grouped as (
select date_trunc('day', case when t."order_date" < '4711-01-01 BC' then '-infinity' when t."order_date" >= '294275-01-01' then 'infinity' else t."order_date" end, 'UTC') as k0, count(*) as a0
from "read"."orders" t
where t."workspace_id" = $1
group by 1
), r as (
select min(k0) as lo, max(k0) as hi, coalesce(max(k0)::timestamp - min(k0)::timestamp <= 10000 * interval '1 day', true) as fits
from grouped
where isfinite(k0)
), missing as (
select b.k0
from r
cross join lateral (select s at time zone 'UTC' from generate_series(date_trunc('day', r.lo at time zone 'UTC'), r.hi at time zone 'UTC', interval '1 day') s where r.fits) b(k0)
except
select k0
from grouped
)
select u.*, (select bool_and(fits) from r) as fits
from (
select * from grouped
union all
select k0, 0 as a0 from missing
) u
) f
) g
where g.a0 = $2;

select k0, a0, fits
from (
select f.*
from (
with grouped as (
select date_trunc('quarter', case when t."order_date" < '4711-01-01 BC' then '-infinity' when t."order_date" >= '294275-01-01' then 'infinity' else t."order_date" end, 'Europe/Berlin') as k0, count(*) as a0
from "read"."orders" t
where t."workspace_id" = $1
group by 1
), r as (
select min(k0) as lo, max(k0) as hi, coalesce(max(k0)::timestamp - min(k0)::timestamp <= 10000 * interval '3 months', true) as fits
from grouped
where isfinite(k0)
), missing as (
select b.k0
from r
cross join lateral (select s at time zone 'Europe/Berlin' from generate_series(date_trunc('quarter', r.lo at time zone 'Europe/Berlin'), r.hi at time zone 'Europe/Berlin', interval '3 months') s where r.fits) b(k0)
except
select k0
from grouped
)
select u.*, (select bool_and(fits) from r) as fits
from (
select * from grouped
union all
select k0, 0 as a0 from missing
) u
) f
) g
order by g.k0 asc
limit 25;

select k0, a0, fits
from (
select f.*
from (
with grouped as (
select date_trunc('week', case when t."date_joined" < '4711-01-01 BC' then '-infinity' when t."date_joined" >= '294275-01-01' then 'infinity' else t."date_joined" end::timestamp)::date as k0, count(*) as a0
from "read"."customers" t
where t."workspace_id" = $1
group by 1
), r as (
select min(k0) as lo, max(k0) as hi, coalesce(max(k0)::timestamp - min(k0)::timestamp <= 10000 * interval '7 days', true) as fits
from grouped
where isfinite(k0)
), missing as (
select b.k0
from r
cross join lateral (select s::date from generate_series(r.lo::timestamp, r.hi::timestamp, interval '7 days') s where r.fits) b(k0)
except
select k0
from grouped
)
select u.*, (select bool_and(fits) from r) as fits
from (
select * from grouped
union all
select k0, 0 as a0 from missing
) u
) f
) g
order by g.k0 asc
limit 5;

select count(*)
from (
select f.*
from (
with grouped as (
select date_trunc('week', case when t."date_joined" < '4711-01-01 BC' then '-infinity' when t."date_joined" >= '294275-01-01' then 'infinity' else t."date_joined" end::timestamp)::date as k0
from "read"."customers" t
where t."workspace_id" = $1
group by 1
), r as (
select min(k0) as lo, max(k0) as hi, coalesce(max(k0)::timestamp - min(k0)::timestamp <= 10000 * interval '7 days', true) as fits
from grouped
where isfinite(k0)
), missing as (
select b.k0
from r
cross join lateral (select s::date from generate_series(r.lo::timestamp, r.hi::timestamp, interval '7 days') s where r.fits) b(k0)
except
select k0
from grouped
)
select u.*, (select bool_and(fits) from r) as fits
from (
select * from grouped
union all
select k0 from missing
) u
) f
) g;

select encode(substring(sha256(convert_to(row(t1."email", date_trunc('day', case when t."order_date" < '4711-01-01 BC' then '-infinity' when t."order_date" >= '294275-01-01' then 'infinity' else t."order_date" end, 'UTC'))::text, 'UTF8')) for 16), 'hex')::uuid, count(*)
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
  and encode(substring(sha256(convert_to(row(t1."email", date_trunc('day', case when t."order_date" < '4711-01-01 BC' then '-infinity' when t."order_date" >= '294275-01-01' then 'infinity' else t."order_date" end, 'UTC'))::text, 'UTF8')) for 16), 'hex')::uuid = any($2)
group by encode(substring(sha256(convert_to(row(t1."email", date_trunc('day', case when t."order_date" < '4711-01-01 BC' then '-infinity' when t."order_date" >= '294275-01-01' then 'infinity' else t."order_date" end, 'UTC'))::text, 'UTF8')) for 16), 'hex')::uuid;
