select t."order_date"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."order_date", t."id") < ($2, $3)
  and (t."order_date", t."id") > ($4, $5)
order by t."order_date" desc, t."id" desc
limit 26;

select t."order_date"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."order_date", t."id") < ($2, $3)
  and (t."order_date", t."id") > ($4, $5)
order by t."order_date" desc, t."id" desc
limit 2;

select t."order_date"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."order_date", t."id") < ($2, $3)
  and (t."order_date", t."id") > ($4, $5)
order by t."order_date" asc, t."id" asc
limit 2;

select t."order_date", t."id"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."order_date", t."id") < ($2, $3)
  and (t."order_date", t."id") > ($4, $5)
order by t."order_date" desc, t."id" desc
limit 26;

select t."order_date"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."order_date", t."id") < ($2, $3)
  and (t."order_date", t."id") > ($4, $5)
order by t."order_date" desc, t."id" desc
limit 1;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1;
