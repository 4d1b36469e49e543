//! Random groups: keys, and selections of those keys alone.

use serde_json::{Value as Json, json};

use super::Generator;
use super::document::{Field, Literal, Named, Selection};
use super::values::Column;

/// The keys of the argument `by`, as fields that lead to them.
pub fn paths(arguments: &Named) -> Option<Vec<Vec<String>>> {
    let (_, by) = arguments.iter().find(|(name, _)| name == "by")?;
    match by {
        Literal::List(items) => Some(items.iter().map(path).collect()),
        _ => None,
    }
}

fn path(key: &Literal) -> Vec<String> {
    let Literal::Object(members) = key else {
        return Vec::new();
    };
    match &members[..] {
        [(name, inner)] if name != "bucket" => {
            let mut path = vec![name.clone()];
            path.extend(self::path(inner));
            path
        }
        _ => Vec::new(),
    }
}

impl Generator<'_> {
    /// The arguments of groups of rows of this type.
    pub fn groups_of(&mut self, row: &str) -> Named {
        let column = Column { row, field: "" };
        let mut keys: Vec<Literal> = Vec::new();
        for _ in 0..=self.random.below(3) {
            // What stands in a variable has no path here.
            let variable = std::mem::take(&mut self.variable);
            let mut key = self.object(&format!("{row}GroupBy"), column, 3);
            self.variable = variable;
            is_true(&mut key);
            if keys.iter().all(|known| path(known) != path(&key)) {
                keys.push(key);
            }
        }
        let buckets = keys.iter().filter(|key| has_bucket(key)).count();
        let mut named = vec![("by".to_owned(), Literal::List(keys))];
        if buckets == 1 && self.random.chance(40) {
            named.push(("fill".to_owned(), Literal::Enum("ZERO".to_owned())));
        }
        let first = self.random.below(5);
        named.push(("first".to_owned(), Literal::Json(json!(first))));
        if self.random.chance(50) {
            let order = self.object(&format!("{row}GroupOrderBy"), column, 2);
            // Another key than one of `by` is refused.
            let by_key = |order: &Literal| match order {
                Literal::Object(members) => members.iter().any(|(name, _)| name == "key"),
                _ => false,
            };
            if !by_key(&order) {
                named.push(("orderBy".to_owned(), Literal::List(vec![order])));
            }
        }
        if self.random.chance(30) {
            let having = self.object(&format!("{row}AggregateFilter"), column, 2);
            named.push(("having".to_owned(), having));
        }
        named
    }

    /// Some of the keys of the groups that are selected from now.
    pub fn group_key(&mut self, ty: &str) -> Vec<Selection> {
        let paths = self.groups.last().cloned().unwrap_or_default();
        let mut set = vec![self.typename(ty)];
        for path in paths {
            if self.random.chance(80) {
                set.extend(self.leading_to(ty, &path));
            }
        }
        set
    }

    fn leading_to(&mut self, ty: &str, path: &[String]) -> Option<Selection> {
        let (name, rest) = path.split_first()?;
        let of = self.schema.field(ty, name)?.ty.to_string();
        self.used.insert(format!("{ty}.{name}"));
        let inner = of.trim_end_matches('!').to_owned();
        let selection = match rest {
            [] => Vec::new(),
            rest => vec![self.leading_to(&inner, rest)?],
        };
        Some(Selection::Field(Field {
            // Keys of several related rows would otherwise be merged, which is right, and with
            // fields of other types of the same name, which is not.
            alias: self.alias(name, &[], &of),
            name: name.clone(),
            arguments: Vec::new(),
            directives: Vec::new(),
            selection,
        }))
    }
}

/// A key is named by `true`.
fn is_true(key: &mut Literal) {
    match key {
        Literal::Json(value @ Json::Bool(_)) => *value = json!(true),
        Literal::Object(members) => members.iter_mut().for_each(|(_, inner)| is_true(inner)),
        _ => {}
    }
}

fn has_bucket(key: &Literal) -> bool {
    match key {
        Literal::Object(members) => members
            .iter()
            .any(|(name, inner)| name == "bucket" || has_bucket(inner)),
        _ => false,
    }
}
