//! Counts the lines of a text while it is read ahead.
//!
//! The CSV reader takes the line break that ends a record, or an empty line, for the begin of the
//! next one, so its own count is late; this one is exact.

use std::collections::VecDeque;
use std::io::{self, Read};

use super::source::Text;

pub(super) struct Breaks {
    pub text: Text,
    /// Bytes read so far.
    offset: u64,
    /// Line breaks that no record has passed yet: offset, and whether it begins a new line.
    ahead: VecDeque<(u64, bool)>,
    line: u64,
}

impl Breaks {
    pub(super) fn new(text: Text) -> Self {
        Self {
            text,
            offset: 0,
            ahead: VecDeque::new(),
            line: 1,
        }
    }

    /// The line of the first character from this offset on that breaks no line.
    pub(super) fn line_from(&mut self, offset: u64) -> u64 {
        let mut start = offset;
        while let Some((at, begins_line)) = self.ahead.front().copied() {
            if at > start {
                break;
            }
            if at == start {
                start += 1;
            }
            self.line += u64::from(begins_line);
            self.ahead.pop_front();
        }
        self.line
    }
}

impl Read for Breaks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.text.read(buffer)?;
        for (index, byte) in buffer[..read].iter().enumerate() {
            if matches!(byte, b'\n' | b'\r') {
                self.ahead
                    .push_back((self.offset + index as u64, *byte == b'\n'));
            }
        }
        self.offset += read as u64;
        Ok(read)
    }
}
