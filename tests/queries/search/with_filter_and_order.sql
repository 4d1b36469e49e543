with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and ((t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought))) and exists (select from "read"."orders" t1 where t1."workspace_id" = $1 and t1."customer_id" = t."id" and t1."status" = $3::"order_status"))
order by (case when t.search @@ (select words from sought) then 1 + ts_rank(t.search, (select words from sought), 1) else 0.99 * app.similarity(t.search_names, (select typed from sought)) end)::float8 desc, t."id" desc
limit 25;

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select (case when t.search @@ (select words from sought) then 1 + ts_rank(t.search, (select words from sought), 1) else 0.99 * app.similarity(t.search_names, (select typed from sought)) end)::float8, t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)))
order by t."email" desc, t."id" desc
limit 3;

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select t."email"
from "read"."customers" t
left join (select t2."customer_id" as key, count(*) as c0 from "read"."orders" t2 where t2."workspace_id" = $1 group by t2."customer_id") t1 on t1.key = t."id"
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)))
order by coalesce(t1.c0, 0) asc, t."id" asc
limit 1;
