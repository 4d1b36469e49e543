//! Bounds how many operation names become labels: a caller may send a new one with each request.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// Most names that are told apart beside those of registered documents; further ones are counted
/// together.
const MOST: usize = 200;
/// Longest name that is told apart, in bytes.
const LONGEST: usize = 64;
/// How long a name must not have been used before another one may take its place. Names in use
/// stay, however many others are made up.
pub(super) const IDLE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Names {
    started: Instant,
    /// Of registered documents. They have places of their own, for ever.
    registered: OnceLock<HashSet<String>>,
    /// Other names, and when they were last used, in milliseconds since the start.
    others: RwLock<HashMap<String, AtomicU64>>,
}

/// The label of an operation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) name: String,
    /// The name that gave its place to this one.
    pub(super) forgotten: Option<String>,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            registered: OnceLock::new(),
            others: RwLock::default(),
        }
    }
}

impl Names {
    /// Keeps places for the names of registered documents. They are registered once.
    pub(super) fn register(&self, names: HashSet<String>) {
        let _ = self.registered.set(names);
    }

    /// The label of an operation that was executed under this name.
    pub(super) fn label(&self, name: Option<&str>) -> Label {
        self.label_at(name, self.started.elapsed())
    }

    /// Lets time pass.
    #[cfg(test)]
    pub(super) fn wait(&mut self, time: Duration) {
        if let Some(earlier) = self.started.checked_sub(time) {
            self.started = earlier;
        }
    }

    fn label_at(&self, name: Option<&str>, now: Duration) -> Label {
        let label = |name: &str| Label {
            name: name.to_owned(),
            forgotten: None,
        };
        let Some(name) = name else {
            return label("(anonymous)");
        };
        let registered = self.registered.get();
        if registered.is_some_and(|names| names.contains(name)) || self.is_known(name, now) {
            return label(name);
        }
        match self.learn(name, now) {
            Ok(forgotten) => Label {
                forgotten,
                ..label(name)
            },
            Err(NoRoom) => label("(other)"),
        }
    }

    fn is_known(&self, name: &str, now: Duration) -> bool {
        let others = self.others.read().unwrap_or_else(PoisonError::into_inner);
        let used = others.get(name);
        if let Some(used) = used {
            used.fetch_max(milliseconds(now), Ordering::Relaxed);
        }
        used.is_some()
    }

    /// Finds a place for a name; that may be the place of the one that was not used for longest.
    fn learn(&self, name: &str, now: Duration) -> Result<Option<String>, NoRoom> {
        if name.len() > LONGEST {
            return Err(NoRoom);
        }
        let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
        let mut forgotten = None;
        if others.len() >= MOST && !others.contains_key(name) {
            let used = |used: &AtomicU64| used.load(Ordering::Relaxed);
            let oldest = others.iter().min_by_key(|(_, time)| used(time));
            let latest = milliseconds(now.saturating_sub(IDLE));
            let idle = oldest.filter(|(_, time)| now >= IDLE && used(time) <= latest);
            let (idle, _) = idle.ok_or(NoRoom)?;
            let idle = idle.clone();
            others.remove(&idle);
            forgotten = Some(idle);
        }
        others.insert(name.to_owned(), milliseconds(now).into());
        Ok(forgotten)
    }
}

struct NoRoom;

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(5);

    fn fill(names: &Names, now: Duration) {
        for index in 0..MOST {
            let name = format!("MadeUp{index}");
            assert_eq!(names.label_at(Some(&name), now).name, name);
        }
    }

    #[test]
    fn names_beyond_the_bound_are_counted_together() {
        let names = Names::default();
        fill(&names, START);
        let name = |name| names.label_at(name, START).name;
        assert_eq!(name(Some("OneMore")), "(other)");
        assert_eq!(name(Some("MadeUp0")), "MadeUp0");
        assert_eq!(name(None), "(anonymous)");
        assert_eq!(name(Some(&"N".repeat(LONGEST + 1))), "(other)");
    }

    #[test]
    fn a_name_out_of_use_gives_its_place_to_another() {
        let names = Names::default();
        fill(&names, START);
        let late = START + IDLE;
        for index in 1..MOST {
            names.label_at(Some(&format!("MadeUp{index}")), late - IDLE / 2);
        }
        let label = names.label_at(Some("Real"), late);
        assert_eq!(label.name, "Real");
        assert_eq!(label.forgotten.as_deref(), Some("MadeUp0"));
        let label = names.label_at(Some("Second"), late);
        assert_eq!(label.name, "(other)", "the others are in use");
        let label = names.label_at(Some("Second"), late + IDLE);
        assert!(label.forgotten.is_some(), "all are out of use");
        assert_eq!(names.others.read().unwrap().len(), MOST);
    }

    #[test]
    fn names_of_registered_documents_always_have_a_place() {
        let names = Names::default();
        names.register(["Registered".to_owned()].into());
        fill(&names, START);
        let label = names.label_at(Some("Registered"), START);
        assert_eq!((label.name.as_str(), label.forgotten), ("Registered", None));
        assert!(!names.others.read().unwrap().contains_key("Registered"));
    }
}
