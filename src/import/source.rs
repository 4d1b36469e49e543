//! Where an import reads from: a plain or a gzip file, told apart by its first bytes.

use std::fs::File;
use std::io::{self, BufReader, Cursor, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use super::error::ImportError;

const GZIP: &[u8] = &[0x1f, 0x8b];
const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const UTF_16: [&[u8]; 2] = [&[0xff, 0xfe], &[0xfe, 0xff]];
const ZIP: &[u8] = b"PK\x03\x04";
const BUFFER: usize = 128 * 1024;
/// No line that names columns comes near this.
const LONGEST_HEADER: usize = 1024 * 1024;

/// A file to import, or anything else that can be read.
pub struct Source {
    name: String,
    size: Option<u64>,
    reader: Box<dyn Read + Send>,
}

impl Source {
    /// Opens a file; messages call it by its file name.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let unreadable = |source| ImportError::Unreadable {
            file: path.display().to_string(),
            source,
        };
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(unreadable(ErrorKind::IsADirectory.into()));
        }
        let name = path.file_name().unwrap_or(path.as_os_str());
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            // A pipe has no length to foresee.
            size: metadata.is_file().then_some(metadata.len()),
            reader: Box::new(file),
        })
    }

    /// Reads from anything; messages call it by the name.
    pub fn new(name: impl Into<String>, reader: impl Read + Send + 'static) -> Self {
        Self {
            name: name.into(),
            size: None,
            reader: Box::new(reader),
        }
    }

    /// Bytes to read, compressed as they are, where that is known.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// The text, unpacked and without its byte-order mark.
    pub(super) fn decode(self, expected: &str) -> Result<Text, ImportError> {
        let position = Arc::new(AtomicU64::new(0));
        let mut raw = Counted {
            inner: self.reader,
            position: Arc::clone(&position),
        };
        let start = peek(&mut raw).map_err(|source| ImportError::Unreadable {
            file: self.name.clone(),
            source,
        })?;
        let compressed = start.starts_with(GZIP);
        let raw = BufReader::with_capacity(BUFFER, Cursor::new(start).chain(raw));
        let mut text = Text {
            file: self.name,
            position,
            compressed,
            marked: false,
            budget: usize::MAX,
            inner: match compressed {
                true => Box::new(MultiGzDecoder::new(raw)),
                false => Box::new(raw),
            },
        };
        let start = peek(&mut text).map_err(|error| text.error(error, 0))?;
        if start.is_empty() {
            return Err(ImportError::Empty {
                file: text.file,
                expected: expected.to_owned(),
            });
        }
        if let Some(found) = not_text(&start) {
            return Err(ImportError::Unexpected {
                file: text.file,
                line: 1,
                column: "1".to_owned(),
                expected: expected.to_owned(),
                found: found.to_owned(),
            });
        }
        text.marked = start.starts_with(BYTE_ORDER_MARK);
        let skipped = match text.marked {
            true => BYTE_ORDER_MARK.len(),
            false => 0,
        };
        let inner = std::mem::replace(&mut text.inner, Box::new(io::empty()));
        text.inner = Box::new(Cursor::new(start[skipped..].to_vec()).chain(inner));
        Ok(text)
    }
}

fn not_text(start: &[u8]) -> Option<&'static str> {
    if UTF_16.iter().any(|mark| start.starts_with(mark)) {
        return Some("UTF-16 (save the file as UTF-8)");
    }
    start
        .starts_with(ZIP)
        .then_some("a zip archive or an Excel workbook (unpack it, or save the sheet as CSV)")
}

/// The first bytes, as many as any of the marks has.
fn peek(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut start = Vec::with_capacity(4);
    reader.by_ref().take(4).read_to_end(&mut start)?;
    Ok(start)
}

/// The unpacked text of a source.
pub(super) struct Text {
    pub file: String,
    position: Arc<AtomicU64>,
    compressed: bool,
    /// Whether it began with the byte-order mark of UTF-8.
    pub marked: bool,
    budget: usize,
    inner: Box<dyn Read + Send>,
}

