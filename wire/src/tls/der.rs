//! Walks through the encoding of a certificate.

/// One element: its tag and what is in it.
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
}

pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
pub(super) const OBJECT: u8 = 0x06;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;

/// The tag of an element that is known by its number in its place.
pub(super) const fn numbered(number: u8) -> u8 {
    0xa0 | number
}

/// Elements that follow each other.
#[derive(Clone)]
pub(super) struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next element, if it has this tag; it stays the next one if not.
    pub(super) fn with(&mut self, tag: u8) -> Option<&'a [u8]> {
        let before = self.clone();
        match self.next() {
            Some(element) if element.tag == tag => Some(element.content),
            _ => {
                *self = before;
                None
            }
        }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let bytes = rest.get(..usize::from(first & 0x7f))?;
            if bytes.is_empty() || bytes.len() > 4 {
                return None;
            }
            length = bytes
                .iter()
                .fold(0, |length, byte| length << 8 | usize::from(*byte));
            rest = &rest[bytes.len()..];
        }
        let content = rest.get(..length)?;
        self.0 = &rest[length..];
        Some(Element { tag, content })
    }
}
