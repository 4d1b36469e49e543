//! Cursors and node ids from the outside: JSON in base64, as a curious client finds out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value as Json;

/// The parts of a cursor or node id.
pub fn read(text: &str) -> Option<Vec<Json>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The text with these parts.
pub fn write(items: &[Json]) -> String {
    let json = Json::Array(items.to_vec()).to_string();
    URL_SAFE_NO_PAD.encode(json)
}
