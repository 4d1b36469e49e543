select t."customer_id", t."currency"
from "read"."customer_lifetime_value" t
where t."workspace_id" = $1
  and (t."customer_id" = $2 and t."currency" = $3);

select t."id", t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."order_number", t."customer_id"
from "read"."orders" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."order_number" as c0
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

select t."id", t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);
