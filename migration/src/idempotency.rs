//! The ledger of requests that must happen once, however often they are sent.

use crate::bootstrap::GATEWAY;

/// The ledger.
pub const LEDGER: &str = "app.idempotency_keys";

/// What the gateway may do with it: a privilege, and its columns where it is not all of them.
pub const LEDGER_PRIVILEGES: &[(&str, &[&str])] = &[
    ("select", &[]),
    (
        "insert",
        &["workspace_id", "user_id", "key", "field", "hash", "result"],
    ),
    ("delete", &[]),
];

/// How long a key is kept.
const KEPT: &str = "1 day";
/// How many keys one call forgets, so that its transaction stays short.
const PORTION: usize = 10_000;

/// The ledger. A key belongs to a user in a workspace. It goes with the workspace; of a user who is
/// gone nobody asks.
pub(crate) fn create_sql() -> String {
    let grants = LEDGER_PRIVILEGES.iter().map(|(privilege, columns)| {
        let columns = match columns.is_empty() {
            true => String::new(),
            false => format!(" ({})", columns.join(", ")),
        };
        format!("grant {privilege}{columns} on {LEDGER} to {GATEWAY};\n")
    });
    let grants: String = grants.collect();
    format!(
        r#"
create table app.idempotency_keys (
  workspace_id uuid not null constraint fk_idempotency_keys_workspace_id references public.workspaces (id) on delete cascade,
  user_id uuid not null,
  key text not null constraint ck_idempotency_keys_key check (length(key) between 1 and 255),
  field text not null,
  hash bytea not null,
  result jsonb,
  created_at timestamptz not null default now(),
  constraint pk_idempotency_keys primary key (workspace_id, user_id, key)
);
comment on table app.idempotency_keys is 'Results of mutations by the key that their sender gave them. Kept for a day.';
comment on column app.idempotency_keys.workspace_id is 'Workspace of the request.';
comment on column app.idempotency_keys.user_id is 'User who made the request.';
comment on column app.idempotency_keys.key is 'Key that the sender chose.';
comment on column app.idempotency_keys.field is 'Field of the mutation.';
comment on column app.idempotency_keys.hash is 'Hash of the input; the same key with another input is refused.';
comment on column app.idempotency_keys.result is 'What was answered.';
comment on column app.idempotency_keys.created_at is 'When the key was first sent.';
create index ix_idempotency_keys_created_at on app.idempotency_keys (created_at);
alter table app.idempotency_keys enable row level security;
create policy own_keys on app.idempotency_keys using (workspace_id = app.workspace_id() and user_id = app.user_id());
{grants}
create function app.expire_idempotency_keys() returns boolean language plpgsql security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  gone bigint;
begin
  delete from app.idempotency_keys k using (
      select o.workspace_id, o.user_id, o.key from app.idempotency_keys o
        where o.created_at < now() - interval '{KEPT}'
        order by o.created_at limit {PORTION}
        for update skip locked) old
    where k.workspace_id = old.workspace_id and k.user_id = old.user_id and k.key = old.key;
  get diagnostics gone = row_count;
  return gone = {PORTION};
end
$$;
comment on function app.expire_idempotency_keys() is 'Forgets keys older than a day, so many at a time. Answers whether there may be more.';
revoke execute on function app.expire_idempotency_keys() from public;
grant execute on function app.expire_idempotency_keys() to {GATEWAY};
"#
    )
}

/// The statements that undo [`create_sql`].
pub(crate) const DROP: &str =
    "drop function app.expire_idempotency_keys();\ndrop table app.idempotency_keys;\n";
