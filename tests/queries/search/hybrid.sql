with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select t1.score, t1.text_rank, t1.vector_rank, ts_headline(t.search_language, translate(t."title", '', ''), (select words from sought), 'StartSel=, StopSel=, HighlightAll=true'), ts_headline(t.search_language, translate(t."collection", '', ''), (select words from sought), 'StartSel=, StopSel=, HighlightAll=true'), ts_headline(t.search_language, translate(t."category", '', ''), (select words from sought), 'StartSel=, StopSel=, HighlightAll=true'), ts_headline(t.search_language, translate(t."description", '', ''), (select words from sought), 'StartSel=, StopSel=, MaxFragments=2, MinWords=8, MaxWords=24, FragmentDelimiter=" … "'), t."title"
from "read"."products" t
left join (
select l.id, sum(1 / (60 + l.n)::float8) as score, max(l.n) filter (where l.leg = 1)::integer as text_rank, max(l.n) filter (where l.leg = 2)::integer as vector_rank
from (
select * from (
select t2."id" as id, row_number() over (order by (case when t2.search @@ (select words from sought) then 1 + ts_rank(t2.search, (select words from sought), 1) else 0.99 * app.similarity(t2.search_names, (select typed from sought)) end)::float8 desc, t2."id") as n, 1 as leg
from "read"."products" t2
where t2."workspace_id" = $1 and (t2.search @@ (select condition from sought) or app.is_similar(t2.search_names, (select typed[1] from sought), (select typed from sought)))
) r where n <= 1000
union all
select * from (
select t3."id" as id, row_number() over (order by least(t4."embedding" <=> (select t8."embedding" from "read"."products" t7
left join "read"."product_embeddings" t8 on t8."workspace_id" = $1 and t8."product_id" = t7."id" where t7."workspace_id" = $1 and t7."id" = $5), 2), t3."id") as n, 2 as leg
from "read"."products" t3
left join "read"."product_embeddings" t4 on t4."workspace_id" = $1 and t4."product_id" = t3."id"
where t3."workspace_id" = $1 and (t4."embedding" is not null and (select t6."embedding" from "read"."products" t5
left join "read"."product_embeddings" t6 on t6."workspace_id" = $1 and t6."product_id" = t5."id" where t5."workspace_id" = $1 and t5."id" = $4) is not null and t3."id" <> $3)
) r where n <= 1000
) l
group by l.id
) t1 on t1.id = t."id"
where t."workspace_id" = $1
  and t1.score is not null
order by t1.score desc, t."id" desc
limit 25;

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select count(*)
from "read"."products" t
left join (
select l.id, sum(1 / (60 + l.n)::float8) as score, max(l.n) filter (where l.leg = 1)::integer as text_rank, max(l.n) filter (where l.leg = 2)::integer as vector_rank
from (
select * from (
select t2."id" as id, row_number() over (order by (case when t2.search @@ (select words from sought) then 1 + ts_rank(t2.search, (select words from sought), 1) else 0.99 * app.similarity(t2.search_names, (select typed from sought)) end)::float8 desc, t2."id") as n, 1 as leg
from "read"."products" t2
where t2."workspace_id" = $1 and (t2.search @@ (select condition from sought) or app.is_similar(t2.search_names, (select typed[1] from sought), (select typed from sought)))
) r where n <= 1000
union all
select * from (
select t3."id" as id, row_number() over (order by least(t4."embedding" <=> (select t8."embedding" from "read"."products" t7
left join "read"."product_embeddings" t8 on t8."workspace_id" = $1 and t8."product_id" = t7."id" where t7."workspace_id" = $1 and t7."id" = $5), 2), t3."id") as n, 2 as leg
from "read"."products" t3
left join "read"."product_embeddings" t4 on t4."workspace_id" = $1 and t4."product_id" = t3."id"
where t3."workspace_id" = $1 and (t4."embedding" is not null and (select t6."embedding" from "read"."products" t5
left join "read"."product_embeddings" t6 on t6."workspace_id" = $1 and t6."product_id" = t5."id" where t5."workspace_id" = $1 and t5."id" = $4) is not null and t3."id" <> $3)
) r where n <= 1000
) l
group by l.id
) t1 on t1.id = t."id"
where t."workspace_id" = $1
  and t1.score is not null;

with sought as materialized (select app.search_query($3) as words, app.search_condition($3) as condition, app.search_words($3) as typed)
select t1.score, t1.text_rank, t1.vector_rank
from "read"."products" t
left join (
select l.id, sum(1 / (60 + l.n)::float8) as score, max(l.n) filter (where l.leg = 1)::integer as text_rank, max(l.n) filter (where l.leg = 2)::integer as vector_rank
from (
select * from (
select t2."id" as id, row_number() over (order by (case when t2.search @@ (select words from sought) then 1 + ts_rank(t2.search, (select words from sought), 1) else 0.99 * app.similarity(t2.search_names, (select typed from sought)) end)::float8 desc, t2."id") as n, 1 as leg
from "read"."products" t2
where t2."workspace_id" = $1 and (true and t2."title" like $2) and (t2.search @@ (select condition from sought) or app.is_similar(t2.search_names, (select typed[1] from sought), (select typed from sought)))
) r where n <= 1000
union all
select * from (
select t3."id" as id, row_number() over (order by least(t4."embedding" <=> (select t8."embedding" from "read"."products" t7
left join "read"."product_embeddings" t8 on t8."workspace_id" = $1 and t8."product_id" = t7."id" where t7."workspace_id" = $1 and t7."id" = $7), 2), t3."id") as n, 2 as leg
from "read"."products" t3
left join "read"."product_embeddings" t4 on t4."workspace_id" = $1 and t4."product_id" = t3."id"
where t3."workspace_id" = $1 and (true and t3."title" like $4) and (t4."embedding" is not null and (select t6."embedding" from "read"."products" t5
left join "read"."product_embeddings" t6 on t6."workspace_id" = $1 and t6."product_id" = t5."id" where t5."workspace_id" = $1 and t5."id" = $6) is not null and t3."id" <> $5)
) r where n <= 1000
) l
group by l.id
) t1 on t1.id = t."id"
where t."workspace_id" = $1
  and (t1.score is not null and t."title" like $8)
