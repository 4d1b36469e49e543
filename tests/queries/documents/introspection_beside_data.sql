select t."status"
from "read"."orders" t
where t."workspace_id" = $1
order by t."id" asc
limit 1;
