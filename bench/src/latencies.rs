//! How long requests took.

use std::time::Duration;

#[derive(Default)]
pub struct Latencies {
    all: Vec<Duration>,
    sorted: bool,
}

impl Latencies {
    pub fn push(&mut self, latency: Duration) {
        self.all.push(latency);
        self.sorted = false;
    }

    pub fn extend(&mut self, others: Self) {
        self.all.extend(others.all);
        self.sorted = false;
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The shortest latency that this part of all requests does not exceed, in milliseconds; 0
    /// where nothing was measured.
    pub fn percentile(&mut self, part: f64) -> f64 {
        if !self.sorted {
            self.all.sort_unstable();
            self.sorted = true;
        }
        let rank = (self.all.len() as f64 * part).ceil() as usize;
        self.all
            .get(rank.saturating_sub(1))
            .map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(milliseconds: impl IntoIterator<Item = u64>) -> Latencies {
        let mut latencies = Latencies::default();
        for one in milliseconds {
            latencies.push(Duration::from_millis(one));
        }
        latencies
    }

    #[test]
    fn a_percentile_is_one_of_the_latencies() {
        let mut latencies = of((1..=100).rev());
        assert_eq!(latencies.percentile(0.5), 50.0);
        assert_eq!(latencies.percentile(0.99), 99.0);
        assert_eq!(latencies.percentile(1.0), 100.0);
        let mut few = of([4, 1, 3]);
        assert_eq!(few.percentile(0.5), 3.0);
        assert_eq!(few.percentile(0.99), 4.0);
    }

    #[test]
    fn what_is_added_later_counts() {
        let mut latencies = of([10]);
        assert_eq!(latencies.percentile(0.99), 10.0);
        latencies.extend(of([20, 30]));
        assert_eq!(latencies.len(), 3);
        assert_eq!(latencies.percentile(0.5), 20.0);
        assert_eq!(latencies.percentile(0.99), 30.0);
    }

    #[test]
    fn nothing_has_no_latency() {
        assert_eq!(of([]).percentile(0.5), 0.0);
    }
}
