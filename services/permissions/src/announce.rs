//! How permissions' events are named to the world.

use eventlog::{Announce, Announcement, Recorded};
use proto::{
    event::StoredEvent,
    permissions::v1::{ProfileCreated, ProfileDraftSaved},
};
use serde_json::Value;

/// Published profiles and choices are public; drafts are nobody's business but ours.
pub(crate) struct PermissionsAnnounce;

impl Announce for PermissionsAnnounce {
    fn announce(&self, event: &Recorded, json: &Value) -> Announcement {
        announcement(&event.stored_type, json)
    }
}

fn announcement(stored_type: &str, json: &Value) -> Announcement {
    let named = Announcement::from_type(stored_type, json);
    let subject = match named.aggregate.as_str() {
        // It names a profile too, but is about the contact.
        "contact" => json.get("contact_id").and_then(Value::as_str).unwrap_or_default().to_owned(),
        _ => named.subject,
    };
    let draft = [ProfileCreated::STORED_TYPE, ProfileDraftSaved::STORED_TYPE].contains(&stored_type);
    Announcement { subject, public: !draft, ..named }
}

#[cfg(test)]
mod tests {
    use super::announcement;
    use proto::{
        event::StoredEvent,
        permissions::v1::{ContactProfileChosen, ProfileDraftSaved, ProfilePublished},
    };
    use serde_json::json;

    #[test]
    fn a_published_profile_is_public_and_a_draft_is_not() {
        let published = announcement(ProfilePublished::STORED_TYPE, &json!({"profile_id": "p"}));
        assert_eq!(
            (&*published.aggregate, &*published.event, &*published.subject, published.public),
            ("profile", "published", "p", true)
        );
        assert!(!announcement(ProfileDraftSaved::STORED_TYPE, &json!({"profile_id": "p"})).public);
    }

    #[test]
    fn a_choice_for_a_contact_is_about_the_contact() {
        let json = json!({"profile_id": "p", "contact_id": "c"});
        let chosen = announcement(ContactProfileChosen::STORED_TYPE, &json);
        assert_eq!((&*chosen.aggregate, &*chosen.event, &*chosen.subject), ("contact", "profile_chosen", "c"));
    }
}
