select t."order_number", t."customer_id"
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
order by t1."email" desc, t."order_number" asc, t."id" asc
limit 25;

select t."order_number", t."customer_id"
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
  and ((t1."email" < $2) or (t1."email" = $2 and t."id" < $3))
order by t1."email" desc, t."id" desc
limit 2;

select t."order_number", t."customer_id"
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
  and (((t1."email" > $2 or t1."email" is null)) or (t1."email" = $2 and t."id" > $3))
order by t1."email" asc, t."id" asc
limit 2;

select t."order_id"
from "read"."order_items" t
left join "read"."orders" t1 on t1."workspace_id" = $1 and t1."id" = t."order_id"
left join "read"."customers" t2 on t2."workspace_id" = $1 and t2."id" = t1."customer_id"
where t."workspace_id" = $1
order by t2."email" asc, t1."total_amount" desc, t."id" desc
limit 25;

select t."customer_id"
from "read"."support_cases" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
order by t1."email" asc, t."id" asc
limit 25;

select t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."email" asc, t."id" asc
limit 2;

select t."id", t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."total_amount", t."customer_id"
from "read"."orders" t
where t."workspace_id" = $1
  and t."id" = any($2);

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."order_number" as c0
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t1."email" desc, t."id" desc
limit 2
) p;
