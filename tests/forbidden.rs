//! What a role does not see cannot be reached: not by filters, orders, variables, fragments, node
//! ids, directives, or names that are nearly right. A refusal reads nothing and answers nothing.

use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tessera::app;
use tessera::engine::catalog::Catalog;
use tessera::engine::{Engine, Limits};
use tessera::session::Role;

use crate::harness::client::{Client, token_of};
use crate::harness::database::{STATEMENTS, seeded};
use crate::harness::run;
use crate::harness::seed::Side;

fn token(role: Role) -> String {
    token_of(Side::A.user(), &[(Side::A, role)])
}

/// Asks as the role and gives the errors, having made sure that nothing was read or answered.
async fn refused(client: &Client, role: Role, query: &str, variables: Value) -> Vec<Value> {
    let token = token(role);
    // The membership is remembered from here on.
    client.query_as(&token, "{ __typename }", json!({})).await;
    let (status, answer, statements) = STATEMENTS
        .scope(Mutex::default(), async {
            let (status, answer) = client.ask_as(&token, query, variables).await;
            let statements = STATEMENTS.with(|log| log.lock().expect("unlocked").clone());
            (status, answer, statements)
        })
        .await;
    assert_eq!(status, 403, "{query}: {answer}");
    assert_eq!(answer.get("data"), None, "{query}: {answer}");
    assert_eq!(statements, Vec::<String>::new(), "{query}");
    let errors = answer["errors"].as_array().expect("errors").clone();
    for error in &errors {
        assert_eq!(
            error["extensions"]["code"], "FORBIDDEN",
            "{query}: {answer}"
        );
        let message = error["message"].as_str().expect("a message");
        let field = error["extensions"]["field"].as_str().expect("a field");
        let least = error["extensions"]["role"].as_str().expect("a role");
        assert!(
            message.contains(field) && message.contains(least),
            "{message}"
        );
    }
    errors
}

fn fields(errors: &[Value]) -> Vec<&str> {
    let fields = errors
        .iter()
        .map(|error| error["extensions"]["field"].as_str());
    fields.collect::<Option<_>>().expect("fields")
}

