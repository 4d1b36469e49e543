//! Why a workspace, a user or a membership was not found or not changed.

/// What was refused. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("{what} cannot be {found:?}; it must be {expected}")]
    Invalid {
        what: &'static str,
        found: String,
        expected: &'static str,
    },

    #[error(
        "there is no workspace `{slug}`{known}; create it with `tessera workspace create {slug} --owner EMAIL`"
    )]
    NoWorkspace {
        slug: String,
        /// The workspaces that exist, as the end of the sentence.
        known: String,
    },

    #[error(
        "there is no user `{user}`{known}; add one with `tessera user add EMAIL --workspace SLUG`"
    )]
    NoUser {
        user: String,
        /// The users with similar addresses, as the end of the sentence.
        known: String,
    },

    #[error(
        "`{email}` is the only owner of the workspace `{slug}`; give it another one first, with `tessera user add EMAIL --workspace {slug} --role owner`"
    )]
    OnlyOwner { email: String, slug: String },

    #[error("the account of `{email}` is closed (`is_active` is false), so it cannot be a member")]
    Closed { email: String },

    #[error("{}", refusal(.0))]
    Database(#[from] sqlx::Error),
}

fn refusal(error: &sqlx::Error) -> String {
    let code = error.as_database_error().and_then(|error| error.code());
    match code.as_deref() {
        Some("42P01" | "3F000") => {
            "the database has not all tables of this version; run `tessera migrate`".to_owned()
        }
        _ => format!("the database refused it: {error}"),
    }
}
