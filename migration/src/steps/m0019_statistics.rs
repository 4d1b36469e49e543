//! The function that tells the gateway how many rows a parent has on average.

use crate::step::Script;

pub(crate) const STEP: Script = Script {
    name: "m0019_statistics",
    up: UP,
    down: DOWN,
};

const UP: &str = r#"
-- Runs as the owner, since row level security hides the statistics of a table from whom it binds.
-- It tells averages over all workspaces, and of columns that point at other rows alone.
create function app.rows_per_key() returns table (table_name text, column_name text, rows_per_key double precision)
  language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select distinct c.relname::text, a.attname::text,
      case when s.n_distinct > 0 then c.reltuples * (1 - s.null_frac) / s.n_distinct
           else (1 - s.null_frac) / - s.n_distinct end
    from pg_class c
    join pg_constraint f on f.conrelid = c.oid and f.contype = 'f'
    join pg_attribute a on a.attrelid = c.oid and a.attnum = any (f.conkey)
    join pg_stats s on s.schemaname = 'public' and s.tablename = c.relname and s.attname = a.attname
        and s.inherited = (c.relkind = 'p')
    where c.relnamespace = 'public'::regnamespace and a.attname <> 'workspace_id'
      and s.n_distinct <> 0 and (s.n_distinct < 0 or c.reltuples > 0)
$$;
comment on function app.rows_per_key() is 'How many rows point at the same row on average, by table and column; without tables that were never analyzed.';
revoke execute on function app.rows_per_key() from public;
grant execute on function app.rows_per_key() to gateway;
"#;

const DOWN: &str = "drop function app.rows_per_key();\n";
