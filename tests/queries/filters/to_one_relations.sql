select t."order_number", t."customer_id"
from "read"."orders" t
where t."workspace_id" = $1
  and exists (select from "read"."customers" t1 where t1."workspace_id" = $1 and t1."id" = t."customer_id" and t1."id" = $2)
order by t."id" asc
limit 25;

select t."order_number", t."customer_id"
from "read"."orders" t
where t."workspace_id" = $1
  and exists (select from "read"."customers" t1 where t1."workspace_id" = $1 and t1."id" = t."customer_id" and t1."vip_status" = $2)
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1;

select t."id", t."order_id"
from "read"."order_items" t
where t."workspace_id" = $1
  and exists (select from "read"."orders" t1 where t1."workspace_id" = $1 and t1."id" = t."order_id" and exists (select from "read"."customers" t2 where t2."workspace_id" = $1 and t2."id" = t1."customer_id" and (t2."vip_status" = $2 and t2."email" like $3)))
order by t."id" asc
limit 25;

select t."order_number", t."customer_id"
from "read"."orders" t
where t."workspace_id" = $1
  and not exists (select from "read"."customers" t1 where t1."workspace_id" = $1 and t1."id" = t."customer_id" and t1."vip_status" = $2)
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (exists (select from "read"."customers" t1 where t1."workspace_id" = $1 and t1."id" = t."customer_id" and t1."vip_status" = $2) or t."status" = $3::"order_status");

select count(*)
from "read"."support_cases" t
where t."workspace_id" = $1
  and exists (select from "read"."customers" t1 where t1."workspace_id" = $1 and t1."id" = t."customer_id");

select count(*)
from "read"."support_cases" t
where t."workspace_id" = $1
  and not exists (select from "read"."customers" t1 where t1."workspace_id" = $1 and t1."id" = t."customer_id");

select count(*)
from "read"."customer_lifetime_value" t
where t."workspace_id" = $1
  and exists (select from "read"."customers" t1 where t1."workspace_id" = $1 and t1."id" = t."customer_id" and t1."vip_status" = $2);

select t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 2;

select t."id", t."id"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."vip_status"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."customer_id"
from "read"."orders" t
where t."workspace_id" = $1
  and t."id" = any($2);

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."order_number" as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
  and exists (select from "read"."customers" t1 where t1."workspace_id" = $1 and t1."id" = t."customer_id" and t1."vip_status" = $3)
order by t."id" asc
limit 2
) p;

select t."id", t."vip_status", t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);