#[test]
fn no_way_leads_to_what_is_forbidden() {
    let filters = "query ($v: ProductFilter) { products(where: $v) { totalCount } }";
    let orders = "query ($v: [ProductOrderBy!]) { products(orderBy: $v) { totalCount } }";
    let default = |of: &str, value: &str| {
        format!("query ($v: {of} = {value}) {{ products {{ totalCount }} }}")
    };
    let products = |arguments: &str| format!("{{ products({arguments}) {{ totalCount }} }}");
    // A query, the value of `$v`, what is refused, and the path where there is one.
    let cases: Vec<(String, Value, &str, Value)> = vec![
        // Selections.
        ("{ products { nodes { x: cost } } }".into(), json!(null), "Product.cost", json!(["products", "nodes", "x"])),
        ("{ products { edges { node { cost } } } }".into(), json!(null), "Product.cost", json!(["products", "edges", "node", "cost"])),
        ("{ products { nodes { cost @skip(if: true) } } }".into(), json!(null), "Product.cost", json!(["products", "nodes", "cost"])),
        ("{ node(nodeId: \"x\") { ... on Product { cost } } }".into(), json!(null), "Product.cost", json!(["node", "cost"])),
        ("{ node(nodeId: \"x\") { ... on AuditLog { id } } }".into(), json!(null), "AuditLog", json!(["node"])),
        ("{ products { nodes { ...F } } } fragment F on Product { cost }".into(), json!(null), "Product.cost", json!(["products", "nodes", "cost"])),
        ("{ node(nodeId: \"x\") { ...F } } fragment F on Node { ...G } fragment G on Integration { id }".into(), json!(null), "Integration", json!(["node"])),
        ("{ __typename } fragment F on Product { cost }".into(), json!(null), "Product.cost", json!(["cost"])),
        ("{ orders { nodes { items { nodes { variant { product { variants { nodes { cost } } } } } } } } }".into(), json!(null), "ProductVariant.cost", json!(["orders", "nodes", "items", "nodes", "variant", "product", "variants", "nodes", "cost"])),
        ("{ productPerformanceSummaries { nodes { grossMargin } } }".into(), json!(null), "ProductPerformanceSummary.grossMargin", json!(["productPerformanceSummaries", "nodes", "grossMargin"])),
        // Root fields and relations that lead to a table.
        ("{ a: auditLogs { totalCount } }".into(), json!(null), "Query.auditLogs", json!(["a"])),
        ("{ configurationByKey(key: \"x\") { id } }".into(), json!(null), "Query.configurationByKey", json!(["configurationByKey"])),
        ("{ viewer { user { auditLogs { totalCount } } } }".into(), json!(null), "User.auditLogs", json!(["viewer", "user", "auditLogs"])),
        ("{ suppliers { nodes { prices { totalCount } } } }".into(), json!(null), "Supplier.prices", json!(["suppliers", "nodes", "prices"])),
        // Filters and orders as literals.
        (products("where: { cost: { gt: \"1\" } }"), json!(null), "ProductFilter.cost", json!(["products"])),
        (products("where: { cost: null }"), json!(null), "ProductFilter.cost", json!(["products"])),
        (products("where: { not: { or: [{ and: [{ title: { eq: \"x\" } }, { cost: { isNull: true } }] }] } }"), json!(null), "ProductFilter.cost", json!(["products"])),
        (products("where: { or: { cost: { isNull: true } } }"), json!(null), "ProductFilter.cost", json!(["products"])),
        (products("orderBy: [{ title: ASC }, { cost: DESC }]"), json!(null), "ProductOrderBy.cost", json!(["products"])),
        (products("orderBy: { cost: DESC }"), json!(null), "ProductOrderBy.cost", json!(["products"])),
        ("{ orders { nodes { items(where: { sourceData: { isNull: true } }) { totalCount } } } }".into(), json!(null), "OrderItemFilter.sourceData", json!(["orders", "nodes", "items"])),
        ("{ products { nodes { variants(orderBy: { cost: ASC }) { totalCount } } } }".into(), json!(null), "ProductVariantOrderBy.cost", json!(["products", "nodes", "variants"])),
        ("{ viewer { workspaces(where: { settings: { hasKey: \"x\" } }) { totalCount } } }".into(), json!(null), "WorkspaceFilter.settings", json!(["viewer", "workspaces"])),
        // Over relations, at any depth.
        ("{ orderItems(where: { variant: { cost: { gt: 1 } } }) { totalCount } }".into(), json!(null), "ProductVariantFilter.cost", json!(["orderItems"])),
        ("{ orders(where: { items: { some: { variant: { product: { cost: { gt: 1 } } } } } }) { totalCount } }".into(), json!(null), "ProductFilter.cost", json!(["orders"])),
        (products("where: { variants: { aggregate: { cost: { sum: { gt: 1 } } } } }"), json!(null), "ProductVariantAggregateFilter.cost", json!(["products"])),
        ("{ suppliers(where: { prices: { none: {} } }) { totalCount } }".into(), json!(null), "SupplierFilter.prices", json!(["suppliers"])),
        ("{ orderItems(orderBy: [{ variant: { cost: ASC } }]) { totalCount } }".into(), json!(null), "ProductVariantOrderBy.cost", json!(["orderItems"])),
        (products("orderBy: [{ variants: { aggregate: { cost: { max: DESC } } } }]"), json!(null), "ProductVariantAggregateOrderBy.cost", json!(["products"])),
        // Values about rows, and groups of them.
        ("{ products { aggregate { cost { sum } } } }".into(), json!(null), "ProductAggregate.cost", json!(["products", "aggregate", "cost"])),
        ("{ products { groups(by: [{ cost: true }]) { totalCount } } }".into(), json!(null), "ProductGroupBy.cost", json!(["products", "groups"])),
        ("{ orderItems { groups(by: [{ variant: { product: { cost: true } } }]) { totalCount } } }".into(), json!(null), "ProductGroupBy.cost", json!(["orderItems", "groups"])),
        ("{ products { groups(by: [{ status: true }], having: { cost: { sum: { gt: 1 } } }) { totalCount } } }".into(), json!(null), "ProductAggregateFilter.cost", json!(["products", "groups"])),
        ("{ products { groups(by: [{ status: true }], orderBy: [{ cost: { sum: ASC } }]) { totalCount } } }".into(), json!(null), "ProductGroupOrderBy.cost", json!(["products", "groups"])),
        ("{ products { groups(by: [{ status: true }]) { nodes { key { cost } } } } }".into(), json!(null), "ProductGroupKey.cost", json!(["products", "groups", "nodes", "key", "cost"])),
        ("{ products { groups(by: [{ status: true }]) { nodes { cost { min } } } } }".into(), json!(null), "ProductGroup.cost", json!(["products", "groups", "nodes", "cost"])),
        // Several global ids.
        ("{ nodes(nodeIds: [\"x\"]) { ... on Product { cost } } }".into(), json!(null), "Product.cost", json!(["nodes", "cost"])),
        // The same in variables, in their defaults, and around them.
        (filters.into(), json!({"cost": {"gt": 1}}), "ProductFilter.cost", json!(null)),
        (filters.into(), json!({"not": {"or": [{"and": {"cost": null}}]}}), "ProductFilter.cost", json!(null)),
        (orders.into(), json!([{"title": "ASC"}, {"cost": "DESC"}]), "ProductOrderBy.cost", json!(null)),
        (orders.into(), json!({"cost": "DESC"}), "ProductOrderBy.cost", json!(null)),
        ("query ($v: [ProductFilter!]) { products(where: { and: $v }) { totalCount } }".into(), json!([{"cost": {"isNull": true}}]), "ProductFilter.cost", json!(null)),
        ("query ($v: DecimalOperators) { products(where: { cost: $v }) { totalCount } }".into(), json!({"gt": 1}), "ProductFilter.cost", json!(["products"])),
        (default("ProductFilter", "{ cost: { gt: 1 } }"), json!(null), "ProductFilter.cost", json!(null)),
        (default("[ProductOrderBy!]", "[{ cost: ASC }]"), json!(null), "ProductOrderBy.cost", json!(null)),
        (default("IntegrationFilter", "{}"), json!(null), "IntegrationFilter", json!(null)),
    ];
    run(async {
        let client = Client::new(seeded().await);
        for role in [Role::Viewer, Role::Member] {
            for (query, value, field, path) in &cases {
                let variables = match value {
                    Value::Null => json!({}),
                    value => json!({"v": value}),
                };
                let errors = refused(&client, role, query, variables).await;
                assert_eq!(fields(&errors), [*field], "{query}");
                assert_eq!(&errors[0]["path"], path, "{query}");
                assert_eq!(errors[0]["locations"][0]["line"], 1, "{query}");
            }
        }
        // Whoever may see it is answered, or told what else is wrong with the document.
        for (query, value, field, _) in &cases {
            let variables = json!({"v": value});
            let (status, answer) = client.ask_as(&token(Role::Owner), query, variables).await;
            assert_ne!(status, 403, "{field}: {query}: {answer}");
        }
    });
}

