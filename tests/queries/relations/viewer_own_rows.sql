select t."month", t."user_id", t."total_tokens", t."refreshed_at"
from "read"."monthly_usage" t
where t."workspace_id" = $1
  and (t."user_id" = $2 or $3)
  and t."user_id" = $4
order by t."month" desc, t."user_id" desc
limit 3;

select count(*)
from "read"."monthly_usage" t
where t."workspace_id" = $1
  and (t."user_id" = $2 or $3)
  and t."user_id" = $4;

select t."month"
from "read"."monthly_usage" t
where t."workspace_id" = $1
  and (t."user_id" = $2 or $3)
  and (t."user_id" = $4 and t."month" > $5)
order by t."month" asc, t."user_id" asc
limit 25;

select sum(t."total_tokens")
from "read"."monthly_usage" t
where t."workspace_id" = $1
  and (t."user_id" = $2 or $3)
  and (t."user_id" = $4 and t."month" > $5);

select t."month"
from "read"."monthly_usage" t
where t."workspace_id" = $1
  and (t."user_id" = $2 or $3)
  and (t."user_id" = $4 and t."total_tokens" < $5)
order by t."month" desc, t."user_id" desc
limit 25;

select t."id", t."email"
from "read"."users" t
where t."id" = any($2)
  and (t."id" = $3 or exists (select from "read"."workspace_members" m where m."user_id" = t."id" and m."workspace_id" = $1));
