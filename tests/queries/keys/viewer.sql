select t."email", case when t."id" = $2 then t."gst_number" end, case when t."id" = $2 then t."subscription_tier" end
from "read"."users" t
where (t."id" = $2 or exists (select from "read"."workspace_members" m where m."user_id" = t."id" and m."workspace_id" = $1))
  and t."id" = $3;

select t."slug", t."owner_id", t."id"
from "read"."workspaces" t
where (t."id" = $1 or exists (select from "read"."workspace_members" m where m."workspace_id" = t."id" and m."user_id" = $2))
  and t."id" = $3;

select t."slug"
from "read"."workspaces" t
where (t."id" = $1 or exists (select from "read"."workspace_members" m where m."workspace_id" = t."id" and m."user_id" = $2))
order by t."id" asc
limit 25;

select count(*)
from "read"."workspaces" t
where (t."id" = $1 or exists (select from "read"."workspace_members" m where m."workspace_id" = t."id" and m."user_id" = $2));

select t."id", t."email"
from "read"."users" t
where t."id" = any($2)
  and (t."id" = $3 or exists (select from "read"."workspace_members" m where m."user_id" = t."id" and m."workspace_id" = $1));

select k.position, p.c0, p.c1
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."role" as c0, t."user_id" as c1
from "read"."workspace_members" t
where t."workspace_id" = $1
  and t."workspace_id" = k.key
  and t."workspace_id" = $1
order by t."id" asc
limit 2
) p;

select t."id", t."email", case when t."id" = $3 then t."gst_number" end
from "read"."users" t
where t."id" = any($2)
  and (t."id" = $3 or exists (select from "read"."workspace_members" m where m."user_id" = t."id" and m."workspace_id" = $1));
