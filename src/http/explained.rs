//! Bodies for the refusals that the HTTP library makes by itself, because it cannot read a head.

use axum::http::{HeaderMap, HeaderValue, StatusCode};

use super::context::{RequestId, X_REQUEST_ID};
use super::metrics::count_at_once;
use super::respond::refusal;
use super::serve::LONGEST_HEAD;
use crate::error::{Code, Error};

/// How the library begins such a head, after the status line.
const BARE: &[u8] = b"\r\nconnection: close\r\ncontent-length: 0\r\n";

/// The refusal to send instead of `head`, if that is one of the library.
pub fn explained(head: &[u8]) -> Option<Vec<u8>> {
    let rest = head.strip_prefix(b"HTTP/1.1 4")?;
    let line = rest.iter().position(|&byte| byte == b'\r')?;
    if !rest[line..].starts_with(BARE) {
        return None;
    }
    let status = StatusCode::from_bytes(head.get(9..12)?).ok()?;
    let message = match status {
        StatusCode::BAD_REQUEST => {
            "The request is not valid HTTP/1.1: check its method, its URL (in UTF-8, or percent-encoded), its version and its headers. The gateway expects HTTP, not HTTPS.".to_owned()
        }
        StatusCode::URI_TOO_LONG | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => format!(
            "The URL and the headers are too long: at most {LONGEST_HEAD} bytes together and 100 headers are allowed. Send a long query with POST."
        ),
        _ => return None,
    };
    count_at_once(status);
    let (mut headers, body) = refusal(Error::new(Code::BadRequest, message));
    let id = RequestId::of(&HeaderMap::new());
    headers.insert(X_REQUEST_ID, HeaderValue::from(id));
    // The length of the body takes the place of the length of nothing.
    let end = line + BARE.len() - b"content-length: 0\r\n".len();
    let mut text = head[..b"HTTP/1.1 4".len() + end].to_vec();
    for (name, value) in &headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
    text.extend_from_slice(&rest[line + BARE.len()..]);
    text.extend_from_slice(&body);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_refusal_gets_a_body_and_nothing_else_is_touched() {
        let bare = "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\ndate: now\r\n\r\n";
        let text = String::from_utf8(explained(bare.as_bytes()).unwrap()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with(
                "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n"
            ),
            "{head}"
        );
        assert!(head.ends_with("\r\ndate: now"), "{head}");
        let length = format!("\r\ncontent-length: {}\r\n", body.len());
        assert!(head.contains(&length), "{head}");
        assert_eq!(head.matches("content-length").count(), 1);
        assert!(head.contains("\r\nx-request-id: "), "{head}");
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_REQUEST");
        for other in [
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
            "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 4",
            "",
        ] {
            assert_eq!(explained(other.as_bytes()), None, "{other}");
        }
    }
}
