//! Compares the privileges of the role `gateway` with those that the migrations grant.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AssertSqlSafe, PgConnection};

use super::report::Report;

const CHECK: &str = "grants";
/// The book-keeping of the migrations, which the gateway reads when it starts.
const MIGRATIONS: &str = "seaql_migrations";
/// The relations in which the gateway might have a right. It has none in `mv` and `part`.
const RELATIONS: &str = "c.relnamespace = any(array[to_regnamespace('public'), to_regnamespace('read'), \
     to_regnamespace('mv'), to_regnamespace('part'), to_regnamespace('app')]::oid[]) and c.relkind in ('r', 'p', 'v', 'm', 'f')";
/// A relation's name; outside of `public` with its schema.
const NAME: &str = "case when c.relnamespace = 'public'::regnamespace then '' \
     else c.relnamespace::regnamespace::text || '.' end || c.relname::text";
/// More lines than these say no more.
const SHOWN: usize = 20;

/// Columns by table and privilege; a privilege on a whole table has the column "".
type Rights = BTreeMap<(String, String), BTreeSet<String>>;

pub(super) async fn check(
    connection: &mut PgConnection,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    let columns: Vec<(String, String)> = sqlx::query_as(AssertSqlSafe(format!(
        "select {NAME}, a.attname::text from pg_class c join pg_attribute a on a.attrelid = c.oid \
             where {RELATIONS} and a.attnum > 0 and not a.attisdropped"
    )))
    .fetch_all(&mut *connection)
    .await?;
    let actual: Vec<(String, String, String)> = sqlx::query_as(AssertSqlSafe(format!(
        "select {NAME}, p.name, a.attname::text from pg_class c \
             join pg_attribute a on a.attrelid = c.oid \
             cross join unnest(array['select', 'insert', 'update', 'references']) p(name) \
             where {RELATIONS} and a.attnum > 0 and not a.attisdropped \
             and has_column_privilege('gateway', c.oid, a.attnum, p.name) \
             union all \
             select {NAME}, p.name, '' from pg_class c \
             cross join unnest(array['delete', 'truncate', 'trigger']) p(name) \
             where {RELATIONS} and has_table_privilege('gateway', c.oid, p.name)"
    )))
    .fetch_all(connection)
    .await?;
    let mut has = Rights::new();
    for (table, privilege, column) in actual {
        has.entry((table, privilege)).or_default().insert(column);
    }
    let should = declared(&columns);

    let before = report.findings.len();
    for (key @ (table, privilege), columns) in &should {
        let lacking = without(columns, has.get(key));
        if !lacking.is_empty() {
            report.problem(
                CHECK,
                format!(
                    "the gateway may not {} {}",
                    privilege,
                    place(table, &lacking)
                ),
                format!(
                    "run `grant {privilege}{} on {} to gateway`",
                    list(&lacking),
                    path(table)
                ),
            );
        }
    }
    for (key @ (table, privilege), columns) in &has {
        let extra = without(columns, should.get(key));
        if !extra.is_empty() {
            report.problem(
                CHECK,
                format!(
                    "the gateway may {} {}, which it should not",
                    privilege,
                    place(table, &extra)
                ),
                revoke(table, privilege, &extra, should.get(key)),
            );
        }
    }
    let wrong = report.findings.len() - before;
    if wrong == 0 {
        report.ok(CHECK, "privileges are as the migrations grant them");
    } else if wrong > SHOWN {
        report.findings.truncate(before + SHOWN);
        report.problem(
            CHECK,
            format!("{} more differ from the migrations", wrong - SHOWN),
            "fix these and run `tessera doctor` again",
        );
    }
    Ok(())
}

fn declared(columns: &[(String, String)]) -> Rights {
    let all = |table: &str| -> BTreeSet<String> {
        let columns = columns.iter().filter(|(owner, _)| owner == table);
        columns.map(|(_, column)| column.clone()).collect()
    };
    let mut rights = Rights::new();
    for table in migration::declared() {
        for (privilege, named) in table.privileges {
            let columns = match (privilege.as_str(), named) {
                (_, Some(named)) => named.into_iter().collect(),
                ("select" | "insert" | "update", None) => all(table.name),
                _ => BTreeSet::from([String::new()]),
            };
            let key = (table.name.to_owned(), privilege);
            rights.entry(key).or_default().extend(columns);
        }
    }
    for (privilege, columns) in migration::LEDGER_PRIVILEGES {
        let columns = match columns.is_empty() {
            false => columns.iter().map(|&column| column.to_owned()).collect(),
            true if *privilege == "delete" => BTreeSet::from([String::new()]),
            true => all(migration::LEDGER),
        };
        let key = (migration::LEDGER.to_owned(), (*privilege).to_owned());
        rights.insert(key, columns);
    }
    let views = migration::read_views().into_iter();
    let views = views.map(|view| format!("{}.{}", migration::READ_SCHEMA, view.name));
    for name in views.chain([MIGRATIONS.to_owned()]) {
        let columns = all(&name);
        rights.insert((name, "select".to_owned()), columns);
    }
    rights
}

fn without(columns: &BTreeSet<String>, others: Option<&BTreeSet<String>>) -> BTreeSet<String> {
    let nothing = BTreeSet::new();
    columns
        .difference(others.unwrap_or(&nothing))
        .cloned()
        .collect()
}

/// The name with its schema.
fn path(table: &str) -> String {
    match table.contains('.') {
        true => table.to_owned(),
        false => format!("public.{table}"),
    }
}

fn place(table: &str, columns: &BTreeSet<String>) -> String {
    let list = list(columns);
    format!("{table}{list}")
}

fn list(columns: &BTreeSet<String>) -> String {
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    match names[..] {
        [""] => String::new(),
        _ => format!(" ({})", names.join(", ")),
    }
}

fn revoke(
    table: &str,
    privilege: &str,
    extra: &BTreeSet<String>,
    should: Option<&BTreeSet<String>>,
) -> String {
    let path = path(table);
    let mut statement = format!("revoke {privilege} on {path} from gateway, public");
    // A right on the whole table cannot be taken back for some of its columns.
    if let Some(kept) = should {
        statement += &format!("; grant {privilege}{} on {path} to gateway", list(kept));
    } else if !extra.contains("") {
        statement += &format!(
            "; revoke {privilege}{} on {path} from gateway, public",
            list(extra)
        );
    }
    format!("run `{statement}`")
}
