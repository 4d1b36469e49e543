//! Mutations over a real database: what they answer, and what the tables hold afterwards.

mod bulk;
mod columns;
mod commands;
mod concurrency;
mod errors;
mod history;
mod idempotency;
mod isolation;
mod nested;
mod refused;
mod transaction;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::facts::{TABLES, TableKind};
use serde_json::{Value, json};
use tessera::session::Role;
use uuid::Uuid;

use crate::harness::client::{self, Client, token_of};
use crate::harness::database::{Database, NATIVE, create};
use crate::harness::seed::{self, Side};

/// Everything that errors tell.
const ERRORS: &str = "errors { __typename code message path ... on UniqueViolation { fields } \
    ... on StaleVersion { currentVersion } ... on RolledBack { because } }";

/// A seeded database of one test, and the gateway over it.
struct World {
    /// Dropped first: the embedded server ends when nobody is connected.
    client: Client,
    database: Database,
}

impl World {
    async fn new() -> Self {
        Self::filled(seed::everything).await
    }

    async fn filled(script: fn() -> String) -> Self {
        let database = create(Some(script)).await;
        Self {
            client: Client::new(&database),
            database,
        }
    }

    /// What the owner of A is answered.
    async fn ask(&self, query: &str, variables: Value) -> (StatusCode, Value) {
        let (status, mut answer) = self.ask_cost(query, variables.clone()).await;
        // No mutation takes more than was computed for it.
        let extensions = answer.get_mut("extensions").and_then(Value::as_object_mut);
        if let Some(extensions) = extensions
            && let Some(cost) = extensions.remove("cost")
        {
            let number = |name: &str| cost[name].as_u64().expect("a number");
            assert!(
                number("actual") <= number("requested"),
                "{cost} of {query} with {variables}"
            );
            if extensions.is_empty() {
                answer
                    .as_object_mut()
                    .expect("an answer")
                    .remove("extensions");
            }
        }
        (status, answer)
    }

    /// The same with what it cost.
    async fn ask_cost(&self, query: &str, variables: Value) -> (StatusCode, Value) {
        let body = json!({"query": query, "variables": variables});
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(
                header::AUTHORIZATION,
                format!("Bearer {}", client::token(Side::A)),
            )
            .header("X-GraphQL-Cost", "1")
            .body(Body::from(body.to_string()))
            .expect("a request");
        let (status, bytes) = self.client.send(request).await;
        (status, serde_json::from_slice(&bytes).expect("JSON"))
    }

    /// The payload of one mutation of A's owner, whatever became of it.
    async fn payload(&self, field: &str, input: Value, selection: &str) -> Value {
        let (status, answer) = self
            .ask(&document(field, selection), json!({ "input": input }))
            .await;
        assert_eq!(status, StatusCode::OK, "{field}: {answer}");
        assert_eq!(answer.get("errors"), None, "{field}: {answer}");
        answer["data"]["p"].clone()
    }

    /// The payload of a mutation that succeeds.
    async fn written(&self, field: &str, input: Value, selection: &str) -> Value {
        let mut payload = self.payload(field, input, selection).await;
        let errors = payload["errors"].take();
        assert_eq!(errors, json!([]), "{field}");
        payload.as_object_mut().expect("a payload").remove("errors");
        payload
    }

    /// The errors of a mutation that writes nothing.
    async fn errors(&self, field: &str, input: Value) -> Vec<Value> {
        let payload = self.payload(field, input, "changed { kind }").await;
        assert_eq!(payload["changed"], json!([]), "{field}");
        let errors = payload["errors"].as_array().expect("errors").clone();
        assert!(!errors.is_empty(), "{field} was not refused");
        errors
    }

    /// The same as codes and paths, sorted.
    async fn problems(&self, field: &str, input: Value) -> Vec<String> {
        told(&self.errors(field, input).await)
    }

    /// A value of the database as text.
    async fn text(&self, query: &str) -> String {
        let query = format!("select coalesce(({query})::text, 'null')");
        self.database.admin_of_gateway(&query).await[0].get(0)
    }

    /// All rows of one side, or of both, as one line for each table.
    async fn rows(&self, side: Option<Side>) -> Vec<String> {
        let tables = TABLES.iter().filter(|table| table.kind == TableKind::Table);
        let of = tables.map(|table| {
            let name = table.name;
            let workspace = table
                .columns
                .iter()
                .any(|column| column.name == "workspace_id");
            let condition = match side.filter(|_| workspace) {
                Some(side) => format!("where workspace_id = '{}'", side.workspace()),
                None => String::new(),
            };
            format!(
                "select '{name} ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from public.{name} t {condition}"
            )
        });
        let of: Vec<String> = of.collect();
        let rows = self
            .database
            .admin_of_gateway(&of.join(" union all "))
            .await;
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// A document with one mutation.
fn document(field: &str, selection: &str) -> String {
    let input = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    format!(
        "mutation ($input: {input}!) {{ p: {field}(input: $input) {{ {selection} {ERRORS} }} }}"
    )
}

/// Errors as codes and paths, sorted.
fn told(errors: &[Value]) -> Vec<String> {
    let one = |error: &Value| {
        let path = error["path"].as_array().into_iter().flatten();
        let path: Vec<&str> = path.filter_map(Value::as_str).collect();
        let code = error["code"].as_str().expect("a code");
        format!("{code} {}", path.join("."))
    };
    let mut told: Vec<String> = errors.iter().map(one).collect();
    told.sort();
    told
}

fn node_id(table: &str, id: impl std::fmt::Display) -> String {
    URL_SAFE_NO_PAD.encode(json!([table, id.to_string()]).to_string())
}

fn token(user: Uuid, role: Role) -> String {
    token_of(user, &[(Side::A, role)])
}

/// The id of a seeded row of A.
fn id(table: &str, row: usize) -> Uuid {
    Side::A.id(table, row)
}

/// Whether the database takes several connections.
fn is_native() -> bool {
    std::env::var(NATIVE).is_ok_and(|url| !url.is_empty())
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
