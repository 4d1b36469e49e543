//! Groups by time are those that a naive evaluation finds: any bucket, in zones whose clocks are
//! moved, with equal and null keys, with and without the buckets that have no rows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::database::{Database, create};
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// Zones with half hours, with clocks that are moved at midnight, by half an hour, and never.
const ZONES: [Tz; 6] = [
    Tz::UTC,
    Tz::Asia__Kolkata,
    Tz::Europe__Berlin,
    Tz::America__Sao_Paulo,
    Tz::Australia__Lord_Howe,
    Tz::America__Havana,
];
const UNITS: [&str; 6] = ["HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"];

/// Instants near which clocks were moved in one of the zones.
const MOVES: [&str; 6] = [
    "2018-11-04T03:00:00Z",
    "2018-02-18T02:00:00Z",
    "2021-03-28T01:00:00Z",
    "2021-10-31T01:00:00Z",
    "2021-10-02T15:30:00Z",
    "2021-11-07T05:00:00Z",
];

/// An order: when it was placed, its amount in quarters, its state.
#[derive(Clone, Debug)]
struct Placed {
    near: usize,
    minutes: i64,
    amount: i64,
    status: u8,
}

#[derive(Clone, Debug)]
struct Case {
    rows: Vec<Placed>,
    unit: usize,
    zone: usize,
    by_status: bool,
    fill: bool,
}

fn cases() -> impl Strategy<Value = Case> {
    // Most lie within two days of a move; of two moves of different years, few buckets of an hour
    // can be filled in.
    let row = (0..2usize, -2_880..2_880i64, -8..8i64, 0..2u8).prop_map(
        |(near, minutes, amount, status)| Placed {
            near,
            minutes,
            amount,
            status,
        },
    );
    (
        prop::collection::vec(row, 0..12),
        0..MOVES.len(),
        0..UNITS.len(),
        0..ZONES.len(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(mut rows, near, unit, zone, by_status, fill)| {
            for row in &mut rows {
                // The second of a pair lies a year later, where buckets are long.
                row.near = match (row.near, UNITS[unit]) {
                    (0, _) | (_, "HOUR" | "DAY") => near,
                    _ => (near + 1) % MOVES.len(),
                };
            }
            Case {
                rows,
                unit,
                zone,
                by_status,
                fill,
            }
        })
}

impl Placed {
    fn at(&self) -> DateTime<Utc> {
        let near: DateTime<Utc> = MOVES[self.near].parse().expect("an instant");
        near + TimeDelta::minutes(self.minutes)
    }
}

/// The beginning of the bucket, on the clocks of the zone.
fn local_start(unit: &str, local: NaiveDateTime) -> NaiveDateTime {
    let date = local.date();
    let first = |month: u32| NaiveDate::from_ymd_opt(date.year(), month, 1).expect("a date");
    let start = match unit {
        "DAY" => date,
        "WEEK" => date - Days::new(date.weekday().num_days_from_monday().into()),
        "MONTH" => first(date.month()),
        "QUARTER" => first(date.month0() / 3 * 3 + 1),
        _ => first(1),
    };
    start.and_hms_opt(0, 0, 0).expect("midnight")
}

/// The instant at which the bucket of an instant begins: the first one in it, minute by minute.
fn start(unit: &str, zone: Tz, at: DateTime<Utc>) -> DateTime<Utc> {
    let local = at.with_timezone(&zone);
    if unit == "HOUR" {
        return at - TimeDelta::minutes(local.minute().into());
    }
    let wanted = local_start(unit, local.naive_local());
    match zone.from_local_datetime(&wanted) {
        chrono::LocalResult::Single(one) => one.to_utc(),
        // PostgreSQL takes the time that is not moved, which is the later of two.
        chrono::LocalResult::Ambiguous(_, later) => later.to_utc(),
        // Clocks jump over it: the day begins when they have.
        chrono::LocalResult::None => {
            let after = wanted + TimeDelta::hours(1);
            let found = zone.from_local_datetime(&after).earliest();
            found.expect("an hour later").to_utc()
        }
    }
}

/// Count and sum by bucket and state.
fn naive(case: &Case) -> BTreeMap<(Option<u8>, DateTime<Utc>), (i64, i64)> {
    let (unit, zone) = (UNITS[case.unit], ZONES[case.zone]);
    let mut groups: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    for row in &case.rows {
        let status = case.by_status.then_some(row.status);
        let group = groups
            .entry((status, start(unit, zone, row.at())))
            .or_default();
        group.0 += 1;
        group.1 += row.amount;
    }
    if case.fill {
        let starts: BTreeSet<_> = groups.keys().map(|(_, start)| *start).collect();
        let states: BTreeSet<_> = groups.keys().map(|(status, _)| *status).collect();
        if let (Some(&first), Some(&last)) = (starts.first(), starts.last()) {
            let mut at = first;
            while at <= last {
                for &status in &states {
                    groups.entry((status, start(unit, zone, at))).or_default();
                }
                at += TimeDelta::minutes(30);
            }
        }
    }
    groups
}

/// An amount in quarters, as a decimal of two places.
fn amount(quarters: i64) -> String {
    let cents = quarters * 25;
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

async fn compare(database: &Database, client: &Client, case: &Case) -> Result<(), TestCaseError> {
    let workspace = Side::A.workspace();
    let mut script = format!("delete from orders where workspace_id = '{workspace}';");
    for row in &case.rows {
        let (at, total, status) = (row.at().to_rfc3339(), amount(row.amount), row.status + 1);
        script.push_str(&format!(
            "insert into orders (workspace_id, order_date, total_amount, status) values ('{workspace}', '{at}', {total}, (enum_range(null::order_status))[{status}]);\n"
        ));
    }
    database.admin_script(&script).await;
    let mut by = vec![
        json!({"orderDate": {"bucket": UNITS[case.unit], "timeZone": ZONES[case.zone].name()}}),
    ];
    if case.by_status {
        by.insert(0, json!({"status": true}));
    }
    let status = if case.by_status { "status" } else { "" };
    let fill = case.fill.then_some("ZERO");
    let query = format!(
        "query ($by: [OrderGroupBy!]!, $fill: GroupFill) {{ orders {{ groups(by: $by, fill: $fill, first: 400) {{
           totalCount nodes {{ key {{ orderDate {status} }} count totalAmount {{ sum }} rows(first: 12) {{ nodes {{ totalAmount }} }} }} }} }} }}"
    );
    let variables = json!({"by": by, "fill": fill});
    let answer = client.query(Side::A, &query, variables).await;
    prop_assert!(answer.get("errors").is_none(), "{}", answer);
    let groups = &answer["data"]["orders"]["groups"];
    let states = ["PENDING", "PROCESSING"];
    let expected = naive(case);
    let shown: Vec<Value> = expected
        .iter()
        .take(400)
        .map(|((status, start), (count, sum))| {
            json!([
                status.map(|status| states[usize::from(status)]),
                start.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
                count,
                sum,
            ])
        })
        .collect();
    let quarters = |text: &Value| {
        let text = text.as_str().expect("a decimal");
        (text.parse::<f64>().expect("a number") * 4.0).round() as i64
    };
    let nodes = groups["nodes"].as_array().expect("groups");
    let found: Vec<Value> = nodes
        .iter()
        .map(|node| {
            let sum = quarters(&node["totalAmount"]["sum"]);
            json!([
                node["key"]["status"],
                node["key"]["orderDate"],
                node["count"],
                sum
            ])
        })
        .collect();
    prop_assert_eq!(found, shown, "{:?}", case);
    prop_assert_eq!(&groups["totalCount"], &json!(expected.len()));
    for node in nodes {
        let rows = node["rows"]["nodes"].as_array().expect("rows");
        prop_assert_eq!(&json!(rows.len()), &node["count"]);
        let sum: i64 = rows.iter().map(|row| quarters(&row["totalAmount"])).sum();
        prop_assert_eq!(sum, quarters(&node["totalAmount"]["sum"]));
    }
    Ok(())
}

