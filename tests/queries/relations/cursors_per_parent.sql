select t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 2;

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."total_amount" as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
  and (t."total_amount", t."id") > ($3::numeric, $4)
order by t."total_amount" asc, t."id" asc
limit 2
) p;

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."total_amount" as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
  and (t."total_amount", t."id") < ($3::numeric, $4)
order by t."total_amount" desc, t."id" desc
limit 2
) p;

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."total_amount" as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
  and (t."total_amount", t."id") > ($3::numeric, $4)
  and (t."total_amount", t."id") < ($5::numeric, $6)
order by t."total_amount" asc, t."id" asc
limit 25
) p;

select t."customer_id", count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
group by t."customer_id";
