//! Product exports of Shopify: several lines to a product, and SKUs that clash.

use super::{Shop, counts, noted};
use crate::harness::run;

const HEADER: &str = "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,\
    Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,\
    Image Src,Cost per item";

const LINES: &str = "\
clay-pot,Clay Pot,\"<p>Classic \"\"clay\"\" pot,\nblown</p>\",Company 123,Outdoor,\"Pot, Plants\",true,Size,Regular,,,1,deny,9.99,a.jpg,4.5
clay-pot,,,,,,,,Large,,shopify,0,deny,15.99,b.jpg,
clay-pot,,,,,,,,,,,,,,c.jpg,
bracelet,Bracelet,,,Jewelry,,false,Color,Blue,BR-1,,1,deny,42.99,,
bracelet,,,,,,,,Black,BR-1,,-2,continue,42.99,,
lamp,Copper Lamp,,,,,true,Title,Default Title,,,2,deny,59.99,,
";

#[test]
fn lines_become_products_with_their_variants() {
    run(async {
        let mut shop = Shop::open("shopify-small").await;
        let summary = shop.shopify(format!("{HEADER}\n{LINES}")).await.unwrap();
        assert!(summary.is_complete(), "{summary}");
        assert_eq!((summary.read, summary.imported, summary.present), (6, 5, 0));
        assert_eq!(noted(&summary, "lines that only add an image"), 1);
        assert_eq!(noted(&summary, "SKUs made of handle"), 3);
        assert_eq!(
            noted(
                &summary,
                "variants without their SKU, which an earlier line has: BR-1 on line 7"
            ),
            1
        );
        assert_eq!(noted(&summary, "values of the option `Color`"), 2);
        assert_eq!(noted(&summary, "values of the column `Image Src`"), 3);
        assert_eq!(counts(&summary, "products"), (3, 0));
        let rows = shop
            .texts(
                "select concat_ws('|', p.title, p.category, p.status, p.base_price, array_to_string(p.tags, '+'), coalesce(v.sku, '-'), v.size, v.price, v.cost, v.inventory_quantity, v.is_available)
                  from products p join product_variants v on v.product_id = p.id where p.workspace_id = $1 order by p.title, v.price, v.inventory_quantity",
            )
            .await;
        assert_eq!(
            rows,
            [
                "Bracelet|Jewelry|inactive|42.99||-|42.99|-2|t",
                "Bracelet|Jewelry|inactive|42.99||BR-1|42.99|1|t",
                "Clay Pot|Outdoor|active|9.99|vendor:Company 123+Pot+Plants|clay-pot-regular|Regular|9.99|4.50|1|t",
                "Clay Pot|Outdoor|active|9.99|vendor:Company 123+Pot+Plants|clay-pot-large|Large|15.99|0|f",
                "Copper Lamp|active|59.99||lamp|59.99|2|t",
            ]
        );
        let html = shop
            .texts(
                "select description from products where workspace_id = $1 and title = 'Clay Pot'",
            )
            .await;
        assert_eq!(html, ["<p>Classic \"clay\" pot,\nblown</p>"]);

        let size = shop.size().await;
        let again = shop
            .shopify(format!("{HEADER}\r\n{}", LINES.replace('\n', "\r\n")))
            .await
            .unwrap();
        assert!(again.is_complete(), "{again}");
        assert_eq!((again.imported, again.present), (0, 5));
        assert_eq!(counts(&again, "products"), (0, 3));
        assert_eq!(shop.size().await, size);
        shop.close().await;
    });
}

