with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select t."title"
from "read"."products" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)))
  and ((case when t.search @@ (select words from sought) then 1 + ts_rank(t.search, (select words from sought), 1) else 0.99 * app.similarity(t.search_names, (select typed from sought)) end)::float8, t."id") < ($3, $4)
order by (case when t.search @@ (select words from sought) then 1 + ts_rank(t.search, (select words from sought), 1) else 0.99 * app.similarity(t.search_names, (select typed from sought)) end)::float8 desc, t."id" desc
limit 3;
