//! Does a condition hold? There are three answers: yes, no, and "can't be known", on which whoever asks must give no
//! access.

use super::{
    Operator,
    compile::{CompiledCondition, Constant, Node, Test},
    viewer::Viewer,
};
use crate::value::{Clock, Fact, Facts};
use fields::{Family, ValueRef};
use std::cmp::Ordering;

/// The answer of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It names what does not exist or was not looked up, or a value is not what its type says.
    Unknown,
}

impl Truth {
    fn of(holds: bool) -> Truth {
        if holds { Truth::True } else { Truth::False }
    }

    fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
        }
    }
}

/// What the operands were before a write.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Previous<'a> {
    /// No write is judged, but a state: nothing changes.
    Same,
    /// A new record: everything was empty.
    Nothing,
    /// What was saved, by operand.
    Values(&'a [Fact<'a>]),
}

/// All that a node is judged on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment<'a> {
    /// What is known of the operands, by place in the table.
    pub(crate) values: &'a [Fact<'a>],
    pub(crate) previous: Previous<'a>,
    pub(crate) viewer: &'a Viewer,
    pub(crate) clock: &'a Clock,
}

impl CompiledCondition {
    /// Does the condition hold for a record? Filters and record conditions keep a record only on
    /// [`Truth::True`].
    pub fn evaluate<F: Facts + ?Sized>(&self, facts: &F, viewer: &Viewer, clock: &Clock) -> Truth {
        let values: Vec<Fact<'_>> = self.operands.iter().map(|o| o.read(facts, viewer, clock)).collect();
        self.node.holds(&Moment { values: &values, previous: Previous::Same, viewer, clock })
    }
}

impl Node {
    pub(crate) fn holds(&self, moment: &Moment<'_>) -> Truth {
        match self {
            Node::All(parts) => {
                let mut answer = Truth::True;
                for part in parts {
                    match part.holds(moment) {
                        Truth::False => return Truth::False,
                        Truth::Unknown => answer = Truth::Unknown,
                        Truth::True => {}
                    }
                }
                answer
            }
            Node::Any(parts) => {
                let mut answer = Truth::False;
                for part in parts {
                    match part.holds(moment) {
                        Truth::True => return Truth::True,
                        Truth::Unknown => answer = Truth::Unknown,
                        Truth::False => {}
                    }
                }
                answer
            }
            Node::Not(part) => part.holds(moment).not(),
            Node::Test(test) => test.holds(moment),
            Node::Broken => Truth::Unknown,
        }
    }
}

impl Test {
    fn holds(&self, moment: &Moment<'_>) -> Truth {
        let at = usize::from(self.operand);
        match moment.values.get(at) {
            None | Some(Fact::Unknown | Fact::NoSuchField) => Truth::Unknown,
            Some(Fact::Known(value)) => match self.ask(*value, at, moment) {
                Some(holds) => Truth::of(holds),
                None => Truth::Unknown,
            },
        }
    }

    /// None when a value or constant is not what its type says.
    fn ask(&self, value: ValueRef<'_>, at: usize, moment: &Moment<'_>) -> Option<bool> {
        use Operator::*;
        match self.op {
            IsEmpty => return Some(value.is_empty()),
            IsNotEmpty => return Some(!value.is_empty()),
            Changed | ChangedFrom | ChangedTo => {
                let before = match moment.previous {
                    Previous::Same => return Some(false),
                    Previous::Nothing => ValueRef::Empty,
                    Previous::Values(values) => values.get(at)?.known()?,
                };
                if value.same(before) {
                    return Some(false);
                }
                return match self.op {
                    ChangedFrom => Some(!before.is_empty() && self.equal(before, moment)?),
                    ChangedTo => Some(!value.is_empty() && self.equal(value, moment)?),
                    _ => Some(true),
                };
            }
            _ => {}
        }
        if value.is_empty() {
            return Some(matches!(self.op, Ne | NotIn | NotContains));
        }
        let compare = |at: usize| compare(self.family, value, self.constants.get(at)?, moment.clock);
        match self.op {
            Eq => self.equal(value, moment),
            Ne => self.equal(value, moment).map(|equal| !equal),
            In | HasAny if self.family == Family::Keys => self.shared(value).map(|n| n > 0),
            NotIn if self.family == Family::Keys => self.shared(value).map(|n| n == 0),
            Has | HasAll => self.shared(value).map(|n| n == self.constants.len()),
            In => self.one_of(value, moment),
            NotIn => self.one_of(value, moment).map(|one| !one),
            Contains => self.search(value, find_ascii),
            NotContains => self.search(value, |text, part| !find_ascii(text, part)),
            StartsWith => self.search(value, |text, part| {
                text.get(..part.len()).is_some_and(|start| start.eq_ignore_ascii_case(part))
            }),
            EndsWith => self.search(value, |text, part| {
                (text.len().checked_sub(part.len()).and_then(|from| text.get(from..)))
                    .is_some_and(|end| end.eq_ignore_ascii_case(part))
            }),
            Lt | Before => compare(0).map(Ordering::is_lt),
            Le => compare(0).map(Ordering::is_le),
            Gt | After => compare(0).map(Ordering::is_gt),
            Ge => compare(0).map(Ordering::is_ge),
            Between => Some(compare(0)?.is_ge() && compare(1)?.is_le()),
            WithinLast | WithinNext | IsToday | InPast | InFuture => {
                let (from, to) = self.window(moment.clock)?;
                let at = self.family.instant(value)?;
                Some(from.is_none_or(|f| f <= at) && to.is_none_or(|t| at <= t))
            }
            IsViewer => Some(value.text()? == moment.viewer.id),
            IsViewersCompany => {
                let id = value.text()?;
                Some(moment.viewer.companies.iter().any(|c| c == id))
            }
            HasAny | IsEmpty | IsNotEmpty | Changed | ChangedFrom | ChangedTo => None,
        }
    }

