select t."average_order_value"
from "read"."customers" t
where t."workspace_id" = $1
  and (((t."average_order_value" < $2::numeric or t."average_order_value" is null)) or (t."average_order_value" = $2::numeric and (t."company" > $3 or t."company" is null)) or (t."average_order_value" = $2::numeric and t."company" = $3 and t."id" > $4))
order by t."average_order_value" desc nulls last, t."company" asc, t."id" asc
limit 3;

select t."average_order_value"
from "read"."customers" t
where t."workspace_id" = $1
  and ((t."average_order_value" > $2::numeric) or (t."average_order_value" = $2::numeric and t."company" < $3) or (t."average_order_value" = $2::numeric and t."company" = $3 and t."id" < $4))
order by t."average_order_value" asc nulls first, t."company" desc, t."id" desc
limit 3;
