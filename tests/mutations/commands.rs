//! Each command: what it answers, and what the tables hold afterwards.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{World, id, node_id, text};
use crate::harness::run;

const CUSTOMER: &str = "customer { id email firstName status tags version }";

#[test]
fn a_row_is_created_and_read_after_the_write() {
    run(async {
        let world = World::new().await;
        let own = Uuid::now_v7();
        let selection = format!(
            "created changed {{ type nodeId kind }} changedMore {CUSTOMER} \
             query {{ customers(where: {{ email: {{ eq: \"ada@example.com\" }} }}) {{ totalCount nodes {{ firstName }} }} }}"
        );
        let input =
            json!({"customer": {"id": own, "email": "ada@example.com", "firstName": "Ada"}});
        let mut payload = world.written("createCustomer", input, &selection).await;
        let version = payload["customer"]["version"].take();
        assert_eq!(
            payload,
            json!({
                "created": true,
                "changed": [{"type": "Customer", "nodeId": node_id("customers", own), "kind": "CREATED"}],
                "changedMore": false,
                "customer": {"id": own, "email": "ada@example.com", "firstName": "Ada", "status": "ACTIVE", "tags": [], "version": null},
                "query": {"customers": {"totalCount": 1, "nodes": [{"firstName": "Ada"}]}},
            })
        );
        let read = world
            .ask(
                "query ($id: ID!) { customer(id: $id) { version } }",
                json!({"id": own}),
            )
            .await
            .1;
        assert_eq!(read["data"]["customer"]["version"], version);

        // A key that the gateway makes is a UUIDv7.
        let input = json!({"customer": {"email": "bob@example.com"}});
        let payload = world
            .written("createCustomer", input, "customer { id }")
            .await;
        let made: Uuid = text(&payload["customer"]["id"]).parse().expect("an id");
        assert_eq!(made.get_version_num(), 7);
        // Null is no key of one's own.
        let input = json!({"customer": {"id": null, "email": "eve@example.com"}});
        world.written("createCustomer", input, "created").await;
    });
}

#[test]
fn several_rows_are_created_in_their_order() {
    run(async {
        let world = World::new().await;
        let input =
            json!({"genres": [{"name": "zydeco"}, {"name": "ambient", "popularityScore": 3}]});
        let payload = world
            .written(
                "createGenres",
                input,
                "count results { index genre { name popularityScore } errors { code } } changed { type kind } \
                 query { genres(where: { name: { in: [\"zydeco\", \"ambient\"] } }) { totalCount } }",
            )
            .await;
        let created = json!({"type": "Genre", "kind": "CREATED"});
        assert_eq!(
            payload,
            json!({
                "count": 2,
                "results": [
                    {"index": 0, "genre": {"name": "zydeco", "popularityScore": null}, "errors": []},
                    {"index": 1, "genre": {"name": "ambient", "popularityScore": 3}, "errors": []},
                ],
                "changed": [created, created],
                "query": {"genres": {"totalCount": 2}},
            })
        );
        let payload = world
            .written(
                "createGenres",
                json!({"genres": []}),
                "count results { index } changed { kind }",
            )
            .await;
        assert_eq!(payload, json!({"count": 0, "results": [], "changed": []}));
        // Of many rows `changed` names those that it may, and says that there are more.
        let many: Vec<Value> = (0..150)
            .map(|n| json!({"name": format!("genre {n}")}))
            .collect();
        let payload = world
            .written(
                "createGenres",
                json!({"genres": many}),
                "count changed { kind } changedMore",
            )
            .await;
        assert_eq!(payload["count"], 150);
        assert!(payload["changed"].as_array().expect("a list").len() <= 100);
        assert_eq!(payload["changedMore"], true);
    });
}

