//! From the written condition to one that is typed: operands resolved, constants parsed, operators checked.

use super::{
    Condition, Operator,
    operand::{Operand, Resolved},
};
use crate::catalogue::Catalogue;
use fields::{
    Family,
    calendar::{day_number, is_time},
    decimals::is_decimal,
};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Why a part of a condition can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionProblem {
    /// Where in the condition, as a JSON pointer (`/all/0/value`).
    pub path: String,
    /// The operand as written; empty when the condition as a whole is meant.
    pub field: String,
    /// Stable: `unknown_field`, `not_filterable`, `operator_does_not_fit`, `value_missing`, `value_not_expected`,
    /// `bad_value`, `unknown_value`, `condition_too_deep`, `condition_too_large`.
    pub code: &'static str,
    /// Further facts: the operator, the value.
    pub args: BTreeMap<String, String>,
}

/// A typed condition that stands alone: a list filter, a record condition, a profile's match condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompiledCondition {
    pub(crate) operands: Vec<Operand>,
    pub(crate) node: Node,
}

impl CompiledCondition {
    /// Compiles a condition that chooses records of a module: a list filter, a record condition. Long texts are not in
    /// the rows that lists read, so no record is chosen by one. Any problem refuses the whole.
    pub fn new(
        condition: &Condition,
        module: &str,
        catalogue: &Catalogue,
    ) -> Result<CompiledCondition, Vec<ConditionProblem>> {
        CompiledCondition::strict(Compiler::choosing(module, catalogue), condition)
    }

    /// Compiles a profile's match condition, over `contact.*` and `company.*`. Any problem refuses the whole.
    pub(crate) fn matching(
        condition: &Condition,
        catalogue: &Catalogue,
    ) -> Result<CompiledCondition, Vec<ConditionProblem>> {
        CompiledCondition::strict(Compiler::new("", catalogue), condition)
    }

    fn strict(mut compiler: Compiler<'_>, condition: &Condition) -> Result<CompiledCondition, Vec<ConditionProblem>> {
        let node = compiler.compile(condition, false);
        if compiler.problems.is_empty() {
            Ok(CompiledCondition { operands: compiler.operands, node })
        } else {
            Err(compiler.problems)
        }
    }

    /// Compiles a condition that chooses records, and keeps what can't be used as a part that never is known to hold.
    pub(crate) fn lenient(condition: &Condition, module: &str, catalogue: &Catalogue) -> Self {
        CompiledCondition::kept(Compiler::choosing(module, catalogue), condition)
    }

    /// The same for a profile's match condition.
    pub(crate) fn lenient_matching(condition: &Condition, catalogue: &Catalogue) -> Self {
        CompiledCondition::kept(Compiler::new("", catalogue), condition)
    }

    fn kept(mut compiler: Compiler<'_>, condition: &Condition) -> CompiledCondition {
        let node = compiler.compile(condition, false);
        CompiledCondition { operands: compiler.operands, node }
    }

    /// The fields of the record, of its contact (`contact.*`) and of its company (`company.*`) that it reads.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        self.operands.iter().filter_map(Operand::of_record)
    }
}

/// A typed condition. Operands are places in a table that the conditions of a module share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Test(Test),
    /// A part that names what no longer exists or fits: neither true nor false.
    Broken,
}

impl Node {
    /// True when a part is broken.
    pub(crate) fn is_broken(&self) -> bool {
        match self {
            Node::All(parts) | Node::Any(parts) => parts.iter().any(Node::is_broken),
            Node::Not(part) => part.is_broken(),
            Node::Test(_) => false,
            Node::Broken => true,
        }
    }
}

/// One typed test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {
    pub(crate) operand: u16,
    pub(crate) op: Operator,
    pub(crate) family: Family,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) constants: Vec<Constant>,
}

/// A parsed constant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Constant {
    Text(String),
    Integer(i64),
    Decimal(String),
    Boolean(bool),
    /// Days since 1970.
    Day(i32),
    Moment(Timestamp),
    Now,
    Today,
    /// Seconds.
    Span(i64),
}

