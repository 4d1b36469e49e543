select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (t."shipping_address" #> $2) = $3::jsonb;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and ((t."shipping_address" #> $2) = $3::jsonb) is not true;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (((t."shipping_address" #> $2) = $3::jsonb) is not true) is not true;

select t."status"
from "read"."orders" t
where t."workspace_id" = $1
  and (((t."shipping_address" #> $2) = $3::jsonb or t."status" = $4::"order_status")) is not true
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (((t."shipping_address" #> $2) = $3::jsonb and t."status" = $4::"order_status")) is not true;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and ((((t."shipping_address" #> $2) <> $3::jsonb and (t."shipping_address" #> $2) <> 'null')) is not true or t."status" = $4::"order_status");

select t."status", t."total_amount"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."status" <> $2::"order_status" and (t."total_amount" > $3::numeric) is not true)
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (true) is not true;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (false) is not true;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
  and (((t."status" = any($2::"order_status"[]) and (t."total_amount" < $3::numeric) is not true) or t."total_amount" = $4::numeric) and ((t."channel" is not null) is not true) is not true)
order by t."id" asc
limit 25;
