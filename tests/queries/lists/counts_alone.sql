select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" > $2::numeric;

select count(*) from (
select 1
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" > $2::numeric
limit 3
) c;

select count(*) from (
select 1
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" > $2::numeric
limit 101
) c;
