//! The service of `/graphql`. What a request passes on its way are calls in one future: a layer for
//! each would be a box for each.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task;

use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::{self, Method, header};
use axum::response::Response;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_http::cors::CorsLayer;

use super::accept::Accepted;
use super::admission::Admission;
use super::context::Context;
use super::cors::{refusing_layer, show_refusal};
use super::respond::{methods, not_one_of_the_methods, without_panics};
use super::{Gateway, metrics, visit};

/// What every request gets. It is counted, its id is told in its answer and in the log, and where
/// the code panics it is answered, too.
pub async fn attend(context: &Context, answer: impl Future<Output = Response>) -> Response {
    let answer = pin!(without_panics(answer));
    let identified = pin!(context.identify(answer));
    metrics::count(identified).await
}

/// Where it is.
pub const PATH: &str = "/graphql";

/// The service. A copy shares the state.
#[derive(Clone)]
pub struct Endpoint(Arc<Steps>);

struct Steps {
    gateway: Arc<Gateway>,
    admission: Admission,
    /// For pages of other origins: those that may call, and the others.
    cors: CorsLayer,
    refusing: CorsLayer,
}

impl Endpoint {
    pub fn new(gateway: Arc<Gateway>) -> Self {
        Self(Arc::new(Steps {
            admission: Admission::new(Arc::clone(&gateway)),
            cors: gateway.options.cors.layer(),
            refusing: refusing_layer(),
            gateway,
        }))
    }

    /// The refusal of a request that would not even find a place in the queue. Nothing is made for
    /// the request before. Pages of other origins need more headers to read it.
    pub fn turn_away<B>(&self, request: &http::Request<B>) -> Option<Response> {
        let headers = request.headers();
        let is_plain = matches!(*request.method(), Method::GET | Method::POST)
            && !headers.contains_key(header::ORIGIN);
        if !is_plain {
            return None;
        }
        let mut refusal = self.0.admission.turn_away(headers)?;
        Accepted::by(headers).shape(&mut refusal);
        Some(refusal)
    }

    pub async fn respond(&self, request: Request) -> Response {
        let limit = self.0.gateway.options.request_timeout;
        let context = Context::of(request.headers(), limit);
        let answer = pin!(self.0.answer(&context, request));
        attend(&context, answer).await
    }
}

impl Service<Request> for Endpoint {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> task::Poll<Result<(), Infallible>> {
        task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let endpoint = self.clone();
        Box::pin(async move { Ok(endpoint.respond(request).await) })
    }
}

impl Steps {
    /// Answers preflights before anything can refuse them, and lets pages read refusals.
    async fn answer(&self, context: &Context, request: Request) -> Response {
        let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
            return self.choose(context, request).await;
        };
        let is_preflight = *request.method() == Method::OPTIONS;
        let allowed = self.gateway.options.cors.allow(&origin);
        if !allowed && !is_preflight {
            let mut response = Box::pin(self.choose(context, request)).await;
            show_refusal(origin, &mut response);
            return response;
        }
        let cors = if allowed { &self.cors } else { &self.refusing };
        let inner = async |request| Ok(self.choose(context, request).await);
        let answered = Box::pin(cors.layer(service_fn(inner)).oneshot(request)).await;
        answered.unwrap_or_else(|error: Infallible| match error {})
    }

    async fn choose(&self, context: &Context, request: Request) -> Response {
        if self.gateway.options.playground && visit::is_visit(&request) {
            return visit::to_playground();
        }
        match *request.method() {
            Method::GET | Method::POST => self.admission.admit(context, request).await,
            Method::HEAD => head(Box::pin(self.admission.admit(context, request)).await),
            Method::OPTIONS => methods(),
            _ => not_one_of_the_methods().await,
        }
    }
}

/// The answer to GET without its body.
fn head(mut response: Response) -> Response {
    let body = std::mem::take(response.body_mut());
    if let Some(length) = body.size_hint().exact() {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    response
}
