//! Compares the views that the gateway reads with what the migrations declare.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Executor, PgConnection};

use super::report::Report;
use crate::db::GATEWAY_ROLE;

const CHECK: &str = "views";
/// Begins the names of the views that are made for comparison.
const DECLARED: &str = "tessera_declared_";
const OWNER: &str = "model_owner";

/// A relation of schema `read` as the database has it.
struct Actual {
    is_view: bool,
    owner: String,
    options: Vec<String>,
    definition: Option<String>,
}

type Row = (String, bool, String, Vec<String>, Option<String>);

pub(super) async fn check(
    connection: &mut PgConnection,
    embedded: bool,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "select c.relname::text, c.relkind = 'v', pg_get_userbyid(c.relowner)::text, \
         coalesce(c.reloptions, '{}'), case when c.relkind = 'v' then pg_get_viewdef(c.oid) end \
         from pg_class c where c.relnamespace = to_regnamespace($1) and c.relkind in ('r', 'p', 'v', 'm', 'f')",
    )
    .bind(migration::READ_SCHEMA)
    .fetch_all(&mut *connection)
    .await?;
    let mut actual: BTreeMap<String, Actual> = rows
        .into_iter()
        .map(|(name, is_view, owner, options, definition)| {
            let view = Actual {
                is_view,
                owner,
                options,
                definition,
            };
            (name, view)
        })
        .collect();
    let declared = migration::read_views();
    let before = report.findings.len();
    // The database of the embedded server is a template, in which only the owner may make them.
    let maker = if embedded { OWNER } else { GATEWAY_ROLE };
    let definitions = match definitions(connection, maker, &declared).await? {
        Ok(definitions) => Some(definitions),
        Err(reason) => {
            report.warning(
                CHECK,
                format!("the definitions could not be compared: {reason}"),
                format!("run the doctor on the primary, and permit {GATEWAY_ROLE} to create temporary views (`grant temporary on database … to {GATEWAY_ROLE}`)"),
            );
            None
        }
    };
    for (index, view) in declared.iter().enumerate() {
        let expected = definitions.as_ref().and_then(|all| all.get(&index));
        let found = actual.remove(view.name);
        compare(view, found, expected, report);
    }
    for (name, _) in actual {
        report.problem(
            CHECK,
            format!("the schema read has {name}, which no migration creates"),
            format!("drop read.\"{name}\", or move it to another schema"),
        );
    }
    if report.findings.len() == before {
        report.ok(
            CHECK,
            format!(
                "all {} views of the schema read are as the migrations create them",
                declared.len()
            ),
        );
    }
    Ok(())
}

fn compare(
    view: &migration::DeclaredView,
    found: Option<Actual>,
    expected: Option<&String>,
    report: &mut Report,
) {
    let name = view.name;
    let make = format!(
        "create view read.{name} as {}; grant select on read.{name} to {GATEWAY_ROLE}",
        view.query
    );
    let as_owner = |statement: &str| format!("as {OWNER}, run `{statement}`");
    let Some(found) = found else {
        report.problem(
            CHECK,
            format!("the view read.{name} is missing"),
            as_owner(&make),
        );
        return;
    };
    if !found.is_view {
        report.problem(
            CHECK,
            format!("read.{name} is not a view"),
            format!("drop it, and {}", as_owner(&make)),
        );
        return;
    }
    if found.owner != OWNER {
        report.problem(
            CHECK,
            format!(
                "the view read.{name} belongs to {} and reads with the privileges of that role",
                found.owner
            ),
            format!("as an administrator, run `alter view read.{name} owner to {OWNER}`"),
        );
    }
    for option in &found.options {
        let option_name = option.split('=').next().unwrap_or_default();
        report.problem(
            CHECK,
            format!("the view read.{name} has the option {option}, which changes the rows that it returns or keeps it from using indexes"),
            as_owner(&format!("alter view read.{name} reset ({option_name})")),
        );
    }
    if expected.is_some() && found.definition.as_ref() != expected {
        report.problem(
            CHECK,
            format!("the view read.{name} is not as the migrations create it"),
            as_owner(&format!("drop view read.{name}; {make}")),
        );
    }
}

/// The declared views by number, as this PostgreSQL writes them: they are made as temporary views
/// in a transaction that is rolled back. An error of the database is given as its message.
async fn definitions(
    connection: &mut PgConnection,
    maker: &str,
    declared: &[migration::DeclaredView],
) -> Result<Result<BTreeMap<usize, String>, String>, sqlx::Error> {
    let mut script = format!("begin; set local role {maker};");
    for (index, view) in declared.iter().enumerate() {
        script += &format!(
            " create temporary view {DECLARED}{index} as {};",
            view.query
        );
    }
    let made = connection.execute(AssertSqlSafe(script)).await;
    let written: Result<Vec<(String, String)>, sqlx::Error> = match made {
        Ok(_) => {
            sqlx::query_as(
                "select substr(relname, length($1) + 1), pg_get_viewdef(oid) from pg_class \
                 where relnamespace = pg_my_temp_schema() and starts_with(relname::text, $1)",
            )
            .bind(DECLARED)
            .fetch_all(&mut *connection)
            .await
        }
        Err(error) => Err(error),
    };
    connection.execute("rollback").await?;
    match written {
        Ok(written) => Ok(Ok(written
            .into_iter()
            .filter_map(|(index, definition)| Some((index.parse().ok()?, definition)))
            .collect())),
        Err(sqlx::Error::Database(error)) => Ok(Err(error.message().to_owned())),
        Err(error) => Err(error),
    }
}
