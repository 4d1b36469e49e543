select t."orders_count"
from "read"."customers" t
where t."workspace_id" = $1
  and (t."orders_count" >= $2 and t."orders_count" < $3)
order by t."id" asc
limit 25;

select t."orders_count"
from "read"."customers" t
where t."workspace_id" = $1
  and t."orders_count" = any($2)
order by t."id" asc
limit 25;

select t."orders_count"
from "read"."customers" t
where t."workspace_id" = $1
  and t."orders_count" <> all($2)
order by t."id" asc
limit 25;

select count(*)
from "read"."domain_events" t
where t."workspace_id" = $1
  and (t."sequence_no" > $2 and t."sequence_no" < $3);

select count(*)
from "read"."domain_events" t
where t."workspace_id" = $1
  and t."sequence_no" = any($2);

select t."orders_count"
from "read"."customer_lifetime_value" t
where t."workspace_id" = $1
  and t."orders_count" <> $2
order by t."customer_id" asc, t."currency" asc
limit 25;

select t."orders_count", t."vip_status"
from "read"."customers" t
where t."workspace_id" = $1
  and t."vip_status" = $2
order by t."id" asc
limit 25;

select t."orders_count", t."vip_status"
from "read"."customers" t
where t."workspace_id" = $1
  and t."vip_status" <> $2
order by t."id" asc
limit 25;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and (t."vip_status" = $2 and t."vip_status" <> $3);
