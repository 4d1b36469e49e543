select t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 20;

select k.position, p.c0, p.c1, p.c2, p.c3
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."order_number" as c0, t."status" as c1, t."total_amount" as c2, t."id" as c3
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."order_date" desc, t."id" desc
limit 10
) p;

select k.position, p.c0, p.c1, p.c2
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."quantity" as c0, t."unit_price" as c1, t."product_variant_id" as c2
from "read"."order_items" t
where t."workspace_id" = $1
  and t."order_id" = k.key
order by t."id" asc
limit 3
) p;

select t."id", t."sku", t."product_id"
from "read"."product_variants" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."title"
from "read"."products" t
where t."workspace_id" = $1
  and t."id" = any($2);
