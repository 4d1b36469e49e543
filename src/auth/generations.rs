//! A map that forgets in bulk, so that keeping it small never costs a walk through it.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// Keeps entries for between one and two spans of time, and no more of them than its capacity in
/// a span. What does not fit is not kept: a flood of new entries cannot push out those in use.
pub(super) struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    /// When the young ones began to be collected.
    since: Instant,
    span: Duration,
    capacity: usize,
}

impl<K: Eq + Hash, V> Generations<K, V> {
    pub(super) fn new(span: Duration, capacity: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            since: Instant::now(),
            span,
            capacity,
        }
    }

    pub(super) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    pub(super) fn insert(&mut self, key: K, value: V, now: Instant) {
        let age = now.saturating_duration_since(self.since);
        if age >= self.span {
            self.old = std::mem::take(&mut self.young);
            self.since = now;
            if age >= self.span * 2 {
                self.old = HashMap::new();
            }
        }
        self.old.remove(&key);
        if self.young.len() < self.capacity || self.young.contains_key(&key) {
            self.young.insert(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_go_after_two_spans_and_never_exceed_the_capacity() {
        let span = Duration::from_secs(10);
        let mut map = Generations::new(span, 2);
        let start = map.since;
        for key in ["a", "b", "c"] {
            map.insert(key, 1, start);
        }
        assert_eq!(map.get("b"), Some(&1));
        assert_eq!(map.get("c"), None, "no room");
        map.insert("a", 2, start);
        assert_eq!(map.get("a"), Some(&2), "room for what is there");
        map.insert("c", 1, start + span);
        assert_eq!((map.get("a"), map.get("c")), (Some(&2), Some(&1)));
        map.insert("a", 3, start + span);
        assert_eq!(map.get("a"), Some(&3));
        map.insert("d", 1, start + span * 2);
        assert_eq!((map.get("b"), map.get("c")), (None, Some(&1)));
        map.insert("e", 1, start + span * 9);
        assert_eq!(map.get("d"), None);
        assert!(map.young.len() + map.old.len() <= 4);
    }
}