/// Why a test can't be used: a code and what it is about.
type Misfit = (&'static str, Vec<(&'static str, String)>);

/// Compiles the conditions of one module over one shared table of operands.
pub(crate) struct Compiler<'a> {
    module: &'a str,
    catalogue: &'a Catalogue,
    long_texts: bool,
    pub(crate) operands: Vec<Operand>,
    pub(crate) problems: Vec<ConditionProblem>,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(module: &'a str, catalogue: &'a Catalogue) -> Compiler<'a> {
        Compiler { module, catalogue, long_texts: true, operands: Vec::new(), problems: Vec::new() }
    }

    /// For conditions that choose records, which must not name long texts.
    fn choosing(module: &'a str, catalogue: &'a Catalogue) -> Compiler<'a> {
        Compiler { long_texts: false, ..Compiler::new(module, catalogue) }
    }

    /// Compiles one condition; what can't be used is reported and becomes [`Node::Broken`].
    pub(crate) fn compile(&mut self, condition: &Condition, on_write: bool) -> Node {
        if let Some(code) = condition.size_problem() {
            self.problem("", "", code, &[]);
            return Node::Broken;
        }
        self.node(condition, on_write, "")
    }

    fn problem(&mut self, path: &str, field: &str, code: &'static str, args: &[(&str, String)]) {
        self.problems.push(ConditionProblem {
            path: path.to_owned(),
            field: field.to_owned(),
            code,
            args: args.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect(),
        });
    }

    fn node(&mut self, condition: &Condition, on_write: bool, path: &str) -> Node {
        let mut parts = |word: &str, parts: &[Condition]| -> Vec<Node> {
            (parts.iter().enumerate())
                .map(|(i, part)| self.node(part, on_write, &format!("{path}/{word}/{i}")))
                .collect()
        };
        match condition {
            Condition::All(all) => Node::All(parts("all", all)),
            Condition::Any(any) => Node::Any(parts("any", any)),
            Condition::Not(part) => Node::Not(Box::new(self.node(part, on_write, &format!("{path}/not")))),
            Condition::Test { field, op, value } => match self.test(field, *op, value.as_ref(), on_write) {
                Ok(test) => Node::Test(test),
                Err((code, args)) => {
                    self.problem(path, field, code, &args);
                    Node::Broken
                }
            },
        }
    }

    fn test(&mut self, field: &str, op: Operator, value: Option<&Json>, on_write: bool) -> Result<Test, Misfit> {
        let word = serde_json::to_value(op).ok().and_then(|w| w.as_str().map(str::to_owned));
        let args = |more: Option<&Json>| {
            let mut args = vec![("op", word.clone().unwrap_or_default())];
            args.extend(more.map(|v| ("value", v.to_string())));
            args
        };
        let Some(Resolved { operand, family, long_text, keys }) = Operand::resolve(field, self.module, self.catalogue)
        else {
            return Err(("unknown_field", args(None)));
        };
        if long_text && !self.long_texts {
            return Err(("not_filterable", args(None)));
        }
        // The record's own fields change; the contact, the viewer and the time are no part of a write.
        let own = matches!(&operand, Operand::Record(path) if !path.contains('.'));
        if !fits(op, family) || (op.is_about_change() && !(on_write && own)) {
            return Err(("operator_does_not_fit", args(None)));
        }
        let constants = match value {
            Some(value) if op.without_value() => {
                return Err(("value_not_expected", args(Some(value))));
            }
            None if op.without_value() => Vec::new(),
            None => return Err(("value_missing", args(None))),
            Some(value) => constants(op, family, value).ok_or_else(|| ("bad_value", args(Some(value))))?,
        };
        if let Some(keys) = keys {
            for constant in &constants {
                if let Constant::Text(key) = constant
                    && !keys.contains(key)
                {
                    return Err(("unknown_value", args(Some(&Json::from(key.as_str())))));
                }
            }
        }
        let operand = match self.operands.iter().position(|o| *o == operand) {
            Some(at) => at,
            None => {
                self.operands.push(operand);
                self.operands.len() - 1
            }
        };
        let operand = u16::try_from(operand).map_err(|_| ("condition_too_large", args(None)))?;
        Ok(Test { operand, op, family, constants })
    }
}

