select t."first_name"
from "read"."customers" t
where t."workspace_id" = $1
  and t."first_name" ilike $2
order by t."id" asc
limit 2;

select t."first_name"
from "read"."customers" t
where t."workspace_id" = $1
  and t."first_name" like $2
order by t."id" asc
limit 25;

select t."first_name"
from "read"."customers" t
where t."workspace_id" = $1
  and (t."first_name" ~>=~ $2 and t."first_name" ~<~ $3)
order by t."id" asc
limit 25;

select t."first_name"
from "read"."customers" t
where t."workspace_id" = $1
  and t."first_name" like $2
order by t."id" asc
limit 25;

select t."last_name"
from "read"."customers" t
where t."workspace_id" = $1
  and t."last_name" like $2
order by t."id" asc
limit 25;

select t."last_name"
from "read"."customers" t
where t."workspace_id" = $1
  and t."last_name" = any($2)
order by t."id" asc
limit 25;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and (t."last_name" is not null and t."last_name" <> all($2));

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and lower(t."company") = any(array(select lower(item) from unnest($2) item));
