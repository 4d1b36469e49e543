//! Online Retail: every kind of dirt that the file has, in a few lines.

use std::io::{Cursor, Read};

use tessera::import::{self, Silent, Source};

use super::{Shop, counts, gzip, noted};
use crate::harness::database::NATIVE;
use crate::harness::run;

const HEADER: &str =
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";

const ORDINARY: &str = "536400,A,x,1,2011-01-01 10:00:00,1.5,1.0,EIRE\n";

const LINES: [&str; 19] = [
    // A sale whose second line is a minute late, with a price of three decimals and a free gift.
    "536365,85123A,WHITE HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
    "536365,71053,\"LANTERN, \"\"WHITE\"\"\",6,2010-12-01 08:27:00,3.39,17850.0,United Kingdom",
    "536365,PADS,PADS,1,2010-12-01 08:26:00,0.001,17850.0,United Kingdom",
    "536365,22065,GIFT,1,2010-12-01 08:26:00,0,17850.0,United Kingdom",
    // Another description, once, and the same line twice.
    "536366,85123A,wrongly coded,2,2010-12-02 10:00:00,2.95,12680.0,France",
    "536366,POST,POSTAGE,1,2010-12-02 10:00:00,18,12680.0,France",
    "536367,85123A,WHITE HOLDER,1,2010-12-03 10:00:00,2.55,17850.0,United Kingdom",
    "536367,85123A,WHITE HOLDER,1,2010-12-03 10:00:00,2.55,17850.0,United Kingdom",
    // The customer moves.
    "536368,71053,,1,2010-12-04 10:00:00,3.39,12680.0,EIRE",
    // Nobody known, without a description.
    "536369,22065,,1,2010-12-05 10:00:00,1.25,,EIRE",
    // Cancellations, one of a customer who bought nothing.
    "C536370,85123A,WHITE HOLDER,-2,2010-12-06 10:00:00,2.55,17850.0,United Kingdom",
    "C536371,D,Discount,-1,2010-12-06 11:00:00,27.5,14527.0,United Kingdom",
    // Write-off, correction, fees.
    "536372,71053,damaged,-10,2010-12-07 10:00:00,0,,United Kingdom",
    "536373,84030E,,5,2010-12-07 11:00:00,0,,United Kingdom",
    "C536374,AMAZONFEE,AMAZON FEE,-1,2010-12-08 10:00:00,13541.33,,United Kingdom",
    "A536375,B,Adjust bad debt,1,2010-12-08 11:00:00,-11062.06,,United Kingdom",
    "A536375,B,Adjust bad debt,1,2010-12-08 11:00:00,-0.01,,United Kingdom",
    "536376,BANK CHARGES,Bank Charges,1,2010-12-09 10:00:00,15,17850.0,United Kingdom",
    // The first invoice goes on after others.
    "536365,22065,GIFT,1,2010-12-01 08:26:00,1.25,17850.0,United Kingdom",
];

fn file(lines: &[&str]) -> String {
    format!("{HEADER}\n{}\n", lines.join("\n"))
}

