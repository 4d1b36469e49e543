//! Columns of lists of texts hold texts alone, and what was stored before is answered as a list.

use serde_json::{Value, json};

use super::nodes;
use crate::harness::client::Client;
use crate::harness::database::{Database, create};
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// Every column of this type.
const LISTS: [(&str, &str); 4] = [
    ("agents", "mcp_tools"),
    ("customers", "tags"),
    ("faqs", "keywords"),
    ("products", "tags"),
];

/// What no such column takes.
const BAD: [&str; 4] = ["{a,null}", "{null}", "{{a,b},{c,d}}", "{{a},{null}}"];

/// What it takes.
const GOOD: [&str; 5] = ["{}", "{a}", "{a,b,\"\"}", "{\"null\"}", "[3:4]={a,b}"];

async fn check(database: &Database) {
    for (table, column) in LISTS {
        for list in BAD {
            let taken = database
                .try_admin_script(&format!("update {table} set {column} = '{list}'"))
                .await;
            let error = taken.expect_err("it is refused");
            let check_violation = "23514";
            assert_eq!(
                error.code, check_violation,
                "{table}.{column} {list}: {error}"
            );
        }
        for list in GOOD {
            database
                .admin_script(&format!("update {table} set {column} = '{list}'"))
                .await;
        }
    }
}

#[test]
fn no_column_takes_a_null_or_a_second_dimension() {
    run(async {
        let database = create(Some(seed::everything)).await;
        check(&database).await;
        let found = database
            .admin(
                "select c.relname::text || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
                 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.atttypid = 'text[]'::regtype
                 and not a.attisdropped order by 1",
            )
            .await;
        let found: Vec<String> = found.iter().map(|row| row.get(0)).collect();
        let known = LISTS.map(|(table, column)| format!("{table}.{column}"));
        assert_eq!(found, known, "the lists above are all that there are");
    });
}

/// A database of an older version, in which such rows were stored.
#[test]
fn what_was_stored_before_is_answered_and_does_not_stop_the_migration() {
    run(async {
        let database = create(Some(seed::everything)).await;
        let rows: String = BAD
            .iter()
            .enumerate()
            .map(|(row, list)| {
                let id = Side::A.id("customers", row);
                format!("update customers set tags = '{list}' where id = '{id}';\n")
            })
            .collect();
        let checks: String = LISTS
            .iter()
            .map(|(table, column)| {
                format!("alter table {table} drop constraint ck_{table}_{column};\n")
            })
            .collect();
        database
            .admin_script(&format!(
                "{checks}{rows}delete from seaql_migrations where version = 'm0017_text_lists';"
            ))
            .await;
        let client = Client::new(&database);
        let query = "{ customers(orderBy: { id: ASC }) { nodes { tags } } }";
        let answer = client.query(Side::A, query, json!({})).await;
        let tags: Vec<&Value> = nodes(&answer, "customers")
            .iter()
            .map(|one| &one["tags"])
            .collect();
        assert_eq!(
            tags,
            [
                &json!(["a"]),
                &json!([]),
                &json!(["a", "b", "c", "d"]),
                &json!(["a"])
            ],
            "nulls are left out, dimensions follow one another"
        );
        let filters = "{ a: customers(where: { tags: { contains: [\"c\"] } }) { totalCount }
                         b: customers(where: { tags: { overlaps: [\"a\"] } }) { totalCount } }";
        let answer = client.query(Side::A, filters, json!({})).await;
        assert_eq!(
            answer["data"],
            json!({"a": {"totalCount": 1}, "b": {"totalCount": 3}})
        );
        if database.connections() == 1 {
            // The embedded server ends with its only connection, which the migration would need.
            return;
        }
        database.db.close().await;
        let report = migration::up(&database.url).await;
        let report = report.expect("the migration runs");
        assert_eq!(report.applied, ["m0017_text_lists"]);
        // The rows are there, and the checks hold for whatever is written from now on.
        let database = database.reopened();
        let kept = database
            .admin("select tags::text from customers order by id limit 4")
            .await;
        let kept: Vec<String> = kept.iter().map(|row| row.get(0)).collect();
        assert_eq!(
            kept,
            ["{a,NULL}", "{NULL}", "{{a,b},{c,d}}", "{{a},{NULL}}"]
        );
        check(&database).await;
    });
}
