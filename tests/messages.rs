//! What errors say: what is wrong, where it stands, and what was meant.

use serde_json::{Value, json};

use crate::harness::client::{Client, token};
use crate::harness::database::seeded;
use crate::harness::run;
use crate::harness::seed::Side;

/// A query, the whole message of an error of it, and what stands at the location of that.
const MESSAGES: &[(&str, &str, &str)] = &[
    // Names that do not exist.
    (
        "{ customers { nodes { emial } } }",
        "`Customer` has no field `emial`. Did you mean `email`?",
        "emial",
    ),
    (
        "{ customers { id } }",
        "`CustomerConnection` has no field `id`. It is a field of each row: `nodes { id }`.",
        "id",
    ),
    (
        "{ customers { orders { totalCount } } }",
        "`CustomerConnection` has no field `orders`. It is a field of each row: `nodes { orders { … } }`.",
        "orders",
    ),
    (
        "{ customers { edges { id } } }",
        "`CustomerEdge` has no field `id`. It is a field of each row: `node { id }`.",
        "id",
    ),
    (
        "{ customers { items { id } } }",
        "`CustomerConnection` has no field `items`. Did you mean `nodes`?",
        "items",
    ),
    (
        "{ customers(limit: 3) { totalCount } }",
        "`customers` has no argument `limit`. Did you mean `first`?",
        "limit",
    ),
    (
        "{ customers(filter: {}) { totalCount } }",
        "`customers` has no argument `filter`. Did you mean `where`?",
        "filter",
    ),
    (
        "{ customers(order_by: {}) { totalCount } }",
        "`customers` has no argument `order_by`. Did you mean `orderBy`?",
        "order_by",
    ),
    (
        "{ customers(where: { ordersCount: { _gte: 3 } }) { totalCount } }",
        "`IntOperators` has no field `_gte`. Did you mean `gte`?",
        "_gte",
    ),
    (
        "{ customers(where: { emial: { eq: \"a\" } }) { totalCount } }",
        "`CustomerFilter` has no field `emial`. Did you mean `email`?",
        "emial",
    ),
    (
        "{ customers(where: { _or: [] }) { totalCount } }",
        "`CustomerFilter` has no field `_or`. Did you mean `or`?",
        "_or",
    ),
    (
        "mutation { deleteCustomer(input: { by: { id: \"0198c3f2-0000-7000-8000-000000000000\" } }) { email } }",
        "`CustomerPayload` has no field `email`. It is a field further inside: `customer { email }`.",
        "email",
    ),
    // Names of other servers.
    (
        "mutation { insert_customers { rows } }",
        "`Mutation` has no field `insert_customers`. Did you mean `createCustomers`?",
        "insert_customers",
    ),
    (
        "mutation { update_orders_by_pk { id } }",
        "`Mutation` has no field `update_orders_by_pk`. Did you mean `updateOrder`?",
        "update_orders_by_pk",
    ),
    (
        "{ customers_aggregate { totalCount } }",
        "`Query` has no field `customers_aggregate`. Did you mean `customers` with `aggregate` inside?",
        "customers_aggregate",
    ),
    (
        "{ customers(where: { orders: { any: {} } }) { totalCount } }",
        "`OrderToManyFilter` has no field `any`. Did you mean `some`?",
        "any",
    ),
    (
        "query ($id: uuid) { customer(id: $id) { id } }",
        "`uuid` is not an input type, so no variable can have it. Did you mean `ID`?",
        "uuid",
    ),
    (
        "mutation @dryrun { deleteCustomer(input: { by: { id: \"0198c3f2-0000-7000-8000-000000000000\" } }) { customer { id } } }",
        "There is no directive `@dryrun`. Did you mean `@dryRun`?",
        "@dryrun",
    ),
    (
        "subscription { customers { totalCount } }",
        "The schema has no subscriptions; send a query instead.",
        "subscription",
    ),
    // Values of enums.
    (
        "{ orders(where: { status: { eq: PENDNG } }) { totalCount } }",
        "`OrderStatus` takes one of its values, not `PENDNG`. Did you mean `PENDING`? It takes one of CANCELLED, DELIVERED, PENDING, PROCESSING, SHIPPED.",
        "PENDNG",
    ),
    (
        "{ orders(where: { status: { eq: \"x\" } }) { totalCount } }",
        "`OrderStatus` is an enum and takes no string. It takes one of CANCELLED, DELIVERED, PENDING, PROCESSING, SHIPPED.",
        "\"x\"",
    ),
    // Selections.
    (
        "{ customers }",
        "`customers` needs a selection of its fields. An example is `customers { nodes { id } }`.",
        "customers",
    ),
    (
        "{ viewer { user } }",
        "`user` needs a selection of its fields. An example is `user { id }`.",
        "user",
    ),
    (
        "{ customers { totalCount { value } } }",
        "`totalCount` has no fields and takes no selection.",
        "totalCount",
    ),
    // Arguments and fields that are missing, or are too many.
    (
        "{ customer { id } }",
        "The field `customer` needs an argument that is not given. It is `id`.",
        "customer",
    ),
    (
        "{ orders(where: { shippingAddress: { path: { eq: 1 } } }) { totalCount } }",
        "`JSONPathFilter` needs a field that is not given. It is `keys`.",
        "{ eq: 1 }",
    ),
    (
        "{ orders(orderBy: { createdAt: ASC, status: ASC }) { totalCount } }",
        "`OrderOrderBy` takes exactly one of its fields, which must not be null.",
        "{ createdAt: ASC",
    ),
    (
        "{ orders(first: \"3\") { totalCount } }",
        "`first` takes a whole number of 32 bits, not `\"3\"`.",
        "\"3\"",
    ),
    (
        "{ customers(where: { email: \"x\" }) { totalCount } }",
        "`where.email` takes an object of type `StringOperators`, not `\"x\"`. It takes operators, such as `{ eq: … }`.",
        "\"x\"",
    ),
    (
        "{ customers(where: { email: [\"x\"] }) { totalCount } }",
        "`where.email` takes an object of type `StringOperators`, not `[\"x\"]`. It takes operators, such as `{ in: … }`.",
        "[\"x\"]",
    ),
    (
        "{ customers(where: { email: { eq: 5 } }) { totalCount } }",
        "`where.email.eq` takes a string, not `5`.",
        "5 }",
    ),
    // Documents.
    ("{ ...F }", "There is no fragment `F`.", "..."),
    (
        "query Q($a: Int) { customers { totalCount } }",
        "The variable `$a` is not used by the operation `Q`.",
        "$a",
    ),
    (
        "{ customers(first: $a) { totalCount } }",
        "The variable `$a` is not declared.",
        "first",
    ),
    (
        "{ customers @nope { totalCount } }",
        "There is no directive `@nope`.",
        "@nope",
    ),
    // Filters: what is wrong is named, and stands where the value does.
    (
        "{ customers(where: { or: null }) { totalCount } }",
        "`or` takes a list of filters, not null; leave `or` out where there is no condition.",
        "null",
    ),
    (
        "{ customers(first: 1, where: { and: [{ not: null }] }) { totalCount } }",
        "`not` takes a filter, not null; leave `not` out where there is no condition.",
        "null",
    ),
    (
        "{ customers(where: { email: null }) { totalCount } }",
        "`email` takes operators, such as { eq: … }; to find rows where it is null use { isNull: true }.",
        "null",
    ),
    (
        "{ orders(where: { createdAt: { gte: \"2026-01-05\" } }) { totalCount } }",
        "`createdAt` takes a date and time such as \"2026-01-31T12:00:00Z\"; add a time, such as \"2026-01-05T00:00:00Z\".",
        "\"2026-01-05\"",
    ),
    (
        "{ orders(where: { id: { in: [\"0198c3f2-0000-7000-8000-000000000000\", \"x\"] } }) { totalCount } }",
        "`id` takes an id: a UUID such as \"0198c3f2-0000-7000-8000-000000000000\".",
        "\"x\"",
    ),
    (
        "{ customers(where: { or: [{ email: { eq: \"a\" } }, { orders: { some: { totalAmount: { gt: \"x\" } } } }] }) { totalCount } }",
        "`totalAmount` takes a decimal number such as \"12.50\", with at most 131072 digits before the point and 16383 after it, or one of \"NaN\", \"Infinity\" and \"-Infinity\".",
        "\"x\"",
    ),
    (
        "query ($e: String) { customers(where: { or: [{ email: { eq: $e } }] }) { totalCount } }",
        "The variable `$e` has no value and is used in the operators of `email`, where the condition would be left out and more rows would match. Give it a value, or make the condition optional by giving the whole field (`email: $…`) or the whole `where` as a variable, which may have no value.",
        "$e } }] }",
    ),
    (
        "{ orders { groups(by: [{ status: true }, { createdAt: { bucket: DAY, timeZone: \"Berlin\" } }]) { totalCount } } }",
        "`timeZone` is `Berlin`, which is no name of the IANA time zone database; names are like `Europe/Berlin` and `UTC`.",
        "\"Berlin\"",
    ),
    (
        "mutation { deleteOrders(input: { where: { createdAt: { lt: \"x\" } }, max: 5 }) { count } }",
        "`createdAt` takes a date and time such as \"2026-01-31T12:00:00Z\", from \"-004713-11-24T00:00:00Z\" to the end of \"+294276-12-31\", or \"infinity\" or \"-infinity\".",
        "\"x\"",
    ),
    (
        "mutation { createCustomer(input: { email: \"a@b.example\" }) { customer { id } } }",
        "`CreateCustomerInput` has no field `email`. It is a field further inside: `customer: { email: … }`.",
        "email: ",
    ),
    (
        "mutation { createCustomers(input: { objects: [] }) { count } }",
        "`CreateCustomersInput` has no field `objects`. Did you mean `customers`?",
        "objects",
    ),
    (
        "mutation { upsertCustomer(input: { by: { email: \"a\" }, data: {} }) { customer { id } } }",
        "`UpsertCustomerInput` has no field `data`. Did you mean `customer`?",
        "data",
    ),
    (
        "query ($first: Int = \"3\") { orders(first: $first) { totalCount } }",
        "`$first` takes a whole number of 32 bits, not `\"3\"`.",
        "\"3\"",
    ),
    (
        "{ orders(where: { createdAt: { gte: \"2026-02-30T00:00:00Z\" } }) { totalCount } }",
        "`createdAt` takes a date and time such as \"2026-01-31T12:00:00Z\"; there is no day 2026-02-30.",
        "\"2026-02-30",
    ),
    (
        "{ customers(where: { dateJoined: { gte: \"2023-02-29\" } }) { totalCount } }",
        "`dateJoined` takes a date such as \"2026-01-31\"; there is no day 2023-02-29.",
        "\"2023-02-29",
    ),
    (
        "{ a: customers(first: 1) { totalCount } a: customers(last: 2) { totalCount } }",
        "Two fields have the response key `a` but differ in name or arguments; give one of them another alias.",
        "a: customers(first",
    ),
    (
        "mutation { createCustomers(input: { customers: [] }) { returning { id } } }",
        "`CustomerBulkPayload` has no field `returning`. The rows are under `results { customer { … } }`.",
        "returning",
    ),
    (
        "mutation { createCustomers(input: { customers: [] }) { email } }",
        "`CustomerBulkPayload` has no field `email`. It is a field of each row: `results { customer { email } }`.",
        "email",
    ),
    (
        "{ customers { emial } }",
        "`CustomerConnection` has no field `emial`. Fields of a row are under `nodes`. Did you mean `email`?",
        "emial",
    ),
    (
        "{ customers(orderBy: [EMAIL_ASC]) { totalCount } }",
        "`orderBy` takes an object of type `CustomerOrderBy`, not `EMAIL_ASC`. Did you mean `{ email: ASC }`?",
        "EMAIL_ASC",
    ),
    (
        "{ orders { nodes { total } } }",
        "`Order` has no field `total`. Did you mean `totalAmount`?",
        "total",
    ),
    (
        "{ customers(where: { email: { _nlike: \"a%\" } }) { totalCount } }",
        "`StringOperators` has no field `_nlike`. Put `not` around the condition of the field, as in `not: { … { like: … } }`.",
        "_nlike",
    ),
    (
        "{ orders(first: 1, after: \"\") { totalCount } }",
        "`after` is empty; leave it out, or give null, to read the list without a cursor.",
        "\"\"",
    ),
    (
        "{ orders(first: -1) { totalCount } }",
        "`first` takes a whole number from 0 to 500.",
        "-1",
    ),
];

