select t."status"
from "read"."orders" t
where t."workspace_id" = $1
order by t."status" desc, t."total_amount" asc, t."id" asc
limit 3;

select t."status"
from "read"."orders" t
where t."workspace_id" = $1
  and ((t."status" < $2::"order_status") or (t."status" = $2::"order_status" and t."total_amount" > $3::numeric) or (t."status" = $2::"order_status" and t."total_amount" = $3::numeric and t."id" > $4))
order by t."status" desc, t."total_amount" asc, t."id" asc
limit 2;

select t."status"
from "read"."orders" t
where t."workspace_id" = $1
  and ((t."status" < $2::"order_status") or (t."status" = $2::"order_status" and t."total_amount" > $3::numeric) or (t."status" = $2::"order_status" and t."total_amount" = $3::numeric and t."id" > $4))
order by t."status" desc, t."total_amount" asc, t."id" asc
limit 6;

select t."status"
from "read"."orders" t
where t."workspace_id" = $1
  and ((t."status" < $2::"order_status") or (t."status" = $2::"order_status" and t."total_amount" > $3::numeric) or (t."status" = $2::"order_status" and t."total_amount" = $3::numeric and t."id" > $4))
order by t."status" desc, t."total_amount" asc, t."id" asc
limit 3;

select t."status"
from "read"."orders" t
where t."workspace_id" = $1
  and ((t."status" < $2::"order_status") or (t."status" = $2::"order_status" and t."total_amount" > $3::numeric) or (t."status" = $2::"order_status" and t."total_amount" = $3::numeric and t."id" > $4))
order by t."status" asc, t."total_amount" desc, t."id" desc
limit 2;
