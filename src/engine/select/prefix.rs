//! The texts that begin with a prefix as a range, which an index answers however the statement is
//! planned. A pattern of `like` is one only where the planner knows its value.

/// Longer than any column that has a length. Texts that begin with so many of the greatest
/// character, which stands for no character at all, are left out.
const GREATEST: usize = 300;

/// The least text that is greater than every text with the prefix, character by character.
pub fn end_of(prefix: &str) -> String {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        if let Some(next) = successor(last) {
            text.push(next);
            return text;
        }
    }
    char::MAX.to_string().repeat(GREATEST)
}

/// The next character in the order of code points, which is that of their bytes in UTF-8.
fn successor(character: char) -> Option<char> {
    match character {
        // The surrogates are no characters.
        '\u{D7FF}' => Some('\u{E000}'),
        other => char::from_u32(u32::from(other) + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_holds_the_prefix_and_nothing_else() {
        for (prefix, end) in [
            ("ab", "ac"),
            ("a\u{7F}", "a\u{80}"),
            ("\u{D7FF}", "\u{E000}"),
            ("a\u{10FFFF}", "b"),
            ("é", "ê"),
        ] {
            assert_eq!(end_of(prefix), end);
            let longest = format!("{prefix}{}", "\u{10FFFF}".repeat(3));
            assert!(prefix < end && longest.as_str() < end);
            assert!(!end.starts_with(prefix));
        }
    }

    #[test]
    fn every_text_begins_with_the_empty_one() {
        let end = end_of("");
        assert!("\u{10FFFF}zzz" < end.as_str());
        assert_eq!(end, end_of("\u{10FFFF}\u{10FFFF}"));
    }
}
