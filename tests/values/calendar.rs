//! Timestamps and dates at the ends of what PostgreSQL stores, and the infinite ones.

use serde_json::{Value, json};

use super::{column, nodes, walk_all};
use crate::harness::client::Client;
use crate::harness::database::create;
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// What PostgreSQL calls them, and what the API does, from the earliest to the latest.
const TIMESTAMPS: [(&str, &str); 12] = [
    ("-infinity", "-infinity"),
    ("4714-11-24 00:00:00+00 BC", "-004713-11-24T00:00:00Z"),
    (
        "0044-03-15 12:00:00.000001+00 BC",
        "-000043-03-15T12:00:00.000001Z",
    ),
    (
        "0002-12-31 23:59:59.999999+00 BC",
        "-000001-12-31T23:59:59.999999Z",
    ),
    ("0001-02-29 00:00:00+00 BC", "0000-02-29T00:00:00Z"),
    ("0001-01-01 00:00:00+00", "0001-01-01T00:00:00Z"),
    (
        "1969-12-31 23:59:59.999999+00",
        "1969-12-31T23:59:59.999999Z",
    ),
    (
        "9999-12-31 23:59:59.999999+00",
        "9999-12-31T23:59:59.999999Z",
    ),
    ("10000-01-01 00:00:00+00", "+010000-01-01T00:00:00Z"),
    ("262143-01-01 00:00:00+00", "+262143-01-01T00:00:00Z"),
    (
        "294276-12-31 23:59:59.999999+00",
        "+294276-12-31T23:59:59.999999Z",
    ),
    ("infinity", "infinity"),
];

const DATES: [(&str, &str); 12] = [
    ("-infinity", "-infinity"),
    ("4714-11-24 BC", "-004713-11-24"),
    ("0044-03-15 BC", "-000043-03-15"),
    ("0002-12-31 BC", "-000001-12-31"),
    ("0001-02-29 BC", "0000-02-29"),
    ("0001-01-01", "0001-01-01"),
    ("1999-12-31", "1999-12-31"),
    ("9999-12-31", "9999-12-31"),
    ("10000-01-01", "+010000-01-01"),
    ("999999-12-31", "+999999-12-31"),
    ("5874897-12-31", "+5874897-12-31"),
    ("infinity", "infinity"),
];

/// The accounts, and customers of workspace A with each timestamp and date, and without.
fn customers() -> String {
    let workspace = Side::A.workspace();
    let rows: Vec<String> = TIMESTAMPS
        .iter()
        .zip(&DATES)
        .map(|((timestamp, _), (date, _))| (format!("'{timestamp}'"), format!("'{date}'")))
        .chain([("null".to_owned(), "null".to_owned())])
        .enumerate()
        .map(|(row, (timestamp, date))| {
            format!("('{workspace}', 'c{row}@example.com', {timestamp}, {date})")
        })
        .collect();
    format!(
        "{}insert into customers (workspace_id, email, last_order_date, date_joined) values {};",
        seed::accounts(),
        rows.join(", ")
    )
}

async fn check(client: &Client, field: &str, of: &str, expected: &[&str]) {
    let order = format!("orderBy: {{ {field}: ASC }}");
    let answered = column(client, "customers", &order, field).await;
    let wanted: Vec<Value> = expected
        .iter()
        .map(|text| json!(text))
        .chain([Value::Null])
        .collect();
    assert_eq!(answered, wanted, "{field}");
    let find = format!(
        "query ($w: CustomerFilter) {{ customers(where: $w, {order}) {{ nodes {{ {field} }} }} }}"
    );
    for (at, value) in expected.iter().enumerate() {
        for (operator, rows) in [
            ("eq", &expected[at..=at]),
            ("lt", &expected[..at]),
            ("lte", &expected[..=at]),
            ("gt", &expected[at + 1..]),
            ("gte", &expected[at..]),
        ] {
            let filter = json!({"w": {field: {operator: value}}});
            let answer = client.query(Side::A, &find, filter).await;
            let found: Vec<&str> = nodes(&answer, "customers")
                .iter()
                .map(|one| one[field].as_str().expect("a text"))
                .collect();
            assert_eq!(found, rows, "{field} {operator} {value}");
        }
        let literal = format!(
            "query ($v: {of}!) {{ a: customers(where: {{ {field}: {{ eq: \"{value}\" }} }}) {{ totalCount }} b: customers(where: {{ {field}: {{ in: [$v] }} }}) {{ totalCount }} }}"
        );
        let answer = client.query(Side::A, &literal, json!({"v": value})).await;
        assert_eq!(
            answer["data"],
            json!({"a": {"totalCount": 1}, "b": {"totalCount": 1}}),
            "{value}: {answer}"
        );
    }
    walk_all(client, "customers", field).await;
}

#[test]
fn every_timestamp_and_date_goes_in_again() {
    run(async {
        let database = create(Some(customers)).await;
        let client = Client::new(&database);
        check(
            &client,
            "lastOrderDate",
            "DateTime",
            &TIMESTAMPS.map(|(_, text)| text),
        )
        .await;
        check(&client, "dateJoined", "Date", &DATES.map(|(_, text)| text)).await;
    });
}

#[test]
fn what_postgresql_does_not_store_is_refused() {
    run(async {
        let client = Client::new(crate::harness::database::seeded().await);
        for (field, text) in [
            ("lastOrderDate", "-004713-11-23T23:59:59.999999Z"),
            ("lastOrderDate", "+294277-01-01T00:00:00Z"),
            ("lastOrderDate", "Infinity"),
            ("lastOrderDate", "now"),
            ("lastOrderDate", "10000-01-01T00:00:00Z"),
            ("dateJoined", "-004713-11-23"),
            ("dateJoined", "+5874898-01-01"),
            ("dateJoined", "2026-02-29"),
            ("dateJoined", "2026-1-1"),
        ] {
            let query = format!(
                "{{ customers(where: {{ {field}: {{ eq: \"{text}\" }} }}) {{ totalCount }} }}"
            );
            let (_, answer) = client.ask(Side::A, &query, json!({})).await;
            let extensions = &answer["errors"][0]["extensions"];
            assert_eq!(extensions["code"], "BAD_USER_INPUT", "{text}: {answer}");
            assert_eq!(extensions["field"], field, "{text}: {answer}");
        }
    });
}

/// One order at the end of time must not stop the figures of every workspace from being computed.
#[test]
fn infinite_times_do_not_stop_the_views() {
    run(async {
        let database = create(Some(seed::everything)).await;
        for time in ["infinity", "-infinity"] {
            database
                .admin_script(&format!(
                    "update orders set order_date = '{time}'; update tasks set completed_at = '{time}', started_at = '{time}'; select app.refresh_views();"
                ))
                .await;
            let client = Client::new(&database);
            let answer = client
                .query(Side::A, "{ customerLifetimeValues { nodes { lastOrderDate lifespanDays } } agentPerformances { nodes { averageTaskSeconds } } }", json!({}))
                .await;
            assert_eq!(answer.get("errors"), None, "{answer}");
            let dates: Vec<&Value> = nodes(&answer, "customerLifetimeValues")
                .iter()
                .map(|one| &one["lastOrderDate"])
                .collect();
            assert!(dates.contains(&&json!(time)), "{answer}");
        }
    });
}
