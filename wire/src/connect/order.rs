//! In which order servers are tried.

use std::hash::{BuildHasher, RandomState};

use super::address::Address;
use crate::config::Config;
use crate::config::hosts::Host;

pub(super) fn hosts(config: &Config) -> Vec<&Host> {
    let hosts = config.hosts.iter().collect();
    if config.shuffles {
        shuffled(hosts)
    } else {
        hosts
    }
}

pub(super) fn addresses(config: &Config, addresses: Vec<Address>) -> Vec<Address> {
    if config.shuffles {
        shuffled(addresses)
    } else {
        addresses
    }
}

/// In an order that is another each time. It spreads load, so it need not be hard to guess.
fn shuffled<T>(mut list: Vec<T>) -> Vec<T> {
    let random = RandomState::new();
    for index in (1..list.len()).rev() {
        let other = random.hash_one(index) % (index as u64 + 1);
        list.swap(index, usize::try_from(other).unwrap_or(index));
    }
    list
}
