select t."orders_count", t."customer_id"
from "read"."customer_lifetime_value" t
where t."workspace_id" = $1
  and t."customer_id" = $2
  and t."currency" = $3;

select t."orders_count"
from "read"."customer_lifetime_value" t
where t."workspace_id" = $1
  and t."customer_id" = $2
  and t."currency" = $3;

select t."tasks_assigned", t."agent_id"
from "read"."agent_performance" t
where t."workspace_id" = $1
  and t."agent_id" = $2;

select t."month", t."total_tokens", t."user_id"
from "read"."monthly_usage" t
where t."workspace_id" = $1
  and (t."user_id" = $2 or $3)
  and t."user_id" = $4
  and t."month" = $5;

select t."currency", t."product_id"
from "read"."product_performance_summary" t
where t."workspace_id" = $1
  and t."product_id" = $2
  and t."currency" = $3;

select t."id", t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."name"
from "read"."agents" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."email"
from "read"."users" t
where t."id" = any($2)
  and (t."id" = $3 or exists (select from "read"."workspace_members" m where m."user_id" = t."id" and m."workspace_id" = $1));

select t."id", t."title"
from "read"."products" t
where t."workspace_id" = $1
  and t."id" = any($2);
