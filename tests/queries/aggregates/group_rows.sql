select k0, id
from (
select f.*, encode(substring(sha256(convert_to(row(f.k0)::text, 'UTF8')) for 16), 'hex')::uuid as id
from (
select t1."email" as k0
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
  and t."total_amount" > $2::numeric
group by 1
) f
) g
order by g.k0 asc
limit 25;

select key, c0, c1, c2, c3
from (
select encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid as key, t."order_number" as c0, t."customer_id" as c1, t."id" as c2, t."total_amount" as c3, row_number() over (partition by encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid order by t."total_amount" desc, t."id" desc) as n
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
  and encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid = any($2)
  and t."total_amount" > $3::numeric
) p
where n <= 2
order by key, n;

select encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid, count(*), max(t."total_amount")
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
  and encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid = any($2)
  and t."total_amount" > $3::numeric
group by encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid;

select key, c0
from (
select encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid as key, t."order_number" as c0, row_number() over (partition by encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid order by t."id" asc) as n
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
  and encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid = any($2)
  and (t."total_amount" > $3::numeric and t."total_amount" > $4::numeric)
) p
where n > $5 and n <= $5 + 25
order by key, n;

select encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid, least(count(*), 2)
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
  and encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid = any($2)
  and (t."total_amount" > $3::numeric and t."total_amount" > $4::numeric)
group by encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid;

select key, k0, id, a0
from (
select g.*, row_number() over (partition by g.key order by g.k0 asc) as n
from (
select f.*, encode(substring(sha256(convert_to(row(f.key, f.k0)::text, 'UTF8')) for 16), 'hex')::uuid as id
from (
select encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid as key, t."status" as k0, count(*) as a0
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
  and encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid = any($2)
  and t."total_amount" > $3::numeric
group by 1, 2
) f
) g
) p
where n <= 25
order by key, n;

select t."id", t."email"
from "read"."customers" t
where t."workspace_id" = $1
  and t."id" = any($2);

select t."order_id", count(*)
from "read"."order_items" t
where t."workspace_id" = $1
  and t."order_id" = any($2)
group by t."order_id";

select key, c0
from (
select encode(substring(sha256(convert_to(row(encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid, t."status")::text, 'UTF8')) for 16), 'hex')::uuid as key, t."order_number" as c0, row_number() over (partition by encode(substring(sha256(convert_to(row(encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid, t."status")::text, 'UTF8')) for 16), 'hex')::uuid order by t."id" asc) as n
from "read"."orders" t
left join "read"."customers" t1 on t1."workspace_id" = $1 and t1."id" = t."customer_id"
where t."workspace_id" = $1
  and encode(substring(sha256(convert_to(row(encode(substring(sha256(convert_to(row(t1."email")::text, 'UTF8')) for 16), 'hex')::uuid, t."status")::text, 'UTF8')) for 16), 'hex')::uuid = any($2)
  and t."total_amount" > $3::numeric
) p
where n <= 25
order by key, n;
