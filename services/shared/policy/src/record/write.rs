//! May this change be made? And what do the rules make of it?
//!
//! The right to change a field is judged on the saved state; mandatory and allowed values on the proposed
//! one. A new record has no saved state: everything is judged on the proposed one.

use super::{Purpose, RecordAccess, decide, decide_record, read_operands};
use crate::{
    access::{Access, Action, Scope},
    condition::{Operand, Previous},
    labels::Labels,
    plan::{AccessPlan, ModuleAccess},
    value::{Clock, Fact, Facts, OwnedValue},
};
use fields::ValueRef;
use kernel::{Error, FieldError};
use std::borrow::Cow;

/// A change that somebody wants to make.
pub struct Write<'a> {
    /// The record as it is; None for a new one.
    pub saved: Option<&'a dyn Facts>,
    /// The record as it would be, with defaults and everything that was sent. System fields and the
    /// contact and company hop are part of it.
    pub proposed: &'a dyn Facts,
    /// The names that were sent, changed or not: whoever sends what it may not write is refused, so that
    /// nothing is learnt by comparing.
    pub sent: &'a [&'a str],
    /// The moment.
    pub clock: &'a Clock,
}

/// A change that may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What the rules put into fields on top of what was sent, by name. They win over what was sent.
    pub set: Vec<(String, OwnedValue)>,
}

/// Why a change is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteRefusal {
    /// The record, or the module, does not exist for the subject.
    NotFound,
    /// The subject sees it, but the action is not its own; the rule's words, if a rule said so.
    Forbidden(Option<Labels>),
    /// These fields; always all that can be said at once.
    Fields(Vec<FieldRefusal>),
}

/// Why one field is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRefusal {
    /// As it was sent.
    pub field: String,
    /// Stable: `unknown_field` (also for what is hidden), `read_only`, `mandatory`, `not_allowed_value`,
    /// `not_filterable`, and the codes of [`crate::ConditionProblem`].
    pub code: Cow<'static, str>,
    /// The rule's words for the user.
    pub public_reason: Option<Labels>,
}

impl FieldRefusal {
    pub(crate) fn new(field: &str, code: &'static str) -> FieldRefusal {
        FieldRefusal { field: field.to_owned(), code: Cow::Borrowed(code), public_reason: None }
    }

    /// As the error of one field, in the language of the viewer where the rule has words, else in English.
    pub fn to_error(&self, language: &str) -> FieldError {
        let own = self.public_reason.as_ref().and_then(|r| r.pick(language));
        let message = own.unwrap_or(match &*self.code {
            "unknown_field" => "There is no such field.",
            "read_only" => "This field can't be changed.",
            "mandatory" => "This field needs a value.",
            "not_allowed_value" => "This value can't be chosen here.",
            "not_filterable" => "This field can't be filtered or sorted by.",
            "unknown_value" => "There is no such value.",
            "operator_does_not_fit" => "This comparison does not fit the field.",
            "value_missing" => "The comparison needs a value.",
            "value_not_expected" => "The comparison takes no value.",
            "bad_value" => "The value does not fit the field.",
            "condition_too_deep" => "The condition is nested too deeply.",
            "condition_too_large" => "The condition is too large.",
            _ => "This is not possible.",
        });
        FieldError { field: self.field.clone(), code: self.code.clone(), message: message.to_owned() }
    }
}

impl WriteRefusal {
    /// As the error that the caller gets.
    pub fn to_error(&self, language: &str) -> Error {
        match self {
            WriteRefusal::NotFound => Error::not_found(),
            WriteRefusal::Forbidden(reason) => {
                let mut error = Error::forbidden("action_not_allowed");
                if let Some(text) = reason.as_ref().and_then(|r| r.pick(language)) {
                    text.clone_into(&mut error.public);
                }
                error
            }
            WriteRefusal::Fields(fields) => Error::invalid(fields.iter().map(|f| f.to_error(language)).collect()),
        }
    }
}

/// Judges a change as a whole.
pub fn check_write(plan: &AccessPlan, module: &str, write: &Write<'_>) -> Result<Accepted, WriteRefusal> {
    let access = plan.module(module).ok_or(WriteRefusal::NotFound)?;
    let saved = match write.saved {
        Some(saved) => decide_record(plan, module, saved, write.clock),
        None => None,
    };
    let outcome = settle(plan, access, write);
    // The rights of a new record are judged on what it would be.
    let right = saved.as_ref().unwrap_or(&outcome.access);
    if !right.is_visible() {
        // Without *create*, whoever sees the module knows of it; whoever doesn't, doesn't.
        let known = write.saved.is_none() && access.actions.get(Action::View) != Scope::None;
        return Err(match known {
            true => WriteRefusal::Forbidden(right.public_reason(None).cloned()),
            false => WriteRefusal::NotFound,
        });
    }
    let action = if write.saved.is_none() { Action::Create } else { Action::Edit };
    // A record that a rule made read-only answers field by field below, with the rule's words.
    if !right.may(action) && (!right.read_only || write.sent.is_empty()) {
        return Err(WriteRefusal::Forbidden(right.public_reason(None).cloned()));
    }
    let mut refusals: Vec<FieldRefusal> = write.sent.iter().filter_map(|field| refuse_right(right, field)).collect();
    refusals.extend(refuse_proposed(access, right, &outcome, write, saved.as_ref()));
    if !refusals.is_empty() {
        return Err(WriteRefusal::Fields(refusals));
    }
    let set = outcome.set.iter().map(|(at, value)| (access.fields[*at].name.clone(), (*value).clone()));
    Ok(Accepted { set: set.collect() })
}

