//! The filter operators of each column type.

use super::Kind;

/// An operator of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    Eq,
    Ne,
    In,
    NotIn,
    Lt,
    Lte,
    Gt,
    Gte,
    IsNull,
    Like,
    Ilike,
    StartsWith,
    EndsWith,
    Contains,
    ContainedBy,
    Overlaps,
    IsEmpty,
    HasKey,
    Path,
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
    /// Name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::In => "in",
            Self::NotIn => "notIn",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::IsNull => "isNull",
            Self::Like => "like",
            Self::Ilike => "ilike",
            Self::StartsWith => "startsWith",
            Self::EndsWith => "endsWith",
            Self::Contains => "contains",
            Self::ContainedBy => "containedBy",
            Self::Overlaps => "overlaps",
            Self::IsEmpty => "isEmpty",
            Self::HasKey => "hasKey",
            Self::Path => "path",
        }
    }

    pub fn comment(self) -> &'static str {
        match self {
            Self::Eq => "Equal to the value.",
            Self::Ne => "Not equal to the value; an empty field does not match.",
            Self::In => "Equal to one of the values; an empty list matches nothing.",
            Self::NotIn => "Equal to none of the values; an empty field does not match.",
            Self::Lt => "Less than the value.",
            Self::Lte => "Less than or equal to the value.",
            Self::Gt => "Greater than the value.",
            Self::Gte => "Greater than or equal to the value.",
            Self::IsNull => "Whether the field is empty.",
            Self::Like => {
                "Matches the pattern: `%` stands for any text, `_` for one character, a backslash takes their meaning away."
            }
            Self::Ilike => "As `like`, whatever the case of the letters.",
            Self::StartsWith => "Begins with the text.",
            Self::EndsWith => "Ends with the text.",
            Self::Contains => "Contains the value.",
            Self::ContainedBy => "Has no element that is not in the list.",
            Self::Overlaps => "Has at least one element of the list.",
            Self::IsEmpty => "Whether the list has no element.",
            Self::HasKey => "Has the key at the top level.",
            Self::Path => "Compares the value at a path.",
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

const ORDERED: &[Operator] = &[
    Operator::Eq,
    Operator::Ne,
    Operator::In,
    Operator::NotIn,
    Operator::Lt,
    Operator::Lte,
    Operator::Gt,
    Operator::Gte,
    Operator::IsNull,
];

impl Kind {
    /// The operators of columns of this type.
    pub fn operators(self) -> &'static [Operator] {
        match self {
            Self::Uuid
            | Self::Int
            | Self::BigInt
            | Self::Decimal
            | Self::Timestamp
            | Self::Date
            | Self::Inet
            | Self::Enum(_) => ORDERED,
            Self::Boolean => &[Operator::Eq, Operator::Ne, Operator::IsNull],
            Self::Text => &[
                Operator::Eq,
                Operator::Ne,
                Operator::In,
                Operator::NotIn,
                Operator::Lt,
                Operator::Lte,
                Operator::Gt,
                Operator::Gte,
                Operator::IsNull,
                Operator::Like,
                Operator::Ilike,
                Operator::StartsWith,
                Operator::EndsWith,
                Operator::Contains,
            ],
            Self::TextArray => &[
                Operator::Eq,
                Operator::Ne,
                Operator::IsNull,
                Operator::Contains,
                Operator::ContainedBy,
                Operator::Overlaps,
                Operator::IsEmpty,
            ],
            Self::Json => &[
                Operator::Eq,
                Operator::Ne,
                Operator::IsNull,
                Operator::Contains,
                Operator::HasKey,
                Operator::Path,
            ],
            Self::Vector => &[Operator::IsNull],
        }
    }

    /// Whether lists can be ordered by columns of this type.
    pub fn is_orderable(self) -> bool {
        !matches!(self, Self::TextArray | Self::Json | Self::Vector)
    }
}
