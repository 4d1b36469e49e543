//! Rows whose values lie at the edges of their types: no valid query makes the database raise an
//! error over them. The views are no security barrier, so such an error could tell of a row that
//! the caller may not see.

use entity::facts::{TABLES, TableKind};
use serde_json::{Value, json};
use tessera::app;
use tessera::engine::Limits;
use tessera::engine::catalog::{Kind, Table};

use crate::harness::client::Client;
use crate::harness::database::{Database, create};
use crate::harness::run;
use crate::harness::seed::{self, ROWS, Side};
use crate::operators::operands;

/// Conditions of one query.
const MANY: usize = 40;

/// Literals for the rows of a column, one each.
fn edges(sql_type: &str) -> Option<[&'static str; ROWS]> {
    Some(match sql_type {
        "jsonb" => [
            "'\"x\"'",
            "'[1, {\"a\": [null]}, \"mark\"]'",
            "'{\"mark\": {\"0\": 1e300}, \"a\": null, \"0\": [0], \"\": \"\\u00e9\"}'",
            "'null'",
        ],
        "integer" => ["2147483647", "-2147483648", "0", "-1"],
        "bigint" => ["9223372036854775807", "-9223372036854775808", "0", "-1"],
        "text[]" => [
            "'{}'",
            "'{\"\"}'",
            "'{\"\\\\\\\\\",\"%\",\"\\\"\"}'",
            "'{a,a}'",
        ],
        "inet" => ["'0.0.0.0/0'", "'::/0'", "'ffff::1/3'", "'255.255.255.255'"],
        "date" => [
            "'4714-11-24 BC'",
            "'5874897-12-31'",
            "'infinity'",
            "'1969-12-31'",
        ],
        "timestamp with time zone" => [
            "'4714-11-24 00:00:00Z BC'",
            "'294276-12-31T23:59:59.999999Z'",
            "'-infinity'",
            "'1969-12-31T23:59:59.999999Z'",
        ],
        text if text.starts_with("character varying") || text == "text" => {
            ["'\\'", "'%_\\%'", "U&'\\+01F600\\+10FFFF'", "''"]
        }
        number if number.starts_with("numeric") => ["0.1", "-0.9", "0", "1"],
        _ => return None,
    })
}

/// Sets what can be set: a check, a length or a unique key keeps its value.
async fn set_edges(database: &Database) {
    for table in TABLES.iter().filter(|table| table.kind == TableKind::Table) {
        for column in table.columns {
            let Some(edges) = edges(column.sql_type) else {
                continue;
            };
            for (row, edge) in edges.into_iter().enumerate() {
                let id = Side::A.id(table.name, row);
                let update = format!(
                    "set session_replication_role = replica; \
                     update {} set \"{}\" = {edge} where id = '{id}'; \
                     set session_replication_role = origin",
                    table.name, column.name
                );
                // Refused, the whole line is undone.
                let _ = database.try_admin_script(&update).await;
            }
        }
    }
}

/// Values about all columns, and groups by each of them in each bucket.
fn computed(table: &Table) -> Vec<String> {
    let plural = &table.plural;
    let mut queries = Vec::new();
    let functions = table.fields().filter_map(|(_, column)| {
        let functions = column.kind.functions().iter().map(|one| one.name());
        let functions = functions.collect::<Vec<_>>().join(" ");
        (!functions.is_empty()).then(|| format!("{} {{ {functions} }}", column.field))
    });
    let functions = functions.collect::<Vec<_>>().join(" ");
    queries.push(format!(
        "{{ {plural} {{ aggregate {{ count {functions} }} }} }}"
    ));
    let mut groups = |by: String, field: &str, fill: &str| {
        queries.push(format!(
            "{{ {plural} {{ groups(by: [{{ {field}: {by} }}] {fill}) {{ nodes {{ key {{ {field} }} count rows {{ totalCount }} }} }} }} }}"
        ));
    };
    for (_, column) in table.fields().filter(|(_, one)| one.kind.is_orderable()) {
        // There are too many of the shorter ones between the dates of the rows.
        let fill = |unit: &str| match unit {
            "HOUR" | "DAY" | "WEEK" => "",
            _ => "fill: ZERO",
        };
        let units = ["HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"];
        match column.kind {
            Kind::Timestamp => {
                for (unit, zone) in units.iter().flat_map(|unit| {
                    ["Asia/Kolkata", "America/Los_Angeles"].map(|zone| (unit, zone))
                }) {
                    let by = format!("{{ bucket: {unit}, timeZone: \"{zone}\" }}");
                    groups(by, &column.field, fill(unit));
                }
            }
            Kind::Date => {
                for unit in &units[1..] {
                    groups(format!("{{ bucket: {unit} }}"), &column.field, fill(unit));
                }
            }
            _ => groups("true".to_owned(), &column.field, ""),
        }
    }
    queries
}

#[test]
fn no_value_of_a_row_makes_a_query_fail() {
    run(async {
        let database = create(Some(seed::everything)).await;
        set_edges(&database).await;
        let kept = database
            .admin("select count(*) from customers where first_name = '\\' or tags = '{}'")
            .await;
        assert_eq!(kept[0].get::<i64>(0), 1, "the values are set");
        let limits = Limits {
            max_cost: u64::MAX,
            ..Limits::default()
        };
        let engine = crate::harness::client::engine(limits);
        let client = Client::with_engine(&database, engine);
        let catalog = app::catalog().expect("the model fits together");
        let mut asked = 0;
        for table in &catalog.tables {
            let mut conditions: Vec<Value> = Vec::new();
            for (_, column) in table.fields() {
                for &operator in column.kind.operators() {
                    for operand in operands(&catalog, column.kind, operator) {
                        let mut filter = json!({operator.name(): operand});
                        conditions.push(json!({&column.field: filter}));
                        if column.kind == Kind::Text {
                            filter["mode"] = json!("INSENSITIVE");
                            conditions.push(json!({&column.field: filter}));
                        }
                    }
                }
            }
            asked += conditions.len();
            let query = format!(
                "query ($w: {}Filter) {{ all: {plural} {{ totalCount }} some: {plural}(where: $w) {{ totalCount }} }}",
                table.type_name,
                plural = table.plural
            );
            for some in conditions.chunks(MANY) {
                // Each condition is looked at in every row: it holds, or it does not.
                let all: Vec<Value> = some
                    .iter()
                    .map(|one| json!({"or": [one, {"not": one}]}))
                    .collect();
                let variables = json!({"w": {"and": all}});
                let answer = client.query(Side::A, &query, variables).await;
                assert_eq!(
                    answer.get("errors"),
                    None,
                    "{}: {some:?}: {answer}",
                    table.plural
                );
                let data = &answer["data"];
                assert_eq!(data["all"], data["some"], "{}: {some:?}", table.plural);
            }
            for query in computed(table) {
                let answer = client.query(Side::A, &query, json!({})).await;
                assert_eq!(answer.get("errors"), None, "{query}: {answer}");
            }
            let terms = table
                .fields()
                .filter(|(_, column)| column.kind.is_orderable());
            let terms: Vec<String> = terms
                .map(|(_, column)| format!("{{ {}: DESC }}", column.field))
                .collect();
            let query = format!(
                "{{ l: {}(orderBy: [{}]) {{ nodes {{ nodeId }} pageInfo {{ endCursor }} }} }}",
                table.plural,
                terms.join(", ")
            );
            let answer = client.query(Side::A, &query, json!({})).await;
            assert_eq!(answer.get("errors"), None, "{}: {answer}", table.plural);
        }
        assert!(asked > 10_000, "{asked}");
    });
}
