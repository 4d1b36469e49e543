//! Walks over keys of every kind that lists are ordered by: null, equal, and at the ends of the
//! type.

use std::fmt::Write;

use super::walk_all;
use crate::harness::client::Client;
use crate::harness::database::create;
use crate::harness::run;
use crate::harness::seed::{self, Side};

const TEXTS: &[&str] = &[
    "null",
    "null",
    "''",
    "''",
    "E'\\x01'",
    "E'a\\x01'",
    "'a'",
    "'a '",
    "'A'",
    "'ä'",
    "E'a\\u0301'",
    "E'\\u00e1'",
    "E'\\U0010ffff'",
    "E'\\ufffe'",
    "'\"'",
    "'\\'",
    "'%'",
    "'12'",
    "'null'",
];
const INTS: &[&str] = &[
    "-2147483648",
    "-2147483648",
    "-1",
    "0",
    "0",
    "2147483647",
    "2147483647",
];
const BIG_INTS: &[&str] = &[
    "-9223372036854775808",
    "-9223372036854775808",
    "-9007199254740993",
    "0",
    "0",
    "9007199254740993",
    "9223372036854775807",
];
const UUIDS: &[&str] = &[
    "null",
    "null",
    "'00000000-0000-0000-0000-000000000000'",
    "'7fffffff-ffff-ffff-ffff-ffffffffffff'",
    "'80000000-0000-0000-0000-000000000000'",
    "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
    "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
];
const ADDRESSES: &[&str] = &[
    "null",
    "null",
    "'0.0.0.0/0'",
    "'0.0.0.0'",
    "'255.255.255.255'",
    "'255.255.255.255/0'",
    "'192.0.2.1/24'",
    "'192.0.2.1'",
    "'::'",
    "'::/0'",
    "'::ffff:192.0.2.1'",
    "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'",
    "'::'",
];
const BOOLEANS: &[&str] = &["true", "false", "true", "false", "true"];
const DECIMALS: &[&str] = &[
    "null",
    "'NaN'",
    "'NaN'",
    "-9999999999.99",
    "0",
    "-0.00",
    "9999999999.99",
    "null",
];
const TIMESTAMPS: &[&str] = &[
    "null",
    "null",
    "'infinity'",
    "'infinity'",
    "'-infinity'",
    "'-infinity'",
    "'4714-11-24 00:00:00+00 BC'",
    "'294276-12-31 23:59:59.999999+00'",
    "'2000-01-01 00:00:00+00'",
    "'1999-12-31 23:59:59.999999+00'",
];

/// A list to walk: table, column, root field, field, its keys, and the columns that a row needs.
struct Walk(
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const WALKS: [Walk; 9] = [
    Walk("customers", "first_name", "customers", "firstName", TEXTS),
    Walk(
        "customers",
        "orders_count",
        "customers",
        "ordersCount",
        INTS,
    ),
    Walk(
        "customers",
        "accepts_marketing",
        "customers",
        "acceptsMarketing",
        BOOLEANS,
    ),
    Walk(
        "customers",
        "average_order_value",
        "customers",
        "averageOrderValue",
        DECIMALS,
    ),
    Walk(
        "customers",
        "last_order_date",
        "customers",
        "lastOrderDate",
        TIMESTAMPS,
    ),
    Walk(
        "customers",
        "status",
        "customers",
        "status",
        &[
            "'active'",
            "'inactive'",
            "'active'",
            "'inactive'",
            "'active'",
        ],
    ),
    Walk(
        "domain_events",
        "sequence_no",
        "domainEvents",
        "sequenceNo",
        BIG_INTS,
    ),
    Walk(
        "audit_logs",
        "ip_address",
        "auditLogs",
        "ipAddress",
        ADDRESSES,
    ),
    Walk("audit_logs", "user_id", "auditLogs", "userId", UUIDS),
];

/// The rows of one walk; the other columns get what they must have.
fn rows(Walk(table, column, _, _, keys): &Walk) -> String {
    let workspace = Side::A.workspace();
    let mut script = format!("delete from {table};\n");
    for (row, key) in keys.iter().enumerate() {
        let (names, values) = match *table {
            "customers" => ("email", format!("'c{row}@example.com'")),
            "domain_events" => (
                "event_id, aggregate_id, event_type, data, version",
                format!("'{row}', 'a', 'e', '{{}}', {row}"),
            ),
            _ => ("action", "'insert'".to_owned()),
        };
        let _ = writeln!(
            script,
            "insert into {table} (workspace_id, {names}, {column}) values ('{workspace}', {values}, {key});"
        );
    }
    script
}

#[test]
fn walks_meet_every_row_whatever_its_key() {
    run(async {
        let database = create(Some(seed::accounts)).await;
        let client = Client::new(&database);
        for walk in &WALKS {
            // No foreign key is looked at, and no change is logged.
            database
                .admin_script(&format!(
                    "set session_replication_role = replica; {} set session_replication_role = origin;",
                    rows(walk)
                ))
                .await;
            walk_all(&client, walk.2, walk.3).await;
        }
    });
}
