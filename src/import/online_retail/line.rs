//! One line of the Online Retail file, and what becomes of it.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::times::Times;
use crate::import::amount;
use crate::import::error::ImportError;
use crate::import::lines::Lines;
use crate::import::places::{Column, Places};

/// The columns of Online Retail, with the names that Online Retail II gives them.
const COLUMNS: [Column; 8] = [
    column(&["InvoiceNo", "Invoice"]),
    column(&["StockCode"]),
    column(&["Description"]),
    column(&["Quantity"]),
    column(&["InvoiceDate"]),
    column(&["UnitPrice", "Price"]),
    column(&["CustomerID"]),
    column(&["Country"]),
];

const fn column(names: &'static [&'static str]) -> Column {
    Column {
        names,
        required: true,
    }
}

/// The values of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub invoice: &'a str,
    pub code: &'a str,
    /// Trimmed; empty in some lines.
    pub description: &'a str,
    pub quantity: i32,
    pub at: NaiveDateTime,
    pub price: Decimal,
    /// Number of the customer without the fraction that the file gives it.
    pub customer: Option<&'a str>,
    pub country: &'a str,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// A line of a sale.
    Sale,
    /// A line of an invoice that takes back a sale.
    Cancellation,
    /// An entry of the books that concerns no customer, by its accounting category.
    Ledger(&'static str),
    LeftOut(Reason),
}

/// Why a line becomes no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    WriteOff,
    Correction,
    NegativePrice,
    NoQuantity,
    Repeated,
}

impl Reason {
    pub(super) const ALL: [Self; 5] = [
        Self::WriteOff,
        Self::Correction,
        Self::NegativePrice,
        Self::NoQuantity,
        Self::Repeated,
    ];

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::WriteOff => {
                "stock write-offs: a negative quantity on an invoice that cancels nothing"
            }
            Self::Correction => "stock corrections: a price of zero and no customer",
            Self::NegativePrice => "prices below zero",
            Self::NoQuantity => "quantities of zero",
            Self::Repeated => {
                "lines of invoices that stand in the file before, with the same lines"
            }
        }
    }
}

impl Line<'_> {
    /// The exact worth of the line.
    pub(super) fn amount(&self) -> Decimal {
        Decimal::from(self.quantity) * self.price
    }

    pub(super) fn fate(&self) -> Fate {
        let cancels = self.invoice.starts_with(['C', 'c']);
        if self.customer.is_none()
            && let Some(category) = ledger_category(self.code)
        {
            return Fate::Ledger(category);
        }
        if self.quantity == 0 {
            Fate::LeftOut(Reason::NoQuantity)
        } else if self.price < Decimal::ZERO {
            Fate::LeftOut(Reason::NegativePrice)
        } else if !cancels && self.quantity < 0 {
            Fate::LeftOut(Reason::WriteOff)
        } else if self.price.is_zero() && self.customer.is_none() {
            Fate::LeftOut(Reason::Correction)
        } else if cancels {
            Fate::Cancellation
        } else {
            Fate::Sale
        }
    }
}

/// Codes by which the shop books its own costs. Charged to a customer they are order lines.
fn ledger_category(code: &str) -> Option<&'static str> {
    match code {
        "AMAZONFEE" => Some("amazon_fee"),
        "BANK CHARGES" => Some("bank_charges"),
        "CRUK" => Some("charity_commission"),
        "B" => Some("bad_debt"),
        _ => None,
    }
}

/// Category of the product behind a stock code; not all codes are goods.
pub(super) fn product_category(code: &str) -> &'static str {
    match code {
        "POST" | "DOT" | "C2" => "shipping",
        "D" | "M" | "m" | "S" | "CRUK" | "BANK CHARGES" | "AMAZONFEE" | "B" | "ADJUST"
        | "ADJUST2" => "adjustment",
        _ if code.starts_with("gift_") => "gift_voucher",
        _ => "goods",
    }
}

/// Where a file has the values of its lines.
#[derive(Debug)]
pub(super) struct Layout {
    places: [usize; COLUMNS.len()],
    /// Columns that no line needs, with the number of values met.
    pub dropped: Vec<(usize, String, u64)>,
    pub times: Times,
}

