//! One row, in the bytes that were received.

use bytes::Bytes;

use crate::error::Error;

/// Columns whose places are kept in the row itself.
const INLINE: usize = 14;

/// A row: its values in PostgreSQL's binary form, where they were received. It keeps the buffer that
/// it was received in, up to 64 kB or the size of the row, until it is dropped.
#[derive(Clone, Debug)]
pub struct Row {
    message: Bytes,
    places: Places,
}

/// Where the length of each value begins in the message.
#[derive(Clone, Debug)]
enum Places {
    /// Of a message of less than 64 kB.
    Few(u8, [u16; INLINE]),
    Many(Box<[u32]>),
}

impl Places {
    fn get(&self, column: usize) -> Option<usize> {
        match self {
            Self::Few(count, places) => places[..usize::from(*count)]
                .get(column)
                .map(|&place| usize::from(place)),
            Self::Many(places) => usize::try_from(*places.get(column)?).ok(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Few(count, _) => usize::from(*count),
            Self::Many(places) => places.len(),
        }
    }
}

impl Row {
    /// Takes the body of a `DataRow`.
    pub(crate) fn read(message: Bytes) -> Result<Self, Error> {
        let (count, _) = message.split_first_chunk().ok_or_else(wrong)?;
        let count = usize::from(u16::from_be_bytes(*count));
        let places = if count <= INLINE && u16::try_from(message.len()).is_ok() {
            let mut places = [0; INLINE];
            find(&message, &mut places[..count])?;
            Places::Few(u8::try_from(count).map_err(|_| wrong())?, places)
        } else {
            // Each value has at least its length.
            if message.len() < 2 + 4 * count {
                return Err(wrong());
            }
            let mut places = vec![0; count];
            find(&message, &mut places)?;
            Places::Many(places.into())
        };
        Ok(Self { message, places })
    }

    /// The bytes of a value; none for null and behind the last column.
    pub fn get(&self, column: usize) -> Option<&[u8]> {
        let at = self.places.get(column)?;
        let length = usize::try_from(length_at(&self.message, at)?).ok()?;
        self.message.get(at + 4..at + 4 + length)
    }

    /// The value as a part of the received buffer that outlives the row.
    pub fn get_bytes(&self, column: usize) -> Option<Bytes> {
        self.get(column).map(|value| self.message.slice_ref(value))
    }

    /// How many columns it has.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether it has no columns.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes its message had.
    pub fn size(&self) -> usize {
        self.message.len()
    }
}

/// Finds where the values of a row begin; they must fill it.
fn find<P: TryFrom<usize>>(message: &[u8], places: &mut [P]) -> Result<(), Error> {
    let mut at = 2;
    for place in places {
        *place = P::try_from(at).map_err(|_| wrong())?;
        let length = length_at(message, at).ok_or_else(wrong)?;
        at += 4;
        match usize::try_from(length) {
            Ok(length) => at = at.checked_add(length).ok_or_else(wrong)?,
            Err(_) if length == -1 => {}
            Err(_) => return Err(wrong()),
        }
    }
    if at == message.len() {
        Ok(())
    } else {
        Err(wrong())
    }
}

fn wrong() -> Error {
    Error::protocol("a row's values do not fill its message")
}

fn length_at(message: &[u8], at: usize) -> Option<i32> {
    let (length, _) = message.get(at..)?.split_first_chunk()?;
    Some(i32::from_be_bytes(*length))
}
