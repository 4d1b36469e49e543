select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
order by t."customer_id" desc, t."total_amount" asc, t."id" asc
limit 25;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
order by t."customer_id" asc, t."total_amount" desc, t."status" asc, t."id" asc
limit 25;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
order by t."customer_id" desc, t."id" desc, t."status" asc
limit 25;

select t."status"
from "read"."orders" t
where t."workspace_id" = $1
order by t."status" desc, t."id" desc
limit 25;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 25;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
order by t."order_date" desc, t."id" desc
limit 25;

select t."vip_status"
from "read"."customers" t
where t."workspace_id" = $1
order by t."vip_status" desc, t."email" desc, t."id" desc
limit 25;
