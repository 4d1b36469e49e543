//! Metrics of what is kept of documents, operations and statements.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::kept::Kind;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

impl From<Kind> for KindLabel {
    fn from(kind: Kind) -> Self {
        Self { kind: kind.name() }
    }
}

/// What is counted of each kind.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    hits: Family<KindLabel, Counter>,
    misses: Family<KindLabel, Counter>,
    bytes: Family<KindLabel, Gauge>,
}

impl Kept {
    pub(super) fn register(&self, to: &mut Registry) {
        let help = "Documents, operations and statements that were there already, by kind";
        to.register("kept_hits", help, self.hits.clone());
        let help = "Documents, operations and statements that had to be made, by kind";
        to.register("kept_misses", help, self.misses.clone());
        let help = "Memory of the documents, operations and statements that are kept, by kind";
        to.register_with_unit("kept", help, Unit::Bytes, self.bytes.clone());
    }

    /// The numbers of one kind, to be counted without a look at its label.
    pub fn of(&self, kind: Kind) -> Numbers {
        let label = kind.into();
        Numbers {
            hits: self.hits.get_or_create_owned(&label),
            misses: self.misses.get_or_create_owned(&label),
            bytes: self.bytes.get_or_create_owned(&label),
        }
    }
}

/// What is counted of one kind.
#[derive(Clone, Debug)]
pub struct Numbers {
    hits: Counter,
    misses: Counter,
    bytes: Gauge,
}

impl Numbers {
    /// Something was looked for.
    pub fn asked(&self, found: bool) {
        let counter = if found { &self.hits } else { &self.misses };
        counter.inc();
    }

    /// An entry is kept.
    pub fn grew(&self, bytes: usize) {
        self.bytes.inc_by(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// An entry is dropped.
    pub fn shrank(&self, bytes: usize) {
        self.bytes.dec_by(i64::try_from(bytes).unwrap_or(i64::MAX));
    }
}
