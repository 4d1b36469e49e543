//! Opaque text around values of a row: cursors and node ids.

use async_graphql_value::ConstValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::catalog::Kind;
use super::{load, scalar};
use crate::engine::load::Row;
use crate::json;

/// A text and the values of columns of a row.
pub fn encode(text: &str, columns: &[(usize, Kind)], row: &Row) -> String {
    encode_by(text, columns, row, scalar::write)
}

/// As [`encode`], with another form of values as JSON.
pub fn encode_by(
    text: &str,
    columns: &[(usize, Kind)],
    row: &Row,
    write: impl Fn(&mut Vec<u8>, Kind, Option<&[u8]>),
) -> String {
    let mut list = b"[".to_vec();
    // Writing to a vector does not fail.
    let _ = serde_json::to_writer(&mut list, text);
    for (index, kind) in columns {
        list.push(b',');
        write(&mut list, *kind, load::bytes(row, *index));
    }
    list.push(b']');
    URL_SAFE_NO_PAD.encode(list)
}

/// The global id of a row of a table that has the key `id`.
pub fn of_id(table: &str, id: uuid::Uuid) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::json!([table, id]).to_string())
}

/// Undoes [`encode`]: the text, and the values as they are read.
pub fn decode(opaque: &str) -> Option<(String, Vec<ConstValue>)> {
    let bytes = URL_SAFE_NO_PAD.decode(opaque).ok()?;
    let ConstValue::List(mut items) = json::parse(&bytes).ok()? else {
        return None;
    };
    if items.is_empty() {
        return None;
    }
    let values = items.split_off(1);
    match items.pop() {
        Some(ConstValue::String(text)) => Some((text, values)),
        _ => None,
    }
}
