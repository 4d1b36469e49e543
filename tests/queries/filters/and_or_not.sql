select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."status" = $2::"order_status" or t."total_amount" >= $3::numeric)
order by t."id" asc
limit 25;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."status" = $2::"order_status") is not true
order by t."id" asc
limit 25;

select t."average_order_value"
from "read"."customers" t
where t."workspace_id" = $1
  and (t."average_order_value" < $2::numeric) is not true
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and false;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
  and ((t."total_amount" > $2::numeric and t."total_amount" < $3::numeric) and (t."status" = $4::"order_status") is not true)
order by t."id" asc
limit 25;