impl Layout {
    /// Finds the columns by their names.
    pub(super) fn new(lines: &Lines) -> Result<Self, ImportError> {
        let found = Places::find(lines, "an Online Retail file", &COLUMNS)?;
        let mut places = [0; COLUMNS.len()];
        for (place, known) in places.iter_mut().zip(found.known) {
            *place = known.unwrap_or_default();
        }
        let others = found.others.into_iter();
        Ok(Self {
            places,
            dropped: others.map(|(place, name)| (place, name, 0)).collect(),
            times: Times::default(),
        })
    }

    /// Reads the current record.
    pub(super) fn parse<'a>(&mut self, lines: &'a Lines) -> Result<Line<'a>, ImportError> {
        let [
            invoice,
            code,
            description,
            quantity_at,
            at,
            price_at,
            customer_at,
            country,
        ] = self.places;
        let line = Line {
            invoice: required(lines, invoice, 50, "an invoice number")?,
            code: required(lines, code, 255, "a stock code")?,
            description: lines.text(description)?.trim(),
            quantity: quantity(lines, quantity_at)?,
            at: self.times.read(lines, at)?,
            price: price(lines, price_at)?,
            customer: customer(lines, customer_at)?,
            country: lines.text(country)?.trim(),
        };
        if line.amount().abs() > amount::LARGEST {
            let found = format!("{} x {}", line.quantity, line.price);
            return Err(lines.wrong(price_at, "an amount of at most ten digits", &found));
        }
        for (place, _, count) in &mut self.dropped {
            *count += u64::from(!lines.text(*place)?.trim().is_empty());
        }
        Ok(line)
    }
}

fn required<'a>(
    lines: &'a Lines,
    column: usize,
    longest: usize,
    expected: &str,
) -> Result<&'a str, ImportError> {
    match lines.text_up_to(column, longest)? {
        "" => Err(lines.wrong(column, expected, "")),
        text => Ok(text),
    }
}

fn quantity(lines: &Lines, column: usize) -> Result<i32, ImportError> {
    let text = lines.text(column)?.trim();
    text.parse()
        .map_err(|_| lines.wrong(column, "a whole number such as 6 or -1", text))
}

fn price(lines: &Lines, column: usize) -> Result<Decimal, ImportError> {
    let text = lines.text(column)?.trim();
    amount::read(lines, text, "2.55").map_err(|expected| lines.wrong(column, &expected, text))
}

