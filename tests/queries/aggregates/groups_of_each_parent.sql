select t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."email" asc, t."id" asc
limit 25;

select key, k0, id, a0, a1
from (
select g.*, row_number() over (partition by g.key order by g.a1 desc, g.k0 desc) as n
from (
select f.*, encode(substring(sha256(convert_to(row(f.key, f.k0)::text, 'UTF8')) for 16), 'hex')::uuid as id
from (
select t."customer_id" as key, t."status" as k0, count(*) as a0, max(t."total_amount") as a1
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
group by 1, 2
) f
) g
) p
where n <= 2
order by key, n;

select key, count(*)
from (
select t."customer_id" as key, t."status" as k0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
group by 1, 2
) g
group by key;

select key, k0, a0, a1, a2, fits
from (
select g.*, row_number() over (partition by g.key order by g.k0 asc) as n
from (
select f.*
from (
with grouped as (
select t."customer_id" as key, date_trunc('day', case when t."order_date" < '4711-01-01 BC' then '-infinity' when t."order_date" >= '294275-01-01' then 'infinity' else t."order_date" end, 'America/Sao_Paulo') as k0, count(*) as a0, sum(t."total_amount") as a1, min(t."total_amount") as a2
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
group by 1, 2
), r as (
select key, min(k0) as lo, max(k0) as hi, coalesce(max(k0)::timestamp - min(k0)::timestamp <= 10000 * interval '1 day', true) as fits
from grouped
where isfinite(k0)
group by key
), missing as (
select o.key, b.k0
from r
cross join (select distinct key from grouped) o
cross join lateral (select s at time zone 'America/Sao_Paulo' from generate_series(date_trunc('day', r.lo at time zone 'America/Sao_Paulo'), r.hi at time zone 'America/Sao_Paulo', interval '1 day') s where r.fits) b(k0) where o.key = r.key
except
select key, k0
from grouped
)
select u.*, (select bool_and(fits) from r) as fits
from (
select * from grouped
union all
select key, k0, 0 as a0, 0 as a1, null as a2 from missing
) u
) f
) g
) p
where n <= 25
order by key, n;

select key, c0
from (
select encode(substring(sha256(convert_to(row(t."customer_id", t."status")::text, 'UTF8')) for 16), 'hex')::uuid as key, t."order_number" as c0, row_number() over (partition by encode(substring(sha256(convert_to(row(t."customer_id", t."status")::text, 'UTF8')) for 16), 'hex')::uuid order by t."id" asc) as n
from "read"."orders" t
where t."workspace_id" = $1
  and encode(substring(sha256(convert_to(row(t."customer_id", t."status")::text, 'UTF8')) for 16), 'hex')::uuid = any($2)
) p
where n <= 25
order by key, n;
