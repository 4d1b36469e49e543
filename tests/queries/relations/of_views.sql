select t."gross_revenue", t."customer_id", t."currency"
from "read"."customer_lifetime_value" t
where t."workspace_id" = $1
order by t."gross_revenue" desc, t."customer_id" desc, t."currency" desc
limit 25;

select count(*)
from "read"."customer_lifetime_value" t
where t."workspace_id" = $1;

select t."month", t."user_id"
from "read"."monthly_usage" t
where t."workspace_id" = $1
  and (t."user_id" = $2 or $3)
order by t."month" desc, t."user_id" desc
limit 3;

select t."name", t."id"
from "read"."agents" t
where t."workspace_id" = $1
order by t."id" asc
limit 2;

select t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 2;

select t."id", t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."email"
from "read"."users" t
where t."id" = any($2)
  and (t."id" = $3 or exists (select from "read"."workspace_members" m where m."user_id" = t."id" and m."workspace_id" = $1));

select t."agent_id", t."executions_count", t."average_task_seconds", t."agent_id"
from "read"."agent_performance" t
where t."workspace_id" = $1
  and t."agent_id" = any($2);

select k.position, p.c0, p.c1
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."currency" as c0, t."orders_count" as c1
from "read"."customer_lifetime_value" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
  and t."currency" = $3
order by t."customer_id" asc, t."currency" asc
limit 1
) p;

select t."customer_id", count(*)
from "read"."customer_lifetime_value" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
  and t."currency" = $3
group by t."customer_id";

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."order_number" as c0
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."id" asc
limit 1
) p;

select t."id", t."name"
from "read"."agents" t
where t."workspace_id" = $1
  and t."id" = any($2);
