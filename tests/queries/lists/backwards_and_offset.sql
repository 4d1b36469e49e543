select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" desc
limit $2;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit $2
offset $3;

select t."order_number", t."id"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit $2;
