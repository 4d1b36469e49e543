//! Rows in the text format of COPY, and their way to the server.

use std::fmt::{Display, Write};

use sqlx::PgConnection;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::error::ImportError;
use super::progress::Progress;

/// Large enough that the cost of a message does not show, small enough not to be felt in memory.
const CHUNK: usize = 64 * 1024;
const CHUNKS_AHEAD: usize = 8;

/// Rows ready to be copied.
#[derive(Debug, Default)]
pub(super) struct Rows {
    text: String,
    count: u64,
    begun: bool,
}

impl Rows {
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    fn separate(&mut self) {
        if self.begun {
            self.text.push('\t');
        }
        self.begun = true;
    }

    /// A value that needs no escapes: a number, a uuid, a date.
    pub(super) fn plain(&mut self, value: impl Display) -> &mut Self {
        self.separate();
        // Writing to a string does not fail.
        let _ = write!(self.text, "{value}");
        self
    }

    pub(super) fn uuid(&mut self, value: Uuid) -> &mut Self {
        self.separate();
        let mut buffer = Uuid::encode_buffer();
        self.text
            .push_str(value.hyphenated().encode_lower(&mut buffer));
        self
    }

    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        self.separate();
        escape(&mut self.text, value);
        self
    }

    pub(super) fn null(&mut self) -> &mut Self {
        self.separate();
        self.text.push_str("\\N");
        self
    }

    pub(super) fn opt_text(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    pub(super) fn opt_plain(&mut self, value: Option<impl Display>) -> &mut Self {
        match value {
            Some(value) => self.plain(value),
            None => self.null(),
        }
    }

    /// A value of the type `text[]`.
    pub(super) fn array<T: AsRef<str>>(
        &mut self,
        values: impl IntoIterator<Item = T>,
    ) -> &mut Self {
        let mut literal = String::from("{");
        for value in values {
            if literal.len() > 1 {
                literal.push(',');
            }
            literal.push('"');
            for character in value.as_ref().chars() {
                if matches!(character, '"' | '\\') {
                    literal.push('\\');
                }
                literal.push(character);
            }
            literal.push('"');
        }
        literal.push('}');
        self.text(&literal)
    }

    pub(super) fn end(&mut self) {
        self.text.push('\n');
        self.begun = false;
        self.count += 1;
    }
}

fn escape(text: &mut String, value: &str) {
    let special = |byte: &u8| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r');
    if !value.as_bytes().iter().any(special) {
        text.push_str(value);
        return;
    }
    for character in value.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            other => text.push(other),
        }
    }
}

/// Copies rows that are all in memory.
pub(super) async fn copy(
    connection: &mut PgConnection,
    statement: &str,
    rows: &Rows,
) -> Result<u64, ImportError> {
    let mut copy = connection.copy_in_raw(statement).await?;
    for chunk in rows.text.as_bytes().chunks(CHUNK) {
        copy.send(chunk).await?;
    }
    Ok(copy.finish().await?)
}

struct Chunk {
    text: String,
    position: u64,
}

/// The end of a stream of rows that a reader fills from its own thread.
pub(super) struct Sink {
    pub rows: Rows,
    sender: mpsc::Sender<Chunk>,
}

impl Sink {
    /// Hands over what has come together, with the position that the reader has reached.
    pub(super) fn pass_on(&mut self, position: u64) -> Result<(), ImportError> {
        match self.rows.text.len() {
            length if length < CHUNK => Ok(()),
            _ => self.flush(position),
        }
    }

    fn flush(&mut self, position: u64) -> Result<(), ImportError> {
        let text = std::mem::replace(&mut self.rows.text, String::with_capacity(CHUNK + 1024));
        self.sender
            .blocking_send(Chunk { text, position })
            .map_err(|_| ImportError::Stopped)
    }
}

/// Copies rows while `read` makes them on a thread of its own; a failure on either side ends both.
pub(super) async fn stream<T: Send + 'static>(
    connection: &mut PgConnection,
    statement: &str,
    progress: &dyn Progress,
    read: impl FnOnce(&mut Sink) -> Result<T, ImportError> + Send + 'static,
) -> Result<T, ImportError> {
    let mut copy = connection.copy_in_raw(statement).await?;
    let (sender, mut receiver) = mpsc::channel::<Chunk>(CHUNKS_AHEAD);
    let reader = tokio::task::spawn_blocking(move || {
        let rows = Rows::default();
        let mut sink = Sink { rows, sender };
        let value = read(&mut sink)?;
        if !sink.rows.text.is_empty() {
            sink.flush(u64::MAX)?;
        }
        Ok(value)
    });
    let mut sent = Ok(());
    while let Some(chunk) = receiver.recv().await {
        if let Err(error) = copy.send(chunk.text.as_bytes()).await {
            sent = Err(error);
            break;
        }
        if chunk.position != u64::MAX {
            progress.at(chunk.position);
        }
    }
    drop(receiver);
    let read = match reader.await {
        Ok(outcome) => outcome,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    };
    sent?;
    match read {
        Ok(value) => {
            copy.finish().await?;
            Ok(value)
        }
        Err(error) => {
            // The transaction is rolled back in any case; the error of the file is the one to tell.
            let _ = copy.abort("the file is broken").await;
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;

    #[test]
    fn values_are_escaped_for_copy() {
        let mut rows = Rows::default();
        rows.plain(7)
            .text("a\tb\\c\nd\r")
            .null()
            .opt_text(Some("ä"));
        rows.array(["x", "say \"hi\"", "back\\slash"]).end();
        rows.array(Vec::<&str>::new()).opt_plain(None::<i32>).end();
        assert_eq!(
            rows.text,
            "7\ta\\tb\\\\c\\nd\\r\t\\N\tä\t{\"x\",\"say \\\\\"hi\\\\\"\",\"back\\\\\\\\slash\"}\n{}\t\\N\n"
        );
        assert_eq!(rows.count(), 2);
    }
}
