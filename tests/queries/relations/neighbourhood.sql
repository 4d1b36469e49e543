select t."name", t."id"
from "read"."graph_entities" t
where t."workspace_id" = $1
  and (t."user_id" is null or t."user_id" = $2)
  and t."id" = $3;

select t."name", t."id"
from "read"."graph_entities" t
where t."workspace_id" = $1
  and (t."user_id" is null or t."user_id" = $2)
order by t."id" asc
limit 3;

with recursive walk as (
select k.key as start, 0 as depth, array[k.key] as seen, array[k.key] as entity, array[null::uuid] as relationship, array[null::uuid] as previous, true as complete
from unnest($2::uuid[]) k(key)
union all
select w.start, w.depth + 1, w.seen || s.entity, s.entity, s.relationship, s.previous, s.complete
from walk w
cross join lateral (
with followed as materialized (
select t1."target_entity_id" as entity, t1."id" as relationship, f.id as previous, t1."strength" as strength
from unnest(w.entity) f(id) join "read"."graph_relationships" t1 on t1."workspace_id" = $1 and (t1."user_id" is null or t1."user_id" = $3) and t1."source_entity_id" = f.id
union all
select t2."source_entity_id" as entity, t2."id" as relationship, f.id as previous, t2."strength" as strength
from unnest(w.entity) f(id) join "read"."graph_relationships" t2 on t2."workspace_id" = $1 and (t2."user_id" is null or t2."user_id" = $3) and t2."target_entity_id" = f.id
limit 10001
), nearest as (
select distinct on (c.entity) c.entity, c.relationship, c.previous, c.strength
from followed c join "read"."graph_entities" t3 on t3."workspace_id" = $1 and (t3."user_id" is null or t3."user_id" = $3) and t3."id" = c.entity
where not exists (select from unnest(w.seen) s(id) where s.id = c.entity)
order by c.entity, c.strength desc, c.relationship
)
select array_agg(n.entity order by n.strength desc, n.entity) as entity, array_agg(n.relationship order by n.strength desc, n.entity) as relationship, array_agg(n.previous order by n.strength desc, n.entity) as previous, (select count(*) < 10001 from followed) as complete
from (select * from nearest order by strength desc, entity limit greatest($4 - cardinality(w.seen), 0)) n
) s
where w.depth < $5 and cardinality(w.seen) < $4
)
select w.start, e.entity, w.depth::bigint, e.relationship, e.previous, w.complete
from walk w
left join lateral unnest(w.entity, w.relationship, w.previous) with ordinality e(entity, relationship, previous, n) on true
where w.depth > 0 and (e.entity is not null or not w.complete)
order by w.start, w.depth, e.n;

with recursive walk as (
select k.key as start, 0 as depth, array[k.key] as seen, array[k.key] as entity, array[null::uuid] as relationship, array[null::uuid] as previous, true as complete
from unnest($2::uuid[]) k(key)
union all
select w.start, w.depth + 1, w.seen || s.entity, s.entity, s.relationship, s.previous, s.complete
from walk w
cross join lateral (
with followed as materialized (
select t1."target_entity_id" as entity, t1."id" as relationship, f.id as previous, t1."strength" as strength
from unnest(w.entity) f(id) join "read"."graph_relationships" t1 on t1."workspace_id" = $1 and (t1."user_id" is null or t1."user_id" = $3) and t1."source_entity_id" = f.id
limit 10001
), nearest as (
select distinct on (c.entity) c.entity, c.relationship, c.previous, c.strength
from followed c join "read"."graph_entities" t2 on t2."workspace_id" = $1 and (t2."user_id" is null or t2."user_id" = $3) and t2."id" = c.entity
where not exists (select from unnest(w.seen) s(id) where s.id = c.entity)
order by c.entity, c.strength desc, c.relationship
)
select array_agg(n.entity order by n.strength desc, n.entity) as entity, array_agg(n.relationship order by n.strength desc, n.entity) as relationship, array_agg(n.previous order by n.strength desc, n.entity) as previous, (select count(*) < 10001 from followed) as complete
from (select * from nearest order by strength desc, entity limit greatest($4 - cardinality(w.seen), 0)) n
) s
where w.depth < $5 and cardinality(w.seen) < $4
)
select w.start, e.entity, w.depth::bigint, e.relationship, e.previous, w.complete
from walk w
left join lateral unnest(w.entity, w.relationship, w.previous) with ordinality e(entity, relationship, previous, n) on true
where w.depth > 0 and (e.entity is not null or not w.complete)
order by w.start, w.depth, e.n;

