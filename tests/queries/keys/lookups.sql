select t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = $2;

select t."id"
from "read"."customers" t
where t."workspace_id" = $1
  and t."email" = $2;

select t."quantity_available", t."product_variant_id"
from "read"."inventory_levels" t
where t."workspace_id" = $1
  and t."product_variant_id" = $2
  and t."location" = $3;

select t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = $2;

select t."id", t."sku"
from "read"."product_variants" t
where t."workspace_id" = $1
  and t."id" = any($2);
