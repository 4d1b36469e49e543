with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select count(*), sum(t."total_spent")
from "read"."customers" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)));

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select count(*) from (
select 1
from "read"."customers" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)))
limit 2
) c;

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select k0, id, a0
from (
select f.*, encode(substring(sha256(convert_to(row(f.k0)::text, 'UTF8')) for 16), 'hex')::uuid as id
from (
select t."status" as k0, count(*) as a0
from "read"."customers" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)))
group by 1
) f
) g
order by g.a0 desc, g.k0 desc
limit 25;

with sought as materialized (select app.search_query($2) as words, app.search_condition($2) as condition, app.search_words($2) as typed)
select count(*)
from (
select t."status" as k0
from "read"."customers" t
where t."workspace_id" = $1
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)))
group by 1
) g;

with sought as materialized (select app.search_query($3) as words, app.search_condition($3) as condition, app.search_words($3) as typed)
select key, c0
from (
select encode(substring(sha256(convert_to(row(t."status")::text, 'UTF8')) for 16), 'hex')::uuid as key, t."email" as c0, row_number() over (partition by encode(substring(sha256(convert_to(row(t."status")::text, 'UTF8')) for 16), 'hex')::uuid order by t."id" asc) as n
from "read"."customers" t
where t."workspace_id" = $1
  and encode(substring(sha256(convert_to(row(t."status")::text, 'UTF8')) for 16), 'hex')::uuid = any($2)
  and (t.search @@ (select condition from sought) or app.is_similar(t.search_names, (select typed[1] from sought), (select typed from sought)))
) p
where n <= 1
order by key, n;
