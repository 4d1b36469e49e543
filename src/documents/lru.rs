//! A map that forgets what was not asked for longest, bounded by entries and by bytes.

use std::borrow::Borrow;
use std::hash::Hash;

use hashlink::LruCache;

/// Keeps at most so many entries and so many bytes.
pub struct Lru<K, V> {
    entries: LruCache<K, (V, usize)>,
    most_entries: usize,
    bytes: usize,
    most_bytes: usize,
}

impl<K: Eq + Hash, V> Lru<K, V> {
    pub fn new(most_entries: usize, most_bytes: usize) -> Self {
        Self {
            entries: LruCache::new_unbounded(),
            most_entries,
            bytes: 0,
            most_bytes,
        }
    }

    /// The value of a key, which counts as asked for now.
    pub fn get<Q>(&mut self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.entries.get(key).map(|(value, _)| value)
    }

    /// Keeps a value that takes so many bytes, at the cost of what was not asked for longest. What
    /// would push out more than an eighth of all is not kept.
    pub fn insert(&mut self, key: K, value: V, bytes: usize) {
        if bytes > self.most_bytes / 8 {
            return;
        }
        self.bytes += bytes;
        if let Some((_, before)) = self.entries.insert(key, (value, bytes)) {
            self.bytes -= before;
        }
        while self.entries.len() > self.most_entries || self.bytes > self.most_bytes {
            let Some((_, (_, bytes))) = self.entries.remove_lru() else {
                return;
            };
            self.bytes -= bytes;
        }
    }

    /// How many entries and bytes are kept.
    pub fn size(&self) -> (usize, usize) {
        (self.entries.len(), self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_asked_for_stays() {
        let mut lru = Lru::new(2, 1000);
        lru.insert("a", 1, 10);
        lru.insert("b", 2, 10);
        assert_eq!(lru.get("a"), Some(&1));
        lru.insert("c", 3, 10);
        assert_eq!(lru.get("b"), None);
        assert_eq!(lru.get("a"), Some(&1));
        assert_eq!(lru.size(), (2, 20));
    }

    proptest! {
        /// Beside a list that is kept in the plainest way.
        #[test]
        fn it_keeps_its_bounds(steps in prop::collection::vec((0..12_u8, 0..40_usize, any::<bool>()), 0..200)) {
            let (most_entries, most_bytes) = (5, 100);
            let mut lru = Lru::new(most_entries, most_bytes);
            let mut plain: VecDeque<(u8, usize)> = VecDeque::new();
            for (key, bytes, insert) in steps {
                let place = plain.iter().position(|(known, _)| *known == key);
                if insert {
                    lru.insert(key, bytes, bytes);
                    if bytes <= most_bytes / 8 {
                        place.map(|place| plain.remove(place));
                        plain.push_back((key, bytes));
                    }
                    while plain.len() > most_entries || plain.iter().map(|(_, bytes)| bytes).sum::<usize>() > most_bytes {
                        plain.pop_front();
                    }
                } else {
                    let known = place.and_then(|place| plain.remove(place));
                    prop_assert_eq!(lru.get(&key).copied(), known.map(|(_, bytes)| bytes));
                    plain.extend(known);
                }
                let bytes = plain.iter().map(|(_, bytes)| bytes).sum();
                prop_assert_eq!(lru.size(), (plain.len(), bytes));
            }
        }
    }
}
