select t."total_amount"
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" = $2::numeric
order by t."id" asc
limit 25;

select t."total_amount"
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" = $2::numeric
order by t."id" asc
limit 25;

select t."total_amount"
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" = $2::numeric
order by t."id" asc
limit 25;

select t."total_amount"
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" = $2::numeric
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" > $2::numeric;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" <= $2::numeric;

select t."total_amount"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."total_amount" >= $2::numeric and t."total_amount" < $3::numeric)
order by t."total_amount" desc, t."id" desc
limit 25;

select t."total_amount"
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" = any($2::numeric[])
order by t."id" asc
limit 25;

select t."total_amount"
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" <> all($2::numeric[])
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" > $2::numeric;

select t."average_order_value"
from "read"."customers" t
where t."workspace_id" = $1
  and t."average_order_value" <> $2::numeric
order by t."id" asc
limit 25;
