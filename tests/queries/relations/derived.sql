select t."display_name", t."id", t."full_name", t."first_name", t."last_name"
from "read"."users" t
where (t."id" = $2 or exists (select from "read"."workspace_members" m where m."user_id" = t."id" and m."workspace_id" = $1))
  and (t."display_name" ~>=~ $3 and t."display_name" ~<~ $4)
order by t."display_name" desc nulls last, t."id" desc
limit 2;

select count(*)
from "read"."users" t
where (t."id" = $2 or exists (select from "read"."workspace_members" m where m."user_id" = t."id" and m."workspace_id" = $1))
  and (t."display_name" ~>=~ $3 and t."display_name" ~<~ $4);

select t."quantity_on_hand", t."quantity_available", t."quantity_reserved"
from "read"."inventory_levels" t
where t."workspace_id" = $1
  and t."quantity_on_hand" >= $2
order by t."quantity_on_hand" desc, t."id" desc
limit 25;

select sum(t."quantity_on_hand"), max(t."quantity_on_hand")
from "read"."inventory_levels" t
where t."workspace_id" = $1
  and t."quantity_on_hand" >= $2;

select k0, a0
from (
select t."quantity_on_hand" as k0, count(*) as a0
from "read"."inventory_levels" t
where t."workspace_id" = $1
  and t."quantity_on_hand" >= $2
group by 1
) g
order by g.k0 asc
limit 25;

select t."sku", t."id"
from "read"."product_variants" t
left join (select t3."product_variant_id" as key, sum(t3."quantity_on_hand") as c0 from "read"."inventory_levels" t3 where t3."workspace_id" = $1 group by t3."product_variant_id") t2 on t2.key = t."id"
where t."workspace_id" = $1
  and exists (select from "read"."inventory_levels" t1 where t1."workspace_id" = $1 and t1."product_variant_id" = t."id" and t1."quantity_on_hand" > $2)
order by t2.c0 desc, t."id" desc
limit 2;

select k.position, p.c0
from unnest($2::uuid[]) with ordinality k(key, position)
cross join lateral (
select t."quantity_on_hand" as c0
from "read"."inventory_levels" t
where t."workspace_id" = $1
  and t."product_variant_id" = k.key
order by t."id" asc
limit 25
) p;
