//! Counts the messages of PostgreSQL's protocol on one connection.

use std::ops::AddAssign;

use serde::Serialize;

/// What passed. The names of messages are those of PostgreSQL's documentation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub query: u64,
    pub parse: u64,
    pub bind: u64,
    pub execute: u64,
    pub flush: u64,
    pub sync: u64,
    /// Statements that PostgreSQL completed; those that begin and end a transaction are among them.
    pub statements: u64,
    /// Times that the client asked for an answer and PostgreSQL sent one.
    pub round_trips: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.query += other.query;
        self.parse += other.parse;
        self.bind += other.bind;
        self.execute += other.execute;
        self.flush += other.flush;
        self.sync += other.sync;
        self.statements += other.statements;
        self.round_trips += other.round_trips;
    }
}

/// Finds the types of messages in a stream of bytes that is cut anywhere.
#[derive(Default)]
pub struct Frames {
    head: Vec<u8>,
    /// Bytes of the current message that are still to come.
    rest: usize,
}

/// A type of one byte, and the length as a number of four.
const HEAD: usize = 5;

impl Frames {
    /// Calls `each` with the type of each message that begins in these bytes.
    pub fn read(&mut self, mut bytes: &[u8], mut each: impl FnMut(u8)) {
        while !bytes.is_empty() {
            let skipped = self.rest.min(bytes.len());
            self.rest -= skipped;
            bytes = &bytes[skipped..];
            let missing = (HEAD - self.head.len()).min(bytes.len());
            self.head.extend_from_slice(&bytes[..missing]);
            bytes = &bytes[missing..];
            if let [kind, length @ ..] = &self.head[..]
                && let Ok(length) = length.try_into()
            {
                each(*kind);
                // The length counts itself.
                self.rest = (u32::from_be_bytes(length) as usize).saturating_sub(HEAD - 1);
                self.head.clear();
            }
        }
    }
}

/// What one connection has said.
#[derive(Default)]
pub struct Conversation {
    pub counts: Counts,
    /// Whether the client wants an answer that has not begun.
    asked: bool,
}

impl Conversation {
    /// A message of the client.
    pub fn client_sent(&mut self, kind: u8) {
        let counts = &mut self.counts;
        match kind {
            b'Q' => counts.query += 1,
            b'P' => counts.parse += 1,
            b'B' => counts.bind += 1,
            b'E' => counts.execute += 1,
            b'H' => counts.flush += 1,
            b'S' => counts.sync += 1,
            _ => {}
        }
        // PostgreSQL keeps the answers to all others until one of these.
        self.asked |= matches!(kind, b'Q' | b'H' | b'S');
    }

    /// A message of PostgreSQL.
    pub fn server_sent(&mut self, kind: u8) {
        // CommandComplete, EmptyQueryResponse.
        if matches!(kind, b'C' | b'I') {
            self.counts.statements += 1;
        }
        // NoticeResponse, NotificationResponse and ParameterStatus answer nothing.
        if self.asked && !matches!(kind, b'N' | b'A' | b'S') {
            self.asked = false;
            self.counts.round_trips += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages of these types, each with a body of this length.
    fn stream(kinds: &[u8], body: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        for kind in kinds {
            bytes.push(*kind);
            bytes.extend((body + 4).to_be_bytes());
            // The body looks like messages.
            bytes.extend((0..body).map(|_| b'S'));
        }
        bytes
    }

    fn kinds(chunks: &[&[u8]]) -> Vec<u8> {
        let mut frames = Frames::default();
        let mut found = Vec::new();
        for chunk in chunks {
            frames.read(chunk, |kind| found.push(kind));
        }
        found
    }

    #[test]
    fn messages_are_found_wherever_the_stream_is_cut() {
        for body in [0, 1, 7] {
            let bytes = stream(b"PBES", body);
            for cut in 0..=bytes.len() {
                let (before, after) = bytes.split_at(cut);
                assert_eq!(kinds(&[before, after]), b"PBES", "cut at {cut}");
            }
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(kinds(&single), b"PBES");
        }
    }

    #[test]
    fn a_pipeline_is_one_round_trip() {
        let mut talk = Conversation::default();
        b"BESBES".iter().for_each(|kind| talk.client_sent(*kind));
        b"2DCZ2DCZ".iter().for_each(|kind| talk.server_sent(*kind));
        let expected = Counts {
            bind: 2,
            execute: 2,
            sync: 2,
            statements: 2,
            round_trips: 1,
            ..Counts::default()
        };
        assert_eq!(talk.counts, expected);
    }

    #[test]
    fn each_wait_is_a_round_trip() {
        let mut talk = Conversation::default();
        for (sent, answered) in [
            (&b"Q"[..], &b"CCCZ"[..]),
            (b"PDH", b"1tT"),
            (b"BES", b"2DDCZ"),
        ] {
            sent.iter().for_each(|kind| talk.client_sent(*kind));
            answered.iter().for_each(|kind| talk.server_sent(*kind));
        }
        assert_eq!(talk.counts.round_trips, 3);
        assert_eq!(talk.counts.statements, 4);
    }

    #[test]
    fn what_nobody_asked_for_is_no_answer() {
        let mut talk = Conversation::default();
        talk.server_sent(b'S');
        talk.client_sent(b'Q');
        talk.server_sent(b'N');
        assert_eq!(talk.counts.round_trips, 0);
        talk.server_sent(b'C');
        assert_eq!(talk.counts.round_trips, 1);
    }
}