#[test]
fn rows_are_found_by_every_kind_of_key() {
    run(async {
        let world = World::new().await;
        let customer = id("customers", 0);
        let keys = [
            json!({"id": customer}),
            json!({"email": "alpha1@example.com"}),
            json!({"shopifyCustomerId": "alpha shopify customer id 1"}),
        ];
        for (number, key) in keys.iter().enumerate() {
            let name = format!("name {number}");
            let input = json!({"by": key, "patch": {"firstName": name}});
            let payload = world
                .written(
                    "updateCustomer",
                    input,
                    "created customer { id firstName } changed { nodeId kind }",
                )
                .await;
            assert_eq!(
                payload,
                json!({
                    "created": false,
                    "customer": {"id": customer, "firstName": name},
                    "changed": [{"nodeId": node_id("customers", customer), "kind": "UPDATED"}],
                }),
                "{key}"
            );
        }
        let key = json!({"customerIdAndPreferenceKey": {"customerId": customer, "preferenceKey": "alpha preference key 1"}});
        let input = json!({"by": key, "patch": {"preferenceValue": "large"}});
        let payload = world
            .written(
                "updateCustomerPreference",
                input,
                "customerPreference { id preferenceValue }",
            )
            .await;
        let expected = json!({"id": id("customer_preferences", 0), "preferenceValue": "large"});
        assert_eq!(payload["customerPreference"], expected);
        let payload = world
            .written(
                "deleteCustomerPreference",
                json!({"by": key}),
                "customerPreference { preferenceValue } changed { kind }",
            )
            .await;
        assert_eq!(
            payload,
            json!({"customerPreference": {"preferenceValue": "large"}, "changed": [{"kind": "DELETED"}]})
        );

        for missing in [
            json!({"id": Uuid::now_v7()}),
            json!({"email": "nobody@example.com"}),
            json!({"shopifyCustomerId": "none"}),
        ] {
            let update = json!({"by": missing, "patch": {"firstName": "x"}});
            assert_eq!(world.problems("updateCustomer", update).await.len(), 1);
            let errors = world.errors("deleteCustomer", json!({"by": missing})).await;
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert_eq!(errors[0]["__typename"], "NotFound");
            assert_eq!(errors[0]["message"], "There is no customer with this key.");
        }
        // A key names its row by exactly one field.
        let both = json!({"by": {"id": customer, "email": "alpha1@example.com"}});
        let (_, answer) = world
            .ask(
                &super::document("deleteCustomer", "created"),
                json!({"input": both}),
            )
            .await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{answer}"
        );
    });
}

#[test]
fn a_patch_tells_null_from_absent() {
    run(async {
        let world = World::new().await;
        let input = |patch: Value| json!({"by": {"id": id("customers", 1)}, "patch": patch});
        let selection = "customer { firstName lastName company }";
        let payload = world
            .written(
                "updateCustomer",
                input(json!({"firstName": null, "company": "Acme"})),
                selection,
            )
            .await;
        assert_eq!(
            payload["customer"],
            json!({"firstName": null, "lastName": "alpha last name 2", "company": "Acme"})
        );
        // A variable that is absent leaves the field alone, too.
        let query = "mutation ($id: ID!, $first: String, $last: String) { \
            updateCustomer(input: { by: { id: $id }, patch: { firstName: $first, lastName: $last } }) { customer { firstName lastName } } }";
        let variables = json!({"id": id("customers", 1), "first": "Ada"});
        let (_, answer) = world.ask(query, variables).await;
        assert_eq!(
            answer["data"]["updateCustomer"]["customer"],
            json!({"firstName": "Ada", "lastName": "alpha last name 2"}),
            "{answer}"
        );
        for nothing in [json!({}), json!({"patch": null, "change": null})] {
            let mut input = nothing;
            input["by"] = json!({"id": id("customers", 1)});
            assert_eq!(
                world.problems("updateCustomer", input).await,
                ["BAD_USER_INPUT "]
            );
        }
    });
}