fn customer(lines: &Lines, column: usize) -> Result<Option<&str>, ImportError> {
    let text = lines.text(column)?.trim();
    let whole = text.strip_suffix(".0").unwrap_or(text);
    match whole {
        "" if text.is_empty() => Ok(None),
        _ if (1..=18).contains(&whole.len()) && whole.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok(Some(whole))
        }
        _ => Err(lines.wrong(column, "a customer number such as 17850, or nothing", text)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use rust_decimal::Decimal;

    use super::{COLUMNS, Fate, Layout, Line, Reason, amount};
    use crate::import::lines::Lines;
    use crate::import::{ImportError, Source};

    fn names() -> [&'static str; 8] {
        COLUMNS.map(|column| column.names[0])
    }

    fn parse(lines: &Lines) -> Result<Line<'_>, ImportError> {
        Layout::new(lines)?.parse(lines)
    }

    fn lines(record: &str) -> Lines {
        let text = format!("{}\n{record}\n", names().join(","));
        let source = Source::new("r.csv", Cursor::new(text.into_bytes()));
        let mut lines = Lines::open(source.decode("lines").unwrap()).unwrap();
        assert!(lines.next().unwrap());
        lines
    }

    fn fate(record: &str) -> Fate {
        parse(&lines(record)).unwrap().fate()
    }

    #[test]
    fn a_line_is_read_exactly() {
        let lines =
            lines("536365,85123A, HOLDER ,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom");
        let line = parse(&lines).unwrap();
        assert_eq!(
            (line.invoice, line.code, line.description),
            ("536365", "85123A", "HOLDER")
        );
        assert_eq!(
            (line.customer, line.country),
            (Some("17850"), "United Kingdom")
        );
        assert_eq!(line.amount(), Decimal::new(1530, 2));
        assert_eq!(line.at.to_string(), "2010-12-01 08:26:00");
    }

    #[test]
    fn every_kind_of_line_has_its_fate() {
        let at = "2011-01-01 10:00:00";
        for (record, expected) in [
            (format!("5,A,x,1,{at},2,7,EIRE"), Fate::Sale),
            (format!("5,A,x,1,{at},2,,EIRE"), Fate::Sale),
            (format!("5,A,x,1,{at},0,7,EIRE"), Fate::Sale),
            (format!("5,BANK CHARGES,x,1,{at},15,7,EIRE"), Fate::Sale),
            (format!("C5,A,x,-1,{at},2,7,EIRE"), Fate::Cancellation),
            (format!("C5,CRUK,x,-1,{at},2,7,EIRE"), Fate::Cancellation),
            (
                format!("C5,AMAZONFEE,x,-1,{at},2,,EIRE"),
                Fate::Ledger("amazon_fee"),
            ),
            (format!("A5,B,x,1,{at},-2,,EIRE"), Fate::Ledger("bad_debt")),
            (
                format!("5,A,x,-1,{at},0,,EIRE"),
                Fate::LeftOut(Reason::WriteOff),
            ),
            (
                format!("5,A,x,1,{at},0,,EIRE"),
                Fate::LeftOut(Reason::Correction),
            ),
            (
                format!("5,A,x,1,{at},-2,7,EIRE"),
                Fate::LeftOut(Reason::NegativePrice),
            ),
            (
                format!("5,A,x,0,{at},2,7,EIRE"),
                Fate::LeftOut(Reason::NoQuantity),
            ),
        ] {
            assert_eq!(fate(&record), expected, "{record}");
        }
    }

    #[test]
    fn each_bad_value_is_named_with_line_and_column() {
        let good = ["5", "A", "x", "1", "2011-01-01 10:00:00", "2", "7", "EIRE"];
        for (column, value, expected) in [
            (0, "", "an invoice number, found nothing"),
            (0, &*"9".repeat(51), "at most 50 characters"),
            (1, "", "a stock code"),
            (3, "six", "a whole number such as 6 or -1, found `six`"),
            (3, "1.5", "a whole number"),
            (3, "3000000000", "a whole number"),
            (4, "01.02.2011 10:00", "a time such as"),
            (4, "2011-02-30 10:00:00", "a time such as"),
            (4, "2011-01-01 25:00:00", "a time such as"),
            (5, "2_5", "an amount such as 2.55, found `2_5`"),
            (5, "", "an amount such as"),
            (5, "NaN", "an amount such as"),
            (5, "10000000000", "at most ten digits"),
            (6, "17850.5", "a customer number"),
            (6, ".0", "a customer number"),
            (6, "x", "a customer number"),
        ] {
            let mut values = good.to_vec();
            values[column] = value;
            let error = parse(&lines(&values.join(","))).unwrap_err().to_string();
            let place = format!("line 2, column {} ({})", column + 1, names()[column]);
            assert!(
                error.contains(&place) && error.contains(expected),
                "{error}"
            );
        }
        let error = parse(&lines("5,A,x,2000000000,2011-01-01 10:00:00,20,7,EIRE")).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("an amount of at most ten digits"),
            "{error}"
        );
    }

    #[test]
    fn columns_are_found_by_the_names_of_either_edition() {
        let text = "Country,,Price,Customer ID,Invoice,StockCode,Quantity,InvoiceDate,Description,Year\n\
                    EIRE,0,2.10,13085,489434,85048,12,2009-12-01 07:45:00,LIGHTS,2009\n";
        let source = Source::new("r.csv", Cursor::new(text.as_bytes().to_vec()));
        let mut lines = Lines::open(source.decode("lines").unwrap()).unwrap();
        assert!(lines.next().unwrap());
        let mut layout = Layout::new(&lines).unwrap();
        let line = layout.parse(&lines).unwrap();
        assert_eq!(
            (line.invoice, line.code, line.description, line.country),
            ("489434", "85048", "LIGHTS", "EIRE")
        );
        assert_eq!((line.customer, line.quantity), (Some("13085"), 12));
        assert_eq!(line.amount(), Decimal::new(2520, 2));
        let dropped = [(1, String::new(), 1), (9, "Year".to_owned(), 1)];
        assert_eq!(layout.dropped, dropped);
    }

    #[test]
    fn the_largest_amount_is_the_one_of_the_column_type() {
        assert_eq!(amount::LARGEST, Decimal::new(999_999_999_999, 2));
    }
}
