//! Writes values whose binary form in PostgreSQL is far from their text: decimals, addresses and
//! vectors.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Decimal digits of one digit of a `numeric`.
const DIGITS: usize = 4;

/// The parts of a `numeric`: its digits to the base 10,000, how many of them stand before the point
/// (one more than `weight`), its sign, and the decimal digits behind the point.
struct Numeric<'a> {
    digits: &'a [u8],
    weight: i16,
    sign: u16,
    scale: usize,
}

impl<'a> Numeric<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (head, digits) = bytes.split_first_chunk::<8>()?;
        let [c0, c1, w0, w1, s0, s1, d0, d1] = *head;
        (digits.len() == 2 * usize::from(u16::from_be_bytes([c0, c1]))).then_some(Self {
            digits,
            weight: i16::from_be_bytes([w0, w1]),
            sign: u16::from_be_bytes([s0, s1]),
            scale: usize::from(u16::from_be_bytes([d0, d1])),
        })
    }

    /// The digit with this weight; those that are not sent are zero.
    fn digit(&self, weight: i32) -> u16 {
        let at = usize::try_from(i32::from(self.weight) - weight).ok();
        let digit = at.and_then(|at| self.digits.get(2 * at..2 * at + 2));
        digit.map_or(0, |digit| u16::from_be_bytes([digit[0], digit[1]]))
    }
}

/// Appends a `numeric` as PostgreSQL writes it, without quotes.
pub fn decimal(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    const NEGATIVE: u16 = 0x4000;
    let numeric = Numeric::read(bytes)?;
    let special: Option<&[u8]> = match numeric.sign {
        0 | NEGATIVE => None,
        0xC000 => Some(b"NaN"),
        0xD000 => Some(b"Infinity"),
        0xF000 => Some(b"-Infinity"),
        _ => return None,
    };
    if let Some(special) = special {
        out.extend_from_slice(special);
        return Some(());
    }
    if numeric.sign == NEGATIVE {
        out.push(b'-');
    }
    let mut buffer = itoa::Buffer::new();
    let first = i32::from(numeric.weight).max(0);
    out.extend_from_slice(buffer.format(numeric.digit(first)).as_bytes());
    for weight in (0..first).rev() {
        padded(out, numeric.digit(weight), DIGITS);
    }
    if numeric.scale > 0 {
        out.push(b'.');
        let mut rest = numeric.scale;
        let mut weight = -1;
        while rest > 0 {
            let digits = rest.min(DIGITS);
            padded(out, numeric.digit(weight), digits);
            rest -= digits;
            weight -= 1;
        }
    }
    Some(())
}

/// Appends the first so many of the four decimal digits of a digit.
fn padded(out: &mut Vec<u8>, digit: u16, digits: usize) {
    let ascii = [1000, 100, 10, 1].map(|unit| b'0' + u8::try_from(digit / unit % 10).unwrap_or(0));
    out.extend_from_slice(&ascii[..digits]);
}

/// The most bytes of a `numeric` as text.
pub fn most_of_decimal(bytes: &[u8]) -> usize {
    Numeric::read(bytes).map_or(0, |numeric| {
        let before = usize::try_from(i32::from(numeric.weight).max(0) + 1).unwrap_or(0);
        before * DIGITS + numeric.scale + 12
    })
}

/// Appends an `inet`, without quotes: the address, and its prefix where it is no single host.
pub fn inet(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    let (&[_, prefix, _, _], address) = bytes.split_first_chunk::<4>()?;
    let (address, whole): (IpAddr, u8) = match address.len() {
        4 => (
            Ipv4Addr::from(<[u8; 4]>::try_from(address).ok()?).into(),
            32,
        ),
        16 => (
            Ipv6Addr::from(<[u8; 16]>::try_from(address).ok()?).into(),
            128,
        ),
        _ => return None,
    };
    // Writing to a vector does not fail.
    let _ = write!(out, "{address}");
    if prefix != whole {
        let _ = write!(out, "/{prefix}");
    }
    Some(())
}