fn refuse_right(right: &RecordAccess<'_>, field: &str) -> Option<FieldRefusal> {
    match right.field(field) {
        Access::Write => None,
        Access::Hidden => Some(FieldRefusal::new(field, "unknown_field")),
        Access::Masked | Access::Read => Some(FieldRefusal {
            public_reason: right.public_reason(Some(field)).cloned(),
            ..FieldRefusal::new(field, "read_only")
        }),
    }
}

fn refuse_proposed(
    module: &ModuleAccess,
    right: &RecordAccess<'_>,
    outcome: &Settled<'_>,
    write: &Write<'_>,
    saved: Option<&RecordAccess<'_>>,
) -> Vec<FieldRefusal> {
    let mut refusals = Vec::new();
    for (at, field) in module.fields.iter().enumerate() {
        let name = field.name.as_str();
        // What the user can't write is never asked of the user.
        if !right.field(name).is_writable() {
            continue;
        }
        let typed = outcome.access.fields[at];
        let shown = typed.access.is_visible();
        // What nobody looked up fulfils nothing.
        let value = outcome.fact(at, name, write.proposed).known();
        let refuse = |code| FieldRefusal {
            public_reason: outcome.access.public_reason(Some(name)).cloned(),
            ..FieldRefusal::new(name, code)
        };
        let Some(value) = value.filter(|v| !v.is_empty()) else {
            // Nor is what the form has just taken away.
            if typed.mandatory && shown {
                refusals.push(refuse("mandatory"));
            }
            continue;
        };
        let judged = shown || write.sent.contains(&name);
        let Some(allowed) = outcome.access.allowed_values(name).filter(|_| judged) else { continue };
        let stands = standing(write, saved, name).is_some_and(|before| before.same(value));
        if !all_allowed(value, &allowed) && !stands {
            refusals.push(refuse("not_allowed_value"));
        }
    }
    refusals
}

/// The saved value, if the rules did not allow it even before. It may stay: what was wrong already must
/// not stop a change of something else.
pub(super) fn standing<'a>(write: &Write<'a>, saved: Option<&RecordAccess<'_>>, field: &str) -> Option<ValueRef<'a>> {
    let value = write.saved?.fact(field).known()?;
    let allowed = saved?.allowed_values(field)?;
    (!value.is_empty() && !all_allowed(value, &allowed)).then_some(value)
}

fn all_allowed(value: ValueRef<'_>, allowed: &[&str]) -> bool {
    match value {
        ValueRef::Text(key) => allowed.contains(&key),
        ValueRef::Texts(keys) => keys.iter().all(|k| allowed.contains(&k.as_str())),
        _ => true,
    }
}

/// A proposed state after the rules have set their values and nothing moves any more.
pub(super) struct Settled<'p> {
    pub(super) access: RecordAccess<'p>,
    /// By place in the module's list.
    pub(super) set: Vec<(usize, &'p OwnedValue)>,
}

impl<'p> Settled<'p> {
    /// What is known of a field after the rules.
    pub(super) fn fact<'v>(&self, at: usize, name: &str, proposed: &'v dyn Facts) -> Fact<'v>
    where
        'p: 'v,
    {
        match self.set.iter().find(|(f, _)| *f == at) {
            Some((_, value)) => value.as_value().into(),
            None => proposed.fact(name),
        }
    }
}

/// Evaluates the proposed state until the values that rules set change nothing any more.
pub(super) fn settle<'p>(plan: &'p AccessPlan, module: &'p ModuleAccess, write: &Write<'_>) -> Settled<'p> {
    let before = write.saved.map(|saved| read_operands(plan, module, saved, write.clock));
    let previous = before.as_deref().map_or(Previous::Nothing, Previous::Values);
    let sent = read_operands(plan, module, write.proposed, write.clock);
    let purpose = if write.saved.is_none() { Purpose::Create } else { Purpose::Replace };
    let judge = |values: &[Fact<'_>]| decide(plan, module, write.proposed, write.clock, values, previous, purpose);
    let mut access = judge(&sent);
    let mut set = access.set_values();
    // Rules in a circle never set values (see the compilation), so each round settles at least one rule.
    for _ in 0..module.rules.len() {
        if set.is_empty() {
            break;
        }
        let mut values = sent.clone();
        for (operand, value) in module.operands.iter().zip(&mut values) {
            let Operand::Record(name) = operand else { continue };
            if let Some((_, winner)) = set.iter().find(|(at, _)| module.fields[*at].name == *name) {
                *value = winner.as_value().into();
            }
        }
        access = judge(&values);
        let next = access.set_values();
        if next == set {
            break;
        }
        set = next;
    }
    Settled { access, set }
}