order by t1.score desc, t."id" desc
limit 25;

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select count(*)
from "read"."products" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)));

select count(*)
from "read"."products" t
left join "read"."product_embeddings" t1 on t1."workspace_id" = $1 and t1."product_id" = t."id"
where t."workspace_id" = $1
  and (t1."embedding" is not null and (select t3."embedding" from "read"."products" t2
left join "read"."product_embeddings" t3 on t3."workspace_id" = $1 and t3."product_id" = t2."id" where t2."workspace_id" = $1 and t2."id" = $3) is not null and t."id" <> $2);

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select k0, id, a0
from (
select f.*, encode(substring(sha256(convert_to(row(f.k0)::text, 'UTF8')) for 16), 'hex')::uuid as id
from (
select t."status" as k0, count(*) as a0
from "read"."products" t
left join (
select l.id, sum(1 / (60 + l.n)::float8) as score, max(l.n) filter (where l.leg = 1)::integer as text_rank, max(l.n) filter (where l.leg = 2)::integer as vector_rank
from (
select * from (
select t2."id" as id, row_number() over (order by (case when t2.search @@ (select words from sought) then 1 + ts_rank(t2.search, (select words from sought), 1) else 0.99 * app.similarity(t2.search_names, (select typed from sought)) end)::float8 desc, t2."id") as n, 1 as leg
from "read"."products" t2
where t2."workspace_id" = $1 and (t2.search @@ (select condition from sought) or app.is_similar(t2.search_names, (select typed[1] from sought), (select typed from sought)))
) r where n <= 1000
union all
select * from (
select t3."id" as id, row_number() over (order by least(t4."embedding" <=> (select t8."embedding" from "read"."products" t7
left join "read"."product_embeddings" t8 on t8."workspace_id" = $1 and t8."product_id" = t7."id" where t7."workspace_id" = $1 and t7."id" = $5), 2), t3."id") as n, 2 as leg
from "read"."products" t3
left join "read"."product_embeddings" t4 on t4."workspace_id" = $1 and t4."product_id" = t3."id"
where t3."workspace_id" = $1 and (t4."embedding" is not null and (select t6."embedding" from "read"."products" t5
left join "read"."product_embeddings" t6 on t6."workspace_id" = $1 and t6."product_id" = t5."id" where t5."workspace_id" = $1 and t5."id" = $4) is not null and t3."id" <> $3)
) r where n <= 1000
) l
group by l.id
) t1 on t1.id = t."id"
where t."workspace_id" = $1
  and t1.score is not null
group by 1
) f
) g
order by g.k0 asc
limit 25;

with sought as materialized (select app.search_query($3) as words, app.search_condition($3) as condition, app.search_words($3) as typed)
select key, c0
from (
select encode(substring(sha256(convert_to(row(t."status")::text, 'UTF8')) for 16), 'hex')::uuid as key, t."title" as c0, row_number() over (partition by encode(substring(sha256(convert_to(row(t."status")::text, 'UTF8')) for 16), 'hex')::uuid order by t."id" asc) as n
from "read"."products" t
left join (
select l.id, sum(1 / (60 + l.n)::float8) as score, max(l.n) filter (where l.leg = 1)::integer as text_rank, max(l.n) filter (where l.leg = 2)::integer as vector_rank
from (
select * from (
select t2."id" as id, row_number() over (order by (case when t2.search @@ (select words from sought) then 1 + ts_rank(t2.search, (select words from sought), 1) else 0.99 * app.similarity(t2.search_names, (select typed from sought)) end)::float8 desc, t2."id") as n, 1 as leg
from "read"."products" t2
where t2."workspace_id" = $1 and (t2.search @@ (select condition from sought) or app.is_similar(t2.search_names, (select typed[1] from sought), (select typed from sought)))
) r where n <= 1000
union all
select * from (
select t3."id" as id, row_number() over (order by least(t4."embedding" <=> (select t8."embedding" from "read"."products" t7
left join "read"."product_embeddings" t8 on t8."workspace_id" = $1 and t8."product_id" = t7."id" where t7."workspace_id" = $1 and t7."id" = $6), 2), t3."id") as n, 2 as leg
from "read"."products" t3
left join "read"."product_embeddings" t4 on t4."workspace_id" = $1 and t4."product_id" = t3."id"
where t3."workspace_id" = $1 and (t4."embedding" is not null and (select t6."embedding" from "read"."products" t5
left join "read"."product_embeddings" t6 on t6."workspace_id" = $1 and t6."product_id" = t5."id" where t5."workspace_id" = $1 and t5."id" = $5) is not null and t3."id" <> $4)
) r where n <= 1000
) l
group by l.id
) t1 on t1.id = t."id"
where t."workspace_id" = $1
  and encode(substring(sha256(convert_to(row(t."status")::text, 'UTF8')) for 16), 'hex')::uuid = any($2)
  and t1.score is not null
) p
where n <= 1
order by key, n;
