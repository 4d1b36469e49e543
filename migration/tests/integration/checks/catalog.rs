//! The catalogue: counts of the model, and what no table may lack.

use sqlx::PgConnection;

use super::{string, strings};

pub async fn check(db: &mut PgConnection) {
    for (what, count, sql) in COUNTS {
        assert_eq!(string(db, sql).await, count, "number of {what}");
    }
    for (rule, sql) in RULES {
        let offenders = strings(db, sql).await;
        assert!(offenders.is_empty(), "{rule}: {offenders:?}");
    }
}

const COUNTS: [(&str, &str, &str); 8] = [
    (
        "tables",
        "76",
        "select count(*)::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'seaql_migrations'",
    ),
    (
        "enum types",
        "45",
        "select count(*)::text from pg_type where typnamespace = 'public'::regnamespace and typtype = 'e'",
    ),
    (
        "materialized views",
        "4",
        "select count(*)::text from pg_class where relnamespace = 'mv'::regnamespace and relkind = 'm'",
    ),
    (
        "views of the computed figures",
        "4",
        "select count(*)::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v' and reloptions is null",
    ),
    (
        "views to read by",
        "80",
        "select count(*)::text from pg_class where relnamespace = 'read'::regnamespace and relkind = 'v' and reloptions is null",
    ),
    (
        "tables with a log of changes",
        "74",
        "select count(*)::text from pg_trigger t join pg_class c on c.oid = t.tgrelid where tgname = 'log_insert' and c.relnamespace = 'public'::regnamespace",
    ),
    (
        "tables that are always audited",
        "12",
        "select count(*)::text from pg_trigger where tgname = 'log_update' and encode(tgargs, 'escape') like 'always%'",
    ),
    (
        "indexes of vectors",
        "4",
        "select count(*)::text from pg_indexes where schemaname = 'public' and indexdef like '%USING hnsw (% vector_cosine_ops)'",
    ),
];

