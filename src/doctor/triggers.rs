//! Looks for the triggers that guard columns and log changes.

use sqlx::PgConnection;

use super::report::Report;

const CHECK: &str = "triggers";
/// More lines than these say no more.
const SHOWN: usize = 20;

/// Table, name, whether it fires, function with its arguments.
type Row = (String, String, bool, String);

pub(super) async fn check(
    connection: &mut PgConnection,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "select c.relname::text, t.tgname::text, t.tgenabled in ('O', 'A'), \
         coalesce(substring(pg_get_triggerdef(t.oid) from 'EXECUTE FUNCTION (.*)$'), '') \
         from pg_trigger t join pg_class c on c.oid = t.tgrelid \
         where c.relnamespace = 'public'::regnamespace and not t.tgisinternal and t.tgparentid = 0",
    )
    .fetch_all(connection)
    .await?;
    let before = report.findings.len();
    for table in migration::declared() {
        for (name, statement) in &table.triggers {
            let statement = statement.trim();
            let found = rows
                .iter()
                .find(|(of, trigger, ..)| of == table.name && trigger == name);
            let (problem, remedy) = match found {
                None => ("does not exist", statement.to_owned()),
                Some((.., false, _)) => (
                    "is disabled",
                    format!("alter table public.{} enable trigger {name}", table.name),
                ),
                Some((.., call)) if !statement.ends_with(&format!("execute function {call};")) => (
                    "calls another function, or with other arguments",
                    format!("drop trigger {name} on public.{}; {statement}", table.name),
                ),
                Some(_) => continue,
            };
            report.problem(
                CHECK,
                format!("the trigger {name} of {} {problem}", table.name),
                format!("as model_owner, run `{remedy}`"),
            );
        }
    }
    let wrong = report.findings.len() - before;
    if wrong == 0 {
        report.ok(CHECK, "columns are guarded and changes are logged");
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