#[test]
fn every_kind_of_line_finds_its_place() {
    run(async {
        let mut shop = Shop::open("retail-dirt").await;
        let summary = shop.online_retail(file(&LINES)).await.unwrap();
        assert!(summary.is_complete(), "{summary}");
        assert_eq!(
            (summary.read, summary.imported, summary.present),
            (19, 17, 0)
        );
        assert_eq!(noted(&summary, "stock write-offs"), 1);
        assert_eq!(noted(&summary, "stock corrections"), 1);
        assert_eq!(noted(&summary, "lines without a customer"), 6);
        assert_eq!(noted(&summary, "lines without a description"), 3);
        assert_eq!(noted(&summary, "order lines whose price"), 1);
        assert_eq!(noted(&summary, "invoices in the file"), 12);
        assert_eq!(noted(&summary, "orders without a customer"), 1);
        assert_eq!(noted(&summary, "lines booked in the ledger"), 3);
        assert_eq!(noted(&summary, "customers in several countries"), 1);
        assert_eq!(counts(&summary, "orders"), (8, 0));
        assert_eq!(counts(&summary, "order_items"), (14, 0));
        assert_eq!(counts(&summary, "customers"), (3, 0));
        assert_eq!(counts(&summary, "products"), (8, 0));
        assert_eq!(counts(&summary, "transactions"), (4, 0));
        let total = summary.total("Quantity x UnitPrice, all lines");
        assert_eq!(total.unwrap().to_string(), "-24550.469");
        assert_eq!(summary.total("EIRE").unwrap().to_string(), "4.64");

        let orders = shop
            .texts(
                "select concat_ws('|', order_number, o.status, total_amount, currency, c.email, to_char(order_date at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
                    shipping_address ->> 'country', (select count(*) from order_items i where i.workspace_id = o.workspace_id and i.order_id = o.id))
                  from orders o left join customers c on c.id = o.customer_id where o.workspace_id = $1 order by order_date, order_number",
            )
            .await;
        assert_eq!(
            orders,
            [
                "536365|delivered|36.89|GBP|17850@online-retail.invalid|2010-12-01 08:26|United Kingdom|5",
                "536366|delivered|23.90|GBP|12680@online-retail.invalid|2010-12-02 10:00|France|2",
                "536367|delivered|5.10|GBP|17850@online-retail.invalid|2010-12-03 10:00|United Kingdom|2",
                "536368|delivered|3.39|GBP|12680@online-retail.invalid|2010-12-04 10:00|EIRE|1",
                "536369|delivered|1.25|GBP|2010-12-05 10:00|EIRE|1",
                "C536370|cancelled|-5.10|GBP|17850@online-retail.invalid|2010-12-06 10:00|United Kingdom|1",
                "C536371|cancelled|-27.50|GBP|14527@online-retail.invalid|2010-12-06 11:00|United Kingdom|1",
                "536376|delivered|15.00|GBP|17850@online-retail.invalid|2010-12-09 10:00|United Kingdom|1",
            ]
        );
        let kept = shop
            .texts("select v.sku || '|' || i.unit_price || '|' || i.total_amount || '|' || i.source_data
                from order_items i join product_variants v on v.id = i.product_variant_id
                where i.workspace_id = $1 and i.source_data is not null order by 1")
            .await;
        assert_eq!(
            kept,
            [
                "71053|3.39|20.34|{\"InvoiceDate\": \"2010-12-01 08:27:00\"}",
                "PADS|0.00|0.00|{\"UnitPrice\": \"0.001\"}",
            ]
        );
        shop.close().await;
    });
}

#[test]
fn products_customers_and_the_ledger_say_what_the_lines_say() {
    run(async {
        let mut shop = Shop::open("retail-facts").await;
        shop.online_retail(file(&LINES)).await.unwrap();
        let products = shop
            .texts(
                "select concat_ws('|', v.sku, p.title, p.category, p.status, p.base_price, v.price, v.is_available)
                  from products p join product_variants v on v.product_id = p.id where p.workspace_id = $1 order by v.sku collate \"C\"",
            )
            .await;
        assert_eq!(
            products,
            [
                "22065|GIFT|goods|active|1.25|1.25|t",
                "71053|LANTERN, \"WHITE\"|goods|active|3.39|3.39|t",
                "84030E|84030E|goods|inactive|0.00|0.00|f",
                "85123A|WHITE HOLDER|goods|active|2.55|2.55|t",
                "BANK CHARGES|Bank Charges|adjustment|active|15.00|15.00|t",
                "D|Discount|adjustment|inactive|0.00|0.00|f",
                "PADS|PADS|goods|active|0.00|0.00|t",
                "POST|POSTAGE|shipping|active|18.00|18.00|t",
            ]
        );
        let customers = shop
            .texts(
                "select concat_ws('|', email, address, orders_count, total_spent, average_order_value, to_char(last_order_date at time zone 'UTC', 'YYYY-MM-DD'))
                  from customers where workspace_id = $1 order by email",
            )
            .await;
        assert_eq!(
            customers,
            [
                "12680@online-retail.invalid|EIRE|2|27.29|13.65|2010-12-04",
                "14527@online-retail.invalid|United Kingdom|0|0.00",
                "17850@online-retail.invalid|United Kingdom|3|56.99|19.00|2010-12-09",
            ]
        );
        let ledger = shop
            .texts(
                "select concat_ws('|', t.type, t.category, t.amount, t.currency, t.transaction_date, t.description, o.order_number, c.email)
                  from transactions t left join orders o on o.id = t.order_id left join customers c on c.id = t.customer_id
                  where t.workspace_id = $1 order by t.description",
            )
            .await;
        assert_eq!(
            ledger,
            [
                "adjustment|bad_debt|11062.07|GBP|2010-12-08|A536375 Adjust bad debt: -11062.07",
                "expense|amazon_fee|13541.33|GBP|2010-12-08|C536374 AMAZON FEE: -13541.33",
                "refund|cancellation|5.10|GBP|2010-12-06|Cancellation C536370|C536370|17850@online-retail.invalid",
                "refund|cancellation|27.50|GBP|2010-12-06|Cancellation C536371|C536371|14527@online-retail.invalid",
            ]
        );
        let audited = shop
            .texts("select distinct metadata ->> 'role' from audit_logs where workspace_id = $1 and resource_type = 'orders'")
            .await;
        assert_eq!(audited, ["system"]);
        shop.close().await;
    });
}

