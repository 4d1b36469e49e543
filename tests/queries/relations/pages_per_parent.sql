select t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 3;

select k.position, p.c0, p.c1
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."total_amount" as c0, t."id" as c1
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."total_amount" desc, t."id" desc
limit 2
) p;

select t."customer_id", count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
group by t."customer_id";

select k.key, c.count
from unnest($2::uuid[]) k(key)
cross join lateral (
select count(*) from (
select 1
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
limit 2
) r
) c;

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."order_number" as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
  and t."status" = any($3::"order_status"[])
order by t."id" desc
limit 2
) p;
