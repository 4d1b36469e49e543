//! Reads the text of a document once, before the parser does, for what the parser would let
//! through or fall over.
//!
//! The parser descends once for each bracket, so brackets without end would take its whole stack
//! and the process with it. It also keeps the last of two input fields of one name in silence, and
//! knows no escape beyond U+FFFF.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write;

use crate::error::{Code, Error, Location};

/// Most brackets inside each other, as many as the reader of JSON takes in variables.
const MAX_NESTING: usize = 128;

/// Checks the text of a document and replaces the escapes that the parser does not know.
///
/// # Errors
/// `QUERY_TOO_EXPENSIVE` for brackets that are too deep, `GRAPHQL_VALIDATION_FAILED` for an input
/// object that names a field twice. Whatever else is wrong is left to the parser.
pub fn scan(text: &str) -> Result<Cow<'_, str>, Error> {
    let mut scanner = Scanner {
        text,
        at: 0,
        open: Vec::new(),
        parentheses: 0,
        copied: 0,
        replaced: String::new(),
    };
    scanner.run()?;
    if scanner.copied == 0 {
        return Ok(Cow::Borrowed(text));
    }
    scanner.replaced.push_str(&text[scanner.copied..]);
    Ok(Cow::Owned(scanner.replaced))
}

/// A bracket that is open.
enum Bracket<'a> {
    Parenthesis,
    /// Braces inside arguments hold an input object; these are the fields that it has so far.
    Object(HashSet<&'a str>),
    Other,
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    open: Vec<Bracket<'a>>,
    parentheses: usize,
    /// Up to where the text stands in `replaced`; 0 while nothing was replaced.
    copied: usize,
    replaced: String,
}

