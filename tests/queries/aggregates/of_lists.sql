select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select count(*), sum(t."total_amount"), trim_scale(avg(t."total_amount")), min(t."total_amount"), max(t."total_amount"), count(distinct t."total_amount"), min(t."order_date"), max(t."order_date"), count(distinct t."order_date"), min(t."order_number"), max(t."order_number"), count(distinct t."status"), count(distinct t."customer_id")
from "read"."orders" t
where t."workspace_id" = $1;

select sum(t."quantity"), trim_scale(avg(t."quantity")), min(t."quantity"), max(t."quantity"), count(distinct t."quantity")
from "read"."order_items" t
where t."workspace_id" = $1;

select count(*)
from "read"."ai_model_configs" t
where t."workspace_id" = $1;

select count(*), sum(t."total_amount")
from "read"."orders" t
where t."workspace_id" = $1
  and t."status" = $2::"order_status";

select count(*), sum(t."total_amount"), trim_scale(avg(t."total_amount")), min(t."total_amount"), max(t."total_amount"), count(distinct t."total_amount"), min(t."order_date")
from "read"."orders" t
where t."workspace_id" = $1
  and t."id" = any($2);

select sum(t."total_amount"), max(t."total_amount"), count(*)
from "read"."orders" t
where t."workspace_id" = $1;
