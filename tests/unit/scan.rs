//! Tests of how far statements have to look, over tables of the model.

use super::*;
use crate::app;
use crate::engine::catalog::Catalog;
use crate::engine::order;

fn compare(table: &Table, field: &str, operator: Operator, value: Value) -> Predicate {
    Predicate::Compare {
        left: Expr::Column(table.column_by_field(field).expect("a field")),
        operator,
        value,
        insensitive: false,
    }
}

fn eq(table: &Table, field: &str) -> Predicate {
    compare(table, field, Operator::Eq, Value::Text("x".to_owned()))
}

struct Case<'a> {
    table: &'a Table,
    key: Option<&'a str>,
}

impl Case<'_> {
    fn reach(&self, condition: Option<&Predicate>, read: &Read<'_>) -> Reach {
        let key = self.key.and_then(|key| self.table.column_by_field(key));
        reach(self.table, condition, key, read)
    }

    /// A page in an order, given as field, descending, nulls first.
    fn page(&self, condition: Option<&Predicate>, by: &[(&str, bool, bool)]) -> Reach {
        self.page_at(condition, by, false)
    }

    fn page_at(
        &self,
        condition: Option<&Predicate>,
        by: &[(&str, bool, bool)],
        positioned: bool,
    ) -> Reach {
        let catalog = app::catalog().expect("the model");
        let mut order = order::terms(&catalog, self.table, None).expect("the order by key");
        let terms = by.iter().map(|&(field, descending, nulls_first)| Term {
            by: Expr::Column(self.table.column_by_field(field).expect("a field")),
            descending,
            nulls_first,
        });
        order.splice(0..0, terms);
        for term in &mut order[by.len()..] {
            term.descending = by.last().is_some_and(|last| last.1);
            term.nulls_first = term.descending;
        }
        let read = Read::Page {
            order: &order,
            offset: 7,
            positioned,
        };
        self.reach(condition, &read)
    }
}

fn with(test: impl FnOnce(&Table, &Table)) {
    let catalog: Catalog = app::catalog().expect("the model");
    let table = |name: &str| catalog.table(catalog.by_name(name).expect("a table"));
    test(table("customers"), table("orders"));
}

#[test]
fn a_page_in_the_order_of_an_index_looks_at_what_it_skips() {
    with(|customers, orders| {
        let all = Case {
            table: customers,
            key: None,
        };
        assert_eq!(all.page(None, &[]), Reach::Rows(7));
        assert_eq!(all.page(None, &[("email", false, false)]), Reach::Rows(7));
        assert_eq!(all.page(None, &[("email", true, true)]), Reach::Rows(7));
        assert_eq!(
            all.page(None, &[("lifetimeValue", true, true)]),
            Reach::Rows(7)
        );
        assert_eq!(
            all.page(None, &[("totalSpent", true, true)]),
            Reach::All,
            "no index"
        );
        assert_eq!(
            all.page(None, &[("status", false, false)]),
            Reach::Rows(7),
            "its index ends in the key"
        );

        let all = Case {
            table: orders,
            key: None,
        };
        let date = orders.column(orders.column_by_field("orderDate").unwrap());
        assert_eq!(all.page(None, &[("orderDate", true, true)]), Reach::Rows(7));
        if date.nullable {
            let other = all.page(None, &[("orderDate", true, false)]);
            assert_eq!(
                other,
                Reach::All,
                "nulls stand at the other end of the index"
            );
            let after = all.page_at(None, &[("orderDate", true, true)], true);
            assert_eq!(after, Reach::All, "a position among nulls is no range");
        }
        assert_eq!(all.page_at(None, &[], true), Reach::Rows(7));

        let own = Case {
            table: orders,
            key: Some("customerId"),
        };
        assert_eq!(own.page(None, &[("createdAt", true, true)]), Reach::Rows(7));
        assert_eq!(
            own.page(None, &[("createdAt", false, false)]),
            Reach::Rows(7)
        );
        assert_eq!(own.page(None, &[]), Reach::All, "of the customer's orders");
    });
}

