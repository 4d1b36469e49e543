//! Who writes what, for every role, table and command, with nothing but the database to refuse it.

use migration::{ColumnWriting, Role, Writing};
use sqlx::PgConnection;

use super::world::id;
use super::{attempt, run, strings};

const DENIED: &str = "42501";

pub async fn check(db: &mut PgConnection) {
    run(db, "begin").await;
    run(db, &SEED.replace("{w}", &id("a"))).await;
    run(db, &SEED.replace("{w}", &id("b"))).await;
    let values = values(db).await;
    let (a, u1) = (id("a"), id("u1"));
    run(
        db,
        &format!(
            "set local role gateway; select set_config('app.workspace_id', '{a}', true), set_config('app.user_id', '{u1}', true)"
        ),
    )
    .await;
    let tables = migration::writing();
    assert_eq!(tables.len(), 76);
    for role in [None].into_iter().chain(Role::ALL.map(Some)) {
        let name = role.map_or("", Role::name);
        run(
            db,
            &format!("select set_config('app.role', '{name}', true)"),
        )
        .await;
        for table in tables.iter().filter(|one| !GLOBAL.contains(&one.table)) {
            commands(db, role, table).await;
        }
    }
    for table in tables.iter().filter(|one| !GLOBAL.contains(&one.table)) {
        columns(db, table, &values).await;
    }
    run(db, "select set_config('app.role', 'owner', true)").await;
    for table in tables.iter().filter(|one| !GLOBAL.contains(&one.table)) {
        others(db, table).await;
    }
    run(db, "rollback").await;
}

/// Their rules are not those of `writing()`, which says that the API writes none of them.
const GLOBAL: [&str; 3] = ["users", "workspaces", "workspace_members"];

/// A row in every table of a workspace, without regard to what it points at.
const SEED: &str = "
set local session_replication_role = replica;
do $$
declare
  one record;
begin
  for one in
    select c.relname, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as names,
        string_agg(case
          when a.attname = 'workspace_id' then quote_literal('{w}')
          when y.typtype = 'e' then quote_literal((select min(enumlabel) from pg_enum where enumtypid = y.oid))
          when y.typname = 'uuid' then 'gen_random_uuid()'
          when y.typname = 'vector' then 'array_fill(0.1::real, array[768])::vector'
          when y.typname in ('date', 'timestamptz') then 'now()'
          when y.typname = 'jsonb' then quote_literal('{}')
          when y.typname in ('varchar', 'text') then quote_literal('x' || substr(md5('{w}'), 1, 8))
          else quote_literal('1') end, ', ' order by a.attnum) as vals
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull
        and not a.atthasdef and a.attidentity = ''
      join pg_type y on y.oid = a.atttypid
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        and c.relname not in ('users', 'workspaces', 'workspace_members', 'seaql_migrations')
      group by c.relname
  loop
    execute format('insert into public.%I (%s) values (%s)', one.relname, one.names, one.vals);
  end loop;
end
$$;
set local session_replication_role = origin;
";

