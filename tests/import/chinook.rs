//! Chinook: a small document with what the real one has, and documents that are broken.

use serde_json::{Value, json};

use super::{Shop, counts, gzip, noted};
use crate::harness::run;

fn document() -> Value {
    json!({
        "Genre": [{"GenreId": 1, "Name": "Rock"}, {"GenreId": 2, "Name": "Jazz"}],
        "MediaType": [{"MediaTypeId": 1, "Name": "MPEG audio file"}],
        "Artist": [{"ArtistId": 1, "Name": "Antônio Carlos Jobim"}, {"ArtistId": 2, "Name": "Silent"}],
        "Album": [{"AlbumId": 7, "Title": "Warner 25 Anos", "ArtistId": 1}],
        "Track": [
            {"TrackId": 1, "Name": "Águas De Março", "AlbumId": 7, "MediaTypeId": 1, "GenreId": 2,
             "Composer": "", "Milliseconds": 221_291, "Bytes": 7_253_752, "UnitPrice": 0.99},
            {"TrackId": 2, "Name": "Desafinado", "AlbumId": 7, "MediaTypeId": 1, "GenreId": 2,
             "Composer": "Jobim", "Milliseconds": 185_338, "Bytes": 5_990_473, "UnitPrice": 1.99},
            {"TrackId": 3, "Name": "Rock It", "AlbumId": 7, "MediaTypeId": 1, "GenreId": 1,
             "Composer": null, "Milliseconds": 1000, "Bytes": 1, "UnitPrice": 1.99},
            {"TrackId": 4, "Name": "Alone", "AlbumId": null, "MediaTypeId": 1, "GenreId": null,
             "Composer": null, "Milliseconds": 1000, "Bytes": 1, "UnitPrice": 0.5},
        ],
        "Employee": [
            {"EmployeeId": 1, "FirstName": "Andrew", "LastName": "Adams", "Title": "General Manager", "ReportsTo": null,
             "State": "AB", "Phone": "+1 (780) 428-9482", "Email": "Andrew@Chinook.Example"},
            {"EmployeeId": 3, "FirstName": "Jane", "LastName": "Peacock", "Title": "Sales Support Agent", "ReportsTo": 1,
             "State": "AB", "Phone": "", "Email": "jane@chinook.example"},
        ],
        "Customer": [
            {"CustomerId": 1, "FirstName": "Luís", "LastName": "Gonçalves", "Company": "", "Address": "Av. Faria Lima, 2170",
             "City": "São José", "State": "SP", "Country": "Brazil", "PostalCode": "12227-000", "Phone": "+55",
             "Fax": "+56", "Email": "Luis@Embraer.Example", "SupportRepId": 3},
            {"CustomerId": 2, "FirstName": "Leonie", "LastName": "Köhler", "Company": null, "Address": null, "City": null,
             "State": "", "Country": null, "PostalCode": null, "Phone": "", "Fax": "", "Email": "leonie@surf.example",
             "SupportRepId": null},
        ],
        "Invoice": [
            {"InvoiceId": 11, "CustomerId": 1, "InvoiceDate": "2021-01-01T00:00:00", "BillingAddress": "Av. Faria Lima, 2170",
             "BillingCity": "São José", "BillingState": "SP", "BillingCountry": "Brazil", "BillingPostalCode": null, "Total": 4.97},
            {"InvoiceId": 12, "CustomerId": 1, "InvoiceDate": "2021-02-01T00:00:00", "BillingAddress": "", "BillingCity": "",
             "BillingState": "", "BillingCountry": "", "BillingPostalCode": "", "Total": 1},
        ],
        "InvoiceLine": [
            {"InvoiceLineId": 1, "InvoiceId": 11, "TrackId": 1, "UnitPrice": 0.99, "Quantity": 1},
            {"InvoiceLineId": 2, "InvoiceId": 11, "TrackId": 2, "UnitPrice": 1.99, "Quantity": 2},
            {"InvoiceLineId": 3, "InvoiceId": 12, "TrackId": 4, "UnitPrice": 0.5, "Quantity": 1},
        ],
        "Playlist": [{"PlaylistId": 1, "Name": "Music"}],
        "PlaylistTrack": [{"PlaylistId": 1, "TrackId": 1}, {"PlaylistId": 1, "TrackId": 2}],
    })
}