#[test]
fn a_filter_that_an_index_answers_looks_less_far() {
    with(|customers, orders| {
        let all = Case {
            table: customers,
            key: None,
        };
        let count = Read::Count(None);
        let email = eq(customers, "email");
        assert_eq!(
            all.page(Some(&email), &[("totalSpent", true, true)]),
            Reach::Rows(1)
        );
        assert_eq!(all.reach(Some(&email), &count), Reach::Rows(1));
        let emails = Value::Texts(vec![String::new(); 5]);
        let emails = compare(customers, "email", Operator::In, emails);
        assert_eq!(all.reach(Some(&emails), &count), Reach::Rows(5));

        let status = eq(customers, "status");
        assert_eq!(all.reach(Some(&status), &count), Reach::Found);
        assert_eq!(all.page(Some(&status), &[]), Reach::Rows(7));
        assert_eq!(
            all.reach(Some(&status), &Read::Count(Some(99))),
            Reach::Rows(100)
        );
        let both = Predicate::All(vec![status.clone(), eq(customers, "company")]);
        assert_eq!(all.reach(Some(&both), &Read::Count(Some(99))), Reach::Found);
        let either = Predicate::Any(vec![email.clone(), status.clone()]);
        assert_eq!(all.reach(Some(&either), &count), Reach::All);
        let not = Predicate::Not(Box::new(email.clone()));
        assert_eq!(all.reach(Some(&not), &count), Reach::All);
        let lowered = Predicate::Compare {
            left: Expr::Column(customers.column_by_field("email").unwrap()),
            operator: Operator::Eq,
            value: Value::Text(String::new()),
            insensitive: true,
        };
        assert_eq!(all.reach(Some(&lowered), &count), Reach::All);
        let like = compare(
            customers,
            "email",
            Operator::Ilike,
            Value::Text(String::new()),
        );
        assert_eq!(all.page(Some(&like), &[]), Reach::All);
        assert_eq!(all.reach(None, &count), Reach::All);
        assert_eq!(all.reach(None, &Read::Count(Some(9))), Reach::Rows(10));

        // A range is read in the order of its index and in no other.
        let all = Case {
            table: orders,
            key: None,
        };
        let since = compare(
            orders,
            "orderDate",
            Operator::Gte,
            Value::Text(String::new()),
        );
        assert_eq!(
            all.page(Some(&since), &[("orderDate", true, true)]),
            Reach::Rows(7)
        );
        assert_eq!(all.page(Some(&since), &[]), Reach::All);
        assert_eq!(all.reach(Some(&since), &count), Reach::All);
    });
}

#[test]
fn a_path_inside_json_is_found_where_it_has_an_index() {
    with(|_, orders| {
        let all = Case {
            table: orders,
            key: None,
        };
        let column = orders.column_by_field("shippingAddress").expect("a field");
        let reach = |keys: &[&str], operator| {
            let keys: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
            let path = match orders.json_path(column, &keys) {
                Some(indexed) => Path::Indexed(indexed),
                None => Path::Given(Value::Texts(keys)),
            };
            let condition = Predicate::AtPath {
                column,
                path,
                operator,
                value: Value::Json("1".to_owned()),
            };
            all.reach(Some(&condition), &Read::Count(None))
        };
        assert_eq!(reach(&["country"], Operator::Eq), Reach::Found);
        assert_eq!(reach(&["country"], Operator::Lte), Reach::Found);
        assert_eq!(reach(&["country"], Operator::Ne), Reach::All);
        assert_eq!(reach(&["country", "code"], Operator::Eq), Reach::All);
        assert_eq!(reach(&[], Operator::Eq), Reach::All);
    });
}

#[test]
fn conditions_are_counted_with_those_that_say_nothing() {
    with(|customers, _| {
        let one = || eq(customers, "email");
        assert_eq!(one().count(), 1);
        assert_eq!(Predicate::All(vec![]).count(), 1);
        let nothing = Predicate::Any(vec![Predicate::All(vec![]), Predicate::All(vec![])]);
        assert_eq!(nothing.count(), 2);
        let not = Predicate::Not(Box::new(Predicate::All(vec![one(), one(), one()])));
        assert_eq!(not.count(), 3);
    });
}
