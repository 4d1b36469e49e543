select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
  and t."id" = any($2)
order by t."id" asc
limit 25;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
  and t."id" <> all($2)
order by t."id" asc
limit 25;

select t."order_number"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."id" > $2 and t."id" < $3)
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."id" <> $2;

select t."order_number", t."customer_id"
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = $2
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" is null;

select t."id"
from "read"."orders" t
where t."workspace_id" = $1
  and t."id" = $2
order by t."id" asc
limit 25;

select t."id", t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);