#[test]
fn a_document_becomes_catalog_people_and_orders() {
    run(async {
        let mut shop = Shop::open("chinook-small").await;
        let summary = shop.chinook(gzip(document().to_string())).await.unwrap();
        assert!(summary.is_complete(), "{summary}");
        assert_eq!(
            (summary.read, summary.imported, summary.left_out_count()),
            (22, 17, 5)
        );
        assert_eq!(noted(&summary, "Artist without an album"), 1);
        assert_eq!(noted(&summary, "PlaylistTrack"), 2);
        assert_eq!(noted(&summary, "Employee.ReportsTo"), 1);
        assert_eq!(noted(&summary, "Customer.Fax"), 1);
        assert_eq!(noted(&summary, "tracks of another genre"), 1);
        assert_eq!(noted(&summary, "invoices whose total"), 1);
        assert_eq!(counts(&summary, "albums"), (1, 0));
        assert_eq!(counts(&summary, "products"), (2, 0));

        let catalog = shop
            .texts(
                "select concat_ws('|', p.title, p.category, p.base_price, array_to_string(p.tags, '+'), a.artist, g.name, v.sku, v.price)
                  from products p join product_variants v on v.product_id = p.id
                  left join albums a on a.product_id = p.id left join genres g on g.id = a.genre_id
                  where p.workspace_id = $1 order by v.sku",
            )
            .await;
        assert_eq!(
            catalog,
            [
                "Warner 25 Anos|Jazz|0.99|Rock+Jazz|Antônio Carlos Jobim|Jazz|track-1-águas-de-março|0.99",
                "Warner 25 Anos|Jazz|0.99|Rock+Jazz|Antônio Carlos Jobim|Jazz|track-2-desafinado|1.99",
                "Warner 25 Anos|Jazz|0.99|Rock+Jazz|Antônio Carlos Jobim|Jazz|track-3-rock-it|1.99",
                "Alone|0.50||track-4-alone|0.50",
            ]
        );
        let description = shop
            .texts("select description from products where workspace_id = $1 and title = 'Warner 25 Anos'")
            .await;
        assert_eq!(
            description,
            ["1. Águas De Março (3:41)\n2. Desafinado (3:05), Jobim\n3. Rock It (0:01)"]
        );

        let customers = shop
            .texts(
                "select concat_ws('|', first_name, last_name, company, email, phone, address, array_to_string(tags, '+'), orders_count, total_spent, average_order_value)
                  from customers where workspace_id = $1 order by first_name desc",
            )
            .await;
        assert_eq!(
            customers,
            [
                "Luís|Gonçalves|luis@embraer.example|+55|Av. Faria Lima, 2170, São José, SP, 12227-000, Brazil|support-rep:jane@chinook.example|2|5.97|2.99",
                "Leonie|Köhler|leonie@surf.example||0|0.00",
            ]
        );
        let staff = shop
            .texts(
                "select concat_ws('|', u.email, u.full_name, u.phone, m.role, u.password_hash) from workspace_members m join users u on u.id = m.user_id
                  where m.workspace_id = $1 and m.role <> 'owner' order by u.email",
            )
            .await;
        assert_eq!(
            staff,
            [
                "andrew@chinook.example|Andrew Adams|+1 (780) 428-9482|admin",
                "jane@chinook.example|Jane Peacock|staff",
            ]
        );
        shop.close().await;
    });
}

#[test]
fn invoices_keep_what_a_variant_cannot_say() {
    run(async {
        let mut shop = Shop::open("chinook-orders").await;
        shop.chinook(document().to_string()).await.unwrap();
        let items = shop
            .texts(
                "select concat_ws('|', o.order_number, o.status, o.currency, o.total_amount, o.shipping_address ->> 'city', o.shipping_address ->> 'kind',
                    i.quantity, i.unit_price, i.total_amount, i.source_data ->> 'Name', i.source_data ->> 'MediaType', i.source_data ->> 'Composer')
                  from orders o join order_items i on i.workspace_id = o.workspace_id and i.order_id = o.id
                  where o.workspace_id = $1 order by o.order_number, i.unit_price",
            )
            .await;
        assert_eq!(
            items,
            [
                "11|delivered|USD|4.97|São José|billing|1|0.99|0.99|Águas De Março|MPEG audio file",
                "11|delivered|USD|4.97|São José|billing|2|1.99|3.98|Desafinado|MPEG audio file|Jobim",
                "12|delivered|USD|1.00|1|0.50|0.50|Alone|MPEG audio file",
            ]
        );
        let empty = shop
            .number("select count(*) from orders where workspace_id = $1 and order_number = '12' and shipping_address is null")
            .await;
        assert_eq!(empty, 1);
        shop.close().await;
    });
}

