//! Rows together with those that belong to them or that they refer to.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{World, id, text};
use crate::harness::run;

#[test]
fn a_row_is_created_with_its_children() {
    run(async {
        let world = World::new().await;
        let product = json!({
            "title": "Blue",
            "basePrice": "20.00",
            "variants": [{"sku": "blue-lp", "price": "20.00"}, {"sku": "blue-cd", "price": "10.00"}],
            "album": {"artist": "Joni Mitchell", "genre": {"create": {"name": "folk"}}, "recordLabel": {"connect": {"name": "alpha name 1"}}},
        });
        let mut payload = world
            .written(
                "createProduct",
                json!({"product": product}),
                "created product { title variants(orderBy: { sku: ASC }) { nodes { sku price } } \
                 album { artist genre { name } recordLabel { id } } } changed { type kind }",
            )
            .await;
        let changed = payload["changed"].take();
        assert_eq!(
            payload,
            json!({
                "created": true,
                "product": {
                    "title": "Blue",
                    "variants": {"nodes": [{"sku": "blue-cd", "price": "10.00"}, {"sku": "blue-lp", "price": "20.00"}]},
                    "album": {"artist": "Joni Mitchell", "genre": {"name": "folk"}, "recordLabel": {"id": id("record_labels", 0)}},
                },
                "changed": null,
            })
        );
        let mut types: Vec<&str> = changed
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| {
                assert_eq!(one["kind"], "CREATED");
                text(&one["type"])
            })
            .collect();
        types.sort_unstable();
        assert_eq!(
            types,
            [
                "Album",
                "Genre",
                "Product",
                "ProductVariant",
                "ProductVariant"
            ]
        );

        // Three levels, each with a reference that is created on the way.
        let order = json!({"order": {
            "totalAmount": "1.00",
            "customer": {"create": {"email": "deep@example.com", "preferences": [{"preferenceKey": "size", "preferenceValue": "L"}]}},
            "items": [{
                "quantity": 1, "unitPrice": "1.00", "totalAmount": "1.00",
                "variant": {"create": {"price": "1.00", "sku": "deep", "product": {"create": {"title": "Deep", "basePrice": "1.00"}}}},
            }],
        }});
        let payload = world
            .written(
                "createOrder",
                order,
                "order { customer { email preferences { nodes { preferenceValue } } } items { nodes { variant { sku product { title } } } } }",
            )
            .await;
        assert_eq!(
            payload["order"],
            json!({
                "customer": {"email": "deep@example.com", "preferences": {"nodes": [{"preferenceValue": "L"}]}},
                "items": {"nodes": [{"variant": {"sku": "deep", "product": {"title": "Deep"}}}]},
            })
        );
        // A child takes its parent from above, and a reference is given once.
        for (row, problem) in [
            (
                json!({"totalAmount": "1", "items": [{"orderId": id("orders", 0), "quantity": 1, "unitPrice": "1", "totalAmount": "1"}]}),
                "BAD_USER_INPUT order.items.0",
            ),
            (
                json!({"totalAmount": "1", "customerId": id("customers", 0), "customer": {"connect": {"id": id("customers", 1)}}}),
                "BAD_USER_INPUT order",
            ),
        ] {
            assert_eq!(
                world.problems("createOrder", json!({"order": row})).await,
                [problem]
            );
        }
    });
}

