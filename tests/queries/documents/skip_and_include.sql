select t."email", t."id"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select 1
from "read"."products" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select t."customer_id", count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."customer_id" = any($2)
group by t."customer_id";
