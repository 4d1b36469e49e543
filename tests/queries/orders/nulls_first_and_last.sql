select t."average_order_value"
from "read"."customers" t
where t."workspace_id" = $1
order by t."average_order_value" asc, t."id" asc
limit 2;

select t."average_order_value"
from "read"."customers" t
where t."workspace_id" = $1
order by t."average_order_value" asc nulls first, t."id" asc
limit 2;

select t."average_order_value"
from "read"."customers" t
where t."workspace_id" = $1
order by t."average_order_value" desc, t."id" desc
limit 2;

select t."average_order_value"
from "read"."customers" t
where t."workspace_id" = $1
order by t."average_order_value" desc nulls last, t."id" desc
limit 2;

select t."total_amount"
from "read"."orders" t
where t."workspace_id" = $1
order by t."total_amount" desc, t."id" desc
limit 2;
