//! How the pages of several parents are read at once, as the statistics of the table favour.

use crate::engine::select::Page;

/// How many rows beyond its page a parent may have on average for one scan to be cheaper than a
/// subquery for each parent. A subquery costs about as much as reading that many rows.
const BEYOND: f64 = 4.0;
/// A scan ends at this multiple of the rows that it was thought to read.
const MARGIN: f64 = 4.0;
/// Rows that any scan may read.
const ALWAYS: f64 = 1000.0;

/// Whether one scan reads the pages. It depends on the rows that a parent has on average and on
/// nothing else of the request, so equal requests are read alike until the statistics change.
pub fn is_scanned(rows_per_key: f64, page: &Page) -> bool {
    match (page.limit, page.offset) {
        (Some(limit), None | Some(0)) => rows_per_key <= limit as f64 + BEYOND,
        _ => false,
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
        assert!(is_scanned(3.0, &ten));
        assert!(is_scanned(14.0, &ten));
        assert!(!is_scanned(15.0, &ten));
        assert!(!is_scanned(3.0, &page(Some(10), Some(1))));
        assert!(!is_scanned(3.0, &page(None, None)));
    }

    #[test]
    fn a_scan_may_read_more_than_it_was_thought_to() {
        assert_eq!(scan_limit(3.0, 200), 3400);
        assert_eq!(scan_limit(0.0, 1), 1000);
    }
}
