//! The character between the columns of a CSV file, told by the line that names them.

/// Spreadsheets write what the region of the user asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    Comma,
    Semicolon,
    Tab,
}

impl Separator {
    const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    /// The one that stands most often outside of quotation marks; the comma where none does.
    pub(super) fn of(header: &[u8]) -> Self {
        let mut counts = [0_usize; Self::ALL.len()];
        let mut quoted = false;
        for byte in header {
            if *byte == b'"' {
                quoted = !quoted;
            }
            for (count, separator) in counts.iter_mut().zip(Self::ALL) {
                *count += usize::from(!quoted && *byte == separator.byte());
            }
        }
        let mut best = (0, Self::Comma);
        for (count, separator) in counts.into_iter().zip(Self::ALL) {
            if count > best.0 {
                best = (count, separator);
            }
        }
        best.1
    }

    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// Its name, as a message uses it for one and for several.
    pub(super) fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Comma => ("comma", "commas"),
            Self::Semicolon => ("semicolon", "semicolons"),
            Self::Tab => ("tab", "tabs"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Separator;

    #[test]
    fn the_most_frequent_one_outside_of_quotation_marks_counts() {
        for (header, expected) in [
            ("a,b,c", Separator::Comma),
            ("a;b;c", Separator::Semicolon),
            ("a\tb\tc", Separator::Tab),
            ("\"a,b,c,d\";e;f", Separator::Semicolon),
            ("a,b (c;d)", Separator::Comma),
            ("a", Separator::Comma),
            ("", Separator::Comma),
        ] {
            assert_eq!(Separator::of(header.as_bytes()), expected, "{header}");
        }
    }
}
