//! Bounds how many operation names become labels: a caller may send a new one with each request.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

/// Most names that are told apart; later ones are counted together.
const MOST: usize = 200;
/// Longest name that is told apart, in bytes.
const LONGEST: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Names {
    known: RwLock<HashSet<String>>,
}

impl Names {
    /// The label of an operation that was executed under this name.
    pub(super) fn label(&self, name: Option<&str>) -> String {
        let Some(name) = name else {
            return "(anonymous)".to_owned();
        };
        if self.is_known(name) || self.learn(name) {
            name.to_owned()
        } else {
            "(other)".to_owned()
        }
    }

    fn is_known(&self, name: &str) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.contains(name)
    }

    fn learn(&self, name: &str) -> bool {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let room = known.len() < MOST && name.len() <= LONGEST;
        if room {
            known.insert(name.to_owned());
        }
        room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_the_bound_are_counted_together() {
        let names = Names::default();
        for index in 0..MOST {
            let name = format!("Operation{index}");
            assert_eq!(names.label(Some(&name)), name);
        }
        assert_eq!(names.label(Some("OneMore")), "(other)");
        assert_eq!(names.label(Some("Operation0")), "Operation0");
        assert_eq!(names.label(None), "(anonymous)");
    }

    #[test]
    fn a_long_name_takes_no_room() {
        let names = Names::default();
        assert_eq!(names.label(Some(&"N".repeat(LONGEST + 1))), "(other)");
        assert!(!names.is_known("N"));
    }
}