/// Appends a `vector` as a list of numbers.
pub fn vector(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    let (&[d0, d1, _, _], numbers) = bytes.split_first_chunk::<4>()?;
    if numbers.len() != 4 * usize::from(u16::from_be_bytes([d0, d1])) {
        return None;
    }
    out.push(b'[');
    for (index, number) in numbers.chunks_exact(4).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let number = f32::from_be_bytes(number.try_into().ok()?);
        // The shortest form that is the same number; exponents keep very small ones short.
        let plain = number == 0.0 || (1e-5..1e15).contains(&number.abs());
        let _ = match plain {
            true => write!(out, "{number}"),
            false => write!(out, "{number:e}"),
        };
    }
    out.push(b']');
    Some(())
}

/// The most bytes of a `vector` as JSON.
pub fn most_of_vector(bytes: &[u8]) -> usize {
    bytes.len() * 6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: fn(&mut Vec<u8>, &[u8]) -> Option<()>, bytes: &[u8]) -> Option<String> {
        let mut out = Vec::new();
        write(&mut out, bytes)?;
        Some(String::from_utf8(out).unwrap())
    }

    fn numeric(digits: &[u16], weight: i16, sign: u16, scale: u16) -> Vec<u8> {
        let count = u16::try_from(digits.len()).unwrap();
        let mut bytes = count.to_be_bytes().to_vec();
        bytes.extend(weight.to_be_bytes());
        bytes.extend(sign.to_be_bytes());
        bytes.extend(scale.to_be_bytes());
        bytes.extend(digits.iter().flat_map(|digit| digit.to_be_bytes()));
        bytes
    }

    #[test]
    fn decimals_keep_their_digits() {
        for (digits, weight, sign, scale, expected) in [
            (&[][..], 0, 0, 0, "0"),
            (&[], 0, 0, 2, "0.00"),
            (&[12, 5000], 0, 0, 2, "12.50"),
            (&[1], 1, 0, 0, "10000"),
            (&[1, 2], 2, 0x4000, 1, "-100020000.0"),
            (&[1], -1, 0, 4, "0.0001"),
            (&[1], -2, 0, 10, "0.0000000100"),
            (&[9999, 9999, 9900], 1, 0, 2, "99999999.99"),
            (&[], 0, 0xC000, 0, "NaN"),
            (&[], 0, 0xD000, 0, "Infinity"),
            (&[], 0, 0xF000, 0, "-Infinity"),
        ] {
            let bytes = numeric(digits, weight, sign, scale);
            assert_eq!(text(decimal, &bytes).as_deref(), Some(expected));
            assert!(most_of_decimal(&bytes) >= expected.len(), "{expected}");
        }
        assert_eq!(text(decimal, &[0, 1, 0, 0]), None);
        assert_eq!(text(decimal, &numeric(&[1], 0, 7, 0)), None);
    }

    #[test]
    fn addresses_have_a_prefix_where_they_are_networks() {
        let host = [2, 32, 0, 4, 192, 168, 0, 1];
        assert_eq!(text(inet, &host).as_deref(), Some("192.168.0.1"));
        let network = [2, 8, 0, 4, 10, 0, 0, 0];
        assert_eq!(text(inet, &network).as_deref(), Some("10.0.0.0/8"));
        let mut six = vec![3, 64, 0, 16, 0x20, 1, 0x0d, 0xb8];
        six.resize(20, 0);
        assert_eq!(text(inet, &six).as_deref(), Some("2001:db8::/64"));
        assert_eq!(text(inet, &six[..19]), None);
    }

    #[test]
    fn vectors_are_lists_of_the_same_numbers() {
        let numbers = [0.0_f32, -0.5, 1.0, 0.1, 3.4e38, -1e-38, 16_777_216.0, 1e-5];
        let mut bytes = vec![0, 8, 0, 0];
        bytes.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
        let text = text(vector, &bytes).unwrap();
        assert_eq!(text, "[0,-0.5,1,0.1,3.4e38,-1e-38,16777216,0.00001]");
        assert_eq!(serde_json::from_str::<Vec<f32>>(&text).unwrap(), numbers);
        assert!(most_of_vector(&bytes) >= text.len());
        assert_eq!(super::vector(&mut Vec::new(), &bytes[..9]), None);
    }
}
