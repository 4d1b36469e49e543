select t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 2;

select t."customer_id"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 2;

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."order_number" as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."total_amount" desc, t."id" desc
limit 1
) p;

select k.position, p.c0, p.c1
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."status" as c0, t."total_amount" as c1
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."total_amount" desc, t."id" desc
limit 1
) p;

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."order_number" as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."total_amount" asc, t."id" asc
limit 1
) p;

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."order_number" as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."total_amount" desc, t."id" desc
limit 2
) p;

select t."id", t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."first_name"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);
