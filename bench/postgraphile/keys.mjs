// A view has no keys, so PostGraphile is told those of its table. The workspace is left out of
// them: a view shows the rows of one workspace.

import { pgSmartTags } from "postgraphile/utils";

const KEYS = `
  select t.relname as view, k.contype = 'p' as is_primary, r.relname as referenced,
      array(select a.attname::text from unnest(k.conkey) with ordinality c(key, position)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = c.key
        where a.attname <> 'workspace_id' or cardinality(k.conkey) = 1 order by position) as columns,
      array(select a.attname::text from unnest(k.confkey) with ordinality c(key, position)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = c.key
        where a.attname <> 'workspace_id' order by position) as referenced_columns
    from pg_constraint k
    join pg_class t on t.oid = k.conrelid
    join pg_class v on v.relname = t.relname and v.relnamespace = 'read'::regnamespace
    left join pg_class r on r.oid = k.confrelid
    where k.connamespace = 'public'::regnamespace and k.conparentid = 0 and k.contype in ('p', 'f')
    order by k.oid`;

/** The plugin that adds the keys. */
export async function keys(pool) {
  const tags = new Map();
  for (const key of (await pool.query(KEYS)).rows) {
    if (!tags.has(key.view)) tags.set(key.view, { foreignKey: [] });
    const columns = key.columns.join(",");
    if (key.is_primary) tags.get(key.view).primaryKey = columns;
    else {
      const referenced = `read.${key.referenced} (${key.referenced_columns.join(",")})`;
      tags.get(key.view).foreignKey.push(`(${columns}) references ${referenced}`);
    }
  }
  return pgSmartTags(
    [...tags].map(([view, tags]) => ({ kind: "class", match: `read.${view}`, tags })),
    null,
    { name: "KeysOfViewsPlugin" },
  );
}
