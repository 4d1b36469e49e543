//! Decimal numbers as text that PostgreSQL takes, with all their digits.

/// Most digits of a `numeric` before its point, and after it.
const BEFORE_POINT: i64 = 131_072;
const AFTER_POINT: i64 = 16_383;
/// Larger exponents are refused unread: they lie beyond both limits.
const LARGEST_EXPONENT: i64 = 1_000_000;

/// Whether PostgreSQL's type `numeric` holds the number; `NaN` and the infinities are among what
/// it holds. Nothing is written out, so a large exponent costs nothing.
pub fn is_numeric(text: &str) -> bool {
    matches!(text, "NaN" | "Infinity" | "-Infinity") || is_finite(text)
}

/// As [`is_numeric`], of a number with digits.
pub fn is_finite(text: &str) -> bool {
    digits_around_point(text)
        .is_some_and(|(before, after)| before <= BEFORE_POINT && after <= AFTER_POINT)
}

/// Whether a text is a whole number: digits, with a minus sign at most.
pub fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// How many digits the number has before its point, without leading zeros, and after it.
fn digits_around_point(text: &str) -> Option<(i64, i64)> {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, read_exponent(exponent)?),
        None => (text, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut all = whole.bytes().chain(fraction.bytes());
    if whole.len() + fraction.len() == 0 || !all.clone().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let length = |text: &str| i64::try_from(text.len()).ok();
    let before = match all.position(|byte| byte != b'0') {
        Some(zeros) => length(whole)? + exponent - i64::try_from(zeros).ok()?,
        None => 0,
    };
    Some((before, length(fraction)? - exponent))
}

fn read_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent = text.parse().ok()?;
    (-LARGEST_EXPONENT..=LARGEST_EXPONENT)
        .contains(&exponent)
        .then_some(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_numeric_holds_is_read() {
        let long = "9".repeat(131_072);
        let small = format!("0.{}1", "0".repeat(16_382));
        for text in [
            "0",
            "-0",
            "1.",
            ".5",
            "-12.50",
            "007",
            "1e131071",
            "-9.9E+131071",
            "0e131072",
            "1e-16383",
            "0.001e131074",
            "1000e-16383",
            "NaN",
            "Infinity",
            "-Infinity",
            &long,
            &small,
        ] {
            assert!(is_numeric(text), "{text:.30}");
        }
    }

    #[test]
    fn what_it_does_not_hold_is_refused() {
        let long = "9".repeat(131_073);
        let small = format!("0.{}1", "0".repeat(16_383));
        for text in [
            "",
            "-",
            ".",
            "e1",
            "1e",
            "1e+",
            "1e1.5",
            "1 ",
            " 1",
            "1\n",
            "+1",
            "--1",
            "- 1",
            "1_000",
            "0x1",
            "1,5",
            "٣",
            "nan",
            "inf",
            "infinity",
            "+Infinity",
            "-NaN",
            "1e131072",
            "1e400000",
            "1e-16384",
            "1e9999999999",
            "1e99999999999999999999",
            "0e-16384",
            &long,
            &small,
        ] {
            assert!(!is_numeric(text), "{text:.30}");
        }
        assert!(!is_finite("NaN"));
    }

    #[test]
    fn whole_numbers_are_digits() {
        for text in ["0", "-0", "007", "-9223372036854775808"] {
            assert!(is_whole(text), "{text}");
        }
        for text in ["", "-", "+1", " 1", "1 ", "1_000", "0x1", "1.0", "1e3", "٣"] {
            assert!(!is_whole(text), "{text}");
        }
    }
}