with recursive walk as (
select k.key as start, 0 as depth, array[k.key] as seen, array[k.key] as entity, array[null::uuid] as relationship, array[null::uuid] as previous, true as complete
from unnest($2::uuid[]) k(key)
union all
select w.start, w.depth + 1, w.seen || s.entity, s.entity, s.relationship, s.previous, s.complete
from walk w
cross join lateral (
with followed as materialized (
select t1."source_entity_id" as entity, t1."id" as relationship, f.id as previous, t1."strength" as strength
from unnest(w.entity) f(id) join "read"."graph_relationships" t1 on t1."workspace_id" = $1 and (t1."user_id" is null or t1."user_id" = $3) and t1."target_entity_id" = f.id and t1."relationship_type" = any($4) and t1."strength" >= $5::numeric
limit 10001
), nearest as (
select distinct on (c.entity) c.entity, c.relationship, c.previous, c.strength
from followed c join "read"."graph_entities" t2 on t2."workspace_id" = $1 and (t2."user_id" is null or t2."user_id" = $3) and t2."id" = c.entity
where not exists (select from unnest(w.seen) s(id) where s.id = c.entity)
order by c.entity, c.strength desc, c.relationship
)
select array_agg(n.entity order by n.strength desc, n.entity) as entity, array_agg(n.relationship order by n.strength desc, n.entity) as relationship, array_agg(n.previous order by n.strength desc, n.entity) as previous, (select count(*) < 10001 from followed) as complete
from (select * from nearest order by strength desc, entity limit greatest($6 - cardinality(w.seen), 0)) n
) s
where w.depth < $7 and cardinality(w.seen) < $6
)
select w.start, e.entity, w.depth::bigint, e.relationship, e.previous, w.complete
from walk w
left join lateral unnest(w.entity, w.relationship, w.previous) with ordinality e(entity, relationship, previous, n) on true
where w.depth > 0 and (e.entity is not null or not w.complete)
order by w.start, w.depth, e.n;

with recursive walk as (
select k.key as start, 0 as depth, array[k.key] as seen, array[k.key] as entity, array[null::uuid] as relationship, array[null::uuid] as previous, true as complete
from unnest($2::uuid[]) k(key)
union all
select w.start, w.depth + 1, w.seen || s.entity, s.entity, s.relationship, s.previous, s.complete
from walk w
cross join lateral (
with followed as materialized (
select t1."target_entity_id" as entity, t1."id" as relationship, f.id as previous, t1."strength" as strength
from unnest(w.entity) f(id) join "read"."graph_relationships" t1 on t1."workspace_id" = $1 and (t1."user_id" is null or t1."user_id" = $3) and t1."source_entity_id" = f.id and t1."relationship_type" = any($4)
union all
select t2."source_entity_id" as entity, t2."id" as relationship, f.id as previous, t2."strength" as strength
from unnest(w.entity) f(id) join "read"."graph_relationships" t2 on t2."workspace_id" = $1 and (t2."user_id" is null or t2."user_id" = $3) and t2."target_entity_id" = f.id and t2."relationship_type" = any($5)
limit 10001
), nearest as (
select distinct on (c.entity) c.entity, c.relationship, c.previous, c.strength
from followed c join "read"."graph_entities" t3 on t3."workspace_id" = $1 and (t3."user_id" is null or t3."user_id" = $3) and t3."id" = c.entity
where not exists (select from unnest(w.seen) s(id) where s.id = c.entity)
order by c.entity, c.strength desc, c.relationship
)
select array_agg(n.entity order by n.strength desc, n.entity) as entity, array_agg(n.relationship order by n.strength desc, n.entity) as relationship, array_agg(n.previous order by n.strength desc, n.entity) as previous, (select count(*) < 10001 from followed) as complete
from (select * from nearest order by strength desc, entity limit greatest($6 - cardinality(w.seen), 0)) n
) s
where w.depth < $7 and cardinality(w.seen) < $6
)
select w.start, e.entity, w.depth::bigint, e.relationship, e.previous, w.complete
from walk w
left join lateral unnest(w.entity, w.relationship, w.previous) with ordinality e(entity, relationship, previous, n) on true
where w.depth > 0 and (e.entity is not null or not w.complete)
order by w.start, w.depth, e.n;

