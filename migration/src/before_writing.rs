//! What writing took before the step that binds it to roles (`m0025_writing`). Older steps make it,
//! and that step replaces it.

use crate::table::{Secrecy, Table};
use crate::table_sql::quote;

impl Table {
    /// Rights on whole tables, and a log of some of them.
    pub(crate) fn before_writing_sql(&self) -> String {
        let mut sql = self.grants_sql(&self.privileges_before_writing());
        if self.audited {
            let secrets: String = self
                .columns
                .iter()
                .filter(|column| column.secrecy != Secrecy::Open)
                .map(|column| format!(", {}", quote(column.name)))
                .collect();
            sql += &format!(
                "create trigger audit after insert or update or delete on public.{0} \
                 for each row execute function app.audit({1}{secrets});\n",
                self.name,
                quote(self.name)
            );
        }
        sql
    }

    fn privileges_before_writing(&self) -> Vec<String> {
        let mut privileges = vec![self.select_privilege()];
        if self.in_workspace {
            privileges.push(self.on_columns("insert", Secrecy::WriteOnly));
            if self.updatable {
                privileges.push(self.on_columns("update", Secrecy::WriteOnly));
            }
            if self.deletable {
                privileges.push("delete".to_owned());
            }
        }
        privileges.extend(self.grants.iter().map(|&grant| grant.to_owned()));
        privileges
    }
}
