//! What the tests share: messages as a server sends them, and servers that follow a script.
#![allow(dead_code)]

pub mod canned;
pub mod message;
pub mod model;
pub mod scram;
pub mod scripted;
pub mod tls;

use wire::{Config, Connection, Settings};

/// Logs in at a server at the other end of a stream in memory that lets everybody in.
pub async fn connected(settings: &Settings) -> (Connection, scripted::Server) {
    let (client, server) = tokio::io::duplex(1 << 20);
    let mut server = scripted::Server::new(server);
    let config = Config::parse("postgres://me@nowhere/db").unwrap();
    let (connection, ()) =
        tokio::join!(Connection::over(client, &config, settings), server.let_in());
    (connection.unwrap(), server)
}

/// A generator of numbers that are the same in every run.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit
    }
}
