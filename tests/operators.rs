//! Every operator on every column of every table, every order, and operands at the edges of what
//! PostgreSQL takes: no error of the database ever reaches the caller.

use std::collections::HashSet;
use std::mem::{Discriminant, discriminant};

use serde_json::{Value, json};
use tessera::app;
use tessera::engine::Limits;
use tessera::engine::catalog::{Catalog, Column, Kind, Operand, Operator, Table};

use crate::harness::client::Client;
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

/// Values of a column's type: an ordinary one and those at the edges.
fn values(catalog: &Catalog, kind: Kind) -> Vec<Value> {
    match kind {
        Kind::Uuid => vec![
            json!(Side::A.user()),
            json!("ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ],
        Kind::Text => vec![
            json!("alpha"),
            json!(""),
            json!("ÄßİЖ😀'\"\\%_\u{1}\u{7f}\u{ffff}"),
        ],
        Kind::TextArray => vec![json!(["alpha", "b,\"}{\\"]), json!([]), json!("alpha")],
        Kind::Int => vec![json!(1), json!(i32::MIN), json!(i32::MAX)],
        Kind::Float => Vec::new(),
        Kind::BigInt => vec![json!("1"), json!(i64::MIN.to_string()), json!(i64::MAX)],
        Kind::Decimal => vec![
            json!("12.50"),
            json!(-0.5),
            json!("79228162514264337593543950335"),
            json!("0.0000000000000000000000000001"),
            json!("1e20"),
            json!("1e131071"),
            json!("1e-16383"),
            json!("NaN"),
            json!("Infinity"),
            json!("-Infinity"),
        ],
        Kind::Boolean => vec![json!(true), json!(false)],
        Kind::Timestamp => vec![
            json!("2026-01-31T12:00:00.000001+05:30"),
            json!("0000-01-01T00:00:00Z"),
            json!("9999-12-31T23:59:59.999999-23:59"),
            json!("-004713-11-24T00:00:00Z"),
            json!("+294276-12-31T23:59:59.999999Z"),
            json!("infinity"),
            json!("-infinity"),
        ],
        Kind::Date => vec![
            json!("2026-01-31"),
            json!("0001-01-01"),
            json!("9999-12-31"),
            json!("-004713-11-24"),
            json!("+5874897-12-31"),
            json!("infinity"),
            json!("-infinity"),
        ],
        Kind::Inet => vec![
            json!("192.0.2.1"),
            json!("10.0.0.0/8"),
            json!("2001:db8::/32"),
            json!("::ffff:192.0.2.1"),
            json!("255.255.255.255/0"),
        ],
        Kind::Json => vec![
            json!({"a": [1, "\u{1}😀", null]}),
            json!([]),
            json!("\\u0000"),
            json!(1e300),
            json!(5e-324),
            json!(true),
        ],
        Kind::Enum(index) => catalog.enums[index]
            .values
            .iter()
            .map(|value| json!(value.to_uppercase()))
            .collect(),
        Kind::Vector => Vec::new(),
    }
}

/// Tells apart the columns whose statements differ in more than names. Only the first of each sort
/// is asked about thoroughly, the others briefly: all at length would take minutes.
#[derive(Default)]
struct Sorts(HashSet<(Discriminant<Kind>, bool, bool, bool)>);

impl Sorts {
    fn is_new(&mut self, table: &Table, column: &Column) -> bool {
        self.0.insert((
            discriminant(&column.kind),
            column.nullable,
            column.guard.is_some(),
            table.has_workspace,
        ))
    }
}

/// The operands of an operator, each in JSON.
pub fn operands(catalog: &Catalog, kind: Kind, operator: Operator) -> Vec<Value> {
    match operator.operand(kind) {
        Operand::Same => values(catalog, kind),
        Operand::List => {
            let all = values(catalog, kind);
            vec![json!([]), json!([all[0]]), json!(all)]
        }
        Operand::Boolean => vec![json!(true), json!(false)],
        Operand::Text => vec![json!("alpha"), json!(""), json!("a\\\\b%_\\%'\"😀")],
        Operand::Path => {
            let places = [
                json!("mark"),
                json!([]),
                json!(["0", "-1", "a.b", "", "😀"]),
            ];
            let mut operands = Vec::new();
            for keys in places {
                for operator in ["eq", "ne", "lt", "lte", "gt", "gte", "contains"] {
                    for value in [json!("a"), json!(1.5), json!({"a": []})] {
                        operands.push(json!({"keys": keys, operator: value}));
                    }
                }
                // Nothing is less than null, or contains it.
                for operator in ["eq", "ne"] {
                    operands.push(json!({"keys": keys, operator: null}));
                }
                operands.push(json!({"keys": keys, "isNull": true}));
                operands.push(json!({"keys": keys, "isNull": false}));
            }
            operands
        }
    }
}

/// Asks for lists of one table, many in one request, and expects every one to be answered.
async fn ask_lists(client: &Client, table: &Table, argument: &str, of: &str, values: &[Value]) {
    for values in values.chunks(40) {
        let declared: String = (0..values.len())
            .map(|at| format!("$v{at}: {of} "))
            .collect();
        let fields: String = (0..values.len())
            .map(|at| {
                format!(
                    "f{at}: {}({argument}: $v{at}, first: 1) {{ nodes {{ nodeId }} }}\n",
                    table.plural
                )
            })
            .collect();
        let variables: Value = values
            .iter()
            .enumerate()
            .map(|(at, value)| (format!("v{at}"), value.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let query = format!("query ({declared}) {{ {fields} }}");
        let (_, answer) = client.ask(Side::A, &query, variables).await;
        if answer.get("errors").is_none() {
            continue;
        }
        // Which one was it?
        for value in values {
            let query = format!(
                "query ($v: {of}) {{ {}({argument}: $v, first: 1) {{ nodes {{ nodeId }} }} }}",
                table.plural
            );
            let (_, answer) = client.ask(Side::A, &query, json!({"v": value})).await;
            assert_eq!(
                answer.get("errors"),
                None,
                "{} {value}: {answer}",
                table.plural
            );
        }
        panic!("each list alone is answered, but not together: {answer}");
    }
}

#[test]
fn every_operator_runs_on_every_column() {
    run(async {
        // All filters of a table at once are more conditions than a request is meant to have.
        let limits = Limits {
            max_conditions: 10_000,
            ..Limits::default()
        };
        let engine = crate::harness::client::engine(limits);
        let client = Client::with_engine(seeded().await, engine);
        let catalog = app::catalog().expect("the model fits together");
        let mut sorts = Sorts::default();
        for table in &catalog.tables {
            let mut filters = Vec::new();
            for (_, column) in table.fields() {
                let thorough = sorts.is_new(table, column);
                for &operator in column.kind.operators() {
                    let operands = operands(&catalog, column.kind, operator);
                    let most = if thorough { usize::MAX } else { 1 };
                    for operand in operands.into_iter().take(most) {
                        let field = &column.field;
                        let operator = operator.name();
                        filters.push(json!({field: {operator: operand}}));
                        if column.kind == Kind::Text {
                            filters
                                .push(json!({field: {operator: operand, "mode": "INSENSITIVE"}}));
                        }
                    }
                }
            }
            let negated: Vec<Value> = filters.iter().map(|one| json!({"not": one})).collect();
            let all = [
                json!({"and": filters}),
                json!({"or": filters}),
                json!({"or": negated}),
            ];
            let of = format!("{}Filter", table.type_name);
            ask_lists(&client, table, "where", &of, &filters).await;
            for one in all {
                // A table of many columns comes to more conditions than a statement takes.
                let query = format!(
                    "query ($v: {of}) {{ {}(where: $v) {{ totalCount }} }}",
                    table.plural
                );
                let (_, answer) = client.ask(Side::A, &query, json!({"v": one})).await;
                let code = &answer["errors"][0]["extensions"]["code"];
                assert!(
                    code.is_null() || code == "BAD_USER_INPUT",
                    "{}: {answer}",
                    table.plural
                );
            }
        }
    });
}

/// A cursor is a position in any order: each column, each direction, alone and before the key.
#[test]
fn every_order_runs_and_its_cursors_walk() {
    run(async {
        let client = Client::new(seeded().await);
        let catalog = app::catalog().expect("the model fits together");
        let mut sorts = Sorts::default();
        let directions = [
            "ASC_NULLS_FIRST",
            "ASC",
            "ASC_NULLS_LAST",
            "DESC",
            "DESC_NULLS_FIRST",
            "DESC_NULLS_LAST",
        ];
        for table in &catalog.tables {
            for (_, column) in table.fields().filter(|(_, one)| one.kind.is_orderable()) {
                let most = if sorts.is_new(table, column) { 6 } else { 1 };
                for direction in directions.into_iter().take(most) {
                    let order = format!("orderBy: {{ {}: {direction} }}", column.field);
                    let list = format!(
                        "{{ l: {}({order}) {{ edges {{ cursor node {{ nodeId }} }} }} }}",
                        table.plural
                    );
                    let answer = client.query(Side::A, &list, json!({})).await;
                    let edges = answer["data"]["l"]["edges"].as_array().expect("edges");
                    let ids: Vec<&Value> =
                        edges.iter().map(|edge| &edge["node"]["nodeId"]).collect();
                    let pages: String = edges
                        .iter()
                        .enumerate()
                        .map(|(at, edge)| {
                            let list = format!("{}({order}, ", table.plural);
                            let cursor = &edge["cursor"];
                            format!(
                                "a{at}: {list} after: {cursor}) {{ nodes {{ nodeId }} }}
                                 b{at}: {list} before: {cursor}) {{ nodes {{ nodeId }} }}
                                 c{at}: {list} before: {cursor}, last: 1) {{ nodes {{ nodeId }} }}
                                 d{at}: {list} after: {}, before: {cursor}, last: 2) {{ nodes {{ nodeId }} }}",
                                edges[0]["cursor"],
                            )
                        })
                        .collect();
                    if edges.is_empty() {
                        continue;
                    }
                    let answer = client
                        .query(Side::A, &format!("{{ {pages} }}"), json!({}))
                        .await;
                    assert_eq!(answer.get("errors"), None, "{}: {answer}", table.plural);
                    for at in 0..ids.len() {
                        let page = |letter: char| -> Vec<&Value> {
                            let nodes = &answer["data"][format!("{letter}{at}")]["nodes"];
                            let nodes = nodes.as_array().expect("nodes");
                            nodes.iter().map(|node| &node["nodeId"]).collect()
                        };
                        let place = format!("{} by {} {direction}", table.plural, column.field);
                        assert_eq!(page('a'), ids[at + 1..], "{place}, after {at}");
                        assert_eq!(page('b'), ids[..at], "{place}, before {at}");
                        assert_eq!(
                            page('c'),
                            ids[at.saturating_sub(1)..at],
                            "{place}, last before {at}"
                        );
                        let between = &ids[1.min(at)..at];
                        let last = &between[between.len().saturating_sub(2)..];
                        assert_eq!(page('d'), last, "{place}, last between 0 and {at}");
                    }
                }
            }
        }
    });
}
