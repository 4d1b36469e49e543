//! What a query is charged for the rows that it only looks at, where the workspace has the rows.

use std::sync::Mutex;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use tessera::engine::Limits;
use tokio::sync::OnceCell;

use crate::harness::client::{Client, token};
use crate::harness::database::{self, Database, STATEMENTS};
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// Customers of workspace A; the other workspace has but those of the seed.
const ROWS: u64 = 20_000;

fn many_customers() -> String {
    let a = Side::A.workspace();
    seed::everything()
        + &format!(
            // Without the triggers that write the audit log.
            "set session_replication_role = replica;\n\
             insert into customers (workspace_id, email) \
             select '{a}', 'n' || n || '@alpha.example' from generate_series(1, {ROWS}) n;\n\
             insert into orders (workspace_id, customer_id, total_amount) \
             select '{a}', id, 1 from customers where workspace_id = '{a}' and email like 'n%';\n\
             set session_replication_role = origin;\n\
             analyze customers, orders;"
        )
}

async fn database() -> &'static Database {
    static DATABASE: OnceCell<Database> = OnceCell::const_new();
    DATABASE
        .get_or_init(|| database::create(Some(many_customers)))
        .await
}

async fn client(limits: Limits) -> Client {
    Client::with_engine(database().await, crate::harness::client::engine(limits))
}

async fn ask(client: &Client, side: Side, query: &str) -> Value {
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", token(side)))
        .header("X-GraphQL-Cost", "1")
        .body(Body::from(json!({ "query": query }).to_string()))
        .expect("a request");
    let (_, bytes) = client.send(request).await;
    serde_json::from_slice(&bytes).expect("JSON")
}

/// What a query may cost, of which it costs no more.
async fn requested(client: &Client, side: Side, query: &str) -> u64 {
    let answer = ask(client, side, query).await;
    assert_eq!(answer.get("errors"), None, "{query}: {answer}");
    let number = |name: &str| {
        let number = answer["extensions"]["cost"][name].as_u64();
        number.expect("a number")
    };
    assert!(number("actual") <= number("requested"), "{answer}");
    assert!(number("rows") <= number("actual"), "{answer}");
    number("requested")
}

#[test]
fn what_a_query_looks_at_is_charged() {
    run(async {
        let client = client(Limits::default()).await;
        // PostgreSQL estimates, so the half and the double of what is right are right.
        let about = |cost: u64, rows: u64| (rows / 2..=rows * 2 + 10).contains(&cost);
        let cost = async |side, query: &str| requested(&client, side, query).await;
        for (query, looks) in [
            // Everything is counted.
            ("{ customers { totalCount } }", ROWS / 10),
            // Everything is compared with a condition, too.
            (
                "{ customers(where: { email: { ilike: \"%x%\" } }) { totalCount } }",
                ROWS / 5,
            ),
            (
                "{ customers(where: { email: { ilike: \"%x%\" } }, first: 1) { nodes { id } } }",
                ROWS / 5,
            ),
            (
                "{ customers(where: { email: { ilike: \"%x%\" } }) { countUpTo(limit: 1) { value } } }",
                ROWS / 5,
            ),
            // Everything is sorted.
            (
                "{ customers(first: 1, orderBy: { company: ASC }) { nodes { id } } }",
                ROWS / 10,
            ),
            // What is skipped is read.
            (
                "{ customers(first: 1, offset: 10000) { nodes { id } } }",
                10_000 / 10,
            ),
            (
                "{ customers(first: 1, offset: 2000000000) { nodes { id } } }",
                ROWS / 10,
            ),
            // An index finds those of a status.
            (
                "{ customers(where: { status: { eq: ACTIVE } }) { totalCount } }",
                ROWS / 10 / 5,
            ),
            (
                "{ customers { countUpTo(limit: 5000) { value } } }",
                5_000 / 10,
            ),
            // The orders of ten customers are sorted; each may have four times as many as usual.
            (
                "{ customers(first: 10) { nodes { orders(first: 1) { nodes { id } } } } }",
                10 + 10 + 2 + 4,
            ),
        ] {
            let cost = cost(Side::A, query).await;
            assert!(about(cost, looks), "{query}: {cost}, not {looks}");
        }
        for (query, expected) in [
            ("{ customers(first: 7) { nodes { id } } }", 8),
            (
                "{ customers(first: 7, orderBy: { email: DESC }) { nodes { id } } }",
                8,
            ),
            ("{ customers(first: 7, offset: 9) { nodes { id } } }", 8),
            (
                "{ customers(where: { email: { eq: \"x\" } }) { totalCount } }",
                3,
            ),
            (
                "{ customers(first: 7, where: { email: { in: [\"x\", \"y\"] } }) { nodes { id } } }",
                9,
            ),
            ("{ customerByEmail(email: \"x\") { id } }", 2),
        ] {
            assert_eq!(cost(Side::A, query).await, expected, "{query}");
        }
        // The other workspace has few rows, whatever this one has.
        let few = cost(
            Side::B,
            "{ customers(where: { email: { ilike: \"%x%\" } }) { totalCount } }",
        );
        let few = few.await;
        assert!(few < 50, "{few}");
    });
}

