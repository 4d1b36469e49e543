select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."company" is not null;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."discount_amount" is not null;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."date_joined" is null;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."synced_at" is not null;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."shipping_address" is null;

select count(*)
from "read"."product_embeddings" t
where t."workspace_id" = $1
  and t."embedding" is not null;

select count(*)
from "read"."faq_embeddings" t
where t."workspace_id" = $1
  and t."question_embedding" is null;

select t."refunded_amount"
from "read"."customer_lifetime_value" t
where t."workspace_id" = $1
  and t."refunded_amount" is null
order by t."customer_id" asc, t."currency" asc
limit 25;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and (t."company" is not null and (t."phone" is null or t."address" is not null));