/// The same lines as spreadsheets and the second edition of the data set write them.
#[test]
fn copies_in_other_forms_are_the_same_to_the_import() {
    run(async {
        let mut shop = Shop::open("retail-copies").await;
        let lines = [
            "536365,85123A,Gift Voucher £40,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
            "536366,71053,LANTERN,6,2010-12-13 18:05:00,3.39,,EIRE",
        ];
        let first = shop.online_retail(file(&lines)).await.unwrap();
        assert_eq!((first.imported, first.present), (2, 0));
        let copy = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country,,\n\
            536365,85123A,Gift Voucher £40,6,12/1/2010 8:26,2.55,17850,United Kingdom,,\n\
            536366,71053,LANTERN,6,12/13/2010 18:05,3.39,,EIRE,,\n,,,,,,,,,\n";
        let latin: Vec<u8> = copy
            .chars()
            .map(|character| u8::try_from(character).unwrap())
            .collect();
        let second_edition = "Invoice\tStockCode\tDescription\tQuantity\tInvoiceDate\tPrice\tCustomer ID\tCountry\n\
            536365\t85123A\tGift Voucher £40\t6\t2010-12-01 08:26:00\t2.55\t17850.0\tUnited Kingdom\n\
            536366\t71053\tLANTERN\t6\t2010-12-13 18:05:00\t3.39\t\tEIRE\n";
        for (text, note, count) in [
            (
                latin.clone(),
                "values in Windows-1252 or Latin-1, not UTF-8: `Gift Voucher £40` on line 2",
                1,
            ),
            (
                latin,
                "times read with the month first, as in 12/1/2010 8:26",
                2,
            ),
            (
                second_edition.into(),
                "rows whose columns are separated by tabs",
                2,
            ),
        ] {
            let again = shop.online_retail(text).await.unwrap();
            assert!(again.is_complete(), "{again}");
            assert_eq!((again.imported, again.present), (0, 2), "{again}");
            assert_eq!(again.total("EIRE"), first.total("EIRE"));
            assert_eq!(noted(&again, note), count, "{again}");
        }
        // Read for the first time, they become the same rows.
        shop.close().await;
        let mut other = Shop::open("retail-copy").await;
        other.online_retail(copy).await.unwrap();
        let orders = other
            .texts("select order_number || '|' || to_char(order_date at time zone 'UTC', 'YYYY-MM-DD HH24:MI') from orders where workspace_id = $1 order by 1")
            .await;
        assert_eq!(
            orders,
            ["536365|2010-12-01 08:26", "536366|2010-12-13 18:05"]
        );
        other.close().await;
    });
}