#[test]
fn changes_build_on_what_is_there() {
    run(async {
        let world = World::new().await;
        let customer = id("customers", 0);
        let by = json!({"id": customer});
        let selection = "customer { ordersCount totalSpent averageOrderValue tags }";
        world
            .written(
                "updateCustomer",
                json!({"by": by, "patch": {"averageOrderValue": null}}),
                "created",
            )
            .await;
        let change = json!({
            "ordersCount": {"increment": -3},
            "totalSpent": {"increment": "0.25"},
            "averageOrderValue": {"increment": "1"},
            "tags": {"append": ["x", "alpha", ""]},
        });
        let payload = world
            .written(
                "updateCustomer",
                json!({"by": by, "change": change}),
                selection,
            )
            .await;
        assert_eq!(
            payload["customer"],
            json!({
                "ordersCount": -2,
                "totalSpent": "1.75",
                "averageOrderValue": null,
                "tags": ["alpha", "with \"quotes\"", "x", "alpha", ""],
            })
        );
        let payload = world
            .written(
                "updateCustomer",
                json!({"by": by, "change": {"tags": {"remove": ["alpha", "none"]}}}),
                selection,
            )
            .await;
        assert_eq!(
            payload["customer"]["tags"],
            json!(["with \"quotes\"", "x", ""])
        );

        let order = json!({"id": id("orders", 0)});
        // Before, the change, and after.
        let cases = [
            (
                json!({"a": 1, "b": {"c": 2}}),
                json!({"merge": {"b": 3, "d": null}}),
                json!({"a": 1, "b": 3, "d": null}),
            ),
            (json!(null), json!({"merge": {"a": 1}}), json!({"a": 1})),
            (json!([1]), json!({"merge": {"a": 1}}), json!({"a": 1})),
            (
                json!({"a": 1, "b": 2}),
                json!({"removeKeys": ["b", "none"]}),
                json!({"a": 1}),
            ),
            (json!(null), json!({"removeKeys": ["a"]}), json!(null)),
            (json!(["a"]), json!({"removeKeys": ["a"]}), json!(["a"])),
        ];
        for (before, change, after) in cases {
            let input = json!({"by": order, "patch": {"shippingAddress": before}});
            world.written("updateOrder", input, "created").await;
            let input = json!({"by": order, "change": {"shippingAddress": change}});
            let payload = world
                .written("updateOrder", input, "order { shippingAddress }")
                .await;
            assert_eq!(
                payload["order"]["shippingAddress"], after,
                "{before} {change}"
            );
        }
        // What does not fit, and what is given twice.
        for (change, problem) in [
            (
                json!({"ordersCount": {"increment": 2_147_483_647}, "tags": {"append": []}}),
                None,
            ),
            (
                json!({"ordersCount": {"increment": 2_147_483_647}}),
                Some("BAD_USER_INPUT change.ordersCount.increment"),
            ),
            (json!({"totalSpent": {"increment": "9999999999"}}), None),
            (
                json!({"totalSpent": {"increment": "9999999999.99"}}),
                Some("BAD_USER_INPUT change.totalSpent.increment"),
            ),
        ] {
            let reset = json!({"by": by, "patch": {"ordersCount": 0, "totalSpent": "0.00"}});
            world.written("updateCustomer", reset, "created").await;
            let input = json!({"by": by, "change": change});
            match problem {
                None => drop(world.written("updateCustomer", input, "created").await),
                Some(problem) => {
                    world
                        .written(
                            "updateCustomer",
                            json!({"by": by, "patch": {"ordersCount": 1, "totalSpent": "1"}}),
                            "created",
                        )
                        .await;
                    assert_eq!(world.problems("updateCustomer", input).await, [problem]);
                }
            }
        }
        let input = json!({"by": by, "patch": {"ordersCount": 1}, "change": {"ordersCount": {"increment": 1}}});
        assert_eq!(
            world.problems("updateCustomer", input).await,
            ["BAD_USER_INPUT change.ordersCount.increment"]
        );
    });
}

