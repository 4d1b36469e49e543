select t."id"
from "read"."memory_chunks" t
where t."workspace_id" = $1
  and (t."user_id" is null or t."user_id" = $2)
  and (t."embedding" is not null and (select t1."embedding" from "read"."memory_chunks" t1 where t1."workspace_id" = $1 and (t1."user_id" is null or t1."user_id" = $2) and t1."id" = $4) is not null and t."id" <> $3)
order by least(t."embedding" <=> (select t2."embedding" from "read"."memory_chunks" t2 where t2."workspace_id" = $1 and (t2."user_id" is null or t2."user_id" = $2) and t2."id" = $5), 2) asc, t."id" asc
limit 25;

select count(*)
from "read"."memory_chunks" t
where t."workspace_id" = $1
  and (t."user_id" is null or t."user_id" = $2)
  and (t."embedding" is not null and (select t1."embedding" from "read"."memory_chunks" t1 where t1."workspace_id" = $1 and (t1."user_id" is null or t1."user_id" = $2) and t1."id" = $4) is not null and t."id" <> $3);

with sought as materialized (select app.search_query($3) as words, app.search_condition($3) as condition, app.search_words($3) as typed)
select t1.text_rank, t1.vector_rank
from "read"."memory_chunks" t
left join (
select l.id, sum(1 / (60 + l.n)::float8) as score, max(l.n) filter (where l.leg = 1)::integer as text_rank, max(l.n) filter (where l.leg = 2)::integer as vector_rank
from (
select * from (
select t2."id" as id, row_number() over (order by (case when t2.search @@ (select words from sought) then 1 + ts_rank(t2.search, (select words from sought), 1) else 0.99 * app.similarity(t2.search_names, (select typed from sought)) end)::float8 desc, t2."id") as n, 1 as leg
from "read"."memory_chunks" t2
where t2."workspace_id" = $1 and (t2."user_id" is null or t2."user_id" = $2) and (t2.search @@ (select condition from sought) or app.is_similar(t2.search_names, (select typed[1] from sought), (select typed from sought)))
) r where n <= 1000
union all
select * from (
select t3."id" as id, row_number() over (order by least(t3."embedding" <=> (select t5."embedding" from "read"."memory_chunks" t5 where t5."workspace_id" = $1 and (t5."user_id" is null or t5."user_id" = $2) and t5."id" = $6), 2), t3."id") as n, 2 as leg
from "read"."memory_chunks" t3
where t3."workspace_id" = $1 and (t3."user_id" is null or t3."user_id" = $2) and (t3."embedding" is not null and (select t4."embedding" from "read"."memory_chunks" t4 where t4."workspace_id" = $1 and (t4."user_id" is null or t4."user_id" = $2) and t4."id" = $5) is not null and t3."id" <> $4)
) r where n <= 1000
) l
group by l.id
) t1 on t1.id = t."id"
where t."workspace_id" = $1
  and (t."user_id" is null or t."user_id" = $2)
  and t1.score is not null
order by t1.score desc, t."id" desc
limit 25;

with sought as materialized (select app.search_query($3) as words, app.search_condition($3) as condition, app.search_words($3) as typed)
select count(*)
from "read"."memory_chunks" t
left join (
select l.id, sum(1 / (60 + l.n)::float8) as score, max(l.n) filter (where l.leg = 1)::integer as text_rank, max(l.n) filter (where l.leg = 2)::integer as vector_rank
from (
select * from (
select t2."id" as id, row_number() over (order by (case when t2.search @@ (select words from sought) then 1 + ts_rank(t2.search, (select words from sought), 1) else 0.99 * app.similarity(t2.search_names, (select typed from sought)) end)::float8 desc, t2."id") as n, 1 as leg
from "read"."memory_chunks" t2
where t2."workspace_id" = $1 and (t2."user_id" is null or t2."user_id" = $2) and (t2.search @@ (select condition from sought) or app.is_similar(t2.search_names, (select typed[1] from sought), (select typed from sought)))
) r where n <= 1000
union all
select * from (
select t3."id" as id, row_number() over (order by least(t3."embedding" <=> (select t5."embedding" from "read"."memory_chunks" t5 where t5."workspace_id" = $1 and (t5."user_id" is null or t5."user_id" = $2) and t5."id" = $6), 2), t3."id") as n, 2 as leg
from "read"."memory_chunks" t3
where t3."workspace_id" = $1 and (t3."user_id" is null or t3."user_id" = $2) and (t3."embedding" is not null and (select t4."embedding" from "read"."memory_chunks" t4 where t4."workspace_id" = $1 and (t4."user_id" is null or t4."user_id" = $2) and t4."id" = $5) is not null and t3."id" <> $4)
) r where n <= 1000
) l
group by l.id
) t1 on t1.id = t."id"
where t."workspace_id" = $1
  and (t."user_id" is null or t."user_id" = $2)
  and t1.score is not null;
