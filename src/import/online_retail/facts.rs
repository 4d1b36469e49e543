//! What the lines of the file say together about customers, products and the file as a whole.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::line::{Fate, Line, Reason};
use crate::import::keys::Keys;

/// Grows with the number of customers, products and countries, not with the number of lines.
#[derive(Debug)]
pub(super) struct Facts {
    keys: Keys,
    pub lines: u64,
    pub left_out: [u64; Reason::ALL.len()],
    pub without_customer: u64,
    pub without_description: u64,
    /// Order lines whose price has more decimals than the model keeps.
    pub finer_prices: u64,
    pub total: Decimal,
    pub countries: IndexMap<String, Decimal>,
    pub customers: IndexMap<String, Customer>,
    pub products: IndexMap<String, Product>,
}

#[derive(Debug)]
pub(super) struct Customer {
    pub id: Uuid,
    /// Country of the latest line.
    pub country: String,
    latest: NaiveDateTime,
    pub several_countries: bool,
}

#[derive(Debug)]
pub(super) struct Product {
    pub id: Uuid,
    /// Whether a line other than those of the books names it.
    pub is_product: bool,
    /// How often each description stands on order lines, and on others.
    pub descriptions: IndexMap<String, (u32, u32)>,
    /// How often each price was charged.
    prices: HashMap<Decimal, u32>,
}

impl Product {
    /// The description that order lines give most often.
    pub(super) fn title(&self) -> Option<&str> {
        let most = self
            .descriptions
            .iter()
            .max_by(|(a_text, a), (b_text, b)| a.cmp(b).then(b_text.cmp(a_text)));
        most.map(|(text, _)| text.as_str())
    }

    /// The price that was charged most often; of several, the highest.
    pub(super) fn price(&self) -> Option<Decimal> {
        let most = self
            .prices
            .iter()
            .max_by(|(a_price, a), (b_price, b)| a.cmp(b).then(a_price.cmp(b_price)));
        most.map(|(price, _)| *price)
    }
}

impl Facts {
    pub(super) fn new(keys: Keys) -> Self {
        Self {
            keys,
            lines: 0,
            left_out: [0; Reason::ALL.len()],
            without_customer: 0,
            without_description: 0,
            finer_prices: 0,
            total: Decimal::ZERO,
            countries: IndexMap::new(),
            customers: IndexMap::new(),
            products: IndexMap::new(),
        }
    }

    /// Takes a line into account and gives the ids of its product and its customer.
    pub(super) fn add(&mut self, line: &Line<'_>, fate: Fate) -> (Uuid, Option<Uuid>) {
        self.lines += 1;
        let amount = line.amount();
        self.total += amount;
        *entry(&mut self.countries, line.country, Decimal::default) += amount;
        self.without_customer += u64::from(line.customer.is_none());
        self.without_description += u64::from(line.description.is_empty());
        if let Fate::LeftOut(reason) = fate {
            self.left_out[reason as usize] += 1;
        }
        if matches!(fate, Fate::Sale | Fate::Cancellation) && line.price.normalize().scale() > 2 {
            self.finer_prices += 1;
        }
        (self.product(line, fate), self.customer(line))
    }

    fn product(&mut self, line: &Line<'_>, fate: Fate) -> Uuid {
        let keys = &mut self.keys;
        let product = entry(&mut self.products, line.code, || Product {
            id: keys.id("product", line.code),
            is_product: false,
            descriptions: IndexMap::new(),
            prices: HashMap::new(),
        });
        // The first time it stood there has counted.
        if fate == Fate::LeftOut(Reason::Repeated) {
            return product.id;
        }
        product.is_product |= !matches!(fate, Fate::Ledger(_));
        let ordered = matches!(fate, Fate::Sale | Fate::Cancellation);
        if !line.description.is_empty() {
            let (on_orders, elsewhere) =
                entry(&mut product.descriptions, line.description, || (0, 0));
            match ordered {
                true => *on_orders += 1,
                false => *elsewhere += 1,
            }
        }
        if fate == Fate::Sale && !line.price.is_zero() {
            *product.prices.entry(line.price).or_default() += 1;
        }
        product.id
    }

    fn customer(&mut self, line: &Line<'_>) -> Option<Uuid> {
        let number = line.customer?;
        let keys = &mut self.keys;
        let customer = entry(&mut self.customers, number, || Customer {
            id: keys.id("customer", number),
            country: line.country.to_owned(),
            latest: line.at,
            several_countries: false,
        });
        if customer.country != line.country {
            customer.several_countries = true;
            if line.at >= customer.latest {
                line.country.clone_into(&mut customer.country);
            }
        }
        customer.latest = customer.latest.max(line.at);
        Some(customer.id)
    }
}

/// Like the entry of the map, without making a key of its own for one that is there.
fn entry<'m, V>(
    map: &'m mut IndexMap<String, V>,
    key: &str,
    make: impl FnOnce() -> V,
) -> &'m mut V {
    let index = match map.get_index_of(key) {
        Some(index) => index,
        None => map.insert_full(key.to_owned(), make()).0,
    };
    &mut map[index]
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use rust_decimal::Decimal;
    use uuid::Uuid;

    use super::Facts;
    use crate::import::keys::Keys;
    use crate::import::online_retail::line::Line;

    fn line<'a>(description: &'a str, price: i64, day: u32, country: &'a str) -> Line<'a> {
        let date = NaiveDate::from_ymd_opt(2011, 1, day).unwrap();
        Line {
            invoice: "5",
            code: "A",
            description,
            quantity: 2,
            at: date.and_hms_opt(0, 0, 0).unwrap(),
            price: Decimal::new(price, 3),
            customer: Some("7"),
            country,
        }
    }

    #[test]
    fn the_most_frequent_description_and_price_win() {
        let mut facts = Facts::new(Keys::new(Uuid::nil(), "test"));
        for line in [
            line("LANTERN", 1000, 1, "EIRE"),
            line("lantern?", 2000, 3, "France"),
            line("LANTERN", 2000, 2, "EIRE"),
            line("", 1234, 2, "EIRE"),
        ] {
            let fate = line.fate();
            facts.add(&line, fate);
        }
        let product = &facts.products["A"];
        assert_eq!(product.title(), Some("LANTERN"));
        assert_eq!(product.price(), Some(Decimal::new(2000, 3)));
        let customer = &facts.customers["7"];
        assert_eq!(
            (customer.country.as_str(), customer.several_countries),
            ("France", true)
        );
        assert_eq!((facts.finer_prices, facts.without_description), (1, 1));
        assert_eq!(facts.total, Decimal::new(12_468, 3));
        assert_eq!(facts.countries["France"], Decimal::new(4000, 3));
    }

    #[test]
    fn what_was_written_off_gives_a_title_only_where_nothing_else_does() {
        let mut facts = Facts::new(Keys::new(Uuid::nil(), "test"));
        for (description, quantity) in [("damaged", -3), ("damaged", -4), ("PLATE", 1)] {
            let line = Line {
                quantity,
                ..line(description, 1000, 1, "EIRE")
            };
            let fate = line.fate();
            facts.add(&line, fate);
            if quantity == -4 {
                assert_eq!(facts.products["A"].title(), Some("damaged"));
            }
        }
        assert_eq!(facts.products["A"].title(), Some("PLATE"));
    }
}
