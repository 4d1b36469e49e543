select t."date_joined"
from "read"."customers" t
where t."workspace_id" = $1
  and (t."date_joined" >= $2 and t."date_joined" < $3)
order by t."id" asc
limit 25;

select t."date_joined"
from "read"."customers" t
where t."workspace_id" = $1
  and t."date_joined" <> $2
order by t."id" asc
limit 25;

select t."date_joined"
from "read"."customers" t
where t."workspace_id" = $1
  and (t."date_joined" is not null and t."date_joined" <> all($2))
order by t."id" asc
limit 25;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and (t."date_joined" > $2 and t."date_joined" < $3);

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."date_joined" < $2;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."date_joined" > $2;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and (t."date_joined" > $2 and t."date_joined" < $3);
