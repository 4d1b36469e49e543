//! The values that a statement is run with.

/// Values in PostgreSQL's binary form, or its text form, in the order of the parameters.
#[derive(Clone, Debug, Default)]
pub struct Values {
    bytes: Vec<u8>,
    /// Where each value ends; none for null.
    ends: Vec<Option<usize>>,
    /// The form of each value.
    formats: Vec<i16>,
    has_text: bool,
}

const TEXT: i16 = 0;
const BINARY: i16 = 1;

impl Values {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a value, or null.
    pub fn push(&mut self, value: Option<&[u8]>) {
        self.formats.push(BINARY);
        self.ends.push(value.map(|value| {
            self.bytes.extend_from_slice(value);
            self.bytes.len()
        }));
    }

    /// Appends a value in its text form, which the server reads once, as its parameter's type.
    pub fn push_text(&mut self, text: &str) {
        self.formats.push(TEXT);
        self.has_text = true;
        self.bytes.extend_from_slice(text.as_bytes());
        self.ends.push(Some(self.bytes.len()));
    }

    /// Appends a value that is written by a function.
    pub fn push_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.formats.push(BINARY);
        write(&mut self.bytes);
        self.ends.push(Some(self.bytes.len()));
    }

    /// Appends an array of one dimension. `element` is the object id of its elements' type.
    pub fn push_array<'v>(
        &mut self,
        element: u32,
        values: impl ExactSizeIterator<Item = Option<&'v [u8]>>,
    ) {
        self.push_with(|out| {
            let count = i32::try_from(values.len()).unwrap_or(i32::MAX);
            let start = out.len();
            let mut has_null = 0;
            out.extend(i32::from(count > 0).to_be_bytes());
            out.extend(0_i32.to_be_bytes());
            out.extend(element.to_be_bytes());
            if count > 0 {
                out.extend(count.to_be_bytes());
                // The number of its first element.
                out.extend(1_i32.to_be_bytes());
            }
            for value in values {
                match value {
                    Some(value) => {
                        let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
                        out.extend(length.to_be_bytes());
                        out.extend_from_slice(value);
                    }
                    None => {
                        has_null = 1;
                        out.extend((-1_i32).to_be_bytes());
                    }
                }
            }
            out[start + 4..start + 8].copy_from_slice(&i32::to_be_bytes(has_null));
        });
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The forms, or the one that all have.
    pub(crate) fn formats(&self) -> &[i16] {
        if self.has_text {
            &self.formats
        } else {
            &[BINARY]
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Option<&[u8]>> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let value = self.bytes.get(start..(*end)?);
            start = end.unwrap_or(start);
            value
        })
    }
}

impl<'v> FromIterator<&'v [u8]> for Values {
    fn from_iter<I: IntoIterator<Item = &'v [u8]>>(values: I) -> Self {
        let mut made = Self::new();
        for value in values {
            made.push(Some(value));
        }
        made
    }
}