#[test]
fn the_whole_document_is_refused_and_everything_in_it_told() {
    run(async {
        let client = Client::new(seeded().await);
        let query = "{ orders { totalCount } products { nodes { title cost } } kpis { nodes { calculationSql } } }";
        let errors = refused(&client, Role::Viewer, query, json!({})).await;
        assert_eq!(fields(&errors), ["Product.cost", "Kpi.calculationSql"]);
        assert_eq!(errors[0]["extensions"]["role"], "staff");
        assert_eq!(errors[0]["locations"], json!([{"line": 1, "column": 50}]));
        assert_eq!(errors[1]["extensions"]["role"], "admin");
        let errors = refused(&client, Role::Staff, query, json!({})).await;
        assert_eq!(fields(&errors), ["Kpi.calculationSql"]);
        // An operation that does not run is part of the document.
        let two = "query A { orders { totalCount } } query B { auditLogs { totalCount } }";
        let body = json!({"query": two, "operationName": "A"}).to_string();
        let request = axum::http::Request::post("/graphql")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", token(Role::Viewer)))
            .body(axum::body::Body::from(body))
            .expect("a request");
        let (status, answer) = client.send(request).await;
        assert_eq!(status, 403, "{}", String::from_utf8_lossy(&answer));
        // Twenty errors say enough.
        let many: String = (0..30).map(|n| format!("a{n}: cost ")).collect();
        let query = format!("{{ products {{ nodes {{ {many} }} }} }}");
        assert_eq!(
            refused(&client, Role::Viewer, &query, json!({}))
                .await
                .len(),
            20
        );
    });
}