impl<'a> Scanner<'a> {
    fn run(&mut self) -> Result<(), Error> {
        // Every byte that means something is ASCII, so bytes inside a character are passed over.
        while let Some(byte) = self.peek(0) {
            match byte {
                b'#' => self.comment(),
                b'"' if self.text[self.at..].starts_with("\"\"\"") => self.block_string(),
                b'"' => self.string(),
                b'{' | b'[' | b'(' => self.opens(byte)?,
                b'}' | b']' | b')' => {
                    if let Some(Bracket::Parenthesis) = self.open.pop() {
                        self.parentheses -= 1;
                    }
                    self.at += 1;
                }
                b'_' | b'a'..=b'z' | b'A'..=b'Z' => self.name()?,
                _ => self.at += 1,
            }
        }
        Ok(())
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn comment(&mut self) {
        while self
            .peek(0)
            .is_some_and(|byte| !matches!(byte, b'\n' | b'\r'))
        {
            self.at += 1;
        }
    }

    fn block_string(&mut self) {
        let start = self.at + 3;
        let mut from = start;
        while let Some(end) = self.text[from..].find("\"\"\"").map(|end| from + end) {
            from = end + 3;
            if end == start || self.text.as_bytes()[end - 1] != b'\\' {
                self.at = from;
                return;
            }
        }
        self.at = self.text.len();
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                // The string is not closed; the parser says so.
                b'\n' | b'\r' => return,
                b'\\' if self.peek(1) == Some(b'u') => self.escape(),
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    /// Replaces `\u{1F600}` and `\uD83D\uDE00` by the character itself.
    fn escape(&mut self) {
        let rest = &self.text[self.at + 2..];
        let four = |text: &str| u32::from_str_radix(text.get(..4)?, 16).ok();
        let found = if let Some(braced) = rest.strip_prefix('{') {
            braced
                .split_once('}')
                .filter(|(digits, _)| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
                .and_then(|(digits, _)| {
                    let code = u32::from_str_radix(digits, 16).ok()?;
                    Some((char::from_u32(code)?, digits.len() + 4))
                })
        } else {
            four(rest)
                .filter(|high| (0xd800..0xdc00).contains(high))
                .and_then(|high| {
                    let low = four(rest.get(4..)?.strip_prefix("\\u")?)?;
                    (0xdc00..0xe000).contains(&low).then_some(())?;
                    let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                    Some((char::from_u32(code)?, 12))
                })
        };
        let Some((character, length)) = found else {
            self.at += 2;
            return;
        };
        self.replaced.push_str(&self.text[self.copied..self.at]);
        if matches!(character, '"' | '\\') || character.is_control() {
            // Writing to a text does not fail.
            let _ = write!(self.replaced, "\\u{:04x}", u32::from(character));
        } else {
            self.replaced.push(character);
        }
        self.at += length;
        self.copied = self.at;
    }

    fn opens(&mut self, byte: u8) -> Result<(), Error> {
        if self.open.len() == MAX_NESTING {
            return Err(Error::new(
                Code::QueryTooExpensive,
                format!("The document has more than {MAX_NESTING} brackets inside each other."),
            )
            .with("limit", MAX_NESTING)
            .at(self.location(self.at)));
        }
        self.open.push(match byte {
            b'(' => {
                self.parentheses += 1;
                Bracket::Parenthesis
            }
            b'{' if self.parentheses > 0 => Bracket::Object(HashSet::new()),
            _ => Bracket::Other,
        });
        self.at += 1;
        Ok(())
    }

    fn name(&mut self) -> Result<(), Error> {
        let start = self.at;
        while self
            .peek(0)
            .is_some_and(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
        {
            self.at += 1;
        }
        let name = &self.text[start..self.at];
        if !matches!(self.open.last(), Some(Bracket::Object(_))) {
            return Ok(());
        }
        self.ignored();
        if self.peek(0) == Some(b':')
            && let Some(Bracket::Object(fields)) = self.open.last_mut()
            && !fields.insert(name)
        {
            return Err(Error::new(
                Code::GraphqlValidationFailed,
                format!("An input object names the field `{name}` twice."),
            )
            .at(self.location(start)));
        }
        Ok(())
    }

    /// Passes over what means nothing between two tokens.
    fn ignored(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let blank =
                |character| matches!(character, ' ' | '\t' | ',' | '\n' | '\r' | '\u{feff}');
            self.at += rest.len() - rest.trim_start_matches(blank).len();
            if self.peek(0) != Some(b'#') {
                return;
            }
            self.comment();
        }
    }

    fn location(&self, at: usize) -> Location {
        let before = &self.text[..at];
        Location {
            line: before.matches('\n').count() + 1,
            column: before
                .rsplit('\n')
                .next()
                .map_or(0, |line| line.chars().count())
                + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use proptest::prelude::*;

    use super::*;

    fn refused(text: &str) -> Option<Code> {
        scan(text).err().map(|error| error.code)
    }

    #[test]
    fn brackets_have_an_end() {
        for (before, one, after, end) in [
            ("{a(b:", "{c:", "1", "}"),
            ("{a(b:", "[", "1", "]"),
            ("", "{a", "", "}"),
            ("", "{...", "{a}", "}"),
            ("query($a:", "[", "Int", "]"),
        ] {
            let deep = |levels| {
                format!(
                    "{before}{}{after}{}",
                    one.repeat(levels),
                    end.repeat(levels)
                )
            };
            assert_eq!(refused(&deep(100)), None, "{one}");
            assert_eq!(refused(&deep(200)), Some(Code::QueryTooExpensive), "{one}");
            assert_eq!(
                refused(&deep(100_000)),
                Some(Code::QueryTooExpensive),
                "{one}"
            );
        }
    }

    #[test]
    fn brackets_in_texts_and_comments_count_for_nothing() {
        let many = "{[(".repeat(1000);
        for text in [
            format!("{{ a(b: \"{many}\") }}"),
            format!("{{ a(b: \"\\\"{many}\") }}"),
            format!("{{ a(b: \"\"\"{many} \\\"\"\" {many}\"\"\") }}"),
            format!("{{ a # {many}\n }}"),
        ] {
            assert_eq!(refused(&text), None, "{text:.30}");
        }
        assert_eq!(
            refused(&format!("{{ a(b: \"\") c {many}")),
            Some(Code::QueryTooExpensive)
        );
    }

    #[test]
    fn an_input_object_names_a_field_once() {
        for twice in [
            "{ a(b: {c: 1, c: 2}) }",
            "{ a(b: [{c: 1}, {d: {}, c #x: \n : 1, c: 2}]) }",
            "query ($a: B = {c: 1 c: 2}) { a }",
            "{ a @d(b: {c: {c: 1, c: 2}}) }",
        ] {
            assert_eq!(
                refused(twice),
                Some(Code::GraphqlValidationFailed),
                "{twice}"
            );
        }
        for once in [
            "{ a(b: {c: {c: 1}, d: c, e: c, f: \"c: c:\"}) }",
            "{ a: b(c: 1) a: b(c: 1) }",
            "{ a(b: [{c: 1}, {c: 1}]) { c: d c: d } }",
        ] {
            assert_eq!(refused(once), None, "{once}");
        }
        let error = scan("{\n  a(b: {c: 1, c: 2})\n}").unwrap_err();
        assert_eq!(
            error.locations,
            [Location {
                line: 2,
                column: 15
            }]
        );
    }

    #[test]
    fn escapes_beyond_the_basic_plane_are_replaced() {
        assert_eq!(
            scan(r#"{ a(b: "\ud83d\ude00 \u{1F600} \u{22}\u{a} é") }"#).unwrap(),
            r#"{ a(b: "😀 😀 \u0022\u000a é") }"#
        );
        for same in [
            r#"{ a(b: "\\ud83d\\ude00") }"#,
            r#"{ a(b: "\ud83d") }"#,
            r#"{ a(b: "\u{110000}\u{}\u{d83d}\u00e9") }"#,
            r#"{ a(b: """\ud83d\ude00""") }"#,
        ] {
            assert_eq!(scan(same).unwrap(), same);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(text in "[{}()\\[\\]\"#\\\\u:a\n\\PC]{0,60}") {
            let _ = scan(&text);
        }

        #[test]
        fn what_it_passes_reads_the_same(text in "[a-z\"\\\\{}u0-9 ]{0,20}") {
            let query = format!("{{ a(b: \"{text}\") }}");
            if let (Ok(scanned), Ok(document)) = (scan(&query), parse_query(&query)) {
                let again = parse_query(&scanned).unwrap();
                prop_assert_eq!(format!("{document:?}"), format!("{again:?}"));
            }
        }
    }
}
