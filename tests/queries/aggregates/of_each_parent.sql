select t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."email" asc, t."id" asc
limit 25;

select t."id"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select t."customer_id", count(*), sum(t."total_amount"), max(t."total_amount"), count(distinct t."customer_id")
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
group by t."customer_id";

select t."customer_id", count(*), sum(t."total_amount")
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
  and t."total_amount" > $3::numeric
group by t."customer_id";

select k.key, c.count
from unnest($2::uuid[]) k(key)
cross join lateral (
select count(*) from (
select 1
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
  and t."total_amount" > $3::numeric
limit 2
) r
) c;

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."product_variant_id" as c0
from "read"."order_items" t
where t."workspace_id" = $1
  and t."order_id" = k.key
order by t."id" asc
limit 25
) p;

select t."order_id", sum(t."quantity")
from "read"."order_items" t
where t."workspace_id" = $1
  and t."order_id" = any($2)
group by t."order_id";

select t."id", t."product_id"
from "read"."product_variants" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."id"
from "read"."products" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."product_id", count(*)
from "read"."product_variants" t
where t."workspace_id" = $1
  and t."product_id" = any($2)
group by t."product_id";
