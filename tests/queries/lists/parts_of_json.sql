select t."shipping_address", (t."shipping_address" #> $2), (t."shipping_address" #> $3), (t."shipping_address" #> $4), (t."shipping_address" #> $5), (t."shipping_address" #> $6)
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 2;

select t."tags", t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 2;

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select (t."shipping_address" #> $3) as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."id" asc
limit 1
) p;
