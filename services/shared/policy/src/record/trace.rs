//! Why a decision is what it is. Nothing of it is collected while deciding: the decision keeps what it
//! needs to be explained afterwards.

use super::{Purpose, RecordAccess};
use crate::{
    access::{Access, Action, Scope},
    condition::Truth,
    plan::{ChosenBecause, PlanEffect},
};
use serde::Serialize;

/// One link in the chain of reasons, from the profile down to the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// The profile that governs.
    Profile {
        /// Its id.
        id: String,
        /// Its published version.
        version: u32,
        /// Why this one.
        because: ChosenBecause,
    },
    /// How far an action reaches, and whether it reaches the record.
    Scope {
        /// The action.
        action: Action,
        /// How far it reaches.
        scope: Scope,
        /// Tied to the viewer.
        mine: bool,
        /// Tied to a company of the viewer.
        company: bool,
        /// It reaches the record.
        reached: bool,
    },
    /// The module shows only records with a condition.
    RecordCondition {
        /// It holds for this record.
        holds: bool,
        /// It names something that does not exist, and closes.
        broken: bool,
    },
    /// What the profile grants on the field.
    Field {
        /// The ceiling.
        access: Access,
    },
    /// The field can't be written because the action that writes is off for this record.
    NotEditable,
    /// A rule applies and tightens what is asked about.
    Rule {
        /// The rule's id.
        rule: String,
        /// What it does: `visibility`, `read_only_record`, `hide_block`, `action_off`, `mandatory`,
        /// `allowed_values`, `set_value`.
        effect: String,
        /// It applies because it is broken, not because its condition holds.
        broken: bool,
    },
}

impl RecordAccess<'_> {
    /// Why an action may or may not be done with the record.
    pub fn explain_action(&self, action: Action) -> Vec<Reason> {
        let mut reasons = self.explain_record();
        if action != Action::View && action != Action::Create {
            reasons.push(self.scope_reason(action));
        }
        let stops = |effect: &PlanEffect| match effect {
            PlanEffect::ActionOff(off) => *off == action || *off == Action::View,
            PlanEffect::ReadOnlyRecord => matches!(action, Action::Edit | Action::Delete),
            _ => false,
        };
        self.add_rules(&mut reasons, stops);
        reasons
    }

    /// Why a field of the record is as open as it is.
    pub fn explain_field(&self, field: &str) -> Vec<Reason> {
        let mut reasons = self.explain_record();
        let place = self.module.place(field);
        let ceiling = match place {
            Some(at) if self.purpose == Purpose::Create => self.module.fields[at].on_create,
            Some(at) => self.module.fields[at].access,
            None => self.module.field(field, self.purpose == Purpose::Create),
        };
        reasons.push(Reason::Field { access: ceiling });
        let writes = self.purpose.writing();
        if ceiling.is_writable() && !self.may(writes) {
            reasons.push(self.scope_reason(writes));
            reasons.push(Reason::NotEditable);
        }
        self.add_rules(&mut reasons, |effect| match effect {
            PlanEffect::Visibility(at, _)
            | PlanEffect::Mandatory(at)
            | PlanEffect::SetValue(at, _)
            | PlanEffect::AllowedValues(at, _) => place == Some(usize::from(*at)),
            PlanEffect::HideBlock(_, inside) => inside.iter().any(|f| place == Some(usize::from(*f))),
            PlanEffect::ReadOnlyRecord => true,
            PlanEffect::ActionOff(action) => *action == writes || *action == Action::View,
            PlanEffect::HideRelated(_) | PlanEffect::Message(_) => false,
        });
        reasons
    }

    fn explain_record(&self) -> Vec<Reason> {
        let profile = &self.plan.profile;
        let mut reasons = vec![
            Reason::Profile { id: profile.id.clone(), version: profile.version, because: profile.chosen_because },
            self.scope_reason(if self.purpose == Purpose::Create { Action::Create } else { Action::View }),
        ];
        if let Some(truth) = self.record_condition {
            reasons.push(Reason::RecordCondition { holds: truth == Truth::True, broken: truth == Truth::Unknown });
        }
        reasons
    }

    fn scope_reason(&self, action: Action) -> Reason {
        let scope = self.module.actions.get(action);
        Reason::Scope {
            action,
            scope,
            mine: self.tie.mine,
            company: self.tie.company,
            reached: self.tie.reaches(scope),
        }
    }

    fn add_rules(&self, reasons: &mut Vec<Reason>, counts: impl Fn(&PlanEffect) -> bool) {
        for (rule, effect) in self.effects().filter(|(_, effect)| counts(effect)) {
            let name = match effect {
                PlanEffect::Visibility(..) => "visibility",
                PlanEffect::Mandatory(_) => "mandatory",
                PlanEffect::SetValue(..) => "set_value",
                PlanEffect::AllowedValues(..) => "allowed_values",
                PlanEffect::ReadOnlyRecord => "read_only_record",
                PlanEffect::HideBlock(..) => "hide_block",
                PlanEffect::HideRelated(_) => "hide_related",
                PlanEffect::ActionOff(_) => "action_off",
                PlanEffect::Message(_) => "message",
            };
            reasons.push(Reason::Rule {
                rule: rule.id.clone(),
                effect: name.to_owned(),
                broken: rule.when.is_broken(),
            });
        }
    }
}