#[test]
fn an_invoice_that_the_file_holds_twice_is_imported_once() {
    run(async {
        let mut shop = Shop::open("retail-overlap").await;
        let sheets = [&LINES[..18], &LINES[..18]].concat();
        let summary = shop.online_retail(file(&sheets)).await.unwrap();
        assert!(summary.is_complete(), "{summary}");
        assert_eq!((summary.read, summary.imported), (36, 16));
        let repeated = noted(&summary, "lines of invoices that stand in the file before");
        assert_eq!(repeated, 18);
        assert_eq!(counts(&summary, "products"), (8, 0));
        let totals = shop
            .texts(
                "select string_agg(total_amount::text, '|' order by order_number) from orders
                where workspace_id = $1 and order_number < '536369'",
            )
            .await;
        assert_eq!(totals, ["35.64|23.90|5.10|3.39"]);
        // An invoice that goes on is none that is repeated.
        let longer = "536368,71053,,2,2010-12-04 10:00:00,3.39,12680.0,EIRE";
        let mut other = LINES[..10].to_vec();
        other.push(longer);
        shop.close().await;
        let mut shop = Shop::open("retail-goes-on").await;
        let summary = shop.online_retail(file(&other)).await.unwrap();
        assert_eq!((summary.imported, counts(&summary, "orders")), (11, (5, 0)));
        shop.close().await;
    });
}

