//! A small model of PostgreSQL: prepared statements, one implicit transaction up to each Sync, and a
//! setting that is local to it.

use std::collections::HashMap;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::{Random, message};

/// What the statements' texts mean: `set` takes a workspace, `read` answers with the workspace and
/// its value, `fail` raises an error.
pub struct Model {
    stream: DuplexStream,
    prepared: HashMap<Vec<u8>, Vec<u8>>,
    workspace: Option<Vec<u8>>,
    bound: Option<(Vec<u8>, Vec<u8>)>,
    failed: bool,
    random: Random,
    /// One in so many messages is preceded by something unasked; 0 for none.
    pub chatter: usize,
    /// One in so many batches begins with all prepared statements lost; 0 for none.
    pub forgets: usize,
    /// How many batches came.
    pub batches: u64,
    fresh: bool,
}

impl Model {
    pub fn new(stream: DuplexStream, seed: u64) -> Self {
        Self {
            stream,
            prepared: HashMap::new(),
            workspace: None,
            bound: None,
            failed: false,
            random: Random::new(seed),
            chatter: 0,
            forgets: 0,
            batches: 0,
            fresh: true,
        }
    }

    /// Serves until the client is gone, and gives the number of batches.
    pub async fn run(mut self) -> u64 {
        let mut inbox = Vec::new();
        let mut out = Vec::new();
        let mut chunk = vec![0; 64 * 1024];
        loop {
            let Ok(length @ 1..) = self.stream.read(&mut chunk).await else {
                return self.batches;
            };
            inbox.extend_from_slice(&chunk[..length]);
            let mut at = 0;
            while let Some(head) = inbox.get(at..at + 5) {
                let length = u32::from_be_bytes(head[1..].try_into().unwrap()) as usize;
                let Some(body) = inbox.get(at + 5..at + 1 + length) else {
                    break;
                };
                if head[0] == b'X' {
                    return self.batches;
                }
                self.message(head[0], body, &mut out);
                at += 1 + length;
            }
            inbox.drain(..at);
            if self.stream.write_all(&out).await.is_err() {
                return self.batches;
            }
            out.clear();
        }
    }

    fn message(&mut self, tag: u8, body: &[u8], out: &mut Vec<u8>) {
        if self.fresh {
            self.fresh = false;
            if self.forgets > 0 && self.random.below(self.forgets) == 0 {
                self.prepared.clear();
            }
        }
        if self.chatter > 0 && self.random.below(self.chatter) == 0 {
            out.extend(match self.random.below(3) {
                0 => message::notice("by the way"),
                1 => message::parameter("name", "value"),
                _ => message::message(b'A', b"\0\0\0\x01channel\0\0"),
            });
        }
        if tag == b'S' {
            self.batches += 1;
            self.failed = false;
            self.workspace = None;
            self.fresh = true;
            out.extend(message::ready());
            return;
        }
        if self.failed {
            return;
        }
        let mut texts = body.splitn(3, |byte| *byte == 0);
        let first = texts.next().unwrap_or_default().to_vec();
        let second = texts.next().unwrap_or_default().to_vec();
        let rest = texts.next().unwrap_or_default();
        match tag {
            b'P' => {
                if !first.is_empty() && self.prepared.contains_key(&first) {
                    return self.fail("42P05", out);
                }
                self.prepared.insert(first, second);
                out.extend(message::parsed());
            }
            b'C' => {
                self.prepared.remove(&first[1..]);
                out.extend(message::closed());
            }
            b'B' => {
                let Some(text) = self.prepared.get(&second) else {
                    return self.fail("26000", out);
                };
                // One format, one value with its length, one format.
                let count = u16::from_be_bytes(rest[4..6].try_into().unwrap());
                let value = if count == 0 {
                    Vec::new()
                } else {
                    rest[10..rest.len() - 4].to_vec()
                };
                self.bound = Some((text.clone(), value));
                out.extend(message::bound());
            }
            b'E' => self.execute(out),
            _ => panic!("message {tag}"),
        }
    }

    fn execute(&mut self, out: &mut Vec<u8>) {
        let (text, value) = self.bound.take().expect("a bound statement");
        match &text[..] {
            b"set" => {
                out.extend(message::row(&[Some(&value)]));
                self.workspace = Some(value);
                out.extend(message::complete("SELECT 1"));
            }
            b"fail" => self.fail("22012", out),
            text if text.starts_with(b"read") => {
                let row = message::row(&[self.workspace.as_deref(), Some(&value)]);
                let count = 1 + self.random.below(3);
                out.extend(row.repeat(count));
                out.extend(message::complete(&format!("SELECT {count}")));
            }
            _ => panic!("statement"),
        }
    }

    fn fail(&mut self, code: &str, out: &mut Vec<u8>) {
        self.failed = true;
        out.extend(message::error("ERROR", code, "no"));
    }
}
