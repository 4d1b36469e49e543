//! Amounts of money, as spreadsheets write them.

use std::borrow::Cow;
use std::cell::Cell;

use rust_decimal::Decimal;

use super::lines::Lines;
use super::separator::Separator;

/// The largest `numeric(12,2)`: 9999999999.99.
pub(super) const LARGEST: Decimal = Decimal::from_parts(3_567_587_327, 232, 0, false, 2);

/// What stands before the decimals of the amounts of a file, as far as it has been read.
#[derive(Debug, Default)]
pub(super) struct Decimals {
    point: Cell<bool>,
    comma: Cell<bool>,
}

impl Decimals {
    /// Whether the file has both, after this amount.
    fn mixed_by(&self, text: &str) -> bool {
        self.comma.set(self.comma.get() || text.contains(','));
        self.point.set(self.point.get() || text.contains('.'));
        self.comma.get() && self.point.get()
    }
}

/// The amount that a text of the file says. The error is what is expected instead; `example` is an
/// amount.
pub(super) fn read(lines: &Lines, text: &str, example: &str) -> Result<Decimal, String> {
    match decimal(text, lines.separator()) {
        Some(amount) if amount.abs() > LARGEST => Err(format!(
            "an amount of at most ten digits before the point, such as {example}"
        )),
        // With a comma elsewhere, `1.234` may be a thousand.
        Some(_) if lines.decimals().mixed_by(text) => {
            Err("either points or commas before the decimals of all amounts of the file".to_owned())
        }
        Some(amount) => Ok(amount),
        None if has_thousands(text) => Err(format!(
            "an amount without separators of thousands, such as {example}"
        )),
        None => Err(format!("an amount such as {example}")),
    }
}

/// A number with a point before its decimals, or with a comma, as many regions write it. Where the
/// columns are not separated by semicolons, as those regions have them, it has no more than two
/// decimals then: `1,234` may be a thousand.
fn decimal(text: &str, separator: Separator) -> Option<Decimal> {
    let (sign, unsigned) = text.split_at(usize::from(text.starts_with('-')));
    let plain = match unsigned.split_once(',') {
        None => Cow::Borrowed(text),
        Some((whole, decimals)) => {
            let certain = separator == Separator::Semicolon || decimals.len() <= 2;
            let fits = is_digits(whole) && is_digits(decimals) && certain;
            fits.then(|| Cow::Owned(format!("{sign}{whole}.{decimals}")))?
        }
    };
    let known = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    plain.bytes().all(known).then(|| plain.parse().ok())?
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is a number whose first groups are of three digits: `1,234.50` and `1 234`.
fn has_thousands(text: &str) -> bool {
    let separates = |letter: char| matches!(letter, ',' | '.' | ' ' | '\'' | '\u{a0}' | '\u{202f}');
    let groups: Vec<&str> = text.trim_start_matches('-').split(separates).collect();
    groups.len() > 1
        && groups.iter().all(|group| is_digits(group))
        && groups[0].len() <= 3
        && groups[1].len() == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_before_decimals_is_read_where_it_can_be_nothing_else() {
        let read = |text: &str, separator| decimal(text, separator).map(|it| it.to_string());
        for (text, expected) in [
            ("2.55", Some("2.55")),
            ("2,55", Some("2.55")),
            ("-2,5", Some("-2.5")),
            ("0,00", Some("0.00")),
            ("1,234", None),
            ("1,234.50", None),
            ("1.234,50", None),
            ("1 234", None),
            ("2,", None),
            (",", None),
            ("2,-5", None),
            ("1e5", None),
            ("+1", None),
            ("", None),
        ] {
            assert_eq!(read(text, Separator::Comma).as_deref(), expected, "{text}");
        }
        assert_eq!(
            read("0,001", Separator::Semicolon).as_deref(),
            Some("0.001")
        );
        for text in ["1,234", "1.234,50"] {
            assert_eq!(read(text, Separator::Tab), None, "{text}");
        }
        for (text, thousands) in [
            ("1,234", true),
            ("-1'234'567.5", true),
            ("1.234,50", true),
            ("12 345", true),
            ("9.99 USD", false),
            ("$9.99", false),
            ("1.5e3", false),
            (".", false),
            ("1234", false),
        ] {
            assert_eq!(has_thousands(text), thousands, "{text}");
        }
    }
}
