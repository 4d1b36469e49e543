with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select count(*)
from "read"."products" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)));

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select count(*)
from "read"."product_variants" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)));

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)));

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select count(*)
from "read"."support_cases" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)));

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select count(*)
from "read"."support_case_messages" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)));

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select count(*)
from "read"."support_conversations" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)));

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select count(*)
from "read"."support_messages" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)));

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select count(*)
from "read"."faqs" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)));

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select count(*)
from "read"."content_items" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)));

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select count(*)
from "read"."reviews" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)));

with sought as materialized (select app.search_query($3) as words, app.search_condition($3) as condition, app.search_words($3) as typed)
select count(*)
from "read"."agent_conversations" t
where t."workspace_id" = $1
  and (t."user_id" is null or t."user_id" = $2)
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)));

with sought as materialized (select app.search_query($3) as words, app.search_condition($3) as condition, app.search_words($3) as typed)
select count(*)
from "read"."memory_chunks" t
where t."workspace_id" = $1
  and (t."user_id" is null or t."user_id" = $2)
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)));

with sought as materialized (select app.search_query($3) as words, app.search_condition($3) as condition, app.search_words($3) as typed)
select count(*)
from "read"."graph_entities" t
where t."workspace_id" = $1
  and (t."user_id" is null or t."user_id" = $2)
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)));
