//! Amounts of money, as spreadsheets write them.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::lines::Lines;
use super::separator::Separator;

/// `numeric(12,2)` holds ten digits before the point.
pub(super) const LARGEST: Decimal = Decimal::from_parts(1_410_065_407, 2, 0, false, 0);

/// The amount that a text of the file says. The error is what is expected instead; `example` is an
/// amount.
pub(super) fn read(lines: &Lines, text: &str, example: &str) -> Result<Decimal, String> {
    match decimal(text, lines.separator()) {
        Some(amount) if amount.abs() > LARGEST => Err(format!(
            "an amount of at most ten digits before the point, such as {example}"
        )),
        Some(amount) => Ok(amount),
        None if text.contains([',', '.', '\'', ' ', '\u{a0}', '\u{202f}']) => Err(format!(
            "an amount without separators of thousands, such as {example}"
        )),
        None => Err(format!("an amount such as {example}")),
    }
}

/// A number with a point before its decimals, or with a comma, as many regions write it. In a file
/// that is separated by commas it has no more than two decimals then: `1,234` may be a thousand.
fn decimal(text: &str, separator: Separator) -> Option<Decimal> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (sign, unsigned) = text.split_at(usize::from(text.starts_with('-')));
    let plain = match unsigned.split_once(',') {
        None => Cow::Borrowed(text),
        Some((whole, decimals)) => {
            let certain = separator != Separator::Comma || decimals.len() <= 2;
            let fits = digits(whole) && digits(decimals) && !decimals.is_empty() && certain;
            fits.then(|| Cow::Owned(format!("{sign}{whole}.{decimals}")))?
        }
    };
    let known = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    plain.bytes().all(known).then(|| plain.parse().ok())?
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
        assert_eq!(read("1.234,50", Separator::Tab), None);
    }
}
