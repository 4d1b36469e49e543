//! How far an import has come, on a terminal or nowhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What the position of a phase counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Bytes,
    Rows,
}

/// Told by an import what it does and how far it is.
pub trait Progress: Send + Sync {
    /// A new phase begins. Without a total its end cannot be foreseen.
    fn phase(&self, name: &str, total: Option<u64>, unit: Unit);
    /// The phase has come to this position.
    fn at(&self, position: u64);
    /// The import is over, well or not.
    fn done(&self);
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn phase(&self, _name: &str, _total: Option<u64>, _unit: Unit) {}
    fn at(&self, _position: u64) {}
    fn done(&self) {}
}

/// A bar on standard error, which stays hidden where that is no terminal.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    #[must_use]
    pub fn stderr() -> Self {
        Self::drawn_on(ProgressDrawTarget::stderr())
    }

    fn drawn_on(target: ProgressDrawTarget) -> Self {
        Self {
            bar: ProgressBar::with_draw_target(None, target),
        }
    }
}

fn template(total: Option<u64>, unit: Unit) -> &'static str {
    match (total, unit) {
        (Some(_), Unit::Bytes) => "{msg:20} {bar:30} {bytes}/{total_bytes} {elapsed}",
        (Some(_), Unit::Rows) => "{msg:20} {bar:30} {human_pos}/{human_len} {elapsed}",
        (None, Unit::Bytes) => "{msg:20} {spinner} {bytes} {elapsed}",
        (None, Unit::Rows) => "{msg:20} {spinner} {elapsed}",
    }
}

impl Progress for Bar {
    fn phase(&self, name: &str, total: Option<u64>, unit: Unit) {
        // The templates are fixed; should one ever be wrong, the default style still shows progress.
        if let Ok(style) = ProgressStyle::with_template(template(total, unit)) {
            self.bar.set_style(style);
        }
        self.bar.reset();
        self.bar.set_message(name.to_owned());
        match total {
            Some(total) => self.bar.set_length(total),
            None => self.bar.unset_length(),
        }
        self.bar.enable_steady_tick(Duration::from_millis(120));
    }

    fn at(&self, position: u64) {
        self.bar.set_position(position);
    }

    fn done(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use indicatif::{ProgressDrawTarget, ProgressStyle};

    use super::{Bar, Progress, Unit, template};

    #[test]
    fn every_template_is_one_that_indicatif_understands() {
        for total in [Some(2048), None] {
            for unit in [Unit::Bytes, Unit::Rows] {
                assert!(ProgressStyle::with_template(template(total, unit)).is_ok());
            }
        }
    }

    #[test]
    fn a_new_phase_starts_over() {
        let bar = Bar::drawn_on(ProgressDrawTarget::hidden());
        bar.phase("Reading", Some(2048), Unit::Bytes);
        bar.at(1024);
        assert_eq!((bar.bar.position(), bar.bar.length()), (1024, Some(2048)));
        bar.phase("Orders", None, Unit::Rows);
        assert_eq!((bar.bar.position(), bar.bar.length()), (0, None));
        assert_eq!(bar.bar.message(), "Orders");
        bar.done();
        assert!(bar.bar.is_finished());
    }
}
