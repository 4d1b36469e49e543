//! Callers: GraphQL requests through the real router, with tokens as real ones.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tessera::app;
use tessera::auth::{Auth, AuthOptions, issue};
use tessera::documents::{Documents, Store};
use tessera::engine::{Engine, Limits};
use tessera::http::playground::PlaygroundConfig;
use tessera::http::{self, Gateway, HttpOptions, Routes};
use tessera::memory::Memory;
use tessera::rate::Rates;
use tessera::session::Role;
use tower::ServiceExt;
use uuid::Uuid;

use super::database::Database;
use super::seed::Side;

/// An engine over the model. Its schema is built once for all tests, which takes seconds.
pub fn engine(limits: Limits) -> Engine {
    static MODEL: LazyLock<Engine> =
        LazyLock::new(|| app::engine(Limits::default()).expect("the model fits together"));
    MODEL.anew(limits)
}

/// The router over a database, and tokens for both workspaces of the seed.
#[derive(Clone)]
pub struct Client {
    routes: Routes,
    pub gateway: Arc<Gateway>,
}

impl Client {
    pub fn new(database: &Database) -> Self {
        Self::with_engine(database, engine(Limits::default()))
    }

    pub fn with_engine(database: &Database, engine: Engine) -> Self {
        Self::with(database, engine, |_| {})
    }

    /// With settings of the front as they are.
    pub fn with_options(database: &Database, options: HttpOptions) -> Self {
        let engine = engine(Limits::default());
        Self::with(database, engine, |gateway| gateway.options = options)
    }

    /// As [`Self::new`], with other settings of identity.
    pub fn with_auth(database: &Database, options: AuthOptions) -> Self {
        let engine = engine(Limits::default());
        Self::with(database, engine, |gateway| {
            gateway.auth = Auth::new(options)
        })
    }

    /// A router whose gateway the function may change.
    pub fn with(database: &Database, engine: Engine, change: impl FnOnce(&mut Gateway)) -> Self {
        let options = HttpOptions {
            open_introspection: true,
            introspection: true,
            // The embedded database has one connection, for which tests stand in line.
            request_timeout: Duration::from_secs(300),
            max_concurrent: 1000,
            ..HttpOptions::default()
        };
        let playground = PlaygroundConfig {
            development: false,
            introspection: true,
            endpoint: "/graphql".to_owned(),
            workspaces: Vec::new(),
            examples: Vec::new(),
        };
        let mut gateway = Gateway {
            engine,
            db: database.db.clone(),
            auth: Auth::new(&super::secret()),
            documents: Documents::persisted(Store::default()),
            rates: Rates::default(),
            memory: Memory::new(options.max_held_bytes),
            options,
            draining: AtomicBool::new(false),
        };
        change(&mut gateway);
        let gateway = Arc::new(gateway);
        Self {
            routes: http::routes(Arc::clone(&gateway), playground),
            gateway,
        }
    }

    /// Answers a query of the owner of one side.
    pub async fn query(&self, side: Side, query: &str, variables: Value) -> Value {
        let (status, answer) = self.ask(side, query, variables).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// As [`Self::query`], whatever the status.
    pub async fn ask(&self, side: Side, query: &str, variables: Value) -> (StatusCode, Value) {
        let (status, bytes) = self.ask_raw(side, query, variables).await;
        (
            status,
            serde_json::from_slice(&bytes).expect("the answer is JSON"),
        )
    }

    /// As [`Self::ask`], with the answer as it was sent.
    pub async fn ask_raw(
        &self,
        side: Side,
        query: &str,
        variables: Value,
    ) -> (StatusCode, Vec<u8>) {
        self.post(&token(side), query, variables).await
    }

    /// Answers a query of whoever has the token.
    pub async fn query_as(&self, token: &str, query: &str, variables: Value) -> Value {
        let (status, answer) = self.ask_as(token, query, variables).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// As [`Self::query_as`], whatever the status.
    pub async fn ask_as(&self, token: &str, query: &str, variables: Value) -> (StatusCode, Value) {
        let (status, bytes) = self.post(token, query, variables).await;
        let answer = serde_json::from_slice(&bytes).expect("the answer is JSON");
        (status, answer)
    }

    async fn post(&self, token: &str, query: &str, variables: Value) -> (StatusCode, Vec<u8>) {
        let body = json!({"query": query, "variables": variables});
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(body.to_string()))
            .expect("a request");
        self.send(request).await
    }

    pub async fn send(&self, request: Request<Body>) -> (StatusCode, Vec<u8>) {
        let response = self
            .routes
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("the router never fails");
        let status = response.status();
        let bytes = response
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        (status, bytes.to_vec())
    }

    /// The answer to a body, posted with a token or without one.
    pub async fn post_body(&self, token: Option<&str>, body: &Value) -> (StatusCode, Value) {
        let mut request =
            Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body.to_string()));
        self.json(request.expect("a request")).await
    }

    /// The answer to a request with these parameters in its address.
    pub async fn get(&self, token: &str, parameters: &[(&str, &str)]) -> (StatusCode, Value) {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        let request = Request::get(format!("/graphql?{query}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty());
        self.json(request.expect("a request")).await
    }

    async fn json(&self, request: Request<Body>) -> (StatusCode, Value) {
        let (status, bytes) = self.send(request).await;
        let answer = serde_json::from_slice(&bytes).expect("the answer is JSON");
        (status, answer)
    }

    pub fn router(&self) -> Router {
        self.routes.router.clone()
    }

    pub fn routes(&self) -> Routes {
        self.routes.clone()
    }
}

/// A token of the owner of one side's workspace.
pub fn token(side: Side) -> String {
    token_of(side.user(), &[(side, Role::Owner)])
}

/// A token of a user with a role on each of some sides.
pub fn token_of(user: Uuid, roles: &[(Side, Role)]) -> String {
    let roles: Vec<(String, Role)> = roles
        .iter()
        .map(|&(side, role)| (side.workspace().to_string(), role))
        .collect();
    let roles: Vec<(&str, Role)> = roles
        .iter()
        .map(|(workspace, role)| (workspace.as_str(), *role))
        .collect();
    issue(&super::secret(), user, &roles, Duration::from_secs(3600)).expect("a token")
}
