//! The part of a condition that a database can judge, as a small tree that the owner of the tables
//! turns into SQL.
//!
//! What can be pushed down: tests of the record's own fields that have a column (the caller says which),
//! by every operator except those over several keys, times of day and changes. What is known before the query
//! (viewer, time) is folded in. What can't be pushed (hops to the contact and company, fields without
//! a column, several keys, times of day) weakens the tree: it then accepts every record that the condition accepts
//! and maybe more, [`PushDown::complete`] is false, and the caller evaluates the condition on each row.
//!
//! Meaning of emptiness, the same in [`crate::CompiledCondition::evaluate`]: a comparison with an empty column
//! is false, and its [`SqlCondition::Not`] therefore true. Columns hold sentinels for "empty", never null:
//! a comparison that the sentinel would satisfy needs `and not empty`.

use super::{
    Operator,
    compile::{CompiledCondition, Constant, Node, Test},
    evaluate::{Moment, Previous, Truth},
    operand::Operand,
    viewer::Viewer,
};
use crate::{
    access::Tie,
    value::{Clock, Fact, Facts},
};
use fields::{Family, calendar::day_text};
use kernel::Timestamp;

/// A condition over columns.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlCondition {
    /// True or false whatever the row is.
    Constant(bool),
    /// Every one holds; at least two parts.
    And(Vec<SqlCondition>),
    /// At least one holds; at least two parts.
    Or(Vec<SqlCondition>),
    /// The comparison does not hold. Only ever around one [`SqlCondition::Compare`].
    Not(Box<SqlCondition>),
    /// A column against values.
    Compare {
        /// The record's field.
        field: String,
        /// How its values are compared.
        family: Family,
        /// The comparison.
        op: SqlOperator,
        /// None for [`SqlOperator::IsEmpty`], two for [`SqlOperator::Between`], one or more for
        /// [`SqlOperator::In`], else one.
        values: Vec<SqlValue>,
    },
}

/// A comparison. Its complement is written with [`SqlCondition::Not`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SqlOperator {
    /// The column holds nothing.
    IsEmpty,
    /// Equal, byte by byte.
    Eq,
    /// Equal to one of the values.
    In,
    /// Less than the value, and not empty.
    Lt,
    /// Less than or equal to the value, and not empty.
    Le,
    /// Greater than the value, and not empty.
    Gt,
    /// Greater than or equal to the value, and not empty.
    Ge,
    /// From the first to the second value, both included, and not empty.
    Between,
    /// Contains the text; both sides in lower case of the "C" collation (ASCII letters only).
    Contains,
    /// Begins with the text; both sides in lower case of the "C" collation.
    StartsWith,
    /// Ends with the text; both sides in lower case of the "C" collation.
    EndsWith,
}

/// A value that a column is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlValue {
    /// Text, key, id or time of day.
    Text(String),
    /// An integer.
    Integer(i64),
    /// An exact decimal in text form.
    Decimal(String),
    /// True or false.
    Boolean(bool),
    /// `YYYY-MM-DD`.
    Date(String),
    /// A moment.
    Moment(Timestamp),
}

/// What could be pushed down.
#[derive(Debug, Clone, PartialEq)]
pub struct PushDown {
    /// Accepts every record that the condition accepts.
    pub sql: SqlCondition,
    /// Accepts no other, so that nothing is left to evaluate.
    pub complete: bool,
}

impl CompiledCondition {
    /// The part of the condition that columns can judge. `has_column` says of a field's name whether
    /// it can stand in SQL.
    pub fn push_down(&self, viewer: &Viewer, clock: &Clock, has_column: &dyn Fn(&str) -> bool) -> PushDown {
        let mut translation = Translation { operands: &self.operands, viewer, clock, has_column, complete: true };
        let sql = translation.node(&self.node, true);
        PushDown { sql, complete: translation.complete }
    }
}

/// Facts of no record: operands that are known before the query don't ask them.
struct NoRecord;

impl Facts for NoRecord {
    fn fact(&self, _: &str) -> Fact<'_> {
        Fact::Unknown
    }
    fn tie(&self) -> Tie {
        Tie::default()
    }
}

struct Translation<'a> {
    operands: &'a [Operand],
    viewer: &'a Viewer,
    clock: &'a Clock,
    has_column: &'a dyn Fn(&str) -> bool,
    complete: bool,
}

