//! What one HTTP request takes from the rate limits, and what its response says about them.

use std::fmt::Write;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{Policy, Taken, Unit, Whose};
use crate::error::{Code, Error};
use crate::session::Session;

/// The limits as they stand for one HTTP request.
pub struct Account<'a> {
    policies: &'a [Policy],
    session: &'a Session,
    /// What came last of each policy.
    last: Mutex<Vec<Option<Taken>>>,
}

/// The fields of an answer that tell of limits, as the draft `ratelimit-headers` of the IETF has
/// them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    /// `RateLimit-Policy`: the limits.
    pub policy: String,
    /// `RateLimit`: what is left of those that the request took from.
    pub limit: Option<String>,
    /// `Retry-After`: seconds until a refused request may come again.
    pub retry_after: Option<u64>,
}

impl<'a> Account<'a> {
    pub(super) fn new(policies: &'a [Policy], session: &'a Session) -> Self {
        Self {
            policies,
            session,
            last: Mutex::new(vec![None; policies.len()]),
        }
    }

    /// Takes units from every limit that counts them.
    ///
    /// # Errors
    /// `RATE_LIMITED` with `retryAfter` in seconds, or `QUERY_TOO_EXPENSIVE` for more than a limit
    /// ever grants.
    pub fn take(&self, unit: Unit, units: u64) -> Result<(), Error> {
        let Some(units) = NonZeroU32::new(u32::try_from(units).unwrap_or(u32::MAX)) else {
            return Ok(());
        };
        for (index, policy) in self.policies.iter().enumerate() {
            if policy.unit != unit {
                continue;
            }
            let taken = policy.limiter.take(policy.key(self.session), units);
            self.lock()[index] = Some(taken);
            match taken {
                Taken::Granted { .. } => {}
                Taken::Refused { wait, .. } => return Err(refused(policy, wait)),
                Taken::Never => return Err(never(policy, units.get())),
            }
        }
        Ok(())
    }

    /// What the answer says of the limits; nothing where there are none.
    pub fn fields(&self) -> Option<Fields> {
        if self.policies.is_empty() {
            return None;
        }
        let mut fields = Fields {
            policy: String::new(),
            limit: None,
            retry_after: None,
        };
        for (policy, taken) in self.policies.iter().zip(self.lock().iter()) {
            if !fields.policy.is_empty() {
                fields.policy.push_str(", ");
            }
            let quota = policy.rate.burst().get();
            let window = seconds(policy.rate.refill(quota));
            // Writing to a text does not fail.
            let _ = write!(fields.policy, "\"{}\";q={quota};w={window}", policy.name);
            if policy.unit == Unit::Cost {
                fields.policy.push_str(";qu=\"cost\"");
            }
            let (remaining, wait) = match *taken {
                None | Some(Taken::Never) => continue,
                Some(Taken::Granted { remaining }) => (
                    remaining,
                    policy.rate.refill(quota.saturating_sub(remaining)),
                ),
                Some(Taken::Refused { remaining, wait }) => {
                    fields.retry_after = fields.retry_after.max(Some(seconds(wait).max(1)));
                    (remaining, wait)
                }
            };
            let limit = fields.limit.get_or_insert_default();
            if !limit.is_empty() {
                limit.push_str(", ");
            }
            let _ = write!(
                limit,
                "\"{}\";r={remaining};t={}",
                policy.name,
                seconds(wait)
            );
        }
        Some(fields)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Option<Taken>>> {
        // Every change is a single assignment, so a panic elsewhere leaves it whole.
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whole seconds, rounded up: who comes back then is not refused again.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

impl Policy {
    fn describe(&self) -> String {
        let whose = match self.whose {
            Whose::User => "a user",
            Whose::Workspace => "the workspace",
        };
        let unit = match self.unit {
            Unit::Requests => "requests",
            Unit::Cost => "units of cost",
        };
        format!(
            "{whose} may use {} {unit} per minute",
            self.rate.per_minute()
        )
    }
}

fn refused(policy: &Policy, wait: Duration) -> Error {
    let wait = seconds(wait).max(1);
    Error::new(
        Code::RateLimited,
        format!(
            "Rate limit exceeded: {}. Try again in {wait} s.",
            policy.describe()
        ),
    )
    .with("retryAfter", wait)
}

fn never(policy: &Policy, units: u32) -> Error {
    let most = policy.rate.burst();
    Error::new(
        Code::QueryTooExpensive,
        format!(
            "The query costs {units}; {}, at most {most} at once. Request smaller pages or fewer levels.",
            policy.describe()
        ),
    )
    .with("cost", units)
    .with("limit", most.get())
}
