select t."email", t."id"
from "read"."customers" t
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
  and (t."total_amount" >= $3::numeric and t."status" = any($4::"order_status"[]))
order by t."order_date" desc, t."id" desc
limit 2
) p;

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."total_amount" as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."total_amount" desc, t."id" desc
limit 2
offset $3
) p;

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."status" as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."status" desc, t."total_amount" asc, t."id" asc
limit 2
) p;

select k.position, p.c0, p.c1
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."order_number" as c0, t."id" as c1
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."id" asc
limit 1
) p;

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."quantity" as c0
from "read"."order_items" t
where t."workspace_id" = $1
  and t."order_id" = k.key
order by t."id" desc
limit 1
) p;
