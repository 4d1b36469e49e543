//! Settings of rate limits.

use super::section::section;
use crate::rate::{Rate, RateOptions};

section! {
    /// Flags of rate limits.
    #[command(next_help_heading = "Rate limits")]
    pub struct RateFlags {
        /// Requests per minute of one user, and after a colon the size of a burst, such as 600:50
        /// [default: no limit].
        #[arg(long, global = true, env = "TESSERA_RATE_USER_REQUESTS", value_name = "RATE")]
        rate_user_requests: Rate,
        /// Requests per minute of one workspace [default: no limit].
        #[arg(long, global = true, env = "TESSERA_RATE_WORKSPACE_REQUESTS", value_name = "RATE")]
        rate_workspace_requests: Rate,
        /// Cost per minute of one user, as computed before execution [default: no limit].
        #[arg(long, global = true, env = "TESSERA_RATE_USER_COST", value_name = "RATE")]
        rate_user_cost: Rate,
        /// Cost per minute of one workspace [default: no limit].
        #[arg(long, global = true, env = "TESSERA_RATE_WORKSPACE_COST", value_name = "RATE")]
        rate_workspace_cost: Rate,
    }
}

impl RateFlags {
    pub(super) fn check(self) -> RateOptions {
        RateOptions {
            user_requests: self.rate_user_requests,
            workspace_requests: self.rate_workspace_requests,
            user_cost: self.rate_user_cost,
            workspace_cost: self.rate_workspace_cost,
        }
    }
}