    fn equal(&self, value: ValueRef<'_>, moment: &Moment<'_>) -> Option<bool> {
        if self.family == Family::Keys {
            let ValueRef::Texts(keys) = value else { return None };
            // As sets: every key on either side is on the other.
            let here = |key: &String| self.constants.iter().any(|c| matches!(c, Constant::Text(t) if t == key));
            return Some(self.shared(value)? == self.constants.len() && keys.iter().all(here));
        }
        Some(compare(self.family, value, self.constants.first()?, moment.clock)?.is_eq())
    }

    fn one_of(&self, value: ValueRef<'_>, moment: &Moment<'_>) -> Option<bool> {
        for constant in &self.constants {
            if compare(self.family, value, constant, moment.clock)?.is_eq() {
                return Some(true);
            }
        }
        Some(false)
    }

    /// How many of the constants are among the value's keys.
    fn shared(&self, value: ValueRef<'_>) -> Option<usize> {
        let ValueRef::Texts(keys) = value else { return None };
        let among = |c: &&Constant| matches!(c, Constant::Text(t) if keys.contains(t));
        Some(self.constants.iter().filter(among).count())
    }

    fn search(&self, value: ValueRef<'_>, found: impl Fn(&str, &str) -> bool) -> Option<bool> {
        match self.constants.first()? {
            Constant::Text(part) => Some(found(value.text()?, part)),
            _ => None,
        }
    }

    /// The first and the last day or microsecond that an operator about time accepts; None is open.
    pub(crate) fn window(&self, clock: &Clock) -> Option<(Option<i64>, Option<i64>)> {
        let span = match self.constants.first() {
            Some(Constant::Span(seconds)) => *seconds,
            _ => 0,
        };
        if self.family == Family::Date {
            let (today, days) = (i64::from(clock.today), span / 86_400);
            return Some(match self.op {
                Operator::WithinLast => (Some(today - days), Some(today)),
                Operator::WithinNext => (Some(today), Some(today + days)),
                Operator::IsToday => (Some(today), Some(today)),
                Operator::InPast => (None, Some(today - 1)),
                Operator::InFuture => (Some(today + 1), None),
                _ => return None,
            });
        }
        let now = clock.now.micros();
        Some(match self.op {
            Operator::WithinLast => (Some(clock.now.plus_seconds(-span).micros()), Some(now)),
            Operator::WithinNext => (Some(now), Some(clock.now.plus_seconds(span).micros())),
            Operator::IsToday => {
                (Some(clock.day_starts.micros()), Some(clock.next_day_starts.micros().saturating_sub(1)))
            }
            Operator::InPast => (None, Some(now.saturating_sub(1))),
            Operator::InFuture => (Some(now.saturating_add(1)), None),
            _ => return None,
        })
    }
}

impl Constant {
    /// What a value of a family is compared with; None when it is not what the family says.
    fn value(&self, family: Family, clock: &Clock) -> Option<ValueRef<'_>> {
        Some(match (family, self) {
            (Family::Text | Family::Key | Family::Reference | Family::Time, Constant::Text(text))
            | (Family::Decimal, Constant::Decimal(text)) => ValueRef::Text(text),
            (Family::Integer, Constant::Integer(number)) => ValueRef::Integer(*number),
            (Family::Boolean, Constant::Boolean(yes)) => ValueRef::Boolean(*yes),
            (Family::Date, Constant::Day(day)) => ValueRef::Day(*day),
            (Family::Date, Constant::Today) => ValueRef::Day(clock.today),
            (Family::Moment, Constant::Moment(at)) => ValueRef::Moment(*at),
            (Family::Moment, Constant::Now) => ValueRef::Moment(clock.now),
            (Family::Moment, Constant::Today) => ValueRef::Moment(clock.day_starts),
            _ => return None,
        })
    }
}

/// Compares a value that is not empty with a constant; None when one is not what the family says.
fn compare(family: Family, value: ValueRef<'_>, with: &Constant, clock: &Clock) -> Option<Ordering> {
    family.compare(value, with.value(family, clock)?)
}

/// True when a text contains another, ASCII letters without regard to case.
fn find_ascii(text: &str, part: &str) -> bool {
    if part.is_empty() {
        return true;
    }
    (text.as_bytes().windows(part.len())).any(|w| w.eq_ignore_ascii_case(part.as_bytes()))
}
