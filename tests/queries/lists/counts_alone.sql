select count(*)
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" > $2;

select count(*) from (
select 1
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" > $2
limit $3
) c;

select count(*) from (
select 1
from "read"."orders" t
where t."workspace_id" = $1
  and t."total_amount" > $2
limit $3
) c;