#[test]
fn a_sku_of_another_product_is_named_and_left_to_it() {
    run(async {
        let mut shop = Shop::open("shopify-taken").await;
        shop.run("with p as (insert into products (workspace_id, title, base_price) values ($1, 'Own', 5) returning id)
            insert into product_variants (workspace_id, product_id, sku, price) select $1, id, 'BR-1', 5 from p")
            .await;
        let summary = shop.shopify(format!("{HEADER}\n{LINES}")).await.unwrap();
        let named = "variants without their SKU, which another product of the workspace has: BR-1";
        assert_eq!(noted(&summary, named), 1);
        assert_eq!(counts(&summary, "product_variants"), (5, 0));
        let owner = shop
            .texts(
                "select p.title from products p join product_variants v on v.product_id = p.id
                where p.workspace_id = $1 and v.sku = 'BR-1'",
            )
            .await;
        assert_eq!(owner, ["Own"]);
        shop.close().await;
    });
}

#[test]
fn variants_that_a_separator_or_a_sign_tells_apart_are_all_imported() {
    run(async {
        let mut shop = Shop::open("shopify-options").await;
        let text = "\
handle;TITLE;Option1 Name;Option1 Value;Option2 Name;Option2 Value;Variant Price;;
shirt;Shirt;Size;S/M;Length;L;1;;
shirt;;;S;;M/L;2;;
lens;Lens;Power;+1.00;;;3;;
lens;;;-1.00;;;4;;
;;;;;;;;
";
        for already in [false, true] {
            let summary = shop.shopify(text).await.unwrap();
            assert!(summary.is_complete(), "{summary}");
            let expected = if already { (0, 4) } else { (4, 0) };
            assert_eq!(counts(&summary, "product_variants"), expected);
            assert_eq!(noted(&summary, "lines that repeat the options"), 0);
            assert_eq!(noted(&summary, "values of the option `Length`"), 0);
            assert_eq!(
                noted(&summary, "rows whose columns are separated by semicolons"),
                4
            );
            assert_eq!(noted(&summary, "rows without any value"), 1);
        }
        let skus = shop
            .texts("select sku from product_variants where workspace_id = $1 order by price")
            .await;
        assert_eq!(
            skus,
            ["shirt/S\\/M/L", "shirt/S/M\\/L", "lens/+1.00", "lens/-1.00"]
        );
        shop.close().await;
    });
}

#[test]
fn a_made_sku_that_is_taken_takes_the_options_along() {
    run(async {
        let mut shop = Shop::open("shopify-made-taken").await;
        shop.run("with p as (insert into products (workspace_id, title, base_price) values ($1, 'Own', 5) returning id)
            insert into product_variants (workspace_id, product_id, sku, price) select $1, id, 'hat-red', 5 from p")
            .await;
        let summary = shop
            .shopify("Handle,Title,Option1 Name,Option1 Value,Variant Price,Status\nhat,Hat,Color,Red,1,Unlisted\n")
            .await
            .unwrap();
        let named =
            "variants without their SKU, which another product of the workspace has: hat-red";
        assert_eq!(noted(&summary, named), 1);
        assert_eq!(
            noted(&summary, "values of the option `Color` are not kept"),
            1
        );
        assert_eq!(noted(&summary, "unlisted products, which are active"), 1);
        let hat = shop
            .texts("select status || '|' || array_to_string(tags, ',') from products where workspace_id = $1 and title = 'Hat'")
            .await;
        assert_eq!(hat, ["active|status:unlisted"]);
        shop.close().await;
    });
}

#[test]
fn other_values_of_what_is_there_are_noted_and_not_taken() {
    run(async {
        let mut shop = Shop::open("shopify-other-values").await;
        let file = |title: &str, price: &str| {
            format!(
                "Handle;Title;Variant SKU;Variant Price\nhat;{title};H1;{price}\nbag;Bag;B1;5\n"
            )
        };
        let products =
            "products that are there with other values than in the file, and are left as they are";
        let variants = "variants that are there with other values than in the file, such as prices, and are left as they are";
        for (title, price, changed) in [
            ("Hat", "9,99", [0, 0]),
            ("Hat", "9.99", [0, 0]),
            // The lowest price of its variants is the product's.
            ("Hat", "10,50", [1, 1]),
            ("Cap", "9,99", [1, 0]),
        ] {
            let summary = shop.shopify(file(title, price)).await.unwrap();
            let notes = [noted(&summary, products), noted(&summary, variants)];
            assert_eq!(notes, changed, "{title} for {price}");
        }
        let prices = shop
            .texts(
                "select price::text from product_variants where workspace_id = $1 order by price",
            )
            .await;
        assert_eq!(prices, ["5.00", "9.99"]);
        shop.close().await;
    });
}

#[test]
fn a_broken_file_changes_nothing_and_says_where() {
    run(async {
        let mut shop = Shop::open("shopify-broken").await;
        let broken: [(String, &str); 5] = [
            (String::new(), "products.csv is empty"),
            (
                "InvoiceNo,StockCode\n1,2\n".to_owned(),
                "line 1: the columns `Handle` (or `URL handle`), `Title`, `Variant Price` (or `Price`) of a Shopify product export are missing; there are `InvoiceNo`, `StockCode`",
            ),
            (
                format!("{HEADER}\n{LINES}lamp,,,,,,,,Small,,,1,deny,cheap,,\n"),
                "line 9, column 14 (Variant Price): expected an amount such as 9.99, found `cheap`",
            ),
            (
                format!("{HEADER}\n{LINES}lamp,,,,,,,,Small,,,1,deny,9.995,,\n"),
                "column 14 (Variant Price): expected an amount with at most two decimals, such as 9.99, found `9.995`",
            ),
            (
                format!("{HEADER}\n{LINES}lamp,,\n"),
                "line 9, column 4 (Vendor): expected 16 columns",
            ),
        ];
        for (text, expected) in broken {
            let error = shop.shopify(text).await.unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert_eq!(shop.size().await, 0);
        }
        shop.close().await;
    });
}