#[test]
fn a_second_run_and_known_people_change_nothing() {
    run(async {
        let mut shop = Shop::open("chinook-twice").await;
        shop.run("with u as (insert into users (email, full_name) values ('jane@chinook.example', 'Someone Else') on conflict (email)
              do update set full_name = 'Someone Else' returning id)
            insert into workspace_members (workspace_id, user_id, role) select $1, id, 'viewer' from u")
            .await;
        shop.run(
            "insert into customers (workspace_id, email, first_name, orders_count, total_spent)
            values ($1, 'luis@embraer.example', 'Known', 1, 10)",
        )
        .await;
        shop.run("insert into genres (workspace_id, name) values ($1, 'Jazz')")
            .await;
        let first = shop.chinook(document().to_string()).await.unwrap();
        assert!(first.is_complete(), "{first}");
        assert_eq!(counts(&first, "customers"), (1, 1));
        assert_eq!(counts(&first, "genres"), (1, 1));
        assert_eq!(counts(&first, "workspace_members"), (1, 1));
        let people = shop
            .texts("select concat_ws('|', u.full_name, m.role) from workspace_members m join users u on u.id = m.user_id
                where m.workspace_id = $1 and u.email = 'jane@chinook.example'
              union all select concat_ws('|', first_name, orders_count, total_spent, average_order_value) from customers
                where workspace_id = $1 and email = 'luis@embraer.example'
              union all select g.name from albums a join genres g on g.id = a.genre_id where a.workspace_id = $1")
            .await;
        assert_eq!(
            people,
            ["Someone Else|viewer", "Known|3|15.97|5.32", "Jazz"]
        );

        let size = shop.size().await;
        let second = shop.chinook(document().to_string()).await.unwrap();
        assert!(second.is_complete(), "{second}");
        assert_eq!((second.imported, second.present), (0, 17));
        assert_eq!(shop.size().await, size);
        shop.close().await;
    });
}

#[test]
fn customers_who_share_an_address_are_one() {
    run(async {
        let mut shop = Shop::open("chinook-shared").await;
        let mut shared = document();
        shared["Customer"][1]["Email"] = json!("LUIS@embraer.example");
        shared["Invoice"][1]["CustomerId"] = json!(2);
        let summary = shop.chinook(shared.to_string()).await.unwrap();
        assert!(summary.is_complete(), "{summary}");
        assert_eq!(counts(&summary, "customers"), (1, 1));
        let figures = shop
            .texts("select c.orders_count || '|' || c.total_spent || '|' || count(o.id) from customers c
                join orders o on o.workspace_id = c.workspace_id and o.customer_id = c.id
                where c.workspace_id = $1 group by c.orders_count, c.total_spent")
            .await;
        assert_eq!(figures, ["2|5.97|2"]);
        shop.close().await;
    });
}

#[test]
fn a_broken_document_changes_nothing_and_says_where() {
    run(async {
        let mut shop = Shop::open("chinook-broken").await;
        let good = serde_json::to_string_pretty(&document()).unwrap();
        let edited = |pointer: &str, value: Value| -> Vec<u8> {
            let mut document = document();
            *document.pointer_mut(pointer).unwrap() = value;
            serde_json::to_vec_pretty(&document).unwrap()
        };
        let packed = gzip(&good);
        let mut latin = good.clone().into_bytes();
        let accent = good.find("Antônio").unwrap() + 3;
        latin[accent] = 0xf4;
        let broken: Vec<(Vec<u8>, &str)> = vec![
            (
                Vec::new(),
                "chinook.json is empty: expected the JSON document",
            ),
            (good[..good.len() / 2].into(), "EOF while parsing"),
            (b"[]".to_vec(), "chinook.json, line 1, column"),
            (b"{\"Genre\": []}".to_vec(), "column 13: missing field `"),
            (
                good.replacen("\"UnitPrice\": 0.99", "\"UnitPrice\": \"a lot\"", 1)
                    .into(),
                "expected an amount such as 0.99",
            ),
            (
                edited("/Customer/0/FirstName", json!(5)),
                "invalid type: integer `5`, expected a string",
            ),
            (
                edited("/Invoice/0/InvoiceDate", json!("yesterday")),
                "chinook.json, line",
            ),
            (
                edited("/Customer/0/Email", json!("nobody")),
                "Customer[0].Email: expected an e-mail address, found `nobody`",
            ),
            (
                edited("/InvoiceLine/1/TrackId", json!(99)),
                "InvoiceLine[1].TrackId: expected the number of a record in the document, found 99",
            ),
            (edited("/Album/0/ArtistId", json!(9)), "Album[0].ArtistId"),
            (edited("/Track/0/GenreId", json!(9)), "Track[0].GenreId"),
            (
                edited("/Employee/1/ReportsTo", json!(9)),
                "Employee[1].ReportsTo",
            ),
            (
                edited("/Customer/0/SupportRepId", json!(9)),
                "Customer[0].SupportRepId",
            ),
            (
                edited("/Invoice/0/CustomerId", json!(9)),
                "Invoice[0].CustomerId",
            ),
            (
                edited("/Genre/1/GenreId", json!(1)),
                "Genre[1].GenreId: expected a number of its own, found 1 again",
            ),
            (
                edited("/Customer/0/Phone", json!("1".repeat(51))),
                "Customer[0].Phone: expected at most 50 characters",
            ),
            (
                packed[..packed.len() - 12].to_vec(),
                "the gzip stream ends before its end",
            ),
            (format!("{good} x").into(), "trailing characters"),
            (latin, "chinook.json, line"),
        ];
        for (text, expected) in broken {
            let error = shop.chinook(text).await.unwrap_err().to_string();
            assert!(error.contains(expected), "expected {expected}: {error}");
            assert_eq!(shop.size().await, 0, "{expected}");
        }
        assert_eq!(shop.chinook(good).await.unwrap().imported, 17);
        shop.close().await;
    });
}