/// Each statement lists what breaks its rule.
const RULES: [(&str, &str); 17] = [
    ("the key of a workspace table begins with workspace and id", "
        select c.relname::text from pg_class c join pg_index i on i.indrelid = c.oid and i.indisprimary
        where c.relnamespace = 'public'::regnamespace and c.relname not in ('users', 'workspaces', 'workspace_members', 'seaql_migrations')
          and pg_get_indexdef(i.indexrelid) !~ 'btree \\(workspace_id, id(, created_at|, transaction_date)?\\)$'"),
    ("a workspace table has the tenant policy, for all commands", "
        select c.relname::text from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and c.relname not in ('users', 'workspaces', 'workspace_members', 'seaql_migrations')
          and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant_isolation' and p.polpermissive
            and p.polcmd = '*' and pg_get_expr(p.polqual, p.polrelid) = '(workspace_id = app.workspace_id())')"),
    ("a workspace table has no other permissive policy", "
        select polrelid::regclass::text from pg_policy where polpermissive and polname <> 'tenant_isolation'
          and polrelid not in ('users'::regclass, 'workspaces'::regclass, 'workspace_members'::regclass, 'app.idempotency_keys'::regclass)"),
    ("fourteen tables are bound to the user or the role as well, four of them without exception", "
        select name from (values ('foundations', true), ('icp_profiles', true), ('campaigns', true), ('moves', true), ('agent_executions', true),
            ('billing_subscriptions', true), ('subscription_payments', true), ('invoices', true), ('usage_records', true), ('audit_logs', true),
            ('agent_conversations', false), ('memory_chunks', false), ('graph_entities', false), ('graph_relationships', false)) t (name, managed)
        where not exists (select from pg_policy p where p.polrelid = t.name::regclass and p.polname = 'user_isolation' and not p.polpermissive
            and (pg_get_expr(p.polqual, p.polrelid) like '%app.sees_all()%') = t.managed)
        union all select polrelid::regclass::text from pg_policy where polname = 'user_isolation' group by 1 having count(*) > 1"),
    ("a view to read by has the columns of its table, but for secrets", "
        select a.attrelid::regclass || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and c.relname <> 'seaql_migrations'
          and a.attname not in ('password_hash', 'credentials')
          and not exists (select from pg_attribute o where o.attrelid = to_regclass('read.' || c.relname) and o.attname = a.attname
            and o.atttypid = a.atttypid)
        union all select attrelid::regclass || '.' || attname from pg_attribute where attname in ('password_hash', 'credentials')
          and attrelid in (select oid from pg_class where relnamespace = 'read'::regnamespace)"),
    ("the gateway reads no more of a table than the key and the version", "
        select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace in ('public'::regnamespace, 'mv'::regnamespace, 'part'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm')
          and c.relname <> 'seaql_migrations' and has_column_privilege('gateway', c.oid, a.attnum, 'select')
          and a.attname not in ('id', 'workspace_id') and not (a.attname = 'updated_at' and has_column_privilege('gateway', c.oid, 'updated_at', 'select')
            and has_any_column_privilege('gateway', c.oid, 'update')) and not (c.relname, a.attname) in
            (('transactions', 'transaction_date'), ('system_events', 'created_at'), ('workspace_members', 'user_id'))"),
    ("the gateway writes no key, no time of writing, nothing that is computed", "
        select a.attrelid::regclass || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and ((a.attname in ('id', 'workspace_id') and has_column_privilege('gateway', c.oid, a.attnum, 'update'))
            or ((a.attname in ('created_at', 'updated_at', 'search', 'search_names', 'search_language', 'password_hash') or a.attgenerated <> '' or a.attidentity <> '')
              and has_column_privilege('gateway', c.oid, a.attnum, 'insert, update')))"),
    ("an index that is no key and serves lists ends in the id", "
        select indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid
        where c.relnamespace = 'public'::regnamespace and not i.indisunique and c.relname <> 'seaql_migrations'
          and pg_get_indexdef(i.indexrelid) ~ 'USING btree' and pg_get_indexdef(i.indexrelid) !~ '_pattern_ops\\)$'
          and pg_get_indexdef(i.indexrelid) !~ ', id( DESC)?\\)$'"),
    ("row security is on", "
        select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
          and not relrowsecurity and relname <> 'seaql_migrations'"),
    ("everything belongs to model_owner", "
        select relname::text from pg_class where relnamespace in ('public'::regnamespace, 'read'::regnamespace, 'mv'::regnamespace, 'part'::regnamespace, 'app'::regnamespace)
          and relowner <> 'model_owner'::regrole
        union all select proname::text from pg_proc where pronamespace = 'app'::regnamespace and proowner <> 'model_owner'::regrole"),
    ("a foreign key between workspace tables carries the workspace", "
        select conname::text from pg_constraint c where contype = 'f' and connamespace = 'public'::regnamespace
          and confrelid not in ('users'::regclass, 'workspaces'::regclass)
          and (select attname from pg_attribute where attrelid = conrelid and attnum = conkey[1]) <> 'workspace_id'"),
    ("a foreign key has an index that begins with its columns", "
        select conname::text from pg_constraint c where contype = 'f' and conparentid = 0 and connamespace = 'public'::regnamespace
          and not exists (select from pg_index i where i.indrelid = c.conrelid
            and (select array_agg(k order by o) from unnest(i.indkey::int2[]) with ordinality u (k, o) where o <= 2) @>
              case when cardinality(c.conkey) = 1 then c.conkey else c.conkey[1:2] end)"),
    ("a name is given to one constraint only", "
        select conname::text from pg_constraint where connamespace = 'public'::regnamespace and conparentid = 0 and contype <> 'n'
        group by conname having count(*) > 1"),
    ("a table, a column, a view, an enum type is described", "
        select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and c.relname <> 'seaql_migrations'
          and col_description(c.oid, a.attnum) is null
        union all select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')
          and relname <> 'seaql_migrations' and obj_description(oid, 'pg_class') is null
        union all select typname::text from pg_type where typnamespace = 'public'::regnamespace and typtype = 'e' and obj_description(oid, 'pg_type') is null"),
    ("updated_at and its trigger go together", "
        select c.relname::text from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'updated_at' and not a.attisdropped)
            <> exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'set_updated_at')"),
    ("the gateway changes no table without updated_at", "
        select c.relname::text from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'seaql_migrations'
          and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'updated_at')
          and (has_any_column_privilege('gateway', c.oid, 'update')
            or has_table_privilege('gateway', c.oid, 'delete') and c.relname not in ('campaign_target_icps', 'report_recipients')
            or has_table_privilege('gateway', c.oid, 'truncate'))"),
    ("nobody but the owner runs a function of the owner's, eight for the gateway excepted", "
        select p.oid::regprocedure::text from pg_proc p, unnest(array['gateway', 'authn']) r (name)
        where p.pronamespace = 'app'::regnamespace and p.prosecdef and has_function_privilege(r.name, p.oid, 'execute')
          and not (r.name = 'gateway' and p.proname in ('ensure_partitions', 'refresh_views', 'rows_per_key', 'search_language',
            'changes', 'changes_since', 'rotate_change_log', 'expire_idempotency_keys'))"),
];