#[test]
fn groups_by_time_are_those_of_a_naive_evaluation() {
    run(async {
        let database = create(Some(seed::accounts)).await;
        let client = Client::new(&database);
        let mut runner = TestRunner::new(Config {
            cases: 128,
            failure_persistence: None,
            ..Config::default()
        });
        let handle = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            runner
                .run(&cases(), |one| {
                    handle.block_on(compare(&database, &client, &one))
                })
                .expect("the same groups");
        });
    });
}

#[test]
fn too_many_buckets_are_refused() {
    run(async {
        let database = create(Some(seed::accounts)).await;
        let workspace = Side::A.workspace();
        let script = format!(
            "insert into orders (workspace_id, order_date, total_amount) values ('{workspace}', '1999-01-01', 1), ('{workspace}', '2021-01-01', 1), ('{workspace}', 'infinity', 1);"
        );
        database.admin_script(&script).await;
        let client = Client::new(&database);
        let query = |unit: &str, fill: &str| {
            format!(
                "{{ orders {{ groups(by: [{{ orderDate: {{ bucket: {unit} }} }}] {fill}) {{ totalCount nodes {{ count }} }} }} }}"
            )
        };
        let refused = client
            .query(Side::A, &query("HOUR", "fill: ZERO"), json!({}))
            .await;
        let error = &refused["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{refused}");
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains("10000 buckets"), "{message}");
        assert_eq!(error["path"], json!(["orders", "groups"]), "{refused}");
        for (unit, fill, groups) in [("HOUR", "", 3), ("DAY", "fill: ZERO", 8_038)] {
            let answer = client.query(Side::A, &query(unit, fill), json!({})).await;
            assert_eq!(
                answer["data"]["orders"]["groups"]["totalCount"], groups,
                "{answer}"
            );
        }
    });
}
