//! What the values of the model's enums mean. The database can describe an enum, but not its values.

use std::collections::HashMap;
use std::sync::LazyLock;

/// One line for each value, below a line of headings.
const FILE: &str = include_str!("enum_values.tsv");

/// An enum and a value of it, as the schema names them.
type Key<'a> = (&'a str, &'a str);

static DESCRIPTIONS: LazyLock<HashMap<Key<'static>, &'static str>> =
    LazyLock::new(|| entries().collect());

pub fn description(type_name: &str, value: &str) -> Option<&'static str> {
    DESCRIPTIONS.get(&(type_name, value)).copied()
}

fn entries() -> impl Iterator<Item = (Key<'static>, &'static str)> {
    FILE.lines().skip(1).filter_map(|line| {
        let (type_name, rest) = line.split_once('\t')?;
        let (value, description) = rest.split_once('\t')?;
        Some(((type_name, value), description))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_entry_is_there_once_and_says_something() {
        let mut seen = HashSet::new();
        for (key, description) in entries() {
            assert!(seen.insert(key), "{key:?} is there twice");
            assert!(!description.trim().is_empty(), "{key:?} is not described");
        }
        // A line without three cells would be left out.
        assert_eq!(seen.len() + 1, FILE.lines().count());
    }
}
