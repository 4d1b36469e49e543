select t."ip_address"
from "read"."audit_logs" t
where t."workspace_id" = $1
  and (t."resource_type" not in ('billing_subscriptions', 'subscription_payments', 'invoices') or $2)
  and t."ip_address" = $3::inet
order by t."id" asc
limit 25;

select count(*)
from "read"."audit_logs" t
where t."workspace_id" = $1
  and (t."resource_type" not in ('billing_subscriptions', 'subscription_payments', 'invoices') or $2)
  and t."ip_address" = $3::inet;

select t."ip_address"
from "read"."audit_logs" t
where t."workspace_id" = $1
  and (t."resource_type" not in ('billing_subscriptions', 'subscription_payments', 'invoices') or $2)
  and t."ip_address" <> $3::inet
order by t."id" asc
limit 25;

select t."ip_address"
from "read"."audit_logs" t
where t."workspace_id" = $1
  and (t."resource_type" not in ('billing_subscriptions', 'subscription_payments', 'invoices') or $2)
  and (t."ip_address" >= $3::inet and t."ip_address" < $4::inet)
order by t."id" asc
limit 25;

select count(*)
from "read"."audit_logs" t
where t."workspace_id" = $1
  and (t."resource_type" not in ('billing_subscriptions', 'subscription_payments', 'invoices') or $2)
  and t."ip_address" < $3::inet;

select t."ip_address"
from "read"."audit_logs" t
where t."workspace_id" = $1
  and (t."resource_type" not in ('billing_subscriptions', 'subscription_payments', 'invoices') or $2)
  and (t."ip_address" is not null and t."ip_address" <> all($3::inet[]))
order by t."id" asc
limit 25;

select count(*)
from "read"."audit_logs" t
where t."workspace_id" = $1
  and (t."resource_type" not in ('billing_subscriptions', 'subscription_payments', 'invoices') or $2)
  and t."ip_address" is null;