#[test]
fn a_stale_version_is_refused_and_shows_the_row() {
    run(async {
        let world = World::new().await;
        let by = json!({"id": id("customers", 0)});
        let read = "customer { firstName version }";
        let update = |name: &str, version: &Value| json!({"by": by, "patch": {"firstName": name}, "expectedVersion": version});
        let first = world
            .written("updateCustomer", update("one", &Value::Null), read)
            .await;
        let first = first["customer"]["version"].clone();
        let second = world
            .written("updateCustomer", update("two", &first), read)
            .await;
        let second = second["customer"]["version"].clone();
        assert_ne!(first, second);

        let stale = "customer { id } errors { code path ... on StaleVersion { currentVersion current { ... on Customer { firstName version } } } }";
        let query = format!(
            "mutation ($input: UpdateCustomerInput!) {{ p: updateCustomer(input: $input) {{ {stale} }} }}"
        );
        let (_, answer) = world
            .ask(&query, json!({"input": update("three", &first)}))
            .await;
        assert_eq!(
            answer,
            json!({"data": {"p": {"customer": null, "errors": [{
                "code": "STALE",
                "path": ["expectedVersion"],
                "currentVersion": second,
                "current": {"firstName": "two", "version": second},
            }]}}})
        );
        for change in [
            json!({"by": by, "change": {"ordersCount": {"increment": 1}}, "expectedVersion": first}),
            json!({"by": by, "patch": {"preferences": {"create": [{"preferenceKey": "k", "preferenceValue": "v"}]}}, "expectedVersion": first}),
        ] {
            assert_eq!(
                world.problems("updateCustomer", change).await,
                ["STALE expectedVersion"]
            );
        }
        let delete = |version: &Value| json!({"by": by, "expectedVersion": version});
        assert_eq!(
            world.errors("deleteCustomer", delete(&first)).await[0]["code"],
            "STALE"
        );
        let wrong = delete(&json!("no version"));
        assert_eq!(
            world.problems("deleteCustomer", wrong).await,
            ["BAD_USER_INPUT expectedVersion"]
        );
        let payload = world
            .written("deleteCustomer", delete(&second), "customer { firstName }")
            .await;
        assert_eq!(payload["customer"]["firstName"], "two");
    });
}

#[test]
fn an_upsert_creates_or_changes_and_always_returns_the_row() {
    run(async {
        let world = World::new().await;
        let upsert = |name: &str, by: &str| json!({"customer": {"email": "ada@example.com", "firstName": name}, "by": by});
        let selection = "created customer { id firstName lastName }";
        let first = world
            .written("upsertCustomer", upsert("Ada", "EMAIL"), selection)
            .await;
        assert_eq!(first["created"], true);
        let second = world
            .written("upsertCustomer", upsert("Countess", "EMAIL"), selection)
            .await;
        assert_eq!(second["created"], false);
        assert_eq!(second["customer"]["firstName"], "Countess");
        assert_eq!(second["customer"]["id"], first["customer"]["id"]);
        let with = |on_conflict: Value| {
            let mut input = upsert("Other", "EMAIL");
            input["onConflict"] = on_conflict;
            input
        };
        let alone = world
            .written("upsertCustomer", with(json!({})), selection)
            .await;
        assert_eq!(alone["created"], false);
        assert_eq!(alone["customer"], second["customer"]);
        let patched = world
            .written(
                "upsertCustomer",
                with(json!({"lastName": "Lovelace"})),
                selection,
            )
            .await;
        assert_eq!(patched["customer"]["firstName"], "Countess");
        assert_eq!(patched["customer"]["lastName"], "Lovelace");

        // By id, and by several columns.
        let own = Uuid::now_v7();
        for created in [true, false] {
            let input = json!({"genre": {"id": own, "name": "zydeco"}, "by": "ID"});
            let payload = world
                .written("upsertGenre", input, "created genre { id }")
                .await;
            assert_eq!(payload, json!({"created": created, "genre": {"id": own}}));
        }
        for (value, created) in [("small", true), ("large", false)] {
            let input = json!({
                "customerPreference": {"customerId": id("customers", 3), "preferenceKey": "size", "preferenceValue": value},
                "by": "CUSTOMER_ID_AND_PREFERENCE_KEY",
            });
            let payload = world
                .written(
                    "upsertCustomerPreference",
                    input,
                    "created customerPreference { preferenceValue }",
                )
                .await;
            assert_eq!(
                payload,
                json!({"created": created, "customerPreference": {"preferenceValue": value}})
            );
        }
        // The key must be given, and another one must be free.
        let input = json!({"customer": {"email": "x@example.com"}, "by": "SHOPIFY_CUSTOMER_ID"});
        assert_eq!(
            world.problems("upsertCustomer", input).await,
            ["BAD_USER_INPUT by"]
        );
        let input = json!({
            "customer": {"email": "x@example.com", "shopifyCustomerId": "alpha shopify customer id 1"},
            "by": "EMAIL",
        });
        assert_eq!(
            world.problems("upsertCustomer", input).await,
            ["UNIQUE_VIOLATION customer.shopifyCustomerId"]
        );
    });
}

