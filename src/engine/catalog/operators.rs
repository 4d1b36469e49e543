//! The filter operators of each column type.

use super::Kind;
use crate::engine::names::{Named, names};

names! {
    /// An operator of a filter.
    Operator {
        Eq = "eq",
        Ne = "ne",
        In = "in",
        NotIn = "notIn",
        Lt = "lt",
        Lte = "lte",
        Gt = "gt",
        Gte = "gte",
        IsNull = "isNull",
        Like = "like",
        Ilike = "ilike",
        StartsWith = "startsWith",
        EndsWith = "endsWith",
        Contains = "contains",
        ContainedBy = "containedBy",
        Overlaps = "overlaps",
        IsEmpty = "isEmpty",
        HasKey = "hasKey",
        Path = "path",
    }
}

/// What an operator compares with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A value of the column's type.
    Same,
    /// A list of values of the column's type.
    List,
    Boolean,
    Text,
    /// The filter on a place inside a JSON document.
    Path,
}

impl Operator {
    /// The operators on a place inside a JSON document.
    pub const AT_PATH: &[Self] = {
        use Operator::*;
        &[Eq, Ne, Lt, Lte, Gt, Gte, Contains, IsNull]
    };

    /// The operator of this name, where it is one of these.
    pub fn among(operators: &[Self], name: &str) -> Option<Self> {
        Self::of(name).filter(|operator| operators.contains(operator))
    }

    pub fn comment(self) -> &'static str {
        match self {
            Self::Eq => "Equal to the value.",
            Self::Ne => "Not equal to the value; null does not match.",
            Self::In => "Equal to one of the values; an empty list matches nothing.",
            Self::NotIn => "Equal to none of the values; null does not match.",
            Self::Lt => "Less than the value.",
            Self::Lte => "Less than or equal to the value.",
            Self::Gt => "Greater than the value.",
            Self::Gte => "Greater than or equal to the value.",
            Self::IsNull => "Whether the field is null.",
            Self::Like => {
                "Matches the pattern: `%` stands for any sequence of characters, `_` for any single character; a backslash before one of them matches it literally."
            }
            Self::Ilike => "Matches the pattern as `like` does, ignoring case.",
            Self::StartsWith => "Starts with the text.",
            Self::EndsWith => "Ends with the text.",
            Self::Contains => "Contains the value.",
            Self::ContainedBy => "Contains only elements of the given list.",
            Self::Overlaps => "Contains at least one element of the given list.",
            Self::IsEmpty => "Whether the list is empty.",
            Self::HasKey => "Has this key at the top level.",
            Self::Path => "Compares the value at a path inside the document.",
        }
    }

    pub fn operand(self, kind: Kind) -> Operand {
        match self {
            Self::In | Self::NotIn => Operand::List,
            Self::IsNull | Self::IsEmpty => Operand::Boolean,
            Self::Like | Self::Ilike | Self::StartsWith | Self::EndsWith | Self::HasKey => {
                Operand::Text
            }
            Self::Path => Operand::Path,
            Self::ContainedBy | Self::Overlaps => Operand::Same,
            Self::Contains if kind == Kind::Text => Operand::Text,
            _ => Operand::Same,
        }
    }
}

impl Kind {
    /// The operators of columns of this type.
    pub fn operators(self) -> &'static [Operator] {
        use Operator::*;
        match self {
            Self::Uuid
            | Self::Int
            | Self::BigInt
            | Self::Decimal
            | Self::Timestamp
            | Self::Date
            | Self::Inet => &[Eq, Ne, In, NotIn, Lt, Lte, Gt, Gte, IsNull],
            // None of their values is less than another: where the model has an order of them, it is
            // that in which they were added.
            Self::Enum(_) => &[Eq, Ne, In, NotIn, IsNull],
            Self::Boolean => &[Eq, Ne, IsNull],
            Self::Text => &[
                Eq, Ne, In, NotIn, Lt, Lte, Gt, Gte, IsNull, Like, Ilike, StartsWith, EndsWith,
                Contains,
            ],
            Self::TextArray => &[Eq, Ne, IsNull, Contains, ContainedBy, Overlaps, IsEmpty],
            Self::Json => &[Eq, Ne, IsNull, Contains, HasKey, Path],
            Self::Vector => &[IsNull],
            Self::Float => &[],
        }
    }

    /// Whether lists can be ordered, and rows grouped, by columns of this type.
    pub fn is_orderable(self) -> bool {
        !matches!(self, Self::TextArray | Self::Json | Self::Vector)
    }
}
