//! Ids that a second import of the same data finds again.

use std::fmt::Write;

use uuid::Uuid;

/// Derives ids from the workspace, the source and the key in the source.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    namespace: Uuid,
    name: String,
}

impl Keys {
    pub(super) fn new(workspace: Uuid, source: &str) -> Self {
        Self {
            namespace: Uuid::new_v5(&workspace, source.as_bytes()),
            name: String::new(),
        }
    }

    pub(super) fn id(&mut self, kind: &str, key: impl std::fmt::Display) -> Uuid {
        self.name.clear();
        // Writing to a string does not fail.
        let _ = write!(self.name, "{kind}/{key}");
        Uuid::new_v5(&self.namespace, self.name.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::Keys;

    #[test]
    fn an_id_depends_on_workspace_source_kind_and_key_alone() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let id = Keys::new(one, "a").id("order", 5);
        assert_eq!(id, Keys::new(one, "a").id("order", "5"));
        assert_ne!(id, Keys::new(two, "a").id("order", 5));
        assert_ne!(id, Keys::new(one, "b").id("order", 5));
        assert_ne!(id, Keys::new(one, "a").id("item", 5));
        assert_ne!(id, Keys::new(one, "a").id("order", 6));
    }
}
