//! From a document and variables to bound statements, twice: the text is shared, the values are not.

use futures_util::FutureExt;
use serde_json::{Map, Value};

use super::*;
use crate::app;
use crate::documents::{Documents, Wanted};
use crate::engine::select::Paging;
use crate::guard::{self, Limits};
use crate::json;
use crate::session::Role;
use crate::sql::Statement;

const POINT: &str = "query Point($id: ID!) { order(id: $id) { id orderNumber status totalAmount orderDate customerId } }";

fn session() -> Session {
    Session {
        role: Role::Owner,
        ..Session::nobody()
    }
}

fn variables(number: usize) -> async_graphql::Variables {
    let id = uuid::Uuid::from_u128(number as u128).to_string();
    let mut members = Map::new();
    members.insert("id".to_owned(), Value::from(id));
    json::to_variables(members)
}

/// The statements of a request, as they are sent.
fn statements(
    engine: &Engine,
    documents: &Documents,
    wanted: &Wanted,
    variables: &async_graphql::Variables,
) -> Vec<Statement> {
    let session = session();
    let read = |text: &str| guard::read(text, engine.limits());
    let found = documents
        .find(wanted, Some(&session), read)
        .expect("a document");
    let operation = Operation {
        document: &found.document,
        name: None,
        variables,
    };
    let bound = engine
        .bind(Some(&session), operation, false)
        .now_or_never()
        .expect("validation waits for nothing")
        .expect("a valid operation");
    let sizes = engine.sizes.of(session.workspace);
    let plan = engine.plan(&bound, &session, &sizes).expect("a plan");
    documents.remember(found);
    let caller = (&session).into();
    let selects = plan.nodes.iter().map(|node| &node.select);
    selects
        .map(|select| {
            let known = &engine.statements;
            known.of(&engine.catalog, caller, select, Paging::Lateral)
        })
        .collect()
}

#[test]
fn a_value_is_bound_and_the_text_shared() {
    let engine = app::engine(Limits::default()).expect("the model");
    let (documents, wanted) = (Documents::any(), Wanted::of(POINT));
    let of = |number| statements(&engine, &documents, &wanted, &variables(number));
    let (one, two) = (of(1), of(2));
    assert_eq!(one[0].prepared, two[0].prepared);
    assert_ne!(one[0].values, two[0].values);
    assert_eq!(one, of(1));
}
