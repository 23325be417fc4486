//! What is said when a contact got access.

use proto::identity::v1::EnableAccessResponse;

/// The message after switching access on.
pub(crate) fn flash(answer: &EnableAccessResponse) -> &'static str {
    match answer.not_sent_reason.as_str() {
        "" => "access_enabled",
        "already_enabled" => "unchanged",
        _ => "access_enabled_not_sent",
    }
}
