select t."order_number", t."status"
from "read"."orders" t
where t."workspace_id" = $1
  and t."status" = any($2::"order_status"[])
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."status" = any($2::"order_status"[]);

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."status" = any($2::"order_status"[]);

select t."status"
from "read"."orders" t
where t."workspace_id" = $1
  and t."status" <> all($2::"order_status"[])
order by t."id" asc
limit 25;

select t."status"
from "read"."orders" t
where t."workspace_id" = $1
  and t."status" <> $2::"order_status"
order by t."id" asc
limit 25;

select t."status"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."status" <> all($2::"order_status"[]) and t."status" = any($3::"order_status"[]))
order by t."id" asc
limit 25;

select t."status"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."status" = $2::"order_status" and t."status" = any($3::"order_status"[]))
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (t."status" = $2::"order_status" and t."status" <> all($3::"order_status"[]));

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."status" is null;
