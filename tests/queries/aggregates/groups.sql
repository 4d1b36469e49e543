select k0, a0, a1, a2
from (
select t."status" as k0, count(*) as a0, sum(t."total_amount") as a1, trim_scale(avg(t."total_amount")) as a2
from "read"."orders" t
where t."workspace_id" = $1
group by 1
) g
order by g.k0 asc
limit 25;

select count(*)
from (
select t."status" as k0
from "read"."orders" t
where t."workspace_id" = $1
group by 1
) g;

select k0, k1, a0, a1, a2
from (
select t1."email" as k0, t."status" as k1, count(*) as a0, min(t."order_date") as a1, max(t."order_date") as a2
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
group by 1, 2
) g
order by g.k0 asc, g.k1 asc
limit 4;

select k0, a0
from (
select date_trunc('month', case when t."order_date" < '4711-01-01 BC' then '-infinity' when t."order_date" >= '294275-01-01' then 'infinity' else t."order_date" end, 'Asia/Kolkata') as k0, count(*) as a0
from "read"."orders" t
where t."workspace_id" = $1
group by 1
) g
order by g.k0 asc
limit 25;

select k0
from (
select date_trunc('hour', case when t."order_date" < '4711-01-01 BC' then '-infinity' when t."order_date" >= '294275-01-01' then 'infinity' else t."order_date" end, 'UTC') as k0
from "read"."orders" t
where t."workspace_id" = $1
group by 1
) g
order by g.k0 desc
limit 25;

select k0, a0
from (
select t1."email" as k0, sum(t."total_amount") as a0, count(*) as a1
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
group by 1
) g
order by g.a0 desc, g.a1 asc, g.k0 asc
limit 25;

select k0, a0, a1
from (
select t."customer_id" as k0, count(*) as a0, sum(t."total_amount") as a1
from "read"."orders" t
where t."workspace_id" = $1
group by 1
) g
where (g.a1 > $2::numeric and g.a0 >= $3)
order by g.k0 asc
limit 25;

select count(*)
from (
select t."customer_id" as k0, sum(t."total_amount") as a0, count(*) as a1
from "read"."orders" t
where t."workspace_id" = $1
group by 1
) g
where (g.a0 > $2::numeric and g.a1 >= $3);

select k0, a0
from (
select t."status" as k0, count(*) as a0
from "read"."orders" t
where t."workspace_id" = $1
group by 1
) g
where g.a0 > $2
order by g.k0 asc
limit 26;

select count(*)
from (
select t."status" as k0, count(*) as a0
from "read"."orders" t
where t."workspace_id" = $1
group by 1
) g
where g.a0 > $2;

select k0, a0
from (
select t."status" as k0, count(*) as a0
from "read"."orders" t
where t."workspace_id" = $1
  and t."status" = any($2::"order_status"[])
group by 1
) g
order by g.k0 asc
limit 25;
