//! The table.

use std::fmt::Write;

use crate::cases::Case;
use crate::load::Result;

pub const HEAD: &str = "\
case    server   requests/s     p50     p99  CPU server  CPU PostgreSQL
-----------------------------------------------------------------------";

/// The rows of one case: the gateway, the limit, and how the gateway compares.
pub fn rows(case: &Case, results: &mut [Result; 2]) -> String {
    let mut text = String::new();
    let mut figures = Vec::new();
    for (server, result) in ["gateway", "limit"].into_iter().zip(results) {
        let [own, database] = result.cpu();
        let row = [
            result.per_second(),
            result.percentile(0.5),
            result.percentile(0.99),
            own,
            database,
        ];
        let [rate, middle, worst, ..] = row;
        let name = if figures.is_empty() { case.name } else { "" };
        // Writing to a text does not fail.
        let _ = writeln!(
            text,
            "{name:<7} {server:<8} {rate:>10.0} {middle:>7.2} {worst:>7.2} {own:>11.3} {database:>15.3}"
        );
        figures.push(row);
    }
    let ratio = |index: usize| figures[0][index] / figures[1][index];
    let _ = writeln!(
        text,
        "{:<7} {:<8} {:>10.2} {:>7.2} {:>7.2} {:>11.2} {:>15.2}   {}\n",
        "",
        "ratio",
        ratio(0),
        ratio(1),
        ratio(2),
        ratio(3),
        ratio(4),
        case.about
    );
    text
}
