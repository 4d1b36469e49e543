select t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
  and exists (select from "read"."orders" t1 where t1."workspace_id" = $1 and t1."customer_id" = t."id" and t1."status" = $2::"order_status")
order by t."id" asc
limit 25;

select t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and exists (select from "read"."orders" t1 where t1."workspace_id" = $1 and t1."customer_id" = t."id")
order by t."id" asc
limit 25;

select t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
  and not exists (select from "read"."orders" t1 where t1."workspace_id" = $1 and t1."customer_id" = t."id" and t1."status" = $2::"order_status")
order by t."id" asc
limit 25;

select t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and not exists (select from "read"."orders" t1 where t1."workspace_id" = $1 and t1."customer_id" = t."id")
order by t."id" asc
limit 25;

select t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
  and not exists (select from "read"."orders" t1 where t1."workspace_id" = $1 and t1."customer_id" = t."id" and (t1."status" = $2::"order_status") is not true)
order by t."id" asc
limit 25;

select t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
  and (exists (select from "read"."orders" t1 where t1."workspace_id" = $1 and t1."customer_id" = t."id") and not exists (select from "read"."orders" t2 where t2."workspace_id" = $1 and t2."customer_id" = t."id" and (t2."total_amount" > $2::numeric) is not true))
order by t."id" asc
limit 25;

select t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and exists (select from "read"."orders" t1 where t1."workspace_id" = $1 and t1."customer_id" = t."id" and exists (select from "read"."order_items" t2 where t2."workspace_id" = $1 and t2."order_id" = t1."id" and exists (select from "read"."product_variants" t3 where t3."workspace_id" = $1 and t3."id" = t2."product_variant_id" and t3."sku" like $2)))
order by t."id" asc
limit 25;

select t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and not exists (select from "read"."orders" t1 where t1."workspace_id" = $1 and t1."customer_id" = t."id" and (t1."id" = $2) is not true)
order by t."id" asc
limit 25;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and not exists (select from "read"."orders" t1 where t1."workspace_id" = $1 and t1."customer_id" = t."id" and t1."status" = $2::"order_status");

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and not exists (select from "read"."orders" t1 where t1."workspace_id" = $1 and t1."customer_id" = t."id" and (t1."synced_at" > $2) is not true);

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."status" as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."id" asc
limit 25
) p;

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."total_amount" as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."id" asc
limit 25
) p;
