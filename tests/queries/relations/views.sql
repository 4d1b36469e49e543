select t."currency", t."orders_count", t."net_revenue", t."customer_id"
from "read"."customer_lifetime_value" t
where t."workspace_id" = $1
order by t."customer_id" asc, t."currency" asc
limit 2;

select t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select t."tasks_assigned", t."agent_id"
from "read"."agent_performance" t
where t."workspace_id" = $1
order by t."agent_id" asc
limit 1;

select t."month", t."total_tokens"
from "read"."monthly_usage" t
where t."workspace_id" = $1
  and (t."user_id" = $2 or $3)
order by t."user_id" asc, t."month" asc
limit 25;

select t."id", t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select k.position, p.c0, p.c1
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."currency" as c0, t."gross_revenue" as c1
from "read"."customer_lifetime_value" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."customer_id" asc, t."currency" asc
limit 25
) p;

select t."id", t."name", t."id"
from "read"."agents" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."agent_id", t."tasks_assigned"
from "read"."agent_performance" t
where t."workspace_id" = $1
  and t."agent_id" = any($2);
