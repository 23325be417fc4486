//! How permissions' events are named to the world.

use eventlog::{Announce, Announcement, Owner, Recorded};
use proto::{
    event::StoredEvent,
    permissions::v1::{ProfileCreated, ProfileDraftSaved},
};
use serde_json::Value;

/// Published profiles and choices are public; drafts are nobody's business but ours.
pub(crate) struct PermissionsAnnounce;

/// The one stream of the choice of the default profile has no id of its own.
const OWNERS: [Owner; 2] = [
    Owner { category: "profile", field: "profile_id", suffix: "" },
    Owner { category: "contact_profile", field: "contact_id", suffix: "" },
];

impl Announce for PermissionsAnnounce {
    fn announce(&self, event: &Recorded, json: &Value) -> Announcement {
        let draft = [ProfileCreated::STORED_TYPE, ProfileDraftSaved::STORED_TYPE].contains(&&*event.stored_type);
        Announcement { public: !draft, ..Announcement::of(event, json, &OWNERS) }
    }
}
