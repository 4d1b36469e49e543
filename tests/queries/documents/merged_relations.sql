select t."customer_id", t."id"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 3;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1;

select t."id", t."email", t."id", t."first_name"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select k.position, p.c0, p.c1
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."product_variant_id" as c0, t."quantity" as c1
from "read"."order_items" t
where t."workspace_id" = $1
  and t."order_id" = k.key
order by t."id" asc
limit 1
) p;

select t."order_id", count(*)
from "read"."order_items" t
where t."workspace_id" = $1
  and t."order_id" = any($2)
group by t."order_id";

select k.position, p.c0, p.c1
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."order_number" as c0, t."status" as c1
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."id" asc
limit 1
) p;

select t."customer_id", count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
group by t."customer_id";

select t."id", t."sku"
from "read"."product_variants" t
where t."workspace_id" = $1
  and t."id" = any($2);