with recursive walk as (
select k.key as start, 0 as depth, array[k.key] as seen, array[k.key] as entity, array[null::uuid] as relationship, array[null::uuid] as previous, true as complete
from unnest($2::uuid[]) k(key)
union all
select w.start, w.depth + 1, w.seen || s.entity, s.entity, s.relationship, s.previous, s.complete
from walk w
cross join lateral (
with followed as materialized (
select t1."target_entity_id" as entity, t1."id" as relationship, f.id as previous, t1."strength" as strength
from unnest(w.entity) f(id) join "read"."graph_relationships" t1 on t1."workspace_id" = $1 and (t1."user_id" is null or t1."user_id" = $3) and t1."source_entity_id" = f.id
union all
select t2."source_entity_id" as entity, t2."id" as relationship, f.id as previous, t2."strength" as strength
from unnest(w.entity) f(id) join "read"."graph_relationships" t2 on t2."workspace_id" = $1 and (t2."user_id" is null or t2."user_id" = $3) and t2."target_entity_id" = f.id
limit 10001
), nearest as (
select distinct on (c.entity) c.entity, c.relationship, c.previous, c.strength
from followed c join "read"."graph_entities" t3 on t3."workspace_id" = $1 and (t3."user_id" is null or t3."user_id" = $3) and t3."id" = c.entity
where not exists (select from unnest(w.seen) s(id) where s.id = c.entity)
order by c.entity, c.strength desc, c.relationship
)
select array_agg(n.entity order by n.strength desc, n.entity) as entity, array_agg(n.relationship order by n.strength desc, n.entity) as relationship, array_agg(n.previous order by n.strength desc, n.entity) as previous, (select count(*) < 10001 from followed) as complete
from (select * from nearest order by strength desc, entity limit greatest($4 - cardinality(w.seen), 0)) n
) s
where w.depth < $5 and cardinality(w.seen) < $4
)
select w.start, e.entity, w.depth::bigint, e.relationship, e.previous, w.complete
from walk w
left join lateral unnest(w.entity, w.relationship, w.previous) with ordinality e(entity, relationship, previous, n) on true
where w.depth > 0 and (e.entity is not null or not w.complete)
order by w.start, w.depth, e.n;

select t."id", t."id", t."name", t."entity_type"
from "read"."graph_entities" t
where t."workspace_id" = $1
  and t."id" = any($2)
  and (t."user_id" is null or t."user_id" = $3);

select t."id", t."name", t."user_id", t."id"
from "read"."graph_entities" t
where t."workspace_id" = $1
  and t."id" = any($2)
  and (t."user_id" is null or t."user_id" = $3);

select t."id", t."name", t."id"
from "read"."graph_entities" t
where t."workspace_id" = $1
  and t."id" = any($2)
  and (t."user_id" is null or t."user_id" = $3);

select t."id", t."email"
from "read"."users" t
where t."id" = any($2)
  and (t."id" = $3 or exists (select from "read"."workspace_members" m where m."user_id" = t."id" and m."workspace_id" = $1));

select k.position, p.c0, p.c1
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."relationship_type" as c0, t."target_entity_id" as c1
from "read"."graph_relationships" t
where t."workspace_id" = $1
  and t."source_entity_id" = k.key
  and (t."user_id" is null or t."user_id" = $3)
order by t."id" asc
limit 25
) p;

with recursive walk as (
select k.key as start, 0 as depth, array[k.key] as seen, array[k.key] as entity, array[null::uuid] as relationship, array[null::uuid] as previous, true as complete
from unnest($2::uuid[]) k(key)
union all
select w.start, w.depth + 1, w.seen || s.entity, s.entity, s.relationship, s.previous, s.complete
from walk w
cross join lateral (
with followed as materialized (
select t1."target_entity_id" as entity, t1."id" as relationship, f.id as previous, t1."strength" as strength
from unnest(w.entity) f(id) join "read"."graph_relationships" t1 on t1."workspace_id" = $1 and (t1."user_id" is null or t1."user_id" = $3) and t1."source_entity_id" = f.id
union all
select t2."source_entity_id" as entity, t2."id" as relationship, f.id as previous, t2."strength" as strength
from unnest(w.entity) f(id) join "read"."graph_relationships" t2 on t2."workspace_id" = $1 and (t2."user_id" is null or t2."user_id" = $3) and t2."target_entity_id" = f.id
limit 10001
), nearest as (
select distinct on (c.entity) c.entity, c.relationship, c.previous, c.strength
from followed c join "read"."graph_entities" t3 on t3."workspace_id" = $1 and (t3."user_id" is null or t3."user_id" = $3) and t3."id" = c.entity
where not exists (select from unnest(w.seen) s(id) where s.id = c.entity)
order by c.entity, c.strength desc, c.relationship
)
select array_agg(n.entity order by n.strength desc, n.entity) as entity, array_agg(n.relationship order by n.strength desc, n.entity) as relationship, array_agg(n.previous order by n.strength desc, n.entity) as previous, (select count(*) < 10001 from followed) as complete
from (select * from nearest order by strength desc, entity limit greatest($4 - cardinality(w.seen), 0)) n
) s
where w.depth < $5 and cardinality(w.seen) < $4
)
select w.start, e.entity, w.depth::bigint, e.relationship, e.previous, w.complete
from walk w
left join lateral unnest(w.entity, w.relationship, w.previous) with ordinality e(entity, relationship, previous, n) on true
where w.depth > 0 and (e.entity is not null or not w.complete)
order by w.start, w.depth, e.n;

select t."id", t."name"
from "read"."graph_entities" t
where t."workspace_id" = $1
  and t."id" = any($2)
  and (t."user_id" is null or t."user_id" = $3);
