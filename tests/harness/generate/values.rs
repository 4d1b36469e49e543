//! Random values of input types. Those that stand for a column come from rows of the pools, the
//! caller's own and others'.

use apollo_compiler::ast::{InputValueDefinition, Type};
use serde_json::{Value as Json, json};

use super::document::Literal;
use super::{Generator, Schema, schema};

/// The column that a value is compared with: row type and field.
#[derive(Clone, Copy)]
pub struct Column<'c> {
    pub row: &'c str,
    pub field: &'c str,
}

/// Whether a value of an input type needs no more objects inside each other than this.
fn ends_within(schema: &Schema, ty: &str, depth: usize) -> bool {
    let Some(fields) = schema.input(ty) else {
        return true;
    };
    // Operators are objects, too, but lead no deeper.
    if ty.ends_with("Operators") {
        return true;
    }
    let ends =
        |field: &&InputValueDefinition| ends_within(schema, field.ty.inner_named_type(), depth - 1);
    let Some(_) = depth.checked_sub(1) else {
        return false;
    };
    match fields.iter().any(|field| field.is_required()) {
        true => fields.iter().filter(|field| field.is_required()).all(ends),
        false => fields.iter().any(ends),
    }
}

impl Generator<'_> {
    /// A value of `orderBy` of lists of this row type.
    pub fn order(&mut self, row: &str) -> Literal {
        let name = format!("{row}OrderBy");
        let terms = 1 + self.random.below(3);
        let column = Column { row, field: "" };
        let terms = (0..terms).map(|_| self.object(&name, column, 2)).collect();
        Literal::List(terms)
    }

    /// A value of any input type, nested at most so deep.
    pub fn input(&mut self, ty: &Type, column: Column<'_>, depth: usize) -> Literal {
        if ty.is_list() {
            // A single value stands for a list of one.
            if self.random.chance(8) {
                return self.input(&schema::nullable(ty.item_type()), column, depth);
            }
            let count = match self.random.below(10) {
                0 => 0,
                1..=5 => 1,
                6 | 7 => 2,
                _ => 3,
            };
            let items = (0..count).map(|_| {
                let item = self.input(ty.item_type(), column, depth);
                self.place(ty.item_type(), item, false)
            });
            return Literal::List(items.collect());
        }
        let name = ty.inner_named_type().as_str();
        if let Some(values) = self.schema.values(name) {
            return self.enumeration(&values, column);
        }
        if self.schema.input(name).is_some() {
            return self.object(name, column, depth);
        }
        literal_of_json(&self.scalar(name, column))
    }

    fn enumeration(&mut self, values: &[String], column: Column<'_>) -> Literal {
        let known = self.known(column);
        let known = known.as_ref().and_then(Json::as_str);
        let known = known.filter(|known| values.iter().any(|value| value == known));
        let value = match known {
            Some(known) if self.random.chance(70) => known.to_owned(),
            _ => self.random.pick(values).cloned().unwrap_or_default(),
        };
        Literal::Enum(value)
    }

    pub(super) fn object(&mut self, name: &str, column: Column<'_>, depth: usize) -> Literal {
        let schema = self.schema;
        let fields = schema.input(name).unwrap_or_default();
        let one_of = schema.is_one_of(name);
        let open: Vec<_> = fields
            .iter()
            .filter(|field| ends_within(schema, field.ty.inner_named_type(), depth))
            .copied()
            .collect();
        let count = match self.random.below(10) {
            _ if one_of => 1,
            0..=6 => 1,
            7 | 8 => 2,
            _ => 3,
        };
        let mut chosen = self.random.sample(&open, count);
        // What only says how or where to compare needs an operator beside it.
        let operators: Vec<_> = open
            .iter()
            .filter(|field| !["mode", "keys"].contains(&field.name.as_str()))
            .copied()
            .collect();
        if chosen
            .iter()
            .all(|one| ["mode", "keys"].contains(&one.name.as_str()))
        {
            chosen.extend(self.random.pick(&operators));
        }
        let required = fields.iter().filter(|field| field.ty.is_non_null());
        for field in required {
            if chosen.iter().all(|one| one.name != field.name) {
                chosen.push(field);
            }
        }
        let of_row = [
            "AggregateFilter",
            "AggregateOrderBy",
            "Filter",
            "OrderBy",
            "Input",
            "Patch",
            "Change",
            "Key",
        ];
        let rows = of_row.iter().filter_map(|suffix| name.strip_suffix(suffix));
        let row = rows.into_iter().find(|row| schema.is_row(row));
        let mut members = Vec::with_capacity(chosen.len());
        for field in chosen {
            self.used.insert(format!("{name}.{}", field.name));
            // The fields of a filter are columns; those of operators are about the same column.
            let inner = match row {
                Some(row) => Column {
                    row,
                    field: &field.name,
                },
                None => column,
            };
            let value = match name {
                "DateTimeBucket" if field.name == "timeZone" => {
                    let zones = [
                        "UTC",
                        "Asia/Kolkata",
                        "America/Sao_Paulo",
                        "Australia/Lord_Howe",
                    ];
                    Literal::Json(json!(self.random.pick(&zones)))
                }
                "StringOperators" => self.text_operand(&field.name, &field.ty, inner),
                "JSONOperators" | "JSONPathFilter" => {
                    self.json_operand(&field.name, &field.ty, inner, depth)
                }
                _ => self.input(&field.ty, inner, depth.saturating_sub(1)),
            };
            let may_be_null = !one_of && !field.ty.is_non_null();
            let value = if self.hostile && may_be_null && self.random.chance(3) {
                Literal::Json(Json::Null)
            } else {
                self.place(&field.ty, value, one_of)
            };
            members.push((field.name.to_string(), value));
        }
        Literal::Object(members)
    }

    /// Operands of text operators: parts of texts and patterns where these are meant.
    fn text_operand(&mut self, operator: &str, ty: &Type, column: Column<'_>) -> Literal {
        let whole = self.input(ty, column, 0);
        let Literal::Json(Json::String(text)) = &whole else {
            return whole;
        };
        let characters: Vec<char> = text.chars().collect();
        let cut = self.random.below(characters.len() + 1);
        let (front, back): (String, String) = (
            characters[..cut].iter().collect(),
            characters[cut..].iter().collect(),
        );
        let text = match operator {
            "startsWith" => front,
            "endsWith" => back,
            "contains" => back.chars().take(4).collect(),
            "like" | "ilike" => match self.random.below(3) {
                0 => format!("{front}%"),
                1 => format!("%{back}"),
                _ => "%_%".to_owned(),
            },
            _ => return whole,
        };
        Literal::Json(json!(text))
    }

    /// Operands about JSON documents: paths and keys that are there, and their values.
    fn json_operand(
        &mut self,
        operator: &str,
        ty: &Type,
        column: Column<'_>,
        depth: usize,
    ) -> Literal {
        let document = self.known(column).unwrap_or_else(|| json!({}));
        let keys: Vec<&String> = document
            .as_object()
            .map(|one| one.keys().collect())
            .unwrap_or_default();
        let key = self
            .random
            .pick(&keys)
            .map_or("missing", |key| key.as_str());
        match operator {
            "hasKey" => Literal::Json(json!(key)),
            "keys" => Literal::List(vec![Literal::Json(json!(key))]),
            "path" | "isNull" => self.input(ty, column, depth),
            _ => {
                let value = match self.random.below(3) {
                    0 => document.clone(),
                    1 => document.get(key).cloned().unwrap_or(Json::Null),
                    _ => self.arbitrary("JSON"),
                };
                // Null is refused as an operand.
                literal_of_json(&if value.is_null() { json!(0) } else { value })
            }
        }
    }

    /// A value of a scalar, as JSON.
    pub fn scalar(&mut self, name: &str, column: Column<'_>) -> Json {
        if self.hostile && self.random.chance(15) {
            return self.malformed(name);
        }
        if self.random.chance(80)
            && let Some(value) = self.known(column)
        {
            let value = match value {
                Json::Array(items) if name != "JSON" && name != "Vector" => {
                    self.random.pick(&items).cloned()
                }
                value => Some(value),
            };
            if let Some(value) = value.filter(|value| fits(name, value)) {
                return value;
            }
        }
        self.arbitrary(name)
    }

    /// The value of a column in some row.
    pub fn known(&mut self, column: Column<'_>) -> Option<Json> {
        let rows = self.pools.rows(column.row)?;
        let own = self.random.chance(60);
        let rows = if own { &rows.own } else { &rows.foreign };
        let value = self.random.pick(rows)?.get(column.field)?;
        (!value.is_null()).then(|| value.clone())
    }

    fn arbitrary(&mut self, name: &str) -> Json {
        let texts: &[&str] = match name {
            "ID" => &[
                "00000000-0000-7000-8000-000000000000",
                "ffffffff-ffff-ffff-ffff-ffffffffffff",
            ],
            "Decimal" => &[
                "0",
                "1.5",
                "-3",
                "7770001.50",
                "0.0001",
                "NaN",
                "-Infinity",
                "123456789012345678901234567890.5",
            ],
            "BigInt" => &["0", "1", "7770001", "-9223372036854775808"],
            "Date" => &[
                "2026-01-02",
                "2031-06-24",
                "1999-12-31",
                "9999-12-31",
                "infinity",
            ],
            "DateTime" => &[
                "2026-01-02T10:00:00.000002Z",
                "2031-06-25T00:00:00+02:00",
                "1970-01-01T00:00:00Z",
                "-infinity",
            ],
            "Inet" => &["192.0.2.1", "192.0.2.0/24", "2001:db8::1"],
            "String" => &[
                "",
                "a",
                "%",
                "_",
                "bravo",
                "alpha",
                "EUR",
                "'; --",
                "\\\\",
                "été",
                "\u{1f600}",
            ],
            _ => &[],
        };
        if let Some(text) = self.random.pick(texts) {
            return json!(text);
        }
        match name {
            "Int" => {
                let numbers = [0, 1, 2, 3, 4, -1, 7_770_001, i64::from(i32::MAX)];
                json!(self.random.pick(&numbers))
            }
            "Boolean" => json!(self.random.chance(50)),
            "Float" | "Vector" => json!(0.5),
            _ => {
                let documents = [
                    json!({"mark": "bravo"}),
                    json!({"mark": "alpha", "number": 1}),
                    json!({}),
                    json!([1, "two", false]),
                    json!(3),
                ];
                self.random.pick(&documents).cloned().unwrap_or_default()
            }
        }
    }

    /// A value that validation lets through and that cannot be used, where the scalar has one.
    fn malformed(&mut self, name: &str) -> Json {
        let texts: &[&str] = match name {
            "ID" => &[
                "",
                "1",
                "bbbbbbbb",
                "' or true --",
                "bbbbbbbb-0000-0000-0000-00000000000g",
            ],
            "String" => &["\u{0}", "\\"],
            "Decimal" => &["nan", "1e400000", "one"],
            "BigInt" => &["9223372036854775808", ""],
            "Date" | "DateTime" => &["2026-02-30", "yesterday", "Infinity"],
            "Inet" => &["192.0.2.256", "localhost"],
            _ => return self.arbitrary(name),
        };
        json!(self.random.pick(texts))
    }
}

