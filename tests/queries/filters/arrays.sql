select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."tags" @> $2;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."tags" @> $2;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."tags" @> $2;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."tags" <@ $2;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."tags" <@ $2;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."tags" && $2;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."tags" && $2;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."tags" = $2;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."tags" <> $2;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and cardinality(t."tags") = 0;

select count(*)
from "read"."customers" t
where t."workspace_id" = $1
  and t."tags" is not null;
