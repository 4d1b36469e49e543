//! Random selections: fields with aliases and directives, fragments, repetitions, and arguments.

use apollo_compiler::ast::{FieldDefinition, Type};
use serde_json::{Value as Json, json};

use super::document::{Field, Fragment, Literal, Named, Selection};
use super::values::Column;
use super::{Generator, cursors, groups, pools};

/// Where a selection stands.
#[derive(Clone, Copy)]
struct Place {
    /// Relations that may still be followed.
    depth: usize,
    /// Most rows that there can be of the selection.
    rows: usize,
}

/// Rows of all pages on the way to a list, beyond which pages are kept small.
const MANY: usize = 2_000;

impl Generator<'_> {
    /// The selection of an operation, with this root field in front.
    pub fn root(&mut self, first: Option<&str>) -> Vec<Selection> {
        let place = Place {
            depth: self.options.depth,
            rows: 1,
        };
        let schema = self.schema;
        let fields = schema.fields("Query");
        let mut chosen: Vec<&FieldDefinition> = fields
            .iter()
            .filter(|field| Some(field.name.as_str()) == first)
            .copied()
            .collect();
        let more = match self.random.below(10) {
            0..=6 => usize::from(chosen.is_empty()),
            7 | 8 => 1,
            _ => 2,
        };
        chosen.extend(self.random.sample(&fields, more));
        let mut set: Vec<Selection> = Vec::new();
        for field in chosen {
            let field = self.field("Query", field, place);
            set.push(Selection::Field(field));
        }
        if self.random.chance(4) {
            let type_name = self.typename("Query");
            set.push(type_name);
        }
        if self.options.introspection && self.random.chance(3) {
            let about = self.about_the_schema();
            set.push(about);
        }
        self.dress("Query", set, place)
    }

    fn about_the_schema(&mut self) -> Selection {
        let leaf = |name: &str| {
            Selection::Field(Field {
                alias: None,
                name: name.to_owned(),
                arguments: Vec::new(),
                directives: Vec::new(),
                selection: Vec::new(),
            })
        };
        let rows = self.schema.rows();
        let name = self.random.pick(&rows).cloned().unwrap_or_default();
        let alias = Some(self.fresh("k"));
        Selection::Field(Field {
            alias,
            name: "__type".to_owned(),
            arguments: vec![("name".to_owned(), Literal::Json(json!(name)))],
            directives: Vec::new(),
            selection: vec![leaf("kind"), leaf("name"), leaf("description")],
        })
    }

    /// A selection of one row.
    pub fn row(&mut self, ty: &str) -> Vec<Selection> {
        let depth = self.options.depth;
        self.set(ty, Place { depth, rows: 1 })
    }

    /// A selection of an object or interface.
    fn set(&mut self, ty: &str, place: Place) -> Vec<Selection> {
        if ty.ends_with("GroupKey") {
            return self.group_key(ty);
        }
        let schema = self.schema;
        let without = self.options.without_fields;
        let (leaves, inner): (Vec<_>, Vec<_>) = schema
            .fields(ty)
            .into_iter()
            .filter(|field| !without.contains(&field.name.as_str()))
            .partition(|field| schema.is_leaf(field.ty.inner_named_type()));
        let mut chosen = Vec::new();
        if schema.is_row(ty) || schema.is_interface(ty) {
            let count = 1 + self.random.below(4);
            chosen.extend(self.random.sample(&leaves, count));
            let relations = match self.random.below(10) {
                _ if place.depth == 0 || self.budget == 0 => 0,
                0..=2 => 0,
                3..=7 => 1,
                _ => 2,
            };
            chosen.extend(self.random.sample(&inner, relations));
        } else {
            // Connections, edges, pages, counts, the viewer: what holds rows leads on to them.
            let count = 1 + self.random.below(2);
            let all: Vec<_> = leaves.iter().chain(&inner).copied().collect();
            chosen.extend(self.random.sample(&all, count));
            let holds = |field: &&FieldDefinition| {
                matches!(field.name.as_str(), "nodes" | "edges" | "node")
            };
            let holders: Vec<_> = inner.into_iter().filter(holds).collect();
            if !chosen.iter().any(&holds)
                && self.random.chance(85)
                && let Some(holder) = self.random.pick(&holders)
            {
                chosen.push(holder);
            }
        }
        let mut set: Vec<Selection> = Vec::new();
        for field in chosen {
            let field = self.field(ty, field, place);
            set.push(Selection::Field(field));
        }
        if set.is_empty() || self.random.chance(8) {
            let type_name = self.typename(ty);
            set.push(type_name);
        }
        // What stands in a fragment could be used for groups by other keys.
        if ty.ends_with("Group") || ty.ends_with("GroupConnection") {
            return set;
        }
        self.dress(ty, set, place)
    }

    pub(super) fn typename(&mut self, ty: &str) -> Selection {
        self.used.insert(format!("{ty}.__typename"));
        let alias = self.alias("__typename", &[], "String!");
        Selection::Field(Field {
            alias,
            name: "__typename".to_owned(),
            arguments: Vec::new(),
            directives: Vec::new(),
            selection: Vec::new(),
        })
    }

    fn field(&mut self, parent: &str, field: &FieldDefinition, place: Place) -> Field {
        self.used.insert(format!("{parent}.{}", field.name));
        self.budget = self.budget.saturating_sub(1);
        let ty = field.ty.inner_named_type().as_str();
        let follows = parent != "Query" && (self.schema.is_row(ty) || ty.ends_with("Connection"));
        let mut inner = Place {
            depth: place.depth.saturating_sub(usize::from(follows)),
            rows: place.rows,
        };
        let (arguments, wanted) = self.arguments(field, &mut inner);
        let alias = self.alias(&field.name, &arguments, &field.ty.to_string());
        let groups = groups::paths(&arguments);
        let of_groups = groups.is_some();
        self.groups.extend(groups);
        let selection = match wanted {
            _ if self.schema.is_leaf(ty) => Vec::new(),
            Some(row) => self.node(&row, inner),
            None => self.set(ty, inner),
        };
        if of_groups {
            self.groups.pop();
        }
        Field {
            alias,
            name: field.name.to_string(),
            arguments,
            directives: self.directives(4),
            selection,
        }
    }

    /// The selection of an interface whose row is most likely of this type.
    fn node(&mut self, row: &str, place: Place) -> Vec<Selection> {
        let mut set = self.set("Node", place);
        let mut types = vec![row.to_owned()];
        if self.random.chance(25) {
            let all = self.schema.rows();
            types.extend(self.random.pick(&all).cloned());
        }
        for on in types {
            let selection = self.set(&on, place);
            set.push(Selection::Inline {
                on: Some(on),
                directives: self.directives(4),
                selection,
            });
        }
        set
    }

    /// An alias where one is wanted, or needed because the key stands for something else already.
    pub(super) fn alias(
        &mut self,
        name: &str,
        arguments: &[(String, Literal)],
        ty: &str,
    ) -> Option<String> {
        let meaning = format!("{name} {:?} {ty}", arguments);
        let wanted = if self.random.chance(3) {
            // The name of another field.
            Some("id".to_owned())
        } else if self.random.chance(10) {
            Some(self.fresh("k"))
        } else {
            None
        };
        let mut key = wanted.unwrap_or_else(|| name.to_owned());
        if self.keys.get(&key).is_some_and(|known| *known != meaning) {
            key = self.fresh("k");
        }
        self.keys.insert(key.clone(), meaning);
        (key != name).then_some(key)
    }

    fn directives(&mut self, percent: usize) -> Named {
        if !self.random.chance(percent) {
            return Vec::new();
        }
        // Mostly such that the selection stays.
        let stays = self.random.chance(70);
        let name = if self.random.chance(50) {
            "skip"
        } else {
            "include"
        };
        let value = Literal::Json(json!(stays == (name == "include")));
        let ty = Type::NonNullNamed(apollo_compiler::name!("Boolean"));
        vec![(name.to_owned(), self.place(&ty, value, true))]
    }

    /// Rearranges a selection: parts of it repeated or moved into fragments.
    fn dress(&mut self, ty: &str, mut set: Vec<Selection>, place: Place) -> Vec<Selection> {
        if self.random.chance(8) {
            let index = self.random.below(set.len());
            if let Selection::Field(field) = &set[index]
                && groups::paths(&field.arguments).is_none()
            {
                let mut again = field.clone();
                again.directives = self.directives(10);
                let definition = self.schema.field(ty, &field.name);
                if let Some(definition) = definition
                    && !again.selection.is_empty()
                {
                    let of = definition.ty.inner_named_type().as_str();
                    let inner = Place {
                        depth: place.depth.saturating_sub(1),
                        // How many rows the arguments allow is not looked up again.
                        rows: place.rows.max(MANY),
                    };
                    again.selection = self.set(of, inner);
                }
                set.push(Selection::Field(again));
            }
        }
        if self.random.chance(12) {
            let moved = set.split_off(self.random.below(set.len()));
            let interface = moved.iter().all(|one| {
                matches!(one, Selection::Field(field) if ["nodeId", "__typename"].contains(&field.name.as_str()))
            });
            let on = match self.random.below(3) {
                0 => None,
                1 if interface && self.schema.is_row(ty) => Some("Node".to_owned()),
                _ => Some(ty.to_owned()),
            };
            set.push(Selection::Inline {
                on,
                directives: self.directives(10),
                selection: moved,
            });
        }
        if self.random.chance(10) {
            let moved = set.split_off(self.random.below(set.len()));
            let name = self.fresh("F");
            self.fragments.push(Fragment {
                name: name.clone(),
                on: ty.to_owned(),
                selection: moved,
            });
            set.push(Selection::Spread {
                name,
                directives: self.directives(10),
            });
        }
        let known: Vec<String> = self
            .fragments
            .iter()
            .filter(|fragment| fragment.on == ty)
            .map(|fragment| fragment.name.clone())
            .collect();
        if place.rows < MANY
            && self.random.chance(25)
            && let Some(name) = self.random.pick(&known).cloned()
        {
            set.push(Selection::Spread {
                name,
                directives: self.directives(10),
            });
        }
        set
    }

    /// The arguments of a field. Of a list they set the rows inside; of `node` the type of the row
    /// that is looked for comes back.
    fn arguments(&mut self, field: &FieldDefinition, inner: &mut Place) -> (Named, Option<String>) {
        let ty = field.ty.inner_named_type().as_str();
        let mut wanted = None;
        let mut arguments = if let Some(row) = self.schema.listed(ty) {
            self.page(row, inner)
        } else if self.schema.is_interface(ty) {
            let (row, id) = self.node_id();
            wanted = Some(row);
            let id = Literal::Json(json!(id));
            let mut ids = vec![id.clone()];
            while self.random.chance(60) {
                let (_, other) = self.node_id();
                ids.push(Literal::Json(json!(other)));
            }
            vec![
                ("nodeId".to_owned(), id),
                ("nodeIds".to_owned(), Literal::List(ids)),
            ]
        } else if let Some(row) = ty.strip_suffix("GroupConnection") {
            self.groups_of(row)
        } else if ty == "Count" {
            let limits = [1, 2, 3, 5, 1000, i64::from(i32::MAX) - 1];
            let limit = match self.hostile && self.random.chance(20) {
                true => json!(0),
                false => json!(self.random.pick(&limits)),
            };
            vec![("limit".to_owned(), Literal::Json(limit))]
        } else {
            self.key(field, ty)
        };
        let searches = field.arguments.iter().find(|one| one.name == "search");
        if let Some(argument) = searches
            && self.random.chance(20)
        {
            // The positions of another order are none in that of a search.
            arguments.retain(|(name, _)| !["after", "before"].contains(&name.as_str()));
            if self.random.chance(60) {
                arguments.retain(|(name, _)| name != "orderBy");
            }
            let row = self.schema.listed(ty).unwrap_or_default().to_owned();
            let near = argument.ty.inner_named_type().as_str() != "TextSearch";
            let search = self.search(&row, near);
            arguments.push(("search".to_owned(), search));
        }
        let without = self.options.without_arguments;
        arguments.retain(|(name, _)| !without.contains(&name.as_str()));
        let types = |name: &str| {
            let argument = field.arguments.iter().find(|one| one.name == name);
            argument.map(|argument| (*argument.ty).clone())
        };
        let mut placed: Named = Vec::with_capacity(arguments.len());
        for (name, value) in arguments {
            let Some(ty) = types(&name) else { continue };
            self.used.insert(format!("argument {name}"));
            let value = self.place(&ty, value, false);
            placed.push((name, value));
        }
        for argument in &field.arguments {
            let given = placed
                .iter()
                .any(|(name, _)| argument.name == name.as_str());
            let left_out = without.contains(&argument.name.as_str());
            if !given && !left_out && !argument.ty.is_non_null() && self.random.chance(2) {
                let value = if self.random.chance(50) {
                    Literal::Json(Json::Null)
                } else {
                    self.absent(&argument.ty)
                };
                placed.push((argument.name.to_string(), value));
            }
        }
        (placed, wanted)
    }

    /// A search of rows of a type; `near` says whether they have embeddings.
    fn search(&mut self, row: &str, near: bool) -> Literal {
        const TEXTS: [&str; 10] = [
            "alpha",
            "bravo",
            "alpha or bravo",
            "-bravo",
            "\"alpha 1\"",
            "brav",
            "alpah",
            "alpha -1",
            "1",
            "",
        ];
        let mut members = Vec::new();
        let mut member = |name: &str, value: Json| {
            members.push((name.to_owned(), Literal::Json(value)));
        };
        let like = near && self.random.chance(50);
        if !like || self.random.chance(50) {
            member("text", json!(self.random.pick(&TEXTS)));
        }
        if self.random.chance(30) {
            member("typos", json!(self.random.chance(50)));
        }
        if like {
            let own = self.random.chance(60);
            let rows = self.pools.rows(row);
            let one = rows.and_then(|rows| {
                let side = if own { &rows.own } else { &rows.foreign };
                self.random.pick(side)?.get("id").cloned()
            });
            let nobody = json!("00000000-0000-7000-8000-000000000000");
            member("like", one.unwrap_or(nobody));
        }
        Literal::Object(members)
    }

    /// The key of a row, mostly of one that exists; or, for fields that take other arguments, any
    /// values of their types.
    fn key(&mut self, field: &FieldDefinition, row: &str) -> Named {
        let rows = self.pools.rows(row);
        let own = self.random.chance(60);
        let one = rows.and_then(|rows| {
            let side = if own { &rows.own } else { &rows.foreign };
            self.random.pick(side)
        });
        let mut named = Vec::with_capacity(field.arguments.len());
        for argument in &field.arguments {
            let known = one.and_then(|row| row.get(argument.name.as_str()));
            let known = known.filter(|value| !value.is_null());
            let column = Column {
                row,
                field: &argument.name,
            };
            let name = argument.ty.inner_named_type().as_str();
            let value = match known {
                Some(value) if !self.random.chance(10) => match self.schema.values(name) {
                    Some(_) => Literal::Enum(value.as_str().unwrap_or_default().to_owned()),
                    None => Literal::Json(value.clone()),
                },
                _ => self.input(&argument.ty, column, 1),
            };
            named.push((argument.name.to_string(), value));
        }
        named
    }

    /// A node id with the type of its row: one's own, another's, or one that is made up.
    fn node_id(&mut self) -> (String, String) {
        let types = self.pools.row_types();
        let row = self.random.pick(&types).copied().unwrap_or("Node");
        let rows = self.pools.rows(row);
        let own = self.random.chance(60);
        let id = rows.and_then(|rows| {
            let side = if own { &rows.own } else { &rows.foreign };
            let one = self.random.pick(side)?;
            Some(one.get("nodeId")?.as_str()?.to_owned())
        });
        let nobody = "00000000-0000-7000-8000-000000000000";
        let id = match id {
            Some(id) if self.hostile && self.random.chance(30) => {
                // The id of one table, looked for in another.
                let mut items = cursors::read(&id).unwrap_or_default();
                if let Some(first) = items.first_mut() {
                    *first = json!("orders");
                }
                cursors::write(&items)
            }
            Some(id) if !self.random.chance(5) => id,
            _ => cursors::write(&[json!("customers"), json!(nobody)]),
        };
        (row.to_owned(), id)
    }

    /// Page, order and filter of a list.
    fn page(&mut self, row: &str, inner: &mut Place) -> Named {
        let mut named = Vec::new();
        let orders = self.pools.orders(row);
        let order = match self.random.below(10) {
            0..=6 => self.random.pick(orders).cloned().flatten(),
            _ => Some(self.order(row)),
        };
        let sizes: &[usize] = match inner.rows {
            1 => &[1, 2, 2, 3, 4, 5, 10, 500],
            2..MANY => &[1, 2, 2, 3, 4, 5],
            _ => &[1],
        };
        let size = self.random.pick(sizes).copied().unwrap_or(1);
        let small = inner.rows < MANY;
        let mut number = |name: &str, value: usize| {
            named.push((name.to_owned(), Literal::Json(json!(value))));
        };
        let mut rows = size;
        let cursors: &[&str] = match self.random.below(20) {
            0..=5 if small && inner.rows <= 10 => {
                rows = 25;
                &[]
            }
            0..=9 => {
                number("first", size);
                &[]
            }
            10 | 11 => {
                number("last", size);
                &[]
            }
            12 | 13 => {
                number("first", size);
                number("offset", self.random.below(4));
                &[]
            }
            14 | 15 => {
                number("first", size);
                &["after"]
            }
            16 => {
                number("last", size);
                &["before"]
            }
            17 => {
                number("first", size);
                &["before"]
            }
            18 => {
                number("last", size);
                &["after", "before"]
            }
            _ => {
                number("first", if self.hostile { 501 } else { 0 });
                &[]
            }
        };
        inner.rows = inner.rows.saturating_mul(rows.max(1));
        for &name in cursors {
            if let Some(cursor) = self.cursor(row, order.as_ref()) {
                named.push((name.to_owned(), Literal::Json(json!(cursor))));
            }
        }
        if let Some(order) = order {
            named.push(("orderBy".to_owned(), order));
        }
        if self.random.chance(35) {
            let filter = format!("{row}Filter");
            let column = Column { row, field: "" };
            let ty = Type::Named(apollo_compiler::Name::new(&filter).expect("a name"));
            let value = self.input(&ty, column, 3);
            named.push(("where".to_owned(), value));
        }
        named
    }

    /// A cursor of the list in this order, if any was met: one's own, or the position of another's
    /// row under one's own signature. A foreign cursor as it is, or of another list, is refused.
    fn cursor(&mut self, row: &str, order: Option<&Literal>) -> Option<String> {
        let pair = self.pools.cursors(row, order)?;
        let own = self.random.pick(&pair.own)?.clone();
        let foreign = self.random.pick(&pair.foreign).cloned();
        Some(match (self.random.below(10), foreign) {
            (0..=3, Some(foreign)) => pools::forged(&own, &foreign)?,
            (_, Some(foreign)) if self.hostile => foreign,
            (9, _) if self.hostile => "bm90IGEgY3Vyc29y".to_owned(),
            _ => own,
        })
    }
}
