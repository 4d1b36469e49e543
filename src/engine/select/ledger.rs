//! The statements over the ledger of idempotency keys.

use crate::session::Session;
use crate::sql::{Statement, Value};

/// A key of one user in one workspace.
pub struct Ledger<'a> {
    pub session: &'a Session,
    pub key: &'a str,
}

impl Ledger<'_> {
    fn statement(&self, text: &str, more: Vec<Value>) -> Statement {
        let own = [
            Value::Uuid(Some(self.session.workspace)),
            Value::Uuid(Some(self.session.user)),
            Value::Text(self.key.to_owned()),
        ];
        let values: Vec<Value> = own.into_iter().chain(more).collect();
        Statement::new(text.to_owned(), values.into())
    }

    /// Whether nobody else works under the key; if so, nobody does until the transaction ends.
    pub fn lock(&self) -> Statement {
        self.statement(
            "select pg_try_advisory_xact_lock(hashtextextended($1::text || $2::text || $3, 0))",
            Vec::new(),
        )
    }

    /// What is kept under the key: the hash of what it is about, and the result.
    pub fn kept(&self) -> Statement {
        self.statement(
            "select hash, result::text from app.idempotency_keys \
             where workspace_id = $1 and user_id = $2 and key = $3 \
             and created_at > now() - interval '1 day'",
            Vec::new(),
        )
    }

    /// Takes out what is kept and too old to be told.
    pub fn forget(&self) -> Statement {
        self.statement(
            "delete from app.idempotency_keys where workspace_id = $1 and user_id = $2 and key = $3",
            Vec::new(),
        )
    }

    /// Keeps a result.
    pub fn keep(&self, field: &str, hash: &str, result: String) -> Statement {
        self.statement(
            "insert into app.idempotency_keys (workspace_id, user_id, key, field, hash, result) \
             values ($1, $2, $3, $4, decode($5, 'hex'), $6::jsonb)",
            vec![
                Value::Text(field.to_owned()),
                Value::Text(hash.to_owned()),
                Value::Text(result),
            ],
        )
    }
}
