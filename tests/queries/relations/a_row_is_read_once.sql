select t."customer_id"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 2;

select t."id", t."id", t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."customer_id" as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."id" asc
limit 1
) p;
