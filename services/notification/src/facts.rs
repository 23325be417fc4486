//! What an event says and only it, as it is kept with the order that it led to.

use crate::domain::delivery::Order;
use serde::{Deserialize, Serialize};

/// Facts that an event gives and that only it gives, kept with the order for the template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Facts {
    /// Name to greet, when the event says it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) name: String,
    /// `contact` or `agent`: what the recipient is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) to: String,
    /// First day of support, YYYY-MM-DD.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) support_start: String,
    /// The comment that the message is about.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) comment_id: String,
    /// End of a lock, microseconds since 1970; 0 when only an agent ends it.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) locked_until_micros: i64,
    /// An agent did it, not the owner of the account.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) by_agent: bool,
    /// `totp`, `passkey` or `all`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) factor: String,
    /// What the owner called a passkey.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) passkey: String,
    /// With what somebody signs in from now on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) login: String,
    /// End of a one-time password, microseconds since 1970.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) valid_until_micros: i64,
    /// Who wrote the comment: `customer` or `agent`. Empty in older orders, which told only the other side.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) by: String,
    /// Why there is nobody to tell, in an order to the operator.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) why: String,
    /// How many recovery codes there are, or are left.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) codes: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &i64) -> bool {
    *n == 0
}

impl Facts {
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("a struct of texts and numbers is JSON")
    }

    /// The facts of an order; those of an erased person are gone.
    pub(crate) fn of(order: &Order) -> Facts {
        serde_json::from_str(&order.facts).unwrap_or_default()
    }
}
