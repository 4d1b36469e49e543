select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" desc
limit 3;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 3
offset $2;

select t."order_number", t."id"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;
