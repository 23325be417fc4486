//! The decision on one record: is it there for the viewer, what may be done with it, field by field.

mod form;
mod trace;
mod write;

pub use form::{FormField, form};
pub use trace::Reason;
pub use write::{Accepted, FieldRefusal, Write, WriteRefusal, check_write};

use crate::{
    access::{Access, Action, ActionSet, Tie},
    catalogue::system_field,
    condition::{Moment, Previous, Truth},
    labels::Labels,
    plan::{AccessPlan, ModuleAccess, PlanEffect, PlanRule},
    value::{Clock, Fact, Facts, OwnedValue},
};
use fields::FieldType;

/// The decision on one record.
#[derive(Debug, Clone)]
pub struct RecordAccess<'p> {
    plan: &'p AccessPlan,
    module: &'p ModuleAccess,
    tie: Tie,
    record_condition: Option<Truth>,
    purpose: Purpose,
    visible: bool,
    read_only: bool,
    actions: ActionSet,
    /// By place in the module's list.
    fields: Vec<Cell>,
    /// Places of the rules that apply, in the module's order, and whether their condition is known to hold.
    applied: Vec<(u16, Truth)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell {
    access: Access,
    mandatory: bool,
}

/// What a state of a record is judged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// It is saved and somebody looks at it.
    Look,
    /// It would be a new record.
    Create,
    /// It would replace a saved record. Whether the record exists for the viewer is the saved state's to
    /// say; here only the rules count.
    Replace,
}

impl Purpose {
    /// The action that writes fields.
    fn writing(self) -> Action {
        if self == Purpose::Create { Action::Create } else { Action::Edit }
    }
}

/// Decides on a saved record. None when the module does not exist for the subject; a record that is
/// not visible must look exactly the same from outside.
pub fn decide_record<'p, F: Facts + ?Sized>(
    plan: &'p AccessPlan,
    module: &str,
    facts: &F,
    clock: &Clock,
) -> Option<RecordAccess<'p>> {
    let access = plan.module(module)?;
    let values = read_operands(plan, access, facts, clock);
    Some(decide(plan, access, facts, clock, &values, Previous::Same, Purpose::Look))
}

/// Decides on a record that is about to be created, with the values it would have. None when the module
/// does not exist for the subject. Visible means: it may be created.
pub fn decide_new<'p, F: Facts + ?Sized>(
    plan: &'p AccessPlan,
    module: &str,
    proposed: &F,
    clock: &Clock,
) -> Option<RecordAccess<'p>> {
    let access = plan.module(module)?;
    let values = read_operands(plan, access, proposed, clock);
    Some(decide(plan, access, proposed, clock, &values, Previous::Nothing, Purpose::Create))
}

fn read_operands<'a, F: Facts + ?Sized>(
    plan: &'a AccessPlan,
    module: &'a ModuleAccess,
    facts: &'a F,
    clock: &Clock,
) -> Vec<Fact<'a>> {
    module.operands.iter().map(|o| o.read(facts, &plan.viewer, clock)).collect()
}

fn decide<'p, F: Facts + ?Sized>(
    plan: &'p AccessPlan,
    module: &'p ModuleAccess,
    facts: &F,
    clock: &Clock,
    values: &[Fact<'_>],
    previous: Previous<'_>,
    purpose: Purpose,
) -> RecordAccess<'p> {
    // What is being created is the creator's own.
    let tie = match purpose {
        Purpose::Look => facts.tie(),
        Purpose::Create | Purpose::Replace => Tie { mine: true, company: true },
    };
    let record_condition = match &module.record_condition {
        Some(condition) if purpose == Purpose::Look => Some(condition.evaluate(facts, &plan.viewer, clock)),
        _ => None,
    };
    let reaches = |action| tie.reaches(module.actions.get(action));
    let gate = if purpose == Purpose::Create { Action::Create } else { Action::View };
    let mut visible = reaches(gate) && matches!(record_condition, None | Some(Truth::True));
    let mut actions = ActionSet::default();
    let mut fields = ceilings(module, purpose);
    let (mut read_only, mut applied) = (false, Vec::new());
    if visible {
        for action in Action::ALL.into_iter().filter(|a| reaches(*a)) {
            actions = actions.with(action);
        }
        let moment = Moment { values, previous, viewer: &plan.viewer, clock };
        for (at, rule) in module.rules.iter().enumerate() {
            // What can't be known closes, as if it held.
            let holds = rule.when.holds(&moment);
            if holds != Truth::False {
                applied.push((u16::try_from(at).unwrap_or(u16::MAX), holds));
                tighten(rule, &mut fields, &mut actions, &mut read_only);
            }
        }
        visible = actions.contains(gate) || purpose == Purpose::Replace;
    }
    if read_only {
        actions = actions.without(Action::Edit).without(Action::Delete);
    }
    if !visible {
        actions = ActionSet::default();
    }
    let ceiling = match (visible, read_only || !actions.contains(purpose.writing())) {
        (false, _) => Access::Hidden,
        (true, true) => Access::Read,
        (true, false) => Access::Write,
    };
    if ceiling != Access::Write {
        for cell in &mut fields {
            cell.access = cell.access.min(ceiling);
        }
    }
    RecordAccess { plan, module, tie, record_condition, purpose, visible, read_only, actions, fields, applied }
}