#[test]
fn children_are_created_changed_and_deleted_with_their_parent() {
    run(async {
        let world = World::new().await;
        let item = |quantity: i32| json!({"quantity": quantity, "unitPrice": "1.00", "totalAmount": "1.00"});
        let order = json!({"order": {"orderNumber": "N1", "totalAmount": "3.00", "items": [item(1), item(2), item(3)]}});
        let read =
            "order { id status items(orderBy: { quantity: ASC }) { nodes { id quantity } } }";
        let created = world.written("createOrder", order, read).await;
        let items = &created["order"]["items"]["nodes"];
        let item_id = |n: usize| items[n]["id"].clone();
        let input = json!({
            "by": {"orderNumber": "N1"},
            "patch": {
                "status": "SHIPPED",
                "items": {
                    "create": [item(40)],
                    "update": [
                        {"by": {"id": item_id(1)}, "patch": {"quantity": 20}},
                        {"by": {"id": item_id(2)}, "patch": {"quantity": 30}},
                    ],
                    "delete": [{"id": item_id(0)}],
                },
            },
        });
        let payload = world
            .written(
                "updateOrder",
                input,
                &format!("{read} changed {{ type kind }}"),
            )
            .await;
        assert_eq!(payload["order"]["status"], "SHIPPED");
        let quantities: Vec<&Value> = payload["order"]["items"]["nodes"]
            .as_array()
            .expect("items")
            .iter()
            .map(|item| &item["quantity"])
            .collect();
        assert_eq!(quantities, [20, 30, 40]);
        let mut changed: Vec<String> = payload["changed"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| format!("{} {}", text(&one["type"]), text(&one["kind"])))
            .collect();
        changed.sort_unstable();
        assert_eq!(
            changed,
            [
                "Order UPDATED",
                "OrderItem CREATED",
                "OrderItem DELETED",
                "OrderItem UPDATED",
                "OrderItem UPDATED"
            ]
        );

        // Children alone, of a parent that is found by its id.
        let by = json!({"id": payload["order"]["id"]});
        let input = json!({"by": by, "patch": {"items": {"update": [{"by": {"id": item_id(1)}, "change": {"quantity": {"increment": 1}}}]}}});
        let payload = world.written("updateOrder", input, read).await;
        assert_eq!(payload["order"]["items"]["nodes"][0]["quantity"], 21);

        // A child of another parent is not there, and nothing is written.
        let before = world.rows(None).await;
        let stranger = id("order_items", 0);
        for (items, problem) in [
            (
                json!({"delete": [{"id": stranger}]}),
                "NOT_FOUND patch.items.delete.0",
            ),
            (
                json!({"update": [{"by": {"id": stranger}, "patch": {"quantity": 9}}]}),
                "NOT_FOUND patch.items.update.0.by",
            ),
            (
                json!({"update": [{"by": {"id": stranger}, "change": {"quantity": {"increment": 9}}}]}),
                "NOT_FOUND patch.items.update.0.by",
            ),
            (
                json!({"delete": [{"id": Uuid::now_v7()}]}),
                "NOT_FOUND patch.items.delete.0",
            ),
            (
                json!({"delete": [{"id": item_id(1)}, {"id": item_id(1)}]}),
                "BAD_USER_INPUT patch.items.delete.1",
            ),
        ] {
            let input = json!({"by": by, "patch": {"status": "CANCELLED", "items": items}});
            assert_eq!(
                world.problems("updateOrder", input).await,
                [problem],
                "{items}"
            );
        }
        let both = json!({
            "delete": [{"id": stranger}],
            "update": [{"by": {"id": id("order_items", 1)}, "patch": {"quantity": 9}}],
        });
        let input = json!({"by": by, "patch": {"items": both}});
        assert_eq!(
            world.problems("updateOrder", input).await,
            [
                "NOT_FOUND patch.items.delete.0",
                "NOT_FOUND patch.items.update.0.by"
            ]
        );
        let twice = json!([
            {"by": {"id": item_id(1)}, "patch": {"quantity": 1}},
            {"by": {"id": item_id(1)}, "patch": {"quantity": 2}},
        ]);
        let input = json!({"by": by, "patch": {"items": {"update": twice}}});
        assert_eq!(
            world.problems("updateOrder", input).await,
            ["BAD_USER_INPUT patch.items.update.1"]
        );
        assert_eq!(world.rows(None).await, before);
    });
}

#[test]
fn one_child_of_its_kind_is_written_like_several() {
    run(async {
        let world = World::new().await;
        let product = json!({"product": {"title": "P", "basePrice": "1.00"}});
        let created = world
            .written("createProduct", product, "product { id }")
            .await;
        let by = json!({"id": created["product"]["id"]});
        let read = "product { album { id artist } }";
        let album = |change: Value| json!({"by": by, "patch": {"album": change}});
        let payload = world
            .written(
                "updateProduct",
                album(json!({"create": [{"artist": "A"}]})),
                read,
            )
            .await;
        let own = payload["product"]["album"]["id"].clone();
        assert_eq!(payload["product"]["album"]["artist"], "A");
        assert_eq!(
            world
                .problems("updateProduct", album(json!({"create": [{"artist": "B"}]})))
                .await,
            ["UNIQUE_VIOLATION patch.album.create.0.productId"]
        );
        let update = json!({"update": [{"by": {"productId": created["product"]["id"]}, "patch": {"artist": "C"}}]});
        let payload = world.written("updateProduct", album(update), read).await;
        assert_eq!(
            payload["product"]["album"],
            json!({"id": own, "artist": "C"})
        );
        let payload = world
            .written(
                "updateProduct",
                album(json!({"delete": [{"id": own}]})),
                read,
            )
            .await;
        assert_eq!(payload["product"]["album"], Value::Null);
    });
}

