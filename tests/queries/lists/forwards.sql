select t."status", t."total_amount", t."id"
from "read"."orders" t
where t."workspace_id" = $1
order by t."status" desc, t."total_amount" asc, t."id" asc
limit 3;

select count(*)
from "read"."orders" t
where t."workspace_id" = $1;
