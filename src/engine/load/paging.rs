//! How the pages of several parents are read at once, as the statistics of the table favour.

use crate::engine::select::{Page, Paging};

/// How many rows beyond its page a parent may have on average for one scan to be cheaper than a
/// subquery for each parent. A subquery costs about as much as reading that many rows.
const BEYOND: f64 = 4.0;
/// A scan ends at this multiple of the rows that it was thought to read.
const MARGIN: f64 = 4.0;
/// Rows that any scan may read.
const ALWAYS: f64 = 1000.0;

/// Chooses by the rows that a parent has on average. It depends on nothing else of the request, so
/// equal requests are read alike until the statistics change.
pub fn choose(rows_per_key: Option<f64>, page: &Page) -> Paging {
    match (rows_per_key, page.limit, page.offset) {
        (Some(average), Some(limit), None | Some(0)) if average <= limit as f64 + BEYOND => {
            Paging::Scan
        }
        _ => Paging::Lateral,
    }
}

/// The most rows that a scan for so many keys reads. Averages hide a parent with very many rows:
/// where a scan meets this limit, its pages are read one by one instead.
pub fn scan_limit(rows_per_key: f64, keys: usize) -> u64 {
    // Far below what a float cannot count exactly.
    (rows_per_key * keys as f64 * MARGIN + ALWAYS).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_for_each_parent_are_scanned_and_many_are_not() {
        let page = |limit, offset| Page {
            limit,
            offset,
            ..Page::default()
        };
        let ten = page(Some(10), None);
        assert_eq!(choose(Some(3.0), &ten), Paging::Scan);
        assert_eq!(choose(Some(14.0), &ten), Paging::Scan);
        assert_eq!(choose(Some(15.0), &ten), Paging::Lateral);
        assert_eq!(choose(None, &ten), Paging::Lateral, "nothing is known");
        assert_eq!(choose(Some(3.0), &page(Some(10), Some(1))), Paging::Lateral);
        assert_eq!(choose(Some(3.0), &page(None, None)), Paging::Lateral);
    }

    #[test]
    fn a_scan_may_read_more_than_it_was_thought_to() {
        assert_eq!(scan_limit(3.0, 200), 3400);
        assert_eq!(scan_limit(0.0, 1), 1000);
    }
}
