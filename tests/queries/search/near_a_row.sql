select (1 - least(t1."embedding" <=> (select t3."embedding" from "read"."products" t2
left join "read"."product_embeddings" t3 on t3."workspace_id" = $1 and t3."product_id" = t2."id" where t2."workspace_id" = $1 and t2."id" = $2), 2)), t."title"
from "read"."products" t
left join "read"."product_embeddings" t1 on t1."workspace_id" = $1 and t1."product_id" = t."id"
where t."workspace_id" = $1
  and (t1."embedding" is not null and (select t5."embedding" from "read"."products" t4
left join "read"."product_embeddings" t5 on t5."workspace_id" = $1 and t5."product_id" = t4."id" where t4."workspace_id" = $1 and t4."id" = $4) is not null and t."id" <> $3)
order by least(t1."embedding" <=> (select t7."embedding" from "read"."products" t6
left join "read"."product_embeddings" t7 on t7."workspace_id" = $1 and t7."product_id" = t6."id" where t6."workspace_id" = $1 and t6."id" = $5), 2) asc, t."id" asc
limit 3;

select count(*)
from "read"."products" t
left join "read"."product_embeddings" t1 on t1."workspace_id" = $1 and t1."product_id" = t."id"
where t."workspace_id" = $1
  and (t1."embedding" is not null and (select t3."embedding" from "read"."products" t2
left join "read"."product_embeddings" t3 on t3."workspace_id" = $1 and t3."product_id" = t2."id" where t2."workspace_id" = $1 and t2."id" = $3) is not null and t."id" <> $2);

select t."name"
from "read"."graph_entities" t
where t."workspace_id" = $1
  and (t."user_id" is null or t."user_id" = $2)
  and ((t."embedding" is not null and (select t1."embedding" from "read"."graph_entities" t1 where t1."workspace_id" = $1 and (t1."user_id" is null or t1."user_id" = $2) and t1."id" = $4) is not null and t."id" <> $3) and t."entity_type" <> $5::"graph_entity_type")
order by least(t."embedding" <=> (select t2."embedding" from "read"."graph_entities" t2 where t2."workspace_id" = $1 and (t2."user_id" is null or t2."user_id" = $2) and t2."id" = $6), 2) asc, t."id" asc
limit 25;

select t."question"
from "read"."faqs" t
left join "read"."faq_embeddings" t1 on t1."workspace_id" = $1 and t1."faq_id" = t."id"
where t."workspace_id" = $1
  and (t1."question_embedding" is not null and (select t3."question_embedding" from "read"."faqs" t2
left join "read"."faq_embeddings" t3 on t3."workspace_id" = $1 and t3."faq_id" = t2."id" where t2."workspace_id" = $1 and t2."id" = $3) is not null and t."id" <> $2)
order by least(t1."question_embedding" <=> (select t5."question_embedding" from "read"."faqs" t4
left join "read"."faq_embeddings" t5 on t5."workspace_id" = $1 and t5."faq_id" = t4."id" where t4."workspace_id" = $1 and t4."id" = $4), 2) desc, t."id" desc
limit 2;
