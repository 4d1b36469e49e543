select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and (t."first_name" ~>=~ $2 and t."first_name" ~<~ $3);

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and (t."first_name" ~>=~ $2 and t."first_name" ~<~ $3);

select t."last_name"
from "read"."customers" t
where t."workspace_id" = $1
  and t."last_name" ilike $2
order by t."id" asc
limit 25;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and (t."first_name" ~>=~ $2 and t."first_name" ~<~ $3);

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and (t."first_name" ~>=~ $2 and t."first_name" ~<~ $3);

select t."first_name"
from "read"."customers" t
where t."workspace_id" = $1
  and t."first_name" ilike $2
order by t."id" asc
limit 25;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."first_name" like $2;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."first_name" like $2;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."first_name" like $2;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."first_name" like $2;

select t."first_name"
from "read"."customers" t
where t."workspace_id" = $1
  and t."first_name" ilike $2
order by t."id" asc
limit 25;

select t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and lower(t."email") = lower($2)
order by t."id" asc
limit 25;

select t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and lower(t."email") <> lower($2)
order by t."id" asc
limit 25;

select t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and lower(t."email") <> all(array(select lower(item) from unnest($2) item))
order by t."id" asc
limit 25;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and (t."last_name" > $2 and t."last_name" < $3);

select t."first_name"
from "read"."customers" t
where t."workspace_id" = $1
  and (t."first_name" like $2 and t."first_name" like $3)
order by t."id" asc
limit 25;
