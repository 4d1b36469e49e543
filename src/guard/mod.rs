//! Refuses documents that would be expensive or dangerous to look at: `scan` reads the text before
//! it is parsed, `cost` weighs the document before it is validated.

mod cost;
mod scan;

pub use self::cost::check;
pub use self::scan::scan;
