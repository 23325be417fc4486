//! Conditions as administrators and callers write them: JSON of `all`, `any`, `not` and tests.
//!
//! A document is only well formed. Whether its fields exist and its operators fit is found when it is
//! compiled against a [`crate::Catalogue`].

mod compile;
mod evaluate;
mod operand;
mod sql;
mod viewer;

pub use compile::{CompiledCondition, ConditionProblem};
pub(crate) use compile::{Compiler, Node};
pub use evaluate::Truth;
pub(crate) use evaluate::{Moment, Previous};
pub(crate) use operand::Operand;
pub use sql::{PushDown, SqlCondition, SqlOperator, SqlValue};
pub use viewer::Viewer;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};
use serde_json::Value as Json;
use std::fmt;

/// Deepest nesting of groups in one condition.
pub const MAX_DEPTH: usize = 10;
/// Most tests in one condition.
pub const MAX_TESTS: usize = 100;
/// Most values of one test.
pub const MAX_VALUES: usize = 200;

/// A condition over a record, the viewer and the time.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Every one holds. Without any: true.
    All(Vec<Condition>),
    /// At least one holds. Without any: false.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// One operand against a value.
    Test {
        /// A field of the record, `contact.*`, `company.*`, `viewer.*`, `now` or `today`.
        field: String,
        /// What is asked.
        op: Operator,
        /// What is compared with; operators without a value have none.
        value: Option<Json>,
    },
}

impl Condition {
    /// The condition that always holds.
    pub fn always() -> Condition {
        Condition::All(Vec::new())
    }

    /// A test with a value.
    pub fn test(field: &str, op: Operator, value: impl Into<Json>) -> Condition {
        Condition::Test { field: field.to_owned(), op, value: Some(value.into()) }
    }

    /// Parses a condition that a caller sent, within the limits of size. The error is for the caller.
    pub fn parse(text: &str) -> Result<Condition, String> {
        let condition: Condition = serde_json::from_str(text).map_err(|e| e.to_string())?;
        match condition.size_problem() {
            Some(code) => Err(code.to_owned()),
            None => Ok(condition),
        }
    }

    /// The code of the limit of size that the condition breaks, if any.
    pub(crate) fn size_problem(&self) -> Option<&'static str> {
        fn walk(c: &Condition, depth: usize, tests: &mut usize) -> Option<&'static str> {
            if depth > MAX_DEPTH {
                return Some("condition_too_deep");
            }
            match c {
                Condition::All(parts) | Condition::Any(parts) => {
                    // Groups count too: a million empty ones are a large document as well.
                    *tests += 1;
                    if *tests > MAX_TESTS * 2 {
                        return Some("condition_too_large");
                    }
                    parts.iter().find_map(|p| walk(p, depth + 1, tests))
                }
                Condition::Not(part) => walk(part, depth + 1, tests),
                Condition::Test { value, .. } => {
                    *tests += 1;
                    let many = value.as_ref().and_then(Json::as_array).is_some_and(|values| values.len() > MAX_VALUES);
                    (many || *tests > MAX_TESTS * 2).then_some("condition_too_large")
                }
            }
        }
        let tests = self.fields().count();
        walk(self, 0, &mut 0).or((tests > MAX_TESTS).then_some("condition_too_large"))
    }

    /// Every operand that the condition names, in the order of writing, with repetitions.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        let mut open = vec![self];
        std::iter::from_fn(move || {
            while let Some(next) = open.pop() {
                match next {
                    Condition::All(parts) | Condition::Any(parts) => open.extend(parts.iter().rev()),
                    Condition::Not(part) => open.push(part),
                    Condition::Test { field, .. } => return Some(field.as_str()),
                }
            }
            None
        })
    }

    /// True when two conditions certainly never hold together: both demand, at their top level, the
    /// same field to be equal to different values. False says nothing. `holds_one` says of a field that
    /// it holds one value at a time and that different constants are different values.
    pub(crate) fn excludes(&self, other: &Condition, holds_one: &dyn Fn(&str) -> bool) -> bool {
        fn demands(c: &Condition) -> Vec<(&str, Vec<&Json>)> {
            match c {
                Condition::All(parts) => parts.iter().flat_map(demands).collect(),
                Condition::Any(parts) if parts.len() == 1 => demands(&parts[0]),
                Condition::Test { field, op: Operator::Eq, value: Some(v) } => {
                    vec![(field, vec![v])]
                }
                Condition::Test { field, op: Operator::In, value: Some(Json::Array(v)) } => {
                    vec![(field, v.iter().collect())]
                }
                _ => Vec::new(),
            }
        }
        let others = demands(other);
        demands(self)
            .iter()
            .filter(|(field, _)| holds_one(field))
            .any(|(field, values)| others.iter().any(|(f, v)| f == field && !values.iter().any(|x| v.contains(x))))
    }
}

