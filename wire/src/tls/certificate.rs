//! What a certificate says that the library keeps to itself.

use ring::digest;

use super::der::{Elements, GENERALIZED_TIME, OBJECT, SEQUENCE, SET, UTC_TIME, numbered};

const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 17];

const SHA1_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5];
const MD5_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4];
const PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
const SHA256_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
const SHA384_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12];
const SHA512_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13];
const ECDSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
const ECDSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4];
const SHA1: &[u8] = &[0x2b, 0x0e, 3, 2, 0x1a];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
const SHA384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
const SHA512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];

/// The certificate's digest for `tls-server-end-point` (RFC 5929): by the hash of its signature,
/// SHA-256 in place of MD5 and SHA-1. None where the signature has no such hash (Ed25519).
pub(crate) fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let mut parts = Elements::new(Elements::new(certificate).with(SEQUENCE)?);
    parts.with(SEQUENCE)?;
    let mut algorithm = Elements::new(parts.with(SEQUENCE)?);
    let mut object = algorithm.with(OBJECT)?;
    if object == PSS {
        object = pss_hash(algorithm).unwrap_or(SHA1);
    }
    let hash = match object {
        MD5_RSA | SHA1_RSA | ECDSA_SHA1 | SHA1 => &digest::SHA256,
        SHA256_RSA | ECDSA_SHA256 | SHA256 => &digest::SHA256,
        SHA384_RSA | ECDSA_SHA384 | SHA384 => &digest::SHA384,
        SHA512_RSA | ECDSA_SHA512 | SHA512 => &digest::SHA512,
        _ => return None,
    };
    Some(digest::digest(hash, certificate).as_ref().to_vec())
}

/// The hash among the parameters of RSA-PSS.
fn pss_hash<'a>(mut parameters: Elements<'a>) -> Option<&'a [u8]> {
    let hash = Elements::new(parameters.with(SEQUENCE)?).with(numbered(0))?;
    Elements::new(Elements::new(hash).with(SEQUENCE)?).with(OBJECT)
}

/// What the body of a certificate says.
pub(super) struct Facts<'a> {
    /// From when to when it holds, in seconds since 1970.
    pub(super) valid: (i64, i64),
    /// The common name of its subject, where it has no alternative names.
    pub(super) common_name: Option<&'a str>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(certificate: &'a [u8]) -> Option<Self> {
        let whole = Elements::new(certificate).with(SEQUENCE)?;
        let mut body = Elements::new(Elements::new(whole).with(SEQUENCE)?);
        body.with(numbered(0));
        // Its number, the algorithm of its signature, and who gave it.
        body.nth(2)?;
        let mut validity = Elements::new(body.with(SEQUENCE)?);
        let valid = (time(&mut validity)?, time(&mut validity)?);
        let mut common_name = common_name(body.with(SEQUENCE)?);
        body.with(SEQUENCE)?;
        let extensions = body.find(|element| element.tag == numbered(3));
        if let Some(extensions) = extensions {
            let list = Elements::new(extensions.content).with(SEQUENCE)?;
            let named = Elements::new(list)
                .any(|one| Elements::new(one.content).with(OBJECT) == Some(ALTERNATIVE_NAMES));
            if named {
                common_name = None;
            }
        }
        Some(Self { valid, common_name })
    }
}

fn common_name(subject: &[u8]) -> Option<&str> {
    Elements::new(subject)
        .filter(|part| part.tag == SET)
        .flat_map(|part| Elements::new(part.content))
        .filter_map(|pair| {
            let mut pair = Elements::new(pair.content);
            (pair.with(OBJECT)? == COMMON_NAME).then(|| pair.next())?
        })
        // OpenSSL takes the last one, too.
        .last()
        .and_then(|name| std::str::from_utf8(name.content).ok())
}

fn time(elements: &mut Elements<'_>) -> Option<i64> {
    let element = elements.next()?;
    let text = std::str::from_utf8(element.content)
        .ok()?
        .strip_suffix('Z')?;
    if !text.is_ascii() {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, at) = match element.tag {
        UTC_TIME => {
            let year = number(0..2)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, 2)
        }
        GENERALIZED_TIME => (number(0..4)?, 4),
        _ => return None,
    };
    let part = |index: usize| number(at + 2 * index..at + 2 * index + 2);
    let (month, day) = (part(0)?, part(1)?);
    let seconds = part(2)? * 3600 + part(3)? * 60 + part(4)?;
    (1..=12)
        .contains(&month)
        .then(|| days(year, month, day) * 86_400 + seconds)
}

/// Days since 1970 of a day of the Gregorian calendar, counted in years that begin with March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}