fn ceilings(module: &ModuleAccess, purpose: Purpose) -> Vec<Cell> {
    let cell = |f: &crate::plan::PlanField| Cell {
        access: if purpose == Purpose::Create { f.on_create } else { f.access },
        mandatory: f.mandatory,
    };
    module.fields.iter().map(cell).collect()
}

fn tighten(rule: &PlanRule, fields: &mut [Cell], actions: &mut ActionSet, read_only: &mut bool) {
    for effect in &rule.effects {
        match effect {
            PlanEffect::Visibility(at, access) => {
                if let Some(cell) = fields.get_mut(usize::from(*at)) {
                    cell.access = cell.access.min(*access);
                }
            }
            PlanEffect::Mandatory(at) => {
                if let Some(cell) = fields.get_mut(usize::from(*at)) {
                    cell.mandatory = true;
                }
            }
            PlanEffect::HideBlock(_, inside) => {
                for at in inside {
                    if let Some(cell) = fields.get_mut(usize::from(*at)) {
                        cell.access = Access::Hidden;
                    }
                }
            }
            PlanEffect::ReadOnlyRecord => *read_only = true,
            PlanEffect::ActionOff(action) => *actions = actions.without(*action),
            PlanEffect::SetValue(..)
            | PlanEffect::AllowedValues(..)
            | PlanEffect::HideRelated(_)
            | PlanEffect::Message(_) => {}
        }
    }
}

impl<'p> RecordAccess<'p> {
    /// True when the record exists for the viewer.
    pub fn is_visible(&self) -> bool {
        self.visible
    }

    /// What may be done with the record.
    pub fn actions(&self) -> ActionSet {
        self.actions
    }

    /// True when an action may be done with the record.
    pub fn may(&self, action: Action) -> bool {
        self.actions.contains(action)
    }

    /// What may be done with a field of the record.
    pub fn field(&self, field: &str) -> Access {
        if !self.visible {
            return Access::Hidden;
        }
        if let Some(access) = system_field(field) {
            return access;
        }
        match self.module.place(field) {
            Some(at) => self.fields[at].access,
            None => {
                let open = self.may(self.purpose.writing()) && !self.read_only;
                self.module.other_fields.min(if open { Access::Write } else { Access::Read })
            }
        }
    }

    /// The fields that the plan names and the record shows, with their access, by name. For agents and
    /// services, whose plans name none, ask [`RecordAccess::field`] for each field of the module.
    pub fn fields(&self) -> impl Iterator<Item = (&'p str, Access)> {
        (self.module.fields.iter().zip(&self.fields))
            .filter(|(_, cell)| cell.access.is_visible())
            .map(|(field, cell)| (field.name.as_str(), cell.access))
    }

    /// True when the field must hold a value; a field that can't be written never must.
    pub fn is_mandatory(&self, field: &str) -> bool {
        self.module.place(field).is_some_and(|at| self.fields[at].mandatory && self.fields[at].access.is_writable())
    }

