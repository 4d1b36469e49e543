//! The whole data sets, against the figures that are known of them.
//!
//! They are not part of the repository: `TESSERA_DATA` names their folder, or they lie beside it
//! in `../shared/data`. A test whose file is missing says so and passes.

use std::path::PathBuf;

use sqlx::Row;
use tessera::import::{self, Silent, Source};

use super::{Shop, counts, noted};
use crate::harness::run;

const FOLDER: &str = "TESSERA_DATA";

fn data(file: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(FOLDER).map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let path = folder.join(file);
    if path.exists() {
        return Some(path);
    }
    eprintln!(
        "SKIPPED: {} is not there; set {FOLDER} to the folder of the data sets",
        path.display()
    );
    None
}

#[test]
fn online_retail_reproduces_the_figures_of_its_source() {
    let Some(path) = data("online-retail.csv.gz") else {
        return;
    };
    run(async {
        let mut shop = Shop::open("full-retail").await;
        let slug = shop.slug;
        let started = std::time::Instant::now();
        let source = Source::open(&path).unwrap();
        let summary = import::online_retail(shop.connection(), slug, source, &Silent)
            .await
            .unwrap();
        eprintln!("{summary}\nin {:.1} s", started.elapsed().as_secs_f32());

        assert!(summary.is_complete());
        assert_eq!(summary.read, 541_909);
        assert_eq!(noted(&summary, "invoices in the file"), 25_900);
        assert_eq!(noted(&summary, "lines without a customer"), 135_080);
        assert_eq!(noted(&summary, "lines without a description"), 1_454);
        for (sum, expected) in [
            ("Quantity x UnitPrice, all lines", "9747747.934"),
            ("United Kingdom", "8187806.364"),
            ("Netherlands", "284661.54"),
            ("EIRE", "263276.82"),
        ] {
            let total = summary.total(sum).unwrap().normalize();
            assert_eq!(total.to_string(), expected, "{sum}");
        }
        assert_eq!(counts(&summary, "customers"), (4_372, 0));

        let sales = shop
            .rows(
                "select count(*), count(distinct o.id), count(distinct o.customer_id)
                  from order_items i join orders o on o.workspace_id = i.workspace_id and o.id = i.order_id
                  where i.workspace_id = $1 and o.customer_id is not null and o.status <> 'cancelled' and i.quantity > 0",
            )
            .await;
        let figures: Vec<i64> = (0..3).map(|column| sales[0].get(column)).collect();
        assert_eq!(figures, [397_924, 18_536, 4_339]);
        let cancelled = shop
            .number(
                "select count(*) from order_items i join orders o on o.workspace_id = i.workspace_id and o.id = i.order_id
                  where i.workspace_id = $1 and o.status = 'cancelled'",
            )
            .await;
        assert_eq!(
            cancelled,
            9_288 - 32 - 25,
            "all but fees of Amazon and the bank"
        );

        // Orders and ledger together hold the whole sum: what was left out was worth nothing.
        let differences = shop
            .texts(
                "select concat_ws('|',
                    9747747.934 - (select sum(quantity * coalesce((source_data ->> 'UnitPrice')::numeric, unit_price)) from order_items where workspace_id = $1)
                      - (-235281.59 + 13761.09 - 7340.64 - 11062.06),
                    (select count(*) from customers c
                      cross join lateral (select count(*) as orders, coalesce(sum(total_amount), 0) as spent, max(order_date) as last from orders o
                        where o.workspace_id = $1 and o.customer_id = c.id and o.status <> 'cancelled') o
                      where c.workspace_id = $1
                        and (c.orders_count, c.total_spent, c.last_order_date) is distinct from (o.orders, o.spent, o.last)))",
            )
            .await;
        assert_eq!(differences, ["0.000|0"]);

        let size = shop.size().await;
        let source = Source::open(&path).unwrap();
        let again = import::online_retail(shop.connection(), slug, source, &Silent)
            .await
            .unwrap();
        assert!(again.is_complete());
        assert_eq!((again.imported, again.present), (0, summary.imported));
        assert!(
            again.tables.iter().all(|table| table.imported == 0),
            "{again}"
        );
        assert_eq!(shop.size().await, size);
        shop.close().await;
    });
}

#[test]
fn chinook_is_imported_as_a_whole() {
    let Some(path) = data("chinook.json") else {
        return;
    };
    run(async {
        let mut shop = Shop::open("full-chinook").await;
        let slug = shop.slug;
        let source = Source::open(&path).unwrap();
        let summary = import::chinook(shop.connection(), slug, source, &Silent)
            .await
            .unwrap();
        eprintln!("{summary}");
        assert!(summary.is_complete());
        for (table, rows) in [
            ("genres", 25),
            ("products", 347),
            ("albums", 347),
            ("product_variants", 3_503),
            ("customers", 59),
            ("orders", 412),
            ("order_items", 2_240),
            ("workspace_members", 8),
        ] {
            assert_eq!(counts(&summary, table), (rows, 0), "{table}");
        }
        let sums = shop
            .texts(
                "select concat_ws('|', (select sum(total_amount) from orders where workspace_id = $1),
                    (select sum(total_amount) from order_items where workspace_id = $1),
                    (select sum(total_spent) from customers where workspace_id = $1),
                    (select count(*) from customers where workspace_id = $1 and company is null),
                    (select count(*) from customers where workspace_id = $1 and first_name = 'Luís' and last_name = 'Gonçalves'))",
            )
            .await;
        assert_eq!(sums, ["2328.60|2328.60|2328.60|49|1"]);
        let source = Source::open(&path).unwrap();
        let again = import::chinook(shop.connection(), slug, source, &Silent)
            .await
            .unwrap();
        assert!(again.is_complete());
        assert_eq!((again.imported, again.present), (0, summary.imported));
        shop.close().await;
    });
}

#[test]
fn shopify_exports_are_imported_as_a_whole() {
    let files = ["apparel.csv", "home-and-garden.csv", "jewelery.csv"];
    let paths: Vec<PathBuf> = files
        .iter()
        .filter_map(|file| data(&format!("shopify/{file}")))
        .collect();
    run(async {
        let mut shop = Shop::open("full-shopify").await;
        let slug = shop.slug;
        for path in &paths {
            for already in [false, true] {
                let source = Source::open(path).unwrap();
                let summary =
                    import::shopify_products(shop.connection(), slug, source, false, &Silent)
                        .await
                        .unwrap();
                eprintln!("{summary}");
                assert!(summary.is_complete());
                assert!(summary.read > 10);
                assert_eq!(summary.imported == 0, already);
            }
        }
        shop.close().await;
    });
}
