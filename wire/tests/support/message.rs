//! Messages of the server.

/// A message with a tag.
pub fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    let mut out = vec![tag];
    out.extend(length.to_be_bytes());
    out.extend_from_slice(body);
    out
}

pub fn authentication(kind: u32, rest: &[u8]) -> Vec<u8> {
    message(b'R', &[&kind.to_be_bytes()[..], rest].concat())
}

pub fn ok() -> Vec<u8> {
    authentication(0, &[])
}

pub fn parameter(name: &str, value: &str) -> Vec<u8> {
    message(b'S', format!("{name}\0{value}\0").as_bytes())
}

pub fn key(process: i32, secret: i32) -> Vec<u8> {
    message(
        b'K',
        &[process.to_be_bytes(), secret.to_be_bytes()].concat(),
    )
}

pub fn ready() -> Vec<u8> {
    message(b'Z', b"I")
}

pub fn parsed() -> Vec<u8> {
    message(b'1', &[])
}

pub fn bound() -> Vec<u8> {
    message(b'2', &[])
}

pub fn closed() -> Vec<u8> {
    message(b'3', &[])
}

pub fn complete(tag: &str) -> Vec<u8> {
    message(b'C', format!("{tag}\0").as_bytes())
}

pub fn row(values: &[Option<&[u8]>]) -> Vec<u8> {
    let mut body = u16::try_from(values.len()).unwrap().to_be_bytes().to_vec();
    for value in values {
        match value {
            Some(value) => {
                body.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
                body.extend_from_slice(value);
            }
            None => body.extend((-1_i32).to_be_bytes()),
        }
    }
    message(b'D', &body)
}

pub fn error(severity: &str, code: &str, text: &str) -> Vec<u8> {
    message(b'E', &fields(severity, code, text))
}

pub fn notice(text: &str) -> Vec<u8> {
    message(b'N', &fields("NOTICE", "00000", text))
}

fn fields(severity: &str, code: &str, text: &str) -> Vec<u8> {
    format!("S{severity}\0V{severity}\0C{code}\0M{text}\0\0").into_bytes()
}

/// A description of columns of type `text`.
pub fn description(names: &[&str]) -> Vec<u8> {
    let mut body = u16::try_from(names.len()).unwrap().to_be_bytes().to_vec();
    for name in names {
        body.extend_from_slice(name.as_bytes());
        body.push(0);
        body.extend(0_u32.to_be_bytes());
        body.extend(0_u16.to_be_bytes());
        body.extend(25_u32.to_be_bytes());
        body.extend((-1_i16).to_be_bytes());
        body.extend((-1_i32).to_be_bytes());
        body.extend(1_u16.to_be_bytes());
    }
    message(b'T', &body)
}
