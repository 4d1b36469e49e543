//! Metrics of the issuer's key set.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

/// What is known of the set, for each scrape; nothing where none was fetched.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    fetches: Family<OutcomeLabel, Counter>,
    known: Arc<Mutex<Option<Known>>>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    keys: usize,
    fetched: Instant,
}

impl Keys {
    pub(super) fn register(&self, to: &mut Registry) {
        let help = "Fetches of the issuer's key set by outcome: ok, failed";
        to.register("jwks_fetches", help, self.fetches.clone());
        to.register_collector(Box::new(self.clone()));
    }

    /// A fetch ended.
    pub fn fetched(&self, ok: bool) {
        let outcome = if ok { "ok" } else { "failed" };
        self.fetches.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    /// A set of so many keys was fetched.
    pub fn are_known(&self, keys: usize, fetched: Instant) {
        *self.lock() = Some(Known { keys, fetched });
    }

    fn lock(&self) -> MutexGuard<'_, Option<Known>> {
        // Nothing under the lock can fail halfway.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for Keys {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let Some(known) = *self.lock() else {
            return Ok(());
        };
        let age = ConstGauge::new(known.fetched.elapsed().as_secs_f64());
        let help = "Time since the issuer's key set was last fetched";
        let unit = Some(&Unit::Seconds);
        let kind = age.metric_type();
        age.encode(encoder.encode_descriptor("jwks_age", help, unit, kind)?)?;
        let keys = ConstGauge::new(i64::try_from(known.keys).unwrap_or(i64::MAX));
        let help = "Keys of the issuer's key set";
        let kind = keys.metric_type();
        keys.encode(encoder.encode_descriptor("jwks_keys", help, None, kind)?)
    }
}
