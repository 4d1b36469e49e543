select t."email", t."id"
from "read"."customers" t
left join (select t2."customer_id" as key, count(*) as c0 from "read"."orders" t2 where t2."workspace_id" = $1 group by t2."customer_id") t1 on t1.key = t."id"
where t."workspace_id" = $1
  and coalesce(t1.c0, 0) > $2
order by t."id" asc
limit 25;

select t."email", t."id"
from "read"."customers" t
left join (select t2."customer_id" as key, count(*) as c0 from "read"."orders" t2 where t2."workspace_id" = $1 group by t2."customer_id") t1 on t1.key = t."id"
where t."workspace_id" = $1
  and coalesce(t1.c0, 0) = $2
order by t."id" asc
limit 25;

select t."email", t."id"
from "read"."customers" t
left join (select t2."customer_id" as key, sum(t2."total_amount") as c0 from "read"."orders" t2 where t2."workspace_id" = $1 group by t2."customer_id") t1 on t1.key = t."id"
where t."workspace_id" = $1
  and t1.c0 >= $2::numeric
order by t."id" asc
limit 25;

select t."email"
from "read"."customers" t
left join (select t2."customer_id" as key, sum(t2."total_amount") as c0 from "read"."orders" t2 where t2."workspace_id" = $1 group by t2."customer_id") t1 on t1.key = t."id"
where t."workspace_id" = $1
  and t1.c0 is null
order by t."id" asc
limit 25;

select count(*)
from "read"."customers" t
left join (select t2."customer_id" as key, count(*) as c0, count(distinct t2."status") as c1, max(t2."order_date") as c2, min(t2."order_number") as c3 from "read"."orders" t2 where t2."workspace_id" = $1 group by t2."customer_id") t1 on t1.key = t."id"
where t."workspace_id" = $1
  and (coalesce(t1.c0, 0) < $2 and coalesce(t1.c1, 0) = any($3) and t1.c2 > $4 and t1.c3 ilike $5);

select count(*)
from "read"."customers" t
left join (select t2."customer_id" as key, trim_scale(avg(t2."total_amount")) as c0 from "read"."orders" t2 where t2."workspace_id" = $1 group by t2."customer_id") t1 on t1.key = t."id"
where t."workspace_id" = $1
  and (t1.c0 < $2::numeric) is not true;

select count(*)
from "read"."products" t
where t."workspace_id" = $1
  and exists (select from "read"."product_variants" t1
left join (select t3."product_variant_id" as key, count(*) as c0 from "read"."inventory_levels" t3 where t3."workspace_id" = $1 group by t3."product_variant_id") t2 on t2.key = t1."id" where t1."workspace_id" = $1 and t1."product_id" = t."id" and coalesce(t2.c0, 0) >= $2);

select t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 2;

select t."customer_id", count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
group by t."customer_id";

select t."customer_id", sum(t."total_amount")
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
group by t."customer_id";

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."id" as c0
from "read"."orders" t
left join lateral (select count(*) as c0 from "read"."order_items" t2 where t2."workspace_id" = $1 and t2."order_id" = t."id") t1 on true
where t."workspace_id" = $1
  and t."customer_id" = k.key
  and coalesce(t1.c0, 0) >= $3
order by t."id" asc
limit 25
) p;

select t."customer_id", count(*)
from "read"."orders" t
left join lateral (select count(*) as c0 from "read"."order_items" t2 where t2."workspace_id" = $1 and t2."order_id" = t."id") t1 on true
where t."workspace_id" = $1
  and t."customer_id" = any($2)
  and coalesce(t1.c0, 0) >= $3
group by t."customer_id";

select t."order_id", count(*)
from "read"."order_items" t
where t."workspace_id" = $1
  and t."order_id" = any($2)
group by t."order_id";
