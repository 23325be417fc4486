//! Conditional rules as administrators write them.

use crate::{
    access::{Access, Action},
    condition::Condition,
    labels::Labels,
    value::OwnedValue,
};
use serde::{Deserialize, Serialize};

/// "When this holds, that applies": a rule only tightens what the profile grants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable, unique within the profile.
    pub id: String,
    /// For administrators.
    pub name: String,
    /// A rule that is off does nothing.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub enabled: bool,
    /// Only for `set_value`: the greater number wins, then the smaller id. Nothing else depends on it.
    #[serde(default)]
    pub priority: i32,
    /// When it applies.
    pub when: Condition,
    /// What then holds.
    pub effects: Vec<Effect>,
    /// Told to the user whom the rule stops; empty: a general text.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub public_reason: Labels,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Origin::is_own")]
    pub origin: Origin,
}

fn yes() -> bool {
    true
}

// The signature is serde's.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_yes(flag: &bool) -> bool {
    *flag
}

/// Where a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Origin {
    /// Written for this profile.
    #[default]
    Own,
    /// A copy.
    Imported {
        /// The profile, role or group that it was copied from.
        from: String,
        /// The version of it.
        version: u32,
    },
}

impl Origin {
    fn is_own(&self) -> bool {
        *self == Origin::Own
    }
}

/// What a rule does while its condition holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// The field is at most this open. `write` therefore changes nothing.
    Visibility {
        /// The field.
        field: String,
        /// The ceiling.
        access: Access,
    },
    /// The field must hold a value, as long as the user may write it.
    Mandatory {
        /// The field.
        field: String,
    },
    /// A write leaves this value in the field, whatever was sent.
    SetValue {
        /// The field.
        field: String,
        /// The value.
        value: OwnedValue,
    },
    /// The field takes only these keys; with several rules, those that all of them name.
    AllowedValues {
        /// The field.
        field: String,
        /// The keys.
        values: Vec<String>,
    },
    /// No field can be changed, and the record can't be deleted.
    // With braces, so that unknown keys beside it are refused as everywhere.
    ReadOnlyRecord {},
    /// The fields of a block are hidden.
    HideBlock {
        /// The block.
        block: String,
    },
    /// A related list is hidden.
    HideRelated {
        /// The list.
        related: String,
    },
    /// An action is off.
    ActionOff {
        /// The action.
        action: Action,
    },
    /// A text is shown with the record.
    Message {
        /// The text.
        text: Labels,
    },
}

impl Effect {
    /// The field that the effect is on, if it is on one.
    pub fn field(&self) -> Option<&str> {
        match self {
            Effect::Visibility { field, .. }
            | Effect::Mandatory { field }
            | Effect::SetValue { field, .. }
            | Effect::AllowedValues { field, .. } => Some(field),
            _ => None,
        }
    }
}
