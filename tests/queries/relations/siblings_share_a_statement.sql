select t."product_variant_id"
from "read"."order_items" t
where t."workspace_id" = $1
order by t."unit_price" asc, t."id" asc
limit 2;

select t."product_variant_id"
from "read"."order_items" t
where t."workspace_id" = $1
order by t."unit_price" desc, t."id" desc
limit 2;

select t."id", t."sku", t."price"
from "read"."product_variants" t
where t."workspace_id" = $1
  and t."id" = any($2);
