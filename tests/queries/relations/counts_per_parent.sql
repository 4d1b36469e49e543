select t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 25;

select t."customer_id", count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
group by t."customer_id";

select t."customer_id", count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
  and t."total_amount" > $3::numeric
group by t."customer_id";

select k.key, c.count
from unnest($2::uuid[]) k(key)
cross join lateral (
select count(*) from (
select 1
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
  and t."total_amount" > $3::numeric
limit 2
) r
) c;

select k.key, c.count
from unnest($2::uuid[]) k(key)
cross join lateral (
select count(*) from (
select 1
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
limit 11
) r
) c;
