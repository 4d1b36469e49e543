select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and (t."status" <> $2::"order_status" and t."channel" <> all($3::"sales_channel"[]));

select t."order_date"
from "read"."orders" t
where t."workspace_id" = $1
  and t."order_date" >= $2
order by t."id" asc
limit 25;

select t."date_joined"
from "read"."customers" t
where t."workspace_id" = $1
  and t."date_joined" = any($2)
order by t."id" asc
limit 25;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."vip_status" = $2;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."email" is null;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and (t."tags" && $2 and cardinality(t."tags") > 0);

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."tags" @> $2;

select t."shipping_address"
from "read"."orders" t
where t."workspace_id" = $1
  and (t."shipping_address" ? $2 and ((t."shipping_address" #> $3) >= $4::jsonb and jsonb_typeof((t."shipping_address" #> $3)) = jsonb_typeof($4::jsonb)))
order by t."id" asc
limit 25;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."shipping_address" @> $2::jsonb;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and coalesce((t."shipping_address" #> $2), 'null') = 'null';

select count(*)
from "read"."domain_events" t
where t."workspace_id" = $1
  and t."sequence_no" >= $2;

select count(*)
from "read"."audit_logs" t
where t."workspace_id" = $1
  and (t."resource_type" not in ('billing_subscriptions', 'subscription_payments', 'invoices') or $2)
  and t."ip_address" = any($3::inet[]);
