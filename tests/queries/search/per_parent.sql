select t."title", t."id"
from "read"."products" t
where t."workspace_id" = $1
order by t."id" asc
limit 2;

select t."id"
from "read"."support_conversations" t
where t."workspace_id" = $1
order by t."id" asc
limit 2;

with sought as materialized (select app.search_query($3) as words, app.search_condition($3) as condition, app.search_words($3) as typed)
select k.position, p.c0, p.c1, p.c2
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select (case when t.search @@ (select words from sought) then 1 + ts_rank(t.search, (select words from sought), 1) else 0.99 * app.similarity(t.search_names, (select typed from sought)) end)::float8 as c0, ts_headline(t.search_language, translate(t."review_text", '', ''), (select words from sought), 'StartSel=, StopSel=, MaxFragments=2, MinWords=8, MaxWords=24, FragmentDelimiter=" … "') as c1, t."review_text" as c2
from "read"."reviews" t
where t."workspace_id" = $1
  and t."product_id" = k.key
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)))
order by (case when t.search @@ (select words from sought) then 1 + ts_rank(t.search, (select words from sought), 1) else 0.99 * app.similarity(t.search_names, (select typed from sought)) end)::float8 desc, t."id" desc
limit 1
) p;

with sought as materialized (select app.search_query($3) as words, app.search_condition($3) as condition, app.search_words($3) as typed)
select t."product_id", count(*)
from "read"."reviews" t
where t."workspace_id" = $1
  and t."product_id" = any($2)
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)))
group by t."product_id";

with sought as materialized (select app.search_query($3) as words, app.search_condition($3) as condition, app.search_words($3) as typed)
select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."content" as c0
from "read"."support_messages" t
where t."workspace_id" = $1
  and t."conversation_id" = k.key
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)))
order by (case when t.search @@ (select words from sought) then 1 + ts_rank(t.search, (select words from sought), 1) else 0.99 * app.similarity(t.search_names, (select typed from sought)) end)::float8 desc, t."id" desc
limit 25
) p;

with sought as materialized (select app.search_query($3) as words, app.search_condition($3) as condition, app.search_words($3) as typed)
select t."conversation_id", count(*)
from "read"."support_messages" t
where t."workspace_id" = $1
  and t."conversation_id" = any($2)
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)))
group by t."conversation_id";

with sought as materialized (select app.search_query($3) as words, app.search_condition($3) as condition, app.search_words($3) as typed)
select k.key, c.count
from unnest($2::uuid[]) k(key)
cross join lateral (
select count(*) from (
select 1
from "read"."support_messages" t
where t."workspace_id" = $1
  and t."conversation_id" = k.key
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)))
limit 2
) r
) c;