#[test]
fn many_counts_that_read_everything_are_no_bargain() {
    let counts: String = (0..50)
        .map(|index| {
            format!("c{index}: customers(where: {{ email: {{ ilike: \"%{index}%\" }} }}) {{ totalCount }} ")
        })
        .collect();
    let counts = format!("{{ {counts} }}");
    run(async {
        let limits = Limits {
            max_cost: 40_000,
            ..Limits::default()
        };
        let strict = client(limits).await;
        let answer = STATEMENTS.scope(Mutex::default(), async {
            let answer = ask(&strict, Side::A, &counts).await;
            let sent = STATEMENTS.with(|sent| sent.lock().expect("no panic").clone());
            assert!(sent.is_empty(), "{sent:?}");
            answer
        });
        let answer = answer.await;
        assert_eq!(
            answer["errors"][0]["extensions"]["name"], "max_cost",
            "{answer}"
        );
        // One scan is never charged more than its share, so that it can be had.
        let one = "{ customers(where: { email: { ilike: \"%x%\" } }) { totalCount } }";
        let small = client(Limits {
            max_cost: 800,
            ..Limits::default()
        });
        assert_eq!(requested(&small.await, Side::A, one).await, 100 + 3);
        // Whoever has few rows is charged for few.
        let few = requested(&strict, Side::B, &counts).await;
        assert!((150..3_000).contains(&few), "{few}");
    });
}

#[test]
fn conditions_are_limited_wherever_they_stand() {
    run(async {
        let client = client(Limits::default()).await;
        let query = "query ($w: CustomerFilter!) { customers(where: { and: [$w, { status: { eq: ACTIVE } }] }) { totalCount } }";
        let ask = async |conditions: usize| {
            let each: Vec<Value> = (0..conditions)
                .map(|index| json!({"email": {"eq": index.to_string()}}))
                .collect();
            let (_, answer) = client.ask(Side::B, query, json!({"w": {"or": each}})).await;
            answer
        };
        let most = usize::try_from(Limits::default().max_conditions).expect("a number");
        let answer = ask(most - 1).await;
        assert_eq!(answer["data"]["customers"]["totalCount"], 0, "{answer}");
        let answer = ask(most).await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(extensions["name"], "max_conditions", "{answer}");
        assert_eq!(extensions["cost"], most + 1);
        assert_eq!(answer["errors"][0]["path"], json!(["customers"]));

        // A list is one condition; what all statements send together is limited.
        let emails: Vec<String> = (0..20_000).map(|index| index.to_string()).collect();
        let of = |aliases: usize| {
            let lists: String = (0..aliases)
                .map(|index| {
                    format!(
                        "c{index}: customers(where: {{ email: {{ in: $e }} }}) {{ totalCount }} "
                    )
                })
                .collect();
            format!("query ($e: [String!]) {{ {lists} }}")
        };
        let variables = json!({ "e": emails });
        let (_, answer) = client.ask(Side::B, &of(1), variables.clone()).await;
        assert_eq!(answer["data"]["c0"]["totalCount"], 0, "{answer}");
        let (_, answer) = client.ask(Side::B, &of(50), variables).await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(extensions["name"], "max_answer_bytes", "{answer}");
    });
}

#[test]
fn prepared_statements_are_few_and_short() {
    run(async {
        let database = database::create(Some(seed::accounts)).await;
        let client = Client::new(&database);
        let conditions: Vec<Value> = (0..150)
            .map(|index| json!({"email": {"eq": index.to_string()}}))
            .collect();
        let long = "query ($w: CustomerFilter) { customers(where: $w) { nodes { id } } }";
        let long = client.query(Side::A, long, json!({"w": {"or": conditions}}));
        assert_eq!(long.await.get("errors"), None);
        // Each size of a page is a statement of its own.
        for first in 1..=250 {
            let query = format!("{{ customers(first: {first}) {{ nodes {{ id }} }} }}");
            client.query(Side::A, &query, json!({})).await;
        }
        let rows = database
            .admin_of_gateway(
                "select count(*), max(length(statement)), max(cardinality(parameter_types)) \
                 from pg_prepared_statements",
            )
            .await;
        let count: i64 = rows[0].get(0);
        assert!((1..=200).contains(&count), "{count} statements");
        assert!(rows[0].get::<i32>(1) <= 8192);
        assert!(rows[0].get::<i32>(2) <= 50);
    });
}
