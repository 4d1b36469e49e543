//! Names like one that was not found.

/// How like the names must be, from 0 to 1.
const LIKENESS: f64 = 0.8;
const SIMILAR_SHOWN: usize = 3;
const KNOWN_SHOWN: usize = 10;

/// Names like the wanted one, the most similar first.
pub(super) fn similar<'a>(wanted: &str, names: &'a [String]) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let mut rated: Vec<(f64, &str)> = names
        .iter()
        .map(|name| (strsim::jaro_winkler(&wanted, &name.to_lowercase()), &**name))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .collect();
    rated.sort_by(|(one, a), (other, b)| other.total_cmp(one).then(a.cmp(b)));
    let names = rated.into_iter().map(|(_, name)| name);
    names.take(SIMILAR_SHOWN).collect()
}

/// The end of a sentence that says that a name is unknown: which are like it, or the first ones.
pub(super) fn known(wanted: &str, names: &[String], none: &str) -> String {
    let similar = similar(wanted, names);
    if !similar.is_empty() {
        return format!(" (similar: {})", similar.join(", "));
    }
    if names.is_empty() {
        return none.to_owned();
    }
    let more = if names.len() > KNOWN_SHOWN {
        ", …"
    } else {
        ""
    };
    let first: Vec<&str> = names.iter().take(KNOWN_SHOWN).map(String::as_str).collect();
    format!(" (there is {}{more})", first.join(", "))
}

#[cfg(test)]
mod tests {
    use super::known;

    #[test]
    fn similar_names_are_told_or_else_the_first_ones() {
        let names = ["acme", "acme-test", "gift-shop", "record-store"].map(str::to_owned);
        assert_eq!(known("acne", &names, ""), " (similar: acme)");
        assert_eq!(known("GiftShop", &names, ""), " (similar: gift-shop)");
        assert_eq!(
            known("zzz", &names, ""),
            " (there is acme, acme-test, gift-shop, record-store)"
        );
        assert_eq!(known("zzz", &[], ", nor any other"), ", nor any other");
        let many: Vec<String> = (0..20).map(|number| format!("b{number:02}")).collect();
        assert!(known("zzz", &many, "").ends_with("b09, …)"));
    }
}