/// True when an operator can be asked of values of a family.
fn fits(op: Operator, family: Family) -> bool {
    use Operator::*;
    match op {
        IsEmpty | IsNotEmpty | Changed => true,
        Eq | Ne | In | NotIn | ChangedFrom | ChangedTo => family != Family::Opaque,
        Contains | NotContains | StartsWith | EndsWith => family == Family::Text,
        Lt | Le | Gt | Ge | Between => family.has_order(),
        Before | After => family.is_in_time() || family == Family::Time,
        WithinLast | WithinNext | IsToday | InPast | InFuture => family.is_in_time(),
        Has | HasAny | HasAll => family == Family::Keys,
        IsViewer | IsViewersCompany => family == Family::Reference,
    }
}

/// The constants of a test; None when the value is not what the operator and the family take.
fn constants(op: Operator, family: Family, value: &Json) -> Option<Vec<Constant>> {
    use Operator::*;
    let many =
        |values: &Json| -> Option<Vec<Constant>> { values.as_array()?.iter().map(|v| constant(family, v)).collect() };
    match op {
        In | NotIn | HasAny | HasAll => many(value),
        Between => many(value).filter(|bounds| bounds.len() == 2),
        WithinLast | WithinNext => Some(vec![Constant::Span(span(family, value)?)]),
        Eq | Ne | ChangedFrom | ChangedTo if family == Family::Keys => many(value),
        _ => Some(vec![constant(family, value)?]),
    }
}

fn constant(family: Family, value: &Json) -> Option<Constant> {
    match family {
        Family::Text | Family::Key | Family::Keys | Family::Reference => {
            // Nothing is asked for with `is_empty`; an empty text would mean different things to
            // different stores.
            // No text that is kept holds what no store takes.
            let text = value.as_str().filter(|text| !text.is_empty() && !text.contains('\0'))?;
            // As texts are kept.
            Some(Constant::Text(kernel::text::composed(text)))
        }
        Family::Time => {
            let text = value.as_str()?;
            is_time(text).then(|| Constant::Text(text.to_owned()))
        }
        Family::Integer => match value {
            Json::String(text) => text.parse().ok().map(Constant::Integer),
            other => other.as_i64().map(Constant::Integer),
        },
        Family::Decimal => {
            let text = match value {
                Json::String(text) => text.clone(),
                // Integers are exact in JSON; a fraction is not, so it must come as text.
                other => other.as_i64()?.to_string(),
            };
            is_decimal(&text).then_some(Constant::Decimal(text))
        }
        Family::Boolean => value.as_bool().map(Constant::Boolean),
        Family::Date => match value.as_str()? {
            "today" => Some(Constant::Today),
            text => day_number(text).map(Constant::Day),
        },
        Family::Moment => match value.as_str()? {
            "now" => Some(Constant::Now),
            "today" => Some(Constant::Today),
            text => Timestamp::parse(text).map(Constant::Moment),
        },
        Family::Opaque => None,
    }
}

/// Seconds of a span: a number of days, or a number with `h`, `d` or `w`. Dates know no hours.
fn span(family: Family, value: &Json) -> Option<i64> {
    const HOUR: i64 = 3_600;
    const LONGEST: i64 = 400 * 366 * 24 * HOUR;
    let (count, unit) = match value {
        Json::String(text) => {
            let unit = match text.chars().next_back()? {
                'h' if family == Family::Moment => HOUR,
                'd' => 24 * HOUR,
                'w' => 7 * 24 * HOUR,
                _ => return None,
            };
            (text[..text.len() - 1].parse::<u32>().ok()?, unit)
        }
        other => (u32::try_from(other.as_u64()?).ok()?, 24 * HOUR),
    };
    let seconds = i64::from(count).checked_mul(unit)?;
    (seconds <= LONGEST).then_some(seconds)
}
