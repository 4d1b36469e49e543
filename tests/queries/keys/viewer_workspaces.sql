select t."email"
from "read"."users" t
where (t."id" = $2 or exists (select from "read"."workspace_members" m where m."user_id" = t."id" and m."workspace_id" = $1))
  and t."id" = $3;

select t."slug", t."owner_id", t."id"
from "read"."workspaces" t
where (t."id" = $1 or exists (select from "read"."workspace_members" m where m."workspace_id" = t."id" and m."user_id" = $2))
  and t."slug" like $3
order by t."slug" desc, t."id" desc
limit 2;

select count(*)
from "read"."workspaces" t
where (t."id" = $1 or exists (select from "read"."workspace_members" m where m."workspace_id" = t."id" and m."user_id" = $2))
  and t."slug" like $3;

select count(*) from (
select 1
from "read"."workspaces" t
where (t."id" = $1 or exists (select from "read"."workspace_members" m where m."workspace_id" = t."id" and m."user_id" = $2))
  and t."slug" like $3
limit 6
) c;

select t."slug"
from "read"."workspaces" t
where (t."id" = $1 or exists (select from "read"."workspace_members" m where m."workspace_id" = t."id" and m."user_id" = $2))
  and t."slug" = $3
order by t."id" asc
limit 25;

select count(*)
from "read"."workspaces" t
where (t."id" = $1 or exists (select from "read"."workspace_members" m where m."workspace_id" = t."id" and m."user_id" = $2))
  and t."slug" = $3;

select t."id", t."email"
from "read"."users" t
where t."id" = any($2)
  and (t."id" = $3 or exists (select from "read"."workspace_members" m where m."user_id" = t."id" and m."workspace_id" = $1));

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."role" as c0
from "read"."workspace_members" t
where t."workspace_id" = $1
  and t."workspace_id" = k.key
  and t."workspace_id" = $1
order by t."role" desc, t."id" desc
limit 1
) p;

select t."workspace_id", count(*)
from "read"."workspace_members" t
where t."workspace_id" = $1
  and t."workspace_id" = any($2)
  and t."workspace_id" = $1
group by t."workspace_id";
