select t."shipping_address"
from "read"."orders" t
where t."workspace_id" = $1
  and t."shipping_address" = $2::jsonb
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."shipping_address" <> $2::jsonb;

select t."shipping_address"
from "read"."orders" t
where t."workspace_id" = $1
  and t."shipping_address" @> $2::jsonb
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."shipping_address" @> $2::jsonb;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."shipping_address" ? $2;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."shipping_address" ? $2;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (t."shipping_address" #> $2) = $3::jsonb;

select t."shipping_address"
from "read"."orders" t
where t."workspace_id" = $1
  and ((t."shipping_address" #> $2) <> $3::jsonb and (t."shipping_address" #> $2) <> 'null')
order by t."id" asc
limit 25;

select t."shipping_address"
from "read"."orders" t
where t."workspace_id" = $1
  and (((t."shipping_address" #> $2) > $3::jsonb and jsonb_typeof((t."shipping_address" #> $2)) = jsonb_typeof($3::jsonb)) and ((t."shipping_address" #> $4) <= $5::jsonb and jsonb_typeof((t."shipping_address" #> $4)) = jsonb_typeof($5::jsonb)))
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (t."shipping_address" #> $2) = $3::jsonb;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (((t."shipping_address" #> $2) > $3::jsonb and jsonb_typeof((t."shipping_address" #> $2)) = jsonb_typeof($3::jsonb)) and ((t."shipping_address" #> $4) < $5::jsonb and jsonb_typeof((t."shipping_address" #> $4)) = jsonb_typeof($5::jsonb)));

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and ((t."shipping_address" #> $2) > $3::jsonb and jsonb_typeof((t."shipping_address" #> $2)) = jsonb_typeof($3::jsonb));

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and ((t."shipping_address" #> $2) < $3::jsonb and jsonb_typeof((t."shipping_address" #> $2)) = jsonb_typeof($3::jsonb));

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and ((t."shipping_address" #> $2) <> $3::jsonb and (t."shipping_address" #> $2) <> 'null');

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and coalesce((t."shipping_address" #> $2), 'null') = 'null';

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and coalesce((t."shipping_address" #> $2), 'null') <> 'null';

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and coalesce((t."shipping_address" #> $2), 'null') = 'null';

select t."shipping_address"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."shipping_address" #> $2) @> $3::jsonb
order by t."id" asc
limit 25;