#[test]
fn messages_say_what_is_wrong_and_what_was_meant() {
    run(async {
        let client = Client::new(seeded().await);
        let mut wrong = Vec::new();
        for (query, message, place) in MESSAGES {
            let (_, answer) = client.ask(Side::A, query, json!({})).await;
            let errors = answer["errors"].as_array().expect("errors");
            let found = errors.iter().find(|error| error["message"] == *message);
            let error = found.unwrap_or(&errors[0]);
            let column = error["locations"][0]["column"].as_u64().unwrap_or_default();
            let before = usize::try_from(column).expect("a column").saturating_sub(1);
            let stands = query.get(before..).unwrap_or_default();
            if error["message"] != *message || !stands.starts_with(place) {
                wrong.push(format!("{query}\n  {error}\n  {message} at `{place}`"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn variables_have_the_same_proposals_as_literals() {
    run(async {
        let client = Client::new(seeded().await);
        let query = "query ($w: OrderFilter) { orders(where: $w) { totalCount } }";
        for (filter, message) in [
            (
                json!({"staus": {"eq": "PENDING"}}),
                "The variable `$w.staus` is not a field of `OrderFilter`. Did you mean `status`?",
            ),
            (
                json!({"status": "PENDING"}),
                "The variable `$w.status` takes an object of type `OrderStatusOperators`. It takes operators, such as `{ eq: … }`.",
            ),
            (
                json!({"status": {"_eq": "PENDING"}}),
                "The variable `$w.status._eq` is not a field of `OrderStatusOperators`. Did you mean `eq`?",
            ),
            (
                json!({"status": {"eq": "PENDNG"}}),
                "The variable `$w.status.eq` takes a value of the enum `OrderStatus`. Did you mean `PENDING`? It takes one of CANCELLED, DELIVERED, PENDING, PROCESSING, SHIPPED.",
            ),
            (
                json!({"shippingAddress": {"path": {"eq": 1}}}),
                "The variable `$w.shippingAddress.path` needs a field of `JSONPathFilter` that is not given. It is `keys`.",
            ),
        ] {
            let (_, answer) = client.ask(Side::A, query, json!({"w": filter})).await;
            assert_eq!(answer["errors"][0]["message"], message, "{answer}");
        }
    });
}

#[test]
fn all_that_is_wrong_with_variables_is_told_at_once() {
    run(async {
        let client = Client::new(seeded().await);
        let query = "mutation($customer: CustomerInput!, $note: String!) { createCustomer(input: {customer: $customer}) { errors { message } query { orders(search: $note) { totalCount } } } }";
        let customer = json!({
            "email": null, "ordersCount": "five", "status": "NOPE", "foo": 1,
            "preferences": [{"preferenceKey": "k"}, {"preferenceValue": null}],
        });
        let (_, answer) = client
            .ask(Side::A, query, json!({"customer": customer}))
            .await;
        let errors = answer["errors"].as_array().expect("errors");
        let fields = errors.iter().map(|error| &error["extensions"]["field"]);
        let mut fields: Vec<&str> = fields.filter_map(Value::as_str).collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            [
                "customer.email",
                "customer.foo",
                "customer.ordersCount",
                "customer.preferences.0",
                "customer.preferences.1",
                "customer.preferences.1.preferenceValue",
                "customer.status",
                "note",
            ],
            "{answer}"
        );
        let many = json!({"customer": {"email": "e", "preferences": vec![1; 100]}, "note": "n"});
        let (_, answer) = client.ask(Side::A, query, many).await;
        assert_eq!(answer["errors"].as_array().map(Vec::len), Some(20));
    });
}

#[test]
fn the_first_errors_of_a_document_are_told() {
    run(async {
        let client = Client::new(seeded().await);
        let list = "1, ".repeat(3000);
        let wrong = format!("customers(where: {{ email: {{ in: [{list}] }} }}) {{ totalCount }}");
        let many = (0..100).map(|index| format!(" query Q{index} {{ ...F }}"));
        let several = format!(
            "fragment F on Query {{ {wrong} }}{}",
            many.collect::<String>()
        );
        for (query, operation) in [(format!("{{ {wrong} }}"), None), (several, Some("Q7"))] {
            let body = json!({"query": query, "operationName": operation});
            let (_, answer) = client.post_body(Some(&token(Side::A)), &body).await;
            let errors = answer["errors"].as_array().expect("errors");
            assert_eq!(errors.len(), 20);
            let columns = errors.iter().map(|error| {
                assert_eq!(
                    error["message"],
                    "`where.email.in` takes a string, not `1`."
                );
                error["locations"][0]["column"].as_u64().expect("a column")
            });
            let first = query.find("1, ").expect("a list") as u64 + 1;
            let expected: Vec<u64> = (0..20).map(|index| first + 3 * index).collect();
            assert_eq!(columns.collect::<Vec<_>>(), expected);
        }
    });
}

#[test]
fn the_message_comes_first() {
    run(async {
        let client = Client::new(seeded().await);
        for query in [
            "{ nothing }",
            "{ customers(first: -1) { totalCount } }",
            "{",
        ] {
            let (_, bytes) = client.ask_raw(Side::A, query, Value::Null).await;
            let text = String::from_utf8(bytes).expect("UTF-8");
            assert!(text.starts_with("{\"errors\":[{\"message\":"), "{text}");
            assert!(text.contains("\"extensions\":{"), "{text}");
        }
    });
}

#[test]
fn enums_have_no_greater_and_lesser_values() {
    run(async {
        let client = Client::new(seeded().await);
        for operator in ["lt", "lte", "gt", "gte"] {
            let query = format!(
                "{{ orders(where: {{ status: {{ {operator}: PENDING }} }}) {{ totalCount }} }}"
            );
            let (_, answer) = client.ask(Side::A, &query, json!({})).await;
            let code = &answer["errors"][0]["extensions"]["code"];
            assert_eq!(code, "GRAPHQL_VALIDATION_FAILED", "{answer}");
        }
    });
}
