//! Rate limits of users and workspaces, on requests and on cost.
//!
//! A limit is a token bucket that holds `burst` units and is refilled at a steady rate. Each unit is
//! first taken from the user's bucket, so a user who exceeds the own limit takes nothing from the
//! workspace's.

mod account;
mod limiter;
mod value;

use uuid::Uuid;

pub use self::account::{Account, Fields};
pub use self::limiter::{Limiter, Taken};
pub use self::value::Rate;

use crate::session::Session;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Operations, each one of a batch.
    Requests,
    /// What operations may cost by their page sizes, charged before anything is read.
    Cost,
}

/// Whose bucket it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    User,
    Workspace,
}

/// The limits that an operator sets; none of them is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateOptions {
    pub user_requests: Option<Rate>,
    pub workspace_requests: Option<Rate>,
    pub user_cost: Option<Rate>,
    pub workspace_cost: Option<Rate>,
}

/// The limits of a gateway.
#[derive(Default)]
pub struct Rates {
    policies: Vec<Policy>,
}

struct Policy {
    name: &'static str,
    unit: Unit,
    whose: Whose,
    rate: Rate,
    limiter: Limiter,
}

impl Rates {
    /// The limits with full buckets. They are in this process alone.
    pub fn new(options: &RateOptions) -> Self {
        let policies = [
            (
                "user-requests",
                Unit::Requests,
                Whose::User,
                options.user_requests,
            ),
            (
                "workspace-requests",
                Unit::Requests,
                Whose::Workspace,
                options.workspace_requests,
            ),
            ("user-cost", Unit::Cost, Whose::User, options.user_cost),
            (
                "workspace-cost",
                Unit::Cost,
                Whose::Workspace,
                options.workspace_cost,
            ),
        ];
        let policies = policies
            .into_iter()
            .filter_map(|(name, unit, whose, rate)| {
                let rate = rate?;
                Some(Policy {
                    name,
                    unit,
                    whose,
                    rate,
                    limiter: Limiter::new(rate),
                })
            });
        Self {
            policies: policies.collect(),
        }
    }

    /// The account of one HTTP request.
    pub fn account<'a>(&'a self, session: &'a Session) -> Account<'a> {
        Account::new(&self.policies, session)
    }
}

impl Policy {
    fn key(&self, session: &Session) -> Uuid {
        match self.whose {
            Whose::User => session.user,
            Whose::Workspace => session.workspace,
        }
    }
}
