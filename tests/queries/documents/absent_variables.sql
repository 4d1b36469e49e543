select t."status"
from "read"."orders" t
where t."workspace_id" = $1
  and t."status" = $2::"order_status"
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."status" = $2::"order_status";

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (true and t."status" = $2::"order_status");
