select t."email", t."id"
from "read"."customers" t
left join (select t2."customer_id" as key, sum(t2."total_amount") as c0 from "read"."orders" t2 where t2."workspace_id" = $1 group by t2."customer_id") t1 on t1.key = t."id"
where t."workspace_id" = $1
order by t1.c0 desc, t."id" desc
limit 25;

select t."email"
from "read"."customers" t
left join (select t2."customer_id" as key, sum(t2."total_amount") as c0 from "read"."orders" t2 where t2."workspace_id" = $1 group by t2."customer_id") t1 on t1.key = t."id"
where t."workspace_id" = $1
  and ((t1.c0 is not null) or (t1.c0 is null and t."id" < $2))
order by t1.c0 desc, t."id" desc
limit 3;

select t."email"
from "read"."customers" t
left join (select t2."customer_id" as key, sum(t2."total_amount") as c0 from "read"."orders" t2 where t2."workspace_id" = $1 group by t2."customer_id") t1 on t1.key = t."id"
where t."workspace_id" = $1
  and ((t1.c0 is null and t."id" > $2))
order by t1.c0 asc, t."id" asc
limit 2;

select coalesce(t1.c0, 0), t."email", t."id"
from "read"."customers" t
left join (select t2."customer_id" as key, count(*) as c0 from "read"."orders" t2 where t2."workspace_id" = $1 group by t2."customer_id") t1 on t1.key = t."id"
where t."workspace_id" = $1
order by coalesce(t1.c0, 0) desc, t."email" desc, t."id" desc
limit 25;

select t."email"
from "read"."customers" t
left join (select t2."customer_id" as key, count(distinct t2."status") as c0 from "read"."orders" t2 where t2."workspace_id" = $1 group by t2."customer_id") t1 on t1.key = t."id"
where t."workspace_id" = $1
order by coalesce(t1.c0, 0) asc, t."id" asc
limit 25;

select t."order_number"
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
left join (select t3."customer_id" as key, max(t3."order_date") as c0 from "read"."orders" t3 where t3."workspace_id" = $1 group by t3."customer_id") t2 on t2.key = t1."id"
where t."workspace_id" = $1
order by t2.c0 desc nulls last, t."id" desc
limit 25;

select t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 2;

select t."customer_id", sum(t."total_amount")
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
group by t."customer_id";

select k.position, p.c0, p.c1
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."order_number" as c0, t."id" as c1
from "read"."orders" t
left join lateral (select count(*) as c0 from "read"."order_items" t2 where t2."workspace_id" = $1 and t2."order_id" = t."id") t1 on true
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by coalesce(t1.c0, 0) desc, t."id" desc
limit 2
) p;

select t."order_id", count(*)
from "read"."order_items" t
where t."workspace_id" = $1
  and t."order_id" = any($2)
group by t."order_id";
