//! The options of a variant: a key that tells variants apart, and a SKU in which they can be read.

/// The most that a SKU can have.
pub(super) const LONGEST_SKU: usize = 255;

/// Joins the values of the options so that different values never give the same text. A value that
/// is left out keeps its place, unless no other follows.
pub(super) fn key(values: &[Option<String>]) -> String {
    let last = values.iter().rposition(Option::is_some);
    let values = &values[..last.map_or(0, |last| last + 1)];
    let parts: Vec<String> = values
        .iter()
        .map(|value| escape(value.as_deref().unwrap_or_default()))
        .collect();
    parts.join("/")
}

/// A text in which every `/` belongs to the text.
pub(super) fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('/', "\\/")
}

/// A SKU of handle and option values in lower-case words, where it keeps everything but case and
/// spelling: signs and symbols between two letters. `-1.00` or `5%` have no such SKU.
pub(super) fn spelled_sku(handle: &str, values: &[Option<String>]) -> Option<String> {
    let mut sku = handle.to_owned();
    for value in values.iter().flatten() {
        let characters: Vec<char> = value.chars().collect();
        let mut gap = true;
        for (at, character) in characters.iter().enumerate() {
            if character.is_alphanumeric() {
                if std::mem::take(&mut gap) {
                    sku.push('-');
                }
                sku.extend(character.to_lowercase());
                continue;
            }
            gap = true;
            let is_letter = |at: Option<usize>| {
                at.and_then(|at| characters.get(at))
                    .is_some_and(|neighbour| neighbour.is_alphabetic())
            };
            let between_letters = is_letter(at.checked_sub(1)) && is_letter(Some(at + 1));
            if !character.is_whitespace() && !between_letters {
                return None;
            }
        }
    }
    fits(sku)
}

/// A SKU of handle and option values as they are.
pub(super) fn exact_sku(handle: &str, key: &str) -> Option<String> {
    fits(match key.is_empty() {
        true => handle.to_owned(),
        false => format!("{}/{key}", escape(handle)),
    })
}

fn fits(sku: String) -> Option<String> {
    (sku.chars().count() <= LONGEST_SKU).then_some(sku)
}

#[cfg(test)]
mod tests {
    use super::{exact_sku, key, spelled_sku};

    fn values(values: &[&str]) -> Vec<Option<String>> {
        let value = |value: &&str| Some((*value).to_owned()).filter(|value| !value.is_empty());
        values.iter().map(value).collect()
    }

    #[test]
    fn different_values_never_have_the_same_key() {
        let lists = [
            values(&["S/M", "L"]),
            values(&["S", "M/L"]),
            values(&["S", "M", "L"]),
            values(&["S\\", "M", "L"]),
            values(&["S\\/M", "L"]),
            values(&["S", "", "M"]),
            values(&["S", "M"]),
            values(&["", "S", "M"]),
            values(&[]),
        ];
        for (at, one) in lists.iter().enumerate() {
            for other in &lists[at + 1..] {
                assert_ne!(key(one), key(other), "{one:?} {other:?}");
            }
        }
        assert_eq!(key(&values(&["Large", "Blue", ""])), "Large/Blue");
    }

    #[test]
    fn a_sku_is_spelled_where_that_keeps_the_values() {
        for (list, expected) in [
            (&["Light Blue", "XL"][..], Some("shirt-light-blue-xl")),
            (&["S/M"], Some("shirt-s-m")),
            (&[], Some("shirt")),
            (&["10 mm"], Some("shirt-10-mm")),
            (&["+1.00"], None),
            (&["-1.00"], None),
            (&["5%"], None),
            (&["1/2"], None),
            (&["C#"], None),
        ] {
            let list = values(list);
            assert_eq!(spelled_sku("shirt", &list).as_deref(), expected, "{list:?}");
        }
        let long = "x".repeat(250);
        assert_eq!(spelled_sku("shirt", &values(&[&long])), None);
        assert_eq!(exact_sku("shirt", &long), None);
        assert_eq!(
            exact_sku("lens", &key(&values(&["-1.00", "Left/Right"]))).as_deref(),
            Some("lens/-1.00/Left\\/Right")
        );
    }
}
