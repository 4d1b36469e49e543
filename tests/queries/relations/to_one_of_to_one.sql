select t."quantity", t."order_id", t."product_variant_id"
from "read"."order_items" t
where t."workspace_id" = $1
order by t."id" asc
limit 4;

select t."id", t."order_number", t."customer_id"
from "read"."orders" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."sku", t."product_id"
from "read"."product_variants" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."title", t."id"
from "read"."products" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."customer_id", count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
group by t."customer_id";

select t."product_id", t."artist", t."genre_id"
from "read"."albums" t
where t."workspace_id" = $1
  and t."product_id" = any($2);

select t."id", t."name"
from "read"."genres" t
where t."workspace_id" = $1
  and t."id" = any($2);