#[test]
fn references_are_connected_or_created() {
    run(async {
        let world = World::new().await;
        let order = |number: &str, customer: Value| json!({"orderNumber": number, "totalAmount": "1.00", "customer": customer});
        let read = "order { customer { id email firstName } }";
        let connect = |key: Value| json!({"order": order("c", json!({"connect": key}))});
        let customer = json!({"id": id("customers", 2), "email": "alpha3@example.com", "firstName": "alpha first name 3"});
        for (number, key) in [
            json!({"id": id("customers", 2)}),
            json!({"email": "alpha3@example.com"}),
            json!({"shopifyCustomerId": "alpha shopify customer id 3"}),
        ]
        .into_iter()
        .enumerate()
        {
            let mut input = connect(key);
            input["order"]["orderNumber"] = json!(format!("c{number}"));
            let payload = world.written("createOrder", input, read).await;
            assert_eq!(payload["order"]["customer"], customer);
        }
        for key in [
            json!({"id": Uuid::now_v7()}),
            json!({"email": "none@example.com"}),
        ] {
            let problems = world.problems("createOrder", connect(key.clone())).await;
            let expected = ["REFERENCE_VIOLATION order.customer.connect"];
            assert_eq!(problems, expected, "{key}");
        }

        // The same key twice in one input makes one row; an existing one is left as it is.
        let new = |name: &str| json!({"connectOrCreate": {"by": "EMAIL", "create": {"email": "twin@example.com", "firstName": name}}});
        let there = json!({"connectOrCreate": {"by": "EMAIL", "create": {
            "email": "alpha3@example.com", "firstName": "changed",
            "preferences": [{"preferenceKey": "of a row that is there", "preferenceValue": "x"}],
        }}});
        let input =
            json!({"orders": [order("1", new("Ada")), order("2", new("Bob")), order("3", there)]});
        let payload = world
            .written(
                "createOrders",
                input,
                "results { order { customer { id email firstName } } } changed { type kind }",
            )
            .await;
        let customers: Vec<&Value> = payload["results"]
            .as_array()
            .expect("results")
            .iter()
            .map(|result| &result["order"]["customer"])
            .collect();
        assert_eq!(customers[0]["firstName"], "Ada");
        assert_eq!(customers[1], customers[0]);
        assert_eq!(*customers[2], customer);
        let created = payload["changed"].as_array().expect("a list");
        let created = created.iter().filter(|one| one["type"] == "Customer");
        assert_eq!(created.count(), 1);
        assert_eq!(
            world.text("select count(*) from customer_preferences where preference_key = 'of a row that is there'").await,
            "0"
        );
        // Once more, all are there, and what belongs to a new row comes with it.
        let again = json!({"orders": [order("4", new("Eve")), order("5", json!({"connectOrCreate": {"by": "EMAIL", "create": {
            "email": "fresh@example.com", "preferences": [{"preferenceKey": "k", "preferenceValue": "v"}],
        }}}))]});
        let payload = world
            .written(
                "createOrders",
                again,
                "results { order { customer { firstName preferences { totalCount } } } }",
            )
            .await;
        assert_eq!(
            payload["results"][0]["order"]["customer"]["firstName"],
            "Ada"
        );
        assert_eq!(
            payload["results"][1]["order"]["customer"]["preferences"]["totalCount"],
            1
        );

        // What is created must itself be right, and its key given.
        let wrong = json!({"order": order("6", json!({"connectOrCreate": {"by": "SHOPIFY_CUSTOMER_ID", "create": {"email": "x@example.com"}}}))});
        let problems = world.problems("createOrder", wrong).await;
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(
            problems[0].starts_with("BAD_USER_INPUT order.customer.connectOrCreate"),
            "{problems:?}"
        );
    });
}

/// A large input takes a handful of statements, whatever its number of rows.
#[test]
fn many_rows_take_few_statements() {
    run(async {
        let world = World::new().await;
        let count = async |rows: usize| {
            let items = |n: usize| -> Vec<Value> {
                (0..4).map(|q| json!({"quantity": q + n as i32 as usize, "unitPrice": "1.00", "totalAmount": "1.00"})).collect()
            };
            let orders: Vec<Value> = (0..rows)
                .map(|n| json!({"orderNumber": format!("{rows} {n}"), "totalAmount": "4.00", "items": items(n)}))
                .collect();
            let (payload, sent) = crate::harness::database::STATEMENTS
                .scope(std::sync::Mutex::default(), async {
                    let payload = world
                        .written("createOrders", json!({"orders": orders}), "count")
                        .await;
                    let sent = crate::harness::database::STATEMENTS
                        .with(|log| log.lock().expect("unlocked").len());
                    (payload, sent)
                })
                .await;
            assert_eq!(payload["count"], rows);
            sent
        };
        count(1).await;
        let few = count(2).await;
        let many = count(400).await;
        assert_eq!(few, many);
        assert!(many <= 8, "{many} statements");
        assert_eq!(
            world.text("select count(*) from order_items").await,
            (8 + 4 * 403).to_string()
        );
    });
}