/// What exists and what does not is refused alike, here and in the other workspace.
#[test]
fn node_ids_of_forbidden_tables_are_refused() {
    run(async {
        let client = Client::new(seeded().await);
        let node_id = |side: Side, row: usize| {
            let id = side.id("integrations", row);
            URL_SAFE_NO_PAD.encode(json!(["integrations", id]).to_string())
        };
        let query = "query ($id: ID!) { a: node(nodeId: $id) { nodeId } }";
        let (own, foreign, nobodys) = (
            node_id(Side::A, 0),
            node_id(Side::B, 0),
            node_id(Side::A, 99),
        );
        for id in [&own, &foreign, &nobodys] {
            let errors = refused(&client, Role::Manager, query, json!({"id": id})).await;
            assert_eq!(fields(&errors), ["Integration"]);
            assert_eq!(errors[0]["path"], json!(["a"]));
            assert_eq!(errors[0]["locations"][0]["line"], 1);
        }
        for (id, found) in [
            (&own, json!({"nodeId": own})),
            (&foreign, Value::Null),
            (&nobodys, Value::Null),
        ] {
            let answer = client
                .query_as(&token(Role::Admin), query, json!({"id": id}))
                .await;
            assert_eq!(answer, json!({"data": {"a": found}}));
        }
    });
}

#[test]
fn cursors_carry_nothing_over_from_another_role() {
    run(async {
        let client = Client::new(seeded().await);
        let by_cost = "{ products(orderBy: { cost: ASC }) { pageInfo { startCursor } } }";
        let answer = client
            .query_as(&token(Role::Staff), by_cost, json!({}))
            .await;
        let cursor = &answer["data"]["products"]["pageInfo"]["startCursor"];
        assert!(cursor.is_string(), "{answer}");
        let query = "query ($c: String) { products(after: $c) { totalCount } }";
        let (_, answer) = client
            .ask_as(&token(Role::Viewer), query, json!({"c": cursor}))
            .await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        let query =
            "query ($c: String) { products(after: $c, orderBy: { cost: ASC }) { totalCount } }";
        let errors = refused(&client, Role::Viewer, query, json!({"c": cursor})).await;
        assert_eq!(fields(&errors), ["ProductOrderBy.cost"]);
    });
}