#[test]
fn a_second_run_finds_everything_there_and_more_is_added() {
    run(async {
        let mut shop = Shop::open("retail-twice").await;
        let first = shop.online_retail(gzip(file(&LINES[..9]))).await.unwrap();
        assert_eq!((first.imported, counts(&first, "customers")), (9, (2, 0)));
        let size = shop.size().await;
        let second = shop.online_retail(file(&LINES[..9])).await.unwrap();
        assert!(second.is_complete(), "{second}");
        assert_eq!((second.imported, second.present), (0, 9));
        assert_eq!(counts(&second, "orders"), (0, 4));
        assert_eq!(counts(&second, "order_items"), (0, 9));
        assert_eq!(counts(&second, "products"), (0, 5));
        assert_eq!(shop.size().await, size);

        // An invoice is there as a whole, so the late line of the first one is not added.
        let all = shop.online_retail(file(&LINES)).await.unwrap();
        assert!(all.is_complete(), "{all}");
        assert_eq!((all.imported, all.present), (7, 10));
        assert_eq!(counts(&all, "customers"), (1, 2));
        let again = shop.online_retail(file(&LINES)).await.unwrap();
        assert_eq!((again.imported, again.present), (0, 17));
        assert_eq!(counts(&again, "transactions"), (0, 4));
        let figures = shop
            .texts("select orders_count || '|' || total_spent || '|' || average_order_value from customers
                where workspace_id = $1 and email like '17850@%'")
            .await;
        assert_eq!(figures, ["3|55.74|18.58"]);
        shop.close().await;
    });
}

#[test]
fn two_workspaces_hold_the_same_file_apart() {
    run(async {
        for slug in ["retail-left", "retail-right"] {
            let mut shop = Shop::open(slug).await;
            let summary = shop.online_retail(file(&LINES)).await.unwrap();
            assert_eq!((summary.imported, summary.present), (17, 0), "{slug}");
            shop.close().await;
        }
    });
}

#[test]
fn marks_and_line_ends_of_windows_change_nothing() {
    run(async {
        let mut shop = Shop::open("retail-windows").await;
        let text = format!("\u{feff}{}", file(&LINES).replace('\n', "\r\n"));
        let summary = shop.online_retail(text).await.unwrap();
        assert_eq!((summary.imported, summary.left_out_count()), (17, 2));
        shop.close().await;
    });
}

#[test]
fn a_sku_of_the_workspace_is_used_and_a_taken_number_refused() {
    run(async {
        let mut shop = Shop::open("retail-shared").await;
        shop.run("with p as (insert into products (workspace_id, title, base_price) values ($1, 'Own', 5) returning id)
            insert into product_variants (workspace_id, product_id, sku, price) select $1, id, '71053', 5 from p")
            .await;
        let summary = shop.online_retail(file(&LINES[..4])).await.unwrap();
        assert_eq!(counts(&summary, "product_variants"), (3, 1));
        assert_eq!(counts(&summary, "products"), (3, 1));
        let sold = shop
            .texts("select p.title from order_items i join product_variants v on v.id = i.product_variant_id
                join products p on p.id = v.product_id where i.workspace_id = $1 and v.sku = '71053'")
            .await;
        assert_eq!(sold, ["Own"]);

        shop.run("insert into orders (workspace_id, order_number, total_amount) values ($1, '536366', 1)").await;
        let size = shop.size().await;
        let error = shop
            .online_retail(file(&LINES))
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("already has an order with the number `536366`"),
            "{error}"
        );
        assert_eq!(shop.size().await, size);
        shop.close().await;
    });
}

#[test]
fn a_broken_file_changes_nothing_and_says_where() {
    run(async {
        let mut shop = Shop::open("retail-broken").await;
        let good = file(&LINES);
        let after = |line: &str| format!("{good}{line}\n").into_bytes();
        let packed = gzip(format!("{good}{}", ORDINARY.repeat(20_000)));
        let mut mixed = after("536377,A,£10,1,2011-01-01 10:00:00,1,1.0,EIRE");
        mixed.extend(b"536378,A,\xa310 voucher,1,2011-01-01 10:00:00,1,1.0,EIRE\n");
        let broken: [(Vec<u8>, &str); 10] = [
            (
                Vec::new(),
                "retail.csv is empty: expected the lines of an Online Retail file",
            ),
            (
                format!("{HEADER}\n").into(),
                "retail.csv is empty: expected lines after",
            ),
            (
                good.replacen("Quantity", "Qty", 1).into(),
                "line 1: the column `Quantity` of an Online Retail file is missing; there are `InvoiceNo`",
            ),
            (
                good.replacen("InvoiceNo", "No", 1).into(),
                "line 1: the column `InvoiceNo` (or `Invoice`) of an Online Retail file is missing; there are `No`",
            ),
            (
                after("536377,A,x,1"),
                "line 21, column 5 (InvoiceDate): expected 8 columns",
            ),
            (
                after("536377,A,x,one,2011-01-01 10:00:00,1,1.0,EIRE"),
                "line 21, column 4 (Quantity): expected a whole number",
            ),
            (
                after("536377,A,x,1,yesterday,1,1.0,EIRE"),
                "line 21, column 5 (InvoiceDate): expected a time",
            ),
            (
                mixed,
                "line 22, column 3 (Description): expected UTF-8 text, found the byte 0xA3",
            ),
            (
                packed[..packed.len() - 20].to_vec(),
                "the gzip stream ends before its end",
            ),
            (
                after("536377,A,\"open,1,2011-01-01 10:00:00,1,1.0,EIRE"),
                "line 21, column 4 (Quantity): expected 8 columns",
            ),
        ];
        for (text, expected) in broken {
            let error = shop.online_retail(text).await.unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert_eq!(shop.size().await, 0, "{expected}");
        }
        // The connection is as good as new.
        assert_eq!(shop.online_retail(good).await.unwrap().imported, 17);
        shop.close().await;
    });
}

#[test]
fn a_source_that_fails_half_way_leaves_nothing() {
    run(async {
        let mut shop = Shop::open("retail-half").await;
        let text = format!("{HEADER}\n{}", ORDINARY.repeat(20_000));
        let reader = text.as_bytes().to_vec();
        let reader = Cursor::new(reader).chain(Failing);
        let slug = shop.slug;
        let source = Source::new("retail.csv", reader);
        let error = import::online_retail(shop.connection(), slug, source, &Silent)
            .await
            .unwrap_err()
            .to_string();
        assert_eq!(error, "retail.csv cannot be read: the cable was pulled");
        assert_eq!(shop.size().await, 0);
        assert_eq!(shop.online_retail(file(&LINES)).await.unwrap().imported, 17);
        shop.close().await;
    });
}

struct Failing;

impl Read for Failing {
    fn read(&mut self, _buffer: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("the cable was pulled"))
    }
}

#[test]
fn an_interrupted_import_leaves_nothing() {
    if std::env::var_os(NATIVE).is_none() {
        // The embedded server ends with the process that is interrupted, or with its connection.
        eprintln!("SKIPPED: needs a native server, named by {NATIVE}");
        return;
    }
    run(async {
        let mut shop = Shop::open("retail-interrupted").await;
        let text = format!("{HEADER}\n{}", ORDINARY.repeat(200_000));
        let patience = std::time::Duration::from_millis(100);
        let cut = tokio::time::timeout(patience, shop.online_retail(text)).await;
        assert!(cut.is_err(), "200,000 lines take longer than that");
        // A connection that was left in the middle of a copy is of no use any more.
        shop.reconnect().await;
        assert_eq!(shop.size().await, 0);
        let summary = shop.online_retail(file(&LINES)).await.unwrap();
        assert_eq!(summary.imported, 17);
        shop.close().await;
    });
}
