//! Settings of what one operation may cost.

use super::section::section;
use crate::engine::Limits;

section! {
    /// Flags of limits.
    pub struct LimitFlags {
        /// Most rows that the lists of one operation may come to [default: 200000].
        #[arg(long, global = true, env = "TESSERA_MAX_ROWS", value_name = "NUMBER")]
        max_rows: u64,
    }
}

impl LimitFlags {
    pub(super) fn check(self) -> Limits {
        let defaults = Limits::default();
        Limits {
            max_rows: self.max_rows.unwrap_or(defaults.max_rows),
            ..defaults
        }
    }
}