#[test]
fn no_error_and_no_introspection_names_what_is_hidden() {
    // A query with a mistake next to a name, and the name.
    let nearly = [
        ("{ products { nodes { costt } } }", "`cost`"),
        ("{ auditLogz { totalCount } }", "`auditLogs`"),
        ("{ kpis { nodes { calculationSq } } }", "`calculationSql`"),
        (
            "{ suppliers { nodes { price { totalCount } } } }",
            "`prices`",
        ),
    ];
    let asks = [
        "{ __type(name: \"AuditLog\") { name } }",
        "{ __type(name: \"TransactionFilter\") { name } }",
        "{ __type(name: \"Inet\") { name } }",
        "{ __type(name: \"EventSeverityOperators\") { name } }",
    ];
    run(async {
        let client = Client::new(seeded().await);
        for (query, name) in nearly {
            for (role, told) in [(Role::Viewer, false), (Role::Owner, true)] {
                let (_, answer) = client.ask_as(&token(role), query, json!({})).await;
                let message = answer["errors"][0]["message"].as_str().expect("a message");
                assert_eq!(message.contains(name), told, "{role}: {message}");
                let code = &answer["errors"][0]["extensions"]["code"];
                assert_eq!(code, "GRAPHQL_VALIDATION_FAILED", "{role}: {answer}");
            }
        }
        for query in asks {
            for (role, told) in [(Role::Viewer, false), (Role::Owner, true)] {
                let answer = client.query_as(&token(role), query, json!({})).await;
                assert_eq!(
                    answer["data"]["__type"].is_object(),
                    told,
                    "{role}: {query}"
                );
            }
        }
    });
}

/// A client whose catalog keeps one more column for admins.
async fn keeping(table: &str, column: &str) -> Client {
    let mut catalog: Catalog = app::catalog().expect("the model fits together");
    let table = catalog.by_name(table).expect("a table").0;
    let table = &mut catalog.tables[table];
    let column = table.column_by_name(column).expect("a column").0;
    table.columns[column].least = Role::Admin;
    let engine = Engine::new(catalog, Limits::default()).expect("a schema");
    Client::with_engine(seeded().await, engine)
}

/// A key can be tried and a relation followed, so they tell of the columns that they join by.
#[test]
fn lookups_and_relations_by_a_restricted_column_are_restricted() {
    run(async {
        let client = keeping("customers", "email").await;
        let lookup = "{ customerByEmail(email: \"a@b.c\") { id } }";
        let errors = refused(&client, Role::Manager, lookup, json!({})).await;
        assert_eq!(fields(&errors), ["Query.customerByEmail"]);
        client
            .query_as(&token(Role::Admin), lookup, json!({}))
            .await;
        let client = keeping("orders", "customer_id").await;
        for (query, field) in [
            ("{ orders { nodes { customer { id } } } }", "Order.customer"),
            (
                "{ customers { nodes { orders { totalCount } } } }",
                "Customer.orders",
            ),
        ] {
            let errors = refused(&client, Role::Manager, query, json!({})).await;
            assert_eq!(fields(&errors), [field]);
            client.query_as(&token(Role::Admin), query, json!({})).await;
        }
    });
}

#[test]
fn the_documentation_names_what_is_restricted() {
    use migration::{ACCESS, WRITES};
    use tessera::engine::catalog::Reads;
    let page = include_str!("../docs/roles.md");
    let names_all = |start: String, table: &str, columns: &[&str]| {
        let line = page.lines().find(|line| line.starts_with(&start));
        let line = line.unwrap_or_else(|| panic!("docs/roles.md has no line `{start}`"));
        let columns = columns.iter().map(|column| format!("`{table}.{column}`"));
        let mut names: Vec<String> = columns.collect();
        if names.is_empty() {
            names.push(format!("`{table}`"));
        }
        for name in names {
            assert!(line.contains(&name), "docs/roles.md, {start}: no {name}");
        }
    };
    for rule in ACCESS {
        if let Reads::From(role) = rule.reads {
            names_all(format!("| {role} and above |"), rule.table, rule.columns);
        }
    }
    for rule in WRITES {
        let who = rule.from.map(|role| format!("| from {role} |"));
        let who = who.unwrap_or_else(|| "| nobody |".to_owned());
        names_all(who, rule.table, rule.columns);
    }
}
