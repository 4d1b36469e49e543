select t."order_date"
from "read"."orders" t
where t."workspace_id" = $1
  and t."order_date" = $2
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."order_date" = $2;

select t."order_date"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."order_date" > $2 and t."order_date" <= $3)
order by t."id" asc
limit 25;

select t."order_date"
from "read"."orders" t
where t."workspace_id" = $1
  and t."order_date" = any($2)
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."order_date" <> all($2);

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (t."order_date" > $2 and t."order_date" < $3);