/// What a test asks of its operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal; an empty operand is not equal to anything.
    Ne,
    /// Equal to one of several; of several keys, at least one is among them.
    In,
    /// Equal to none of several; true for an empty operand.
    NotIn,
    /// Holds nothing.
    IsEmpty,
    /// Holds something.
    IsNotEmpty,
    /// The text is in it; ASCII letters without regard to case.
    Contains,
    /// The text is not in it; true for an empty operand.
    NotContains,
    /// Begins with the text; ASCII letters without regard to case.
    StartsWith,
    /// Ends with the text; ASCII letters without regard to case.
    EndsWith,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
    /// From the first to the second of two values, both included.
    Between,
    /// Earlier than.
    Before,
    /// Later than.
    After,
    /// In the span of time that ends now (`7`: days; `"12h"`, `"7d"`, `"4w"`); for dates today counts.
    WithinLast,
    /// In the span of time that begins now.
    WithinNext,
    /// On the local day of today.
    IsToday,
    /// Before now; for dates before today.
    InPast,
    /// After now; for dates after today.
    InFuture,
    /// The key is among the operand's.
    Has,
    /// At least one of the keys is.
    HasAny,
    /// All of the keys are.
    HasAll,
    /// The id of the viewer.
    IsViewer,
    /// The id of one of the viewer's companies.
    IsViewersCompany,
    /// The write changes it.
    Changed,
    /// The write changes it, and it was this.
    ChangedFrom,
    /// The write changes it to this.
    ChangedTo,
}

impl Operator {
    /// True when the test carries no value.
    pub fn without_value(self) -> bool {
        use Operator::*;
        matches!(self, IsEmpty | IsNotEmpty | IsToday | InPast | InFuture | IsViewer | IsViewersCompany | Changed)
    }

    /// True when it asks about a write, not about a state.
    pub fn is_about_change(self) -> bool {
        matches!(self, Operator::Changed | Operator::ChangedFrom | Operator::ChangedTo)
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Condition::All(parts) => map.serialize_entry("all", parts)?,
            Condition::Any(parts) => map.serialize_entry("any", parts)?,
            Condition::Not(part) => map.serialize_entry("not", part)?,
            Condition::Test { field, op, value } => {
                map.serialize_entry("field", field)?;
                map.serialize_entry("op", op)?;
                if let Some(value) = value {
                    map.serialize_entry("value", value)?;
                }
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> de::Visitor<'de> for Entries {
    type Value = Condition;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a condition: {\"all\": […]}, {\"any\": […]}, {\"not\": …} or {\"field\", \"op\", \"value\"}")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Condition, A::Error> {
        const KEYS: &[&str] = &["all", "any", "not", "field", "op", "value"];
        let (mut group, mut field, mut op, mut value) = (None, None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            let twice = match key.as_str() {
                "all" => group.replace(Condition::All(map.next_value()?)).is_some(),
                "any" => group.replace(Condition::Any(map.next_value()?)).is_some(),
                "not" => group.replace(Condition::Not(map.next_value()?)).is_some(),
                "field" => field.replace(map.next_value::<String>()?).is_some(),
                "op" => op.replace(map.next_value::<Operator>()?).is_some(),
                "value" => value.replace(map.next_value::<Json>()?).is_some(),
                other => return Err(de::Error::unknown_field(other, KEYS)),
            };
            if twice {
                return Err(de::Error::custom(format!("`{key}` makes the condition ambiguous")));
            }
        }
        match (group, field, op) {
            (Some(group), None, None) if value.is_none() => Ok(group),
            (Some(_), ..) => Err(de::Error::custom("a group and a test can't be one condition")),
            (None, Some(field), Some(op)) => Ok(Condition::Test { field, op, value }),
            (None, None, _) => Err(de::Error::missing_field("field")),
            (None, _, None) => Err(de::Error::missing_field("op")),
        }
    }
}

#[cfg(test)]
mod tests;