#[test]
fn a_deleted_row_is_returned_as_it_was() {
    run(async {
        let world = World::new().await;
        let item = |quantity: i32| json!({"quantity": quantity, "unitPrice": "2.00", "totalAmount": "2.00"});
        let order = json!({"order": {"orderNumber": "N1", "totalAmount": "4.00", "customerId": id("customers", 0), "items": [item(1), item(2)]}});
        let created = world
            .written("createOrder", order, "order { id items { nodes { id } } }")
            .await;
        let own = created["order"]["id"].clone();
        let query = format!(
            "order {{ id orderNumber items(orderBy: {{ quantity: ASC }}) {{ totalCount nodes {{ quantity }} }} customer {{ email }} }} \
             changed {{ type nodeId kind }} query {{ order(id: {own}) {{ id }} }}"
        );
        let mut payload = world
            .written("deleteOrder", json!({"by": {"orderNumber": "N1"}}), &query)
            .await;
        let changed = payload["changed"].take();
        assert_eq!(
            payload,
            json!({
                "order": {
                    "id": own,
                    "orderNumber": "N1",
                    "items": {"totalCount": 2, "nodes": [{"quantity": 1}, {"quantity": 2}]},
                    "customer": {"email": "alpha1@example.com"},
                },
                "changed": null,
                "query": {"order": null},
            })
        );
        // The items that went with it are told, too.
        let mut told: Vec<(&str, &str)> = changed
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| {
                assert_eq!(one["kind"], "DELETED");
                (text(&one["type"]), text(&one["nodeId"]))
            })
            .collect();
        told.sort_unstable();
        let order = node_id("orders", text(&own));
        let items = created["order"]["items"]["nodes"]
            .as_array()
            .expect("items");
        let items: Vec<String> = items
            .iter()
            .map(|item| node_id("order_items", text(&item["id"])))
            .collect();
        let mut expected: Vec<(&str, &str)> = items
            .iter()
            .map(|item| ("OrderItem", item.as_str()))
            .collect();
        expected.push(("Order", &order));
        expected.sort_unstable();
        assert_eq!(told, expected);

        // What others refer to stays.
        let before = world.rows(None).await;
        let errors = world
            .errors("deleteOrder", json!({"by": {"id": id("orders", 0)}}))
            .await;
        assert_eq!(errors[0]["__typename"], "ReferenceViolation");
        assert_eq!(
            errors[0]["message"],
            "It cannot be deleted, because order payments refer to it."
        );
        assert_eq!(world.rows(None).await, before);
    });
}
