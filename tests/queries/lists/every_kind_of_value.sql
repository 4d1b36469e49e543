select t."id", t."order_date", t."total_amount", t."currency", t."shipping_address", t."synced_at"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select t."tags", t."vip_status", t."date_joined", t."orders_count"
from "read"."customers" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select t."ip_address", t."old_value"
from "read"."audit_logs" t
where t."workspace_id" = $1
  and (t."resource_type" not in ('billing_subscriptions', 'subscription_payments', 'invoices') or $2)
order by t."id" asc
limit 1;

select t."version", t."sequence_no"
from "read"."domain_events" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select t."id"
from "read"."product_embeddings" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;

select t."cost", t."tokens_used", t."status"
from "read"."agent_executions" t
where t."workspace_id" = $1
  and (t."user_id" is null or t."user_id" = $2 or $3)
order by t."id" asc
limit 1;
