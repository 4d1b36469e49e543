select t."title"
from "read"."products" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select count(*)
from "read"."products" t
where t."workspace_id" = $1;

select t."email"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select 1
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;
