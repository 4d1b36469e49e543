//! From a document and variables to bound statements, twice: the text is shared, the values are not.

use futures_util::FutureExt;

use super::*;
use crate::app;
use crate::db::Statistics;
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
    let members = json::parse(format!("{{\"id\": \"{id}\"}}").as_bytes()).unwrap();
    async_graphql::Variables::from_value(members)
}

fn plan(
    engine: &Engine,
    documents: &Documents,
    wanted: &Wanted,
    variables: &async_graphql::Variables,
) -> Plan {
    let session = session();
    let read = |text: &str| guard::read(text, engine.limits());
    let found = documents
        .find(wanted, Some(&session), read)
        .expect("a document");
    let operation = Operation {
        document: &found.document,
        name: None,
        variables: variables.clone(),
    };
    let bound = engine
        .bind(Some(&session), operation, false)
        .now_or_never()
        .expect("validation waits for nothing")
        .expect("a valid operation");
    let statistics = Statistics::default();
    let sizes = engine.sizes.of(session.workspace, &statistics);
    let plan = engine.plan(&bound, &session, &sizes).expect("a plan");
    documents.remember(found);
    plan
}

/// The statements of a request, as they are sent.
fn statements(
    engine: &Engine,
    documents: &Documents,
    wanted: &Wanted,
    variables: &async_graphql::Variables,
) -> Vec<Statement> {
    let plan = plan(engine, documents, wanted, variables);
    let caller = (&session()).into();
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

#[test]
fn one_plan_of_postgresql_serves_what_is_read_by_key_or_along_an_index() {
    let engine = app::engine(Limits::default()).expect("the model");
    for (query, generic) in [
        (
            "{ order(id: \"00010000-0000-7000-8000-000000000001\") { id } }",
            true,
        ),
        ("{ orders(first: 5) { nodes { id } } }", true),
        (
            "{ orders(first: 5, orderBy: { orderDate: DESC }) { nodes { id customer { id } } } }",
            true,
        ),
        (
            "{ customers { nodes { orders(first: 3) { nodes { items { nodes { id } } } } } } }",
            true,
        ),
        // How far it skips is a parameter.
        ("{ orders(first: 5, offset: 10) { nodes { id } } }", false),
        // How many rows the values leave decides which index is the best.
        (
            "{ orders(first: 5, where: { status: { eq: SHIPPED }, totalAmount: { gt: \"1\" } }) { nodes { id } } }",
            false,
        ),
        (
            "{ orders(where: { orderNumber: { contains: \"1\" } }) { totalCount } }",
            false,
        ),
    ] {
        let (documents, wanted) = (Documents::any(), Wanted::of(query));
        let plan = plan(
            &engine,
            &documents,
            &wanted,
            &async_graphql::Variables::default(),
        );
        assert_eq!(plan.generic, generic, "{query}");
    }
}

/// The check of names is passed over: the operation is bound for an owner and planned for a viewer.
#[test]
fn no_statement_reads_what_the_role_may_not() {
    let engine = app::engine(Limits::default()).expect("the model");
    for (query, what) in [
        ("{ products { nodes { cost } } }", "Product.cost"),
        (
            "{ products { nodes { title } aggregate { cost { sum } } } }",
            "Product.cost",
        ),
        (
            "{ products(where: { cost: { gt: 1 } }) { totalCount } }",
            "Product.cost",
        ),
        (
            "{ products(orderBy: [{ cost: ASC }]) { nodes { title } } }",
            "Product.cost",
        ),
        (
            "{ products { groups(by: [{ cost: true }]) { totalCount } } }",
            "Product.cost",
        ),
        (
            "{ products { groups(by: [{ status: true }], having: { cost: { max: { gt: 1 } } }) { totalCount } } }",
            "Product.cost",
        ),
        (
            "{ productVariants(where: { product: { cost: { gt: 1 } } }) { totalCount } }",
            "Product.cost",
        ),
        (
            "{ products(orderBy: [{ variants: { aggregate: { cost: { max: DESC } } } }]) { nodes { title } } }",
            "ProductVariant.cost",
        ),
        (
            "{ orders(where: { transactions: { some: { amount: { gt: 1 } } } }) { totalCount } }",
            "Transaction",
        ),
        (
            "{ orders { nodes { transactions { totalCount } } } }",
            "Transaction",
        ),
    ] {
        let read = |text: &str| guard::read(text, engine.limits());
        let owner = session();
        let found = Documents::any()
            .find(&Wanted::of(query), Some(&owner), read)
            .expect("a document");
        let operation = Operation {
            document: &found.document,
            name: None,
            variables: async_graphql::Variables::default(),
        };
        let bound = engine
            .bind(Some(&owner), operation, false)
            .now_or_never()
            .expect("validation waits for nothing")
            .unwrap_or_else(|errors| panic!("{query}: {errors:?}"));
        let statistics = Statistics::default();
        let sizes = engine.sizes.of(owner.workspace, &statistics);
        let plan = |session: &Session| engine.plan(&bound, session, &sizes);
        assert!(plan(&owner).is_ok(), "{query}");
        let viewer = Session {
            role: Role::Viewer,
            ..session()
        };
        let refused = plan(&viewer).expect_err(query);
        assert_eq!(refused.code, crate::error::Code::Forbidden, "{query}");
        assert_eq!(refused.details["field"], what, "{query}");
    }
}
