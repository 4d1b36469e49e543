select t."title", t."id"
from "read"."products" t
where t."workspace_id" = $1
order by t."id" asc
limit 2;

select t."id"
from "read"."products" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select t."product_id", t."artist", t."genre_id", t."record_label_id", t."product_id"
from "read"."albums" t
where t."workspace_id" = $1
  and t."product_id" = any($2);

select t."product_id", t."metadata"
from "read"."product_embeddings" t
where t."workspace_id" = $1
  and t."product_id" = any($2);

select t."id", t."name"
from "read"."genres" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."name"
from "read"."record_labels" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."id", t."title"
from "read"."products" t
where t."workspace_id" = $1
  and t."id" = any($2);
