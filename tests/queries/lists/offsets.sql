select t."total_amount"
from "read"."orders" t
where t."workspace_id" = $1
order by t."total_amount" desc, t."id" desc
limit 3
offset $2;

select t."total_amount"
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" > $2::numeric
order by t."id" asc
limit 2
offset $3;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" > $2::numeric;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 6
offset $2;

select t."order_number", t."id"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 3
offset $2;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 25;
