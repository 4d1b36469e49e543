select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (t."shipping_address" #> '{country}') = $2::jsonb;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (((t."shipping_address" #> '{country}') >= $2::jsonb and jsonb_typeof((t."shipping_address" #> '{country}')) = jsonb_typeof($2::jsonb)) and ((t."shipping_address" #> '{country}') < $3::jsonb and jsonb_typeof((t."shipping_address" #> '{country}')) = jsonb_typeof($3::jsonb)));

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and coalesce((t."shipping_address" #> '{country}'), 'null') = 'null';

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (t."shipping_address" #> $2) = $3::jsonb;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and exists (select from "read"."customer_interactions" t1 where t1."workspace_id" = $1 and t1."customer_id" = t."id" and ((t1."metadata" #> '{channel}') <> $2::jsonb and (t1."metadata" #> '{channel}') <> 'null'));

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and not exists (select from "read"."customer_interactions" t1 where t1."workspace_id" = $1 and t1."customer_id" = t."id" and (t1."metadata" #> '{channel}') = $2::jsonb);
