select t."status", t."id"
from "read"."orders" t
where t."workspace_id" = $1
  and t."order_number" = $2;

select t."sku", t."product_id"
from "read"."product_variants" t
where t."workspace_id" = $1
  and t."sku" = $2;

select t."role", t."user_id"
from "read"."workspace_members" t
where t."workspace_id" = $1
  and t."workspace_id" = $1
  and t."user_id" = $2;

select t."product_id"
from "read"."product_embeddings" t
where t."workspace_id" = $1
  and t."product_id" = $2;

select t."customer_id", t."segment_id"
from "read"."customer_segment_members" t
where t."workspace_id" = $1
  and t."customer_id" = $2
  and t."segment_id" = $3;

select t."status"
from "read"."orders" t
where t."workspace_id" = $1
  and t."order_number" = $2;

select t."status"
from "read"."orders" t
where t."workspace_id" = $1
  and t."order_number" = $2;

select t."total_amount"
from "read"."orders" t
where t."workspace_id" = $1
  and t."order_number" = $2;

select t."order_id", count(*)
from "read"."order_items" t
where t."workspace_id" = $1
  and t."order_id" = any($2)
group by t."order_id";

select t."id", t."title"
from "read"."products" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."email"
from "read"."users" t
where t."id" = any($2)
  and (t."id" = $3 or exists (select from "read"."workspace_members" m where m."user_id" = t."id" and m."workspace_id" = $1));

select t."id", t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."name"
from "read"."customer_segments" t
where t."workspace_id" = $1
  and t."id" = any($2);
