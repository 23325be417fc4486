//! What a form shows while the user types: the rights of the saved state, and what the typed one asks.

use super::{
    RecordAccess, decide_record,
    write::{Write, settle, standing},
};
use crate::{
    access::{Access, Action},
    plan::{AccessPlan, PlanEffect},
    value::OwnedValue,
};
use fields::ValueRef;

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// Its name.
    pub field: String,
    /// In the form at all: neither the saved nor the typed state hides it.
    pub visible: bool,
    /// Shows its last four characters only.
    pub masked: bool,
    /// The user may write it; judged on the saved state.
    pub editable: bool,
    /// Needs a value; judged on the typed state.
    pub mandatory: bool,
    /// What a rule puts into it, whatever is typed.
    pub value: Option<OwnedValue>,
    /// The keys that can be chosen, where a rule limits them; the saved one among them if it may stay.
    pub options: Option<Vec<String>>,
    /// The ids of the rules that made it so.
    pub because: Vec<String>,
}

/// The form for a new or an existing record as the user types; `write.sent` is not used. None when the
/// record does not exist for the subject, or can't be created. Fields by name; those that the subject
/// never sees are left out. For agents, whose plans name no fields, the list is empty: everything is open.
pub fn form(plan: &AccessPlan, module: &str, write: &Write<'_>) -> Option<Vec<FormField>> {
    let access = plan.module(module)?;
    let saved = match write.saved {
        Some(saved) => Some(decide_record(plan, module, saved, write.clock)?),
        None => None,
    };
    let outcome = settle(plan, access, write);
    let right: &RecordAccess<'_> = saved.as_ref().unwrap_or(&outcome.access);
    if !right.is_visible() || (write.saved.is_none() && !right.may(Action::Create)) {
        return None;
    }
    let mut fields = Vec::new();
    for (at, field) in access.fields.iter().enumerate() {
        let name = field.name.as_str();
        let now = right.field(name);
        if now == Access::Hidden {
            continue;
        }
        let typed = outcome.access.fields[at];
        let on_field = |effect: &PlanEffect| match effect {
            PlanEffect::Visibility(f, _)
            | PlanEffect::Mandatory(f)
            | PlanEffect::SetValue(f, _)
            | PlanEffect::AllowedValues(f, _) => usize::from(*f) == at,
            PlanEffect::HideBlock(_, inside) => inside.iter().any(|f| usize::from(*f) == at),
            PlanEffect::ReadOnlyRecord => true,
            _ => false,
        };
        let mut because: Vec<String> = (right.effects().chain(outcome.access.effects()))
            .filter(|(_, effect)| on_field(effect))
            .map(|(rule, _)| rule.id.clone())
            .collect();
        because.sort();
        because.dedup();
        let editable = now.is_writable();
        fields.push(FormField {
            field: name.to_owned(),
            visible: typed.access.is_visible(),
            masked: now == Access::Masked,
            editable,
            mandatory: editable && typed.mandatory && typed.access.is_visible(),
            value: (outcome.set.iter())
                .find(|(f, _)| *f == at)
                .map(|(_, value)| (*value).clone())
                // A value that the user could not read is not told by a form either.
                .filter(|_| now.is_readable()),
            options: outcome.access.allowed_values(name).filter(|_| now.is_readable()).map(|keys| {
                let standing = standing(write, saved.as_ref(), name).and_then(ValueRef::text);
                let standing = standing.filter(|key| !keys.contains(key));
                keys.into_iter().chain(standing).map(str::to_owned).collect()
            }),
            because,
        });
    }
    Some(fields)
}