impl Text {
    /// Where the reading of the source, compressed as it is, has come to.
    pub(super) fn position(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.position)
    }

    /// Lets the next record take at most so many bytes: an open quotation mark would otherwise
    /// draw the rest of a large file into memory.
    pub(super) fn allow(&mut self, bytes: usize) {
        self.budget = bytes;
    }

    /// The first line that is not empty, or the begin of a very long one. It stays to be read.
    pub(super) fn first_line(&mut self) -> io::Result<Vec<u8>> {
        let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let mut start = Vec::new();
        while start.len() < LONGEST_HEADER
            && !start.iter().skip_while(|byte| is_break(byte)).any(is_break)
        {
            let mut part = (&mut self.inner).take(BUFFER as u64);
            if part.read_to_end(&mut start)? == 0 {
                break;
            }
        }
        let inner = std::mem::replace(&mut self.inner, Box::new(io::empty()));
        self.inner = Box::new(Cursor::new(start.clone()).chain(inner));
        let begin = start.iter().position(|byte| !is_break(byte));
        start.drain(..begin.unwrap_or(start.len()));
        if let Some(end) = start.iter().position(is_break) {
            start.truncate(end);
        }
        Ok(start)
    }

    /// Explains why reading failed after the line.
    pub(super) fn error(&self, error: io::Error, line: u64) -> ImportError {
        let file = self.file.clone();
        let reason = match error.kind() {
            ErrorKind::FileTooLarge => error.to_string(),
            ErrorKind::UnexpectedEof if self.compressed => {
                "the gzip stream ends before its end".to_owned()
            }
            ErrorKind::InvalidData | ErrorKind::InvalidInput if self.compressed => {
                format!("the gzip stream is broken ({error})")
            }
            _ => {
                return ImportError::Unreadable {
                    file,
                    source: error,
                };
            }
        };
        ImportError::Damaged { file, line, reason }
    }
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.budget == 0 {
            return Err(io::Error::new(
                ErrorKind::FileTooLarge,
                "what follows is too large for one record; is a quotation mark left open?",
            ));
        }
        let length = buffer.len().min(self.budget);
        let read = self.inner.read(&mut buffer[..length])?;
        self.budget -= read;
        Ok(read)
    }
}

/// Counts what is read of the source itself, before it is unpacked.
struct Counted {
    inner: Box<dyn Read + Send>,
    position: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.position.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read, Write};

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::Source;
    use crate::import::ImportError;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: Vec<u8>) -> Result<String, ImportError> {
        let mut text = Source::new("data", Cursor::new(bytes)).decode("text")?;
        let mut read = String::new();
        match text.read_to_string(&mut read) {
            Ok(_) => Ok(read),
            Err(error) => Err(text.error(error, 7)),
        }
    }

    #[test]
    fn plain_and_packed_text_is_read_without_its_mark() {
        assert_eq!(read(b"abc".to_vec()).unwrap(), "abc");
        assert_eq!(read("\u{feff}abc".into()).unwrap(), "abc");
        assert_eq!(read(gzip(b"abc")).unwrap(), "abc");
        assert_eq!(read(gzip("\u{feff}a".as_bytes())).unwrap(), "a");
    }

    #[test]
    fn several_gzip_members_are_one_text() {
        let packed = [gzip(b"abc"), gzip(b"def")].concat();
        assert_eq!(read(packed).unwrap(), "abcdef");
    }

    #[test]
    fn nothing_packed_or_not_is_empty() {
        for bytes in [Vec::new(), gzip(b"")] {
            assert!(matches!(read(bytes), Err(ImportError::Empty { .. })));
        }
    }

    #[test]
    fn a_cut_or_broken_stream_is_told_with_its_line() {
        let whole = gzip("some text ".repeat(1000).as_bytes());
        let cut = read(whole[..whole.len() - 9].to_vec()).unwrap_err();
        assert!(
            cut.to_string()
                .contains("after line 7: the gzip stream ends"),
            "{cut}"
        );
        let mut broken = whole;
        let checksum = broken.len() - 6;
        broken[checksum] ^= 0xff;
        let broken = read(broken).unwrap_err().to_string();
        assert!(broken.contains("the gzip stream is broken"), "{broken}");
    }

    #[test]
    fn the_first_line_is_read_again() {
        for (text, expected) in [("\r\na,b\r\nc", "a,b"), ("a", "a"), ("\n\n", "")] {
            let source = Source::new("data", Cursor::new(text.as_bytes().to_vec()));
            let mut decoded = source.decode("text").unwrap();
            assert_eq!(decoded.first_line().unwrap(), expected.as_bytes());
            let mut read = String::new();
            decoded.read_to_string(&mut read).unwrap();
            assert_eq!(read, text);
        }
    }

    #[test]
    fn other_formats_are_named() {
        let utf_16 = read(vec![0xff, 0xfe, b'a', 0]).unwrap_err().to_string();
        assert!(utf_16.contains("UTF-16"), "{utf_16}");
        let zip = read(b"PK\x03\x04rest".to_vec()).unwrap_err().to_string();
        assert!(zip.contains("zip archive or an Excel workbook"), "{zip}");
    }
}
