select t."refreshed_at", t."customer_id"
from "read"."customer_lifetime_value" t
where t."workspace_id" = $1
  and t."refreshed_at" > $2
order by t."refreshed_at" desc, t."customer_id" desc, t."currency" desc
limit 1;

select count(*), min(t."refreshed_at"), max(t."refreshed_at")
from "read"."customer_lifetime_value" t
where t."workspace_id" = $1
  and t."refreshed_at" > $2;

select count(*)
from "read"."agent_performance" t
where t."workspace_id" = $1
  and t."refreshed_at" < $2;

select t."id"
from "read"."products" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select t."id"
from "read"."agents" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select t."month", t."refreshed_at"
from "read"."monthly_usage" t
where t."workspace_id" = $1
  and (t."user_id" = $2 or $3)
order by t."user_id" asc, t."month" asc
limit 1;

select t."id", t."id"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select k.position, p.c0, p.c1, p.c2
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."currency" as c0, t."units_sold" as c1, t."refreshed_at" as c2
from "read"."product_performance_summary" t
where t."workspace_id" = $1
  and t."product_id" = k.key
order by t."currency" asc, t."product_id" asc
limit 25
) p;

select t."agent_id", t."refreshed_at", t."tasks_assigned"
from "read"."agent_performance" t
where t."workspace_id" = $1
  and t."agent_id" = any($2);

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."refreshed_at" as c0
from "read"."customer_lifetime_value" t
where t."workspace_id" = $1
  and t."customer_id" = k.key
order by t."customer_id" asc, t."currency" asc
limit 25
) p;