    /// What a field shows of its text: nothing, what [`FieldType::mask`] leaves of it, or all.
    pub fn show<'v>(&self, field: &str, text: &'v str) -> Option<std::borrow::Cow<'v, str>> {
        match self.field(field) {
            Access::Hidden => None,
            Access::Masked => {
                // Only fields that the plan names are ever masked; of what it doesn't name, nothing shows.
                let kind = self.module.place(field).map_or(FieldType::File, |at| self.module.fields[at].kind);
                Some(kind.mask(text).into())
            }
            Access::Read | Access::Write => Some(text.into()),
        }
    }

    /// True when an export (CSV, PDF) may carry the field: only what can be read whole.
    pub fn exports(&self, field: &str) -> bool {
        self.may(Action::Export) && self.field(field).is_readable()
    }

    /// True when the history and live events may name a change of the field.
    pub fn reveals_change(&self, field: &str) -> bool {
        self.field(field).is_visible()
    }

    /// The keys that a picklist field may be given; None when no rule limits them.
    pub fn allowed_values(&self, field: &str) -> Option<Vec<&'p str>> {
        let at = self.module.place(field)?;
        let mut allowed: Option<Vec<&str>> = None;
        for values in self.effects().filter_map(|(_, effect)| match effect {
            PlanEffect::AllowedValues(f, values) if usize::from(*f) == at => Some(values),
            _ => None,
        }) {
            match &mut allowed {
                None => allowed = Some(values.iter().map(String::as_str).collect()),
                Some(kept) => kept.retain(|k| values.iter().any(|v| v == k)),
            }
        }
        allowed
    }

    /// Texts that rules show with the record.
    pub fn messages(&self) -> Vec<&'p Labels> {
        let message = |(_, effect): (&'p PlanRule, &'p PlanEffect)| match effect {
            PlanEffect::Message(text) => Some(text),
            _ => None,
        };
        self.effects().filter_map(message).collect()
    }

    /// True when a block of the record's page is hidden as a whole.
    pub fn hides_block(&self, block: &str) -> bool {
        self.effects().any(|(_, e)| matches!(e, PlanEffect::HideBlock(b, _) if b == block))
    }

    /// The related lists of the record's page, in order.
    pub fn related(&self) -> Vec<&'p str> {
        let hidden = |name: &str| self.effects().any(|(_, e)| matches!(e, PlanEffect::HideRelated(r) if r == name));
        let lists = if self.visible { self.module.related.as_slice() } else { &[] };
        lists.iter().map(String::as_str).filter(|name| !hidden(name)).collect()
    }

    /// What the rules say to the user about why a field or (`None`) the record is not open.
    pub fn public_reason(&self, field: Option<&str>) -> Option<&'p Labels> {
        let at = field.and_then(|f| self.module.place(f));
        let on = |effect: &PlanEffect| match effect {
            PlanEffect::ReadOnlyRecord => true,
            PlanEffect::ActionOff(action) => *action == self.purpose.writing(),
            PlanEffect::Visibility(f, access) => at == Some(usize::from(*f)) && !access.is_writable(),
            PlanEffect::AllowedValues(f, _) | PlanEffect::Mandatory(f) => at == Some(usize::from(*f)),
            _ => false,
        };
        self.effects()
            .filter(|(rule, effect)| on(effect) && !rule.public_reason.is_empty())
            .map(|(rule, _)| rule)
            // Not the order of rules decides which reason is shown.
            .min_by(|a, b| a.id.cmp(&b.id))
            .map(|rule| &rule.public_reason)
    }

    /// The ids of the rules that apply to the record.
    pub fn applied_rules(&self) -> impl Iterator<Item = &'p str> {
        self.rules().map(|rule| rule.id.as_str())
    }

    fn rules(&self) -> impl Iterator<Item = &'p PlanRule> {
        let module = self.module;
        self.applied.iter().filter_map(move |(at, _)| module.rules.get(usize::from(*at)))
    }

    fn effects(&self) -> impl Iterator<Item = (&'p PlanRule, &'p PlanEffect)> {
        self.rules().flat_map(|rule| rule.effects.iter().map(move |effect| (rule, effect)))
    }

    /// What the rules leave in fields, by place in the module's list. Of several rules on one field the
    /// greatest priority wins, then the smallest id. A rule of which it can't be known whether it applies closes, but
    /// writes nothing.
    fn set_values(&self) -> Vec<(usize, &'p OwnedValue)> {
        let mut winners: Vec<(usize, &PlanRule, &OwnedValue)> = Vec::new();
        let module = self.module;
        let certain = (self.applied.iter().filter(|(_, holds)| *holds == Truth::True))
            .filter_map(|(at, _)| module.rules.get(usize::from(*at)));
        for (rule, effect) in certain.flat_map(|rule| rule.effects.iter().map(move |effect| (rule, effect))) {
            let PlanEffect::SetValue(at, value) = effect else { continue };
            let at = usize::from(*at);
            if at >= self.fields.len() {
                continue;
            }
            let rank = |r: &'p PlanRule| (std::cmp::Reverse(r.priority), r.id.as_str());
            match winners.iter_mut().find(|(f, ..)| *f == at) {
                Some(winner) if rank(rule) < rank(winner.1) => *winner = (at, rule, value),
                Some(_) => {}
                None => winners.push((at, rule, value)),
            }
        }
        winners.sort_by_key(|(at, ..)| *at);
        winners.into_iter().map(|(at, _, value)| (at, value)).collect()
    }
}

/// True when a scope and the record condition let the viewer see a record: the row's gate alone, for
/// callers that need no fields.
pub fn readable<F: Facts + ?Sized>(plan: &AccessPlan, module: &str, facts: &F, clock: &Clock) -> bool {
    decide_record(plan, module, facts, clock).is_some_and(|access| access.is_visible())
}

#[cfg(test)]
mod tests;
