select t."customer_id", t."id"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 6;

select t."id", t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."id"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."product_variant_id" as c0
from "read"."order_items" t
where t."workspace_id" = $1
  and t."order_id" = k.key
order by t."id" asc
limit 2
) p;

select k.position, p.c0, p.c1
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."id" as c0, t."customer_id" as c1
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."id" desc
limit 2
) p;

select t."id", t."sku", t."product_id"
from "read"."product_variants" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."title"
from "read"."products" t
where t."workspace_id" = $1
  and t."id" = any($2);
