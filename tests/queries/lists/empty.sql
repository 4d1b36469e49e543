select t."id"
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" < $2::numeric
order by t."id" asc
limit 26;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" < $2::numeric;

select count(*) from (
select 1
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" < $2::numeric
limit 4
) c;

select t."id"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1;

select t."id"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" desc
limit 1;

select t."id"
from "read"."customers" t
where t."workspace_id" = $1
  and t."email" = $2
order by t."id" asc
limit 25;

select t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."id" as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
  and t."total_amount" < $3::numeric
order by t."id" asc
limit 26
) p;

select t."customer_id", count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
  and t."total_amount" < $3::numeric
group by t."customer_id";