impl Translation<'_> {
    /// SQL for "certainly true" (`wanted`) or "certainly false". Negation travels down to the tests, so
    /// that what can't be known is refused on either side of a `not`.
    fn node(&mut self, node: &Node, wanted: bool) -> SqlCondition {
        match node {
            Node::All(parts) if wanted => self.and(parts, wanted),
            Node::Any(parts) if !wanted => self.and(parts, wanted),
            Node::All(parts) | Node::Any(parts) => self.or(parts, wanted),
            Node::Not(part) => self.node(part, !wanted),
            Node::Broken => SqlCondition::Constant(false),
            Node::Test(test) => self.test(test, wanted),
        }
    }

    fn and(&mut self, parts: &[Node], wanted: bool) -> SqlCondition {
        let mut kept = Vec::with_capacity(parts.len());
        for part in parts {
            match self.node(part, wanted) {
                SqlCondition::Constant(true) => {}
                SqlCondition::Constant(false) => return SqlCondition::Constant(false),
                SqlCondition::And(more) => kept.extend(more),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => SqlCondition::Constant(true),
            1 => kept.swap_remove(0),
            _ => SqlCondition::And(kept),
        }
    }

    fn or(&mut self, parts: &[Node], wanted: bool) -> SqlCondition {
        let mut kept = Vec::with_capacity(parts.len());
        for part in parts {
            match self.node(part, wanted) {
                SqlCondition::Constant(false) => {}
                SqlCondition::Constant(true) => return SqlCondition::Constant(true),
                SqlCondition::Or(more) => kept.extend(more),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => SqlCondition::Constant(false),
            1 => kept.swap_remove(0),
            _ => SqlCondition::Or(kept),
        }
    }

    fn test(&mut self, test: &Test, wanted: bool) -> SqlCondition {
        let field = match self.operands.get(usize::from(test.operand)) {
            None => return SqlCondition::Constant(false),
            Some(Operand::Record(path)) => path,
            Some(known) => {
                // Who looks and when are known: the answer is the same for every row.
                let mut values = vec![Fact::Unknown; self.operands.len()];
                values[usize::from(test.operand)] = known.read(&NoRecord, self.viewer, self.clock);
                let moment =
                    Moment { values: &values, previous: Previous::Same, viewer: self.viewer, clock: self.clock };
                let answer = Node::Test(test.clone()).holds(&moment);
                let holds = if wanted { Truth::True } else { Truth::False };
                return SqlCondition::Constant(answer == holds);
            }
        };
        if test.op.is_about_change() {
            // A state is judged here, and in a state nothing changes.
            return SqlCondition::Constant(!wanted);
        }
        let pushable = !field.contains('.')
            && (self.has_column)(field)
            && !matches!(test.family, Family::Keys | Family::Opaque | Family::Time);
        match pushable.then(|| self.compare(test)).flatten() {
            None => {
                self.complete = false;
                SqlCondition::Constant(true)
            }
            Some((op, values, negated)) => {
                if op == SqlOperator::In && values.is_empty() {
                    return SqlCondition::Constant(wanted == negated);
                }
                let compare = SqlCondition::Compare { field: field.clone(), family: test.family, op, values };
                if wanted == negated { SqlCondition::Not(Box::new(compare)) } else { compare }
            }
        }
    }

    /// The comparison of a test, its values, and whether the test is its complement.
    fn compare(&self, test: &Test) -> Option<(SqlOperator, Vec<SqlValue>, bool)> {
        let values =
            || -> Option<Vec<SqlValue>> { test.constants.iter().map(|c| self.value(test.family, c)).collect() };
        let direct = |op| Some((op, values()?, false));
        let complement = |op| Some((op, values()?, true));
        match test.op {
            Operator::IsEmpty => direct(SqlOperator::IsEmpty),
            Operator::IsNotEmpty => complement(SqlOperator::IsEmpty),
            Operator::Eq => direct(SqlOperator::Eq),
            Operator::Ne => complement(SqlOperator::Eq),
            Operator::In => direct(SqlOperator::In),
            Operator::NotIn => complement(SqlOperator::In),
            Operator::Contains => direct(SqlOperator::Contains),
            Operator::NotContains => complement(SqlOperator::Contains),
            Operator::StartsWith => direct(SqlOperator::StartsWith),
            Operator::EndsWith => direct(SqlOperator::EndsWith),
            Operator::Lt | Operator::Before => direct(SqlOperator::Lt),
            Operator::Le => direct(SqlOperator::Le),
            Operator::Gt | Operator::After => direct(SqlOperator::Gt),
            Operator::Ge => direct(SqlOperator::Ge),
            Operator::Between => direct(SqlOperator::Between),
            Operator::IsViewer => Some((SqlOperator::Eq, vec![SqlValue::Text(self.viewer.id.clone())], false)),
            Operator::IsViewersCompany => {
                let ids = self.viewer.companies.iter().cloned().map(SqlValue::Text).collect();
                Some((SqlOperator::In, ids, false))
            }
            Operator::WithinLast | Operator::WithinNext | Operator::IsToday | Operator::InPast | Operator::InFuture => {
                let (from, to) = test.window(self.clock)?;
                let value = |at: i64| match test.family {
                    Family::Date => SqlValue::Date(day_text(i32::try_from(at).unwrap_or(i32::MAX))),
                    _ => SqlValue::Moment(Timestamp::from_micros(at)),
                };
                match (from, to) {
                    (Some(from), Some(to)) => Some((SqlOperator::Between, vec![value(from), value(to)], false)),
                    (Some(from), None) => Some((SqlOperator::Ge, vec![value(from)], false)),
                    (None, Some(to)) => Some((SqlOperator::Le, vec![value(to)], false)),
                    (None, None) => None,
                }
            }
            Operator::Has
            | Operator::HasAny
            | Operator::HasAll
            | Operator::Changed
            | Operator::ChangedFrom
            | Operator::ChangedTo => None,
        }
    }

    fn value(&self, family: Family, constant: &Constant) -> Option<SqlValue> {
        Some(match (family, constant) {
            (_, Constant::Text(text)) => SqlValue::Text(text.clone()),
            (_, Constant::Integer(i)) => SqlValue::Integer(*i),
            (_, Constant::Decimal(text)) => SqlValue::Decimal(text.clone()),
            (_, Constant::Boolean(b)) => SqlValue::Boolean(*b),
            (_, Constant::Day(day)) => SqlValue::Date(day_text(*day)),
            (_, Constant::Moment(at)) => SqlValue::Moment(*at),
            (_, Constant::Now) => SqlValue::Moment(self.clock.now),
            (Family::Date, Constant::Today) => SqlValue::Date(day_text(self.clock.today)),
            (_, Constant::Today) => SqlValue::Moment(self.clock.day_starts),
            (_, Constant::Span(_)) => return None,
        })
    }
}
