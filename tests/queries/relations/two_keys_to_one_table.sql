select t."name", t."parent_id", t."id"
from "read"."agents" t
where t."workspace_id" = $1
order by t."id" asc
limit 2;

select t."id", t."name"
from "read"."agents" t
where t."workspace_id" = $1
  and t."id" = any($2);

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."name" as c0
from "read"."agents" t
where t."workspace_id" = $1
  and t."parent_id" = k.key
order by t."id" asc
limit 25
) p;

select k.position, p.c0, p.c1
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."collaboration_type" as c0, t."responding_agent_id" as c1
from "read"."agent_collaborations" t
where t."workspace_id" = $1
  and t."requesting_agent_id" = k.key
order by t."id" asc
limit 25
) p;

select k.position, p.c0, p.c1
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."collaboration_type" as c0, t."requesting_agent_id" as c1
from "read"."agent_collaborations" t
where t."workspace_id" = $1
  and t."responding_agent_id" = k.key
order by t."id" asc
limit 25
) p;

select t."id", t."name"
from "read"."agents" t
where t."workspace_id" = $1
  and t."id" = any($2);