/// A value for a guarded column, other than its default.
async fn values(db: &mut PgConnection) -> Vec<(String, String)> {
    let listed = strings(
        db,
        "select c.relname || '.' || a.attname || '=' || case when y.typtype = 'e' then quote_literal((select max(enumlabel) from pg_enum where enumtypid = y.oid)) \
           when y.typname = 'jsonb' then quote_literal('{\"a\": 1}') when y.typname = 'timestamptz' then 'now()' \
           when y.typname = 'bool' then 'true' else quote_literal('7') end \
         from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 join pg_type y on y.oid = a.atttypid \
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')",
    )
    .await;
    let pairs = listed.iter().filter_map(|line| line.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Whether the database lets the statement through. What breaks a constraint got that far.
async fn admits(db: &mut PgConnection, sql: &str) -> bool {
    match attempt(db, sql).await {
        Ok(rows) => rows > 0,
        Err((code, _)) if code == DENIED => false,
        Err((code, message)) => {
            assert!(code.starts_with("23"), "{message} in: {sql}");
            true
        }
    }
}

async fn commands(db: &mut PgConnection, role: Option<Role>, table: &Writing) {
    let (name, a) = (table.table, id("a"));
    let open = |one: &&ColumnWriting| one.update.is_some() && one.update == table.update;
    let column = table.columns.iter().find(open).map_or("id", |one| one.name);
    for (least, sql) in [
        (
            table.create,
            format!("insert into {name} (workspace_id) values ('{a}')"),
        ),
        (
            table.update,
            format!("update {name} set {column} = default"),
        ),
        (table.delete, format!("delete from {name}")),
    ] {
        let expected = least.is_some_and(|least| role.is_some_and(|role| role >= least));
        let role = role.map_or("nobody", Role::name);
        assert_eq!(admits(db, &sql).await, expected, "{role}: {sql}");
    }
}

async fn columns(db: &mut PgConnection, table: &Writing, values: &[(String, String)]) {
    let (name, a) = (table.table, id("a"));
    for one in &table.columns {
        let column = one.name;
        let found = values
            .iter()
            .find(|(of, _)| *of == format!("{name}.{column}"));
        let value = match (one.create, found) {
            (Some(_), Some((_, value))) => value,
            _ => "default",
        };
        let insert = format!("insert into {name} (workspace_id, {column}) values ('{a}', {value})");
        let update = format!("update {name} set {column} = default");
        for (sql, of_table, least) in [
            (&insert, table.create, one.create),
            (&update, table.update, one.update),
        ] {
            let Some(of_table) = of_table else { continue };
            if column == "workspace_id" && sql == &insert {
                continue;
            }
            let Some(least) = least else {
                run(db, "select set_config('app.role', 'owner', true)").await;
                let denied = attempt(db, sql).await;
                assert!(
                    matches!(&denied, Err((code, _)) if code == DENIED),
                    "{denied:?}: {sql}"
                );
                continue;
            };
            if least == of_table {
                continue;
            }
            for role in Role::ALL.into_iter().filter(|role| *role >= of_table) {
                run(
                    db,
                    &format!("select set_config('app.role', '{role}', true)"),
                )
                .await;
                if role >= least {
                    assert!(admits(db, sql).await, "{role}: {sql}");
                } else {
                    let (code, message) = attempt(db, sql).await.expect_err(sql);
                    assert_eq!(code, DENIED, "{role}: {sql}");
                    assert!(
                        message.contains(&format!("the column {column} of {name}")),
                        "{message}"
                    );
                }
            }
        }
    }
}

/// Rows of another workspace are as those that are not there.
async fn others(db: &mut PgConnection, table: &Writing) {
    let (name, b) = (table.table, id("b"));
    if table.create.is_some() {
        let sql = format!("insert into {name} (workspace_id) values ('{b}')");
        let denied = attempt(db, &sql).await;
        assert!(
            matches!(&denied, Err((code, _)) if code == DENIED),
            "{denied:?}: {sql}"
        );
    }
    let column = table.columns.iter().find(|one| one.update.is_some());
    if let Some(column) = column {
        let sql = format!(
            "update {name} set {} = default where workspace_id = '{b}'",
            column.name
        );
        assert_eq!(attempt(db, &sql).await, Ok(0), "{sql}");
    }
    if table.delete.is_some() {
        let sql = format!("delete from {name} where workspace_id = '{b}'");
        assert_eq!(attempt(db, &sql).await, Ok(0), "{sql}");
    }
    if table.update.is_some() {
        // Without the right on the column the policy alone is left.
        let grant = |verb: &str, to: &str| {
            format!(
                "reset role; {verb} update (workspace_id) on {name} {to} gateway; set local role gateway"
            )
        };
        let sql = format!("update {name} set workspace_id = '{b}'");
        let denied = attempt(db, &sql).await;
        assert!(
            matches!(&denied, Err((code, _)) if code == DENIED),
            "{denied:?}: {sql}"
        );
        run(db, &grant("grant", "to")).await;
        let denied = attempt(db, &sql).await;
        assert!(
            matches!(&denied, Err((code, _)) if code == DENIED),
            "{denied:?}: {sql}"
        );
        run(db, &grant("revoke", "from")).await;
    }
}
