select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."status" = $2::text::"order_status" or t."total_amount" >= $3::text::numeric)
order by t."id" asc
limit 25;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."status" = $2::text::"order_status") is not true
order by t."id" asc
limit 25;

select t."average_order_value"
from "read"."customers" t
where t."workspace_id" = $1
  and (t."average_order_value" < $2::text::numeric) is not true
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
  and ((t."total_amount" > $2::text::numeric and t."total_amount" < $3::text::numeric) and (t."status" = $4::text::"order_status") is not true)
order by t."id" asc
limit 25;