/// Whether a value from a row can be a value of the scalar.
fn fits(name: &str, value: &Json) -> bool {
    match name {
        "Int" => value.is_i64(),
        "Boolean" => value.is_boolean(),
        "JSON" => true,
        "ID" | "String" | "Decimal" | "BigInt" | "Date" | "DateTime" | "Inet" => value.is_string(),
        _ => false,
    }
}

/// JSON as a literal; a key that is no name of GraphQL is left out.
fn literal_of_json(value: &Json) -> Literal {
    match value {
        Json::Array(items) => Literal::List(items.iter().map(literal_of_json).collect()),
        Json::Object(members) => Literal::Object(
            members
                .iter()
                .filter(|(key, _)| key.bytes().all(|byte| byte.is_ascii_alphanumeric()))
                .map(|(key, value)| (key.clone(), literal_of_json(value)))
                .collect(),
        ),
        value => Literal::Json(value.clone()),
    }
}

/// The literal of a value of a variable of this type.
pub fn literal(schema: &Schema, ty: &str, value: &Json) -> Literal {
    let name = ty.trim_matches(['[', ']', '!']);
    match value {
        Json::Array(items) if schema.values(name).is_some() || schema.input(name).is_some() => {
            Literal::List(
                items
                    .iter()
                    .map(|item| literal(schema, name, item))
                    .collect(),
            )
        }
        Json::String(text) if schema.values(name).is_some() => Literal::Enum(text.clone()),
        Json::Object(members) => match schema.input(name) {
            Some(fields) => Literal::Object(
                members
                    .iter()
                    .map(|(key, value)| {
                        let field = fields.iter().find(|field| field.name == key.as_str());
                        let ty = field.map(|field| field.ty.to_string()).unwrap_or_default();
                        (key.clone(), literal(schema, &ty, value))
                    })
                    .collect(),
            ),
            None => literal_of_json(value),
        },
        value => literal_of_json(value),
    }
}
