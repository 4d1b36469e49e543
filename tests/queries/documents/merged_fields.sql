select t."first_name", t."id", t."last_name"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select k.position, p.c0, p.c1
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."order_number" as c0, t."status" as c1
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."id" asc
limit 1
) p;
