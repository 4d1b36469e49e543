//! Lists with weights, as in the headers `Accept` and `Accept-Encoding`.

use axum::http::{HeaderMap, HeaderName};

/// One element of such a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Weighted {
    /// What is weighted, in lower case.
    pub name: String,
    /// Parameters before the weight, names in lower case, values without quotes.
    pub parameters: Vec<(String, String)>,
    /// In thousandths, the finest step there is. At 0 the element is excluded.
    pub weight: u16,
}

/// The elements of all headers of this name, as far as they can be read; none where the header is
/// absent or has no elements, which leaves everything open.
pub fn list(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<Weighted>> {
    let mut found = false;
    let mut elements = Vec::new();
    for value in headers.get_all(name) {
        let Ok(value) = value.to_str() else {
            found = true;
            continue;
        };
        for element in split(value, ',').filter(|element| !element.is_empty()) {
            found = true;
            elements.extend(Weighted::read(element));
        }
    }
    found.then_some(elements)
}

impl Weighted {
    fn read(element: &str) -> Option<Self> {
        let mut parts = split(element, ';');
        let name = parts.next()?.to_ascii_lowercase();
        let mut parameters = Vec::new();
        let mut weight = 1000;
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            if name == "q" {
                weight = read_weight(value)?;
                // What follows belongs to no kind of element any more.
                break;
            }
            parameters.push((name, value.trim_matches('"').to_owned()));
        }
        Some(Self {
            name,
            parameters,
            weight,
        })
    }
}

fn read_weight(text: &str) -> Option<u16> {
    let weight: f32 = text.parse().ok()?;
    let good = (0.0..=1.0).contains(&weight);
    good.then_some((weight * 1000.0).round() as u16)
}

/// The parts between separators that stand in no quotes, without the spaces around them.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |letter| {
        let inside = quoted;
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        letter == separator && !inside
    })
    .map(str::trim)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header};

    use super::*;

    fn read(values: &[&[u8]]) -> Option<Vec<(String, u16)>> {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_bytes(value).unwrap();
            headers.append(header::ACCEPT, value);
        }
        let elements = list(&headers, &header::ACCEPT)?.into_iter();
        Some(elements.map(|it| (it.name, it.weight)).collect())
    }

    #[test]
    fn elements_are_read_with_their_weights() {
        for (values, expected) in [
            (&["a"][..], &[("a", 1000)][..]),
            (&["A/B;q=0.5"], &[("a/b", 500)]),
            (
                &["a , b;Q=0", "c; q=0.001"],
                &[("a", 1000), ("b", 0), ("c", 1)],
            ),
            (&["a;x=\"1,2;q=0\";q=.3, b"], &[("a", 300), ("b", 1000)]),
            (&["a;x=\"\\\",\";q=0.7"], &[("a", 700)]),
            (&["a;q=0.9;q=0.1"], &[("a", 900)]),
            (
                &[
                    "a;q", "b;q=", "c;q=2", "d;q=-1", "e;q=nan", "f;q=inf", "g;q=x", "h",
                ],
                &[("h", 1000)],
            ),
            (&[",,a,"], &[("a", 1000)]),
        ] {
            let values: Vec<&[u8]> = values.iter().map(|value| value.as_bytes()).collect();
            let expected = expected
                .iter()
                .map(|&(name, weight)| (name.to_owned(), weight));
            assert_eq!(read(&values), Some(expected.collect()), "{values:?}");
        }
    }

    #[test]
    fn a_list_without_elements_is_no_list() {
        for values in [&[][..], &[&b""[..]], &[b" , ,"], &[b"", b""]] {
            assert_eq!(read(values), None, "{values:?}");
        }
        assert_eq!(read(&[b"\xff"]), Some(Vec::new()), "garbage is not nothing");
        assert_eq!(read(&[b"a;q=x"]), Some(Vec::new()));
    }
}
