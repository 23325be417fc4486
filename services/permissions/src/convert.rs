//! Between protobuf and the domain: events as they are stored, and answers as they are sent.

use crate::domain::{
    contact_profile, default_profile,
    profile::{self, Document},
};
use eventlog::{LogError, Recorded, Stored};
use prost::Message;
use proto::{event::StoredEvent, permissions::v1 as pb};
use serde::Deserialize;
use uuid::Uuid;

/// A stored type and the bytes of its message.
pub(crate) type Encoded = (&'static str, Vec<u8>);

fn stored<M: StoredEvent>(message: &M) -> Encoded {
    (M::STORED_TYPE, message.encode_to_vec())
}

/// The stored form of a profile's event.
pub(crate) fn profile_event(event: &profile::Event) -> Encoded {
    match event {
        profile::Event::Created { profile, document, copied_from } => stored(&pb::ProfileCreated {
            profile_id: profile.to_string(),
            name: document.name.clone(),
            description: document.description.clone(),
            copied_from: copied_from.map(|id| id.to_string()).unwrap_or_default(),
            document: document.json.clone(),
        }),
        profile::Event::DraftSaved { profile, document } => {
            stored(&pb::ProfileDraftSaved { profile_id: profile.to_string(), document: document.json.clone() })
        }
        profile::Event::Published { profile, number, document } => stored(&pb::ProfilePublished {
            profile_id: profile.to_string(),
            number: *number,
            document: document.json.clone(),
        }),
    }
}

/// The stored form of a choice of the default profile.
pub(crate) fn default_event(event: &default_profile::Chosen) -> Encoded {
    stored(&pb::DefaultProfileChosen { profile_id: event.profile.to_string() })
}

/// The stored form of a choice for a contact.
pub(crate) fn contact_event(event: &contact_profile::Chosen) -> Encoded {
    stored(&pb::ContactProfileChosen {
        contact_id: event.contact.to_string(),
        profile_id: event.profile.map(|id| id.to_string()).unwrap_or_default(),
    })
}

/// Any event of this service's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// Of a profile.
    Profile(profile::Event),
    /// Of the choice of the default profile.
    Default(default_profile::Chosen),
    /// Of a contact's profile.
    Contact(contact_profile::Chosen),
}

/// Reads a recorded event.
pub(crate) fn event(recorded: &Recorded) -> Result<Event, LogError> {
    let broken = |what: String| LogError::Broken(format!("event {}: {what}", recorded.event_id));
    let id = |text: &str| Uuid::try_parse(text).map_err(|e| broken(e.to_string()));
    let optional = |text: &str| if text.is_empty() { Ok(None) } else { id(text).map(Some) };
    let payload = recorded.payload.as_slice();
    match &*recorded.stored_type {
        pb::ProfileCreated::STORED_TYPE => {
            let m = pb::ProfileCreated::decode(payload).map_err(|e| broken(e.to_string()))?;
            let document = Document { name: m.name, description: m.description, json: m.document };
            Ok(Event::Profile(profile::Event::Created {
                profile: id(&m.profile_id)?,
                document,
                copied_from: optional(&m.copied_from)?,
            }))
        }
        pb::ProfileDraftSaved::STORED_TYPE => {
            let m = pb::ProfileDraftSaved::decode(payload).map_err(|e| broken(e.to_string()))?;
            Ok(Event::Profile(profile::Event::DraftSaved { profile: id(&m.profile_id)?, document: titled(m.document) }))
        }
        pb::ProfilePublished::STORED_TYPE => {
            let m = pb::ProfilePublished::decode(payload).map_err(|e| broken(e.to_string()))?;
            Ok(Event::Profile(profile::Event::Published {
                profile: id(&m.profile_id)?,
                number: m.number,
                document: titled(m.document),
            }))
        }
        pb::DefaultProfileChosen::STORED_TYPE => {
            let m = pb::DefaultProfileChosen::decode(payload).map_err(|e| broken(e.to_string()))?;
            Ok(Event::Default(default_profile::Chosen { profile: id(&m.profile_id)? }))
        }
        pb::ContactProfileChosen::STORED_TYPE => {
            let m = pb::ContactProfileChosen::decode(payload).map_err(|e| broken(e.to_string()))?;
            Ok(Event::Contact(contact_profile::Chosen {
                contact: id(&m.contact_id)?,
                profile: optional(&m.profile_id)?,
            }))
        }
        other => Err(broken(format!("the type {other} is not known to this version"))),
    }
}

fn foreign() -> LogError {
    LogError::Broken("an event of another kind in this stream".into())
}

/// How an aggregate's events are stored: the category of its streams, its variant of [`Event`], its encoder.
macro_rules! stored {
    ($($aggregate:ty: $category:literal, $kind:ident($event:ty), $encode:ident;)*) => {$(
        impl Stored for $aggregate {
            const CATEGORY: &'static str = $category;

            fn decode(recorded: &Recorded) -> Result<$event, LogError> {
                if let Event::$kind(own) = event(recorded)? { Ok(own) } else { Err(foreign()) }
            }

            fn encode(_: Uuid, event: &$event) -> Encoded {
                $encode(event)
            }
        }
    )*};
}

stored! {
    profile::Profile: "profile", Profile(profile::Event), profile_event;
    // One stream for the installation, under the nil id.
    default_profile::DefaultProfile: "default_profile", Default(default_profile::Chosen), default_event;
    contact_profile::ContactProfile: "contact_profile", Contact(contact_profile::Chosen), contact_event;
}

/// The document of an event that does not name it apart. Reads nothing but the two titles, so that documents of every
/// past form can be read.
fn titled(json: String) -> Document {
    #[derive(Deserialize, Default)]
    struct Titles {
        #[serde(default)]
        name: String,
        #[serde(default)]
        description: String,
    }
    let titles: Titles = serde_json::from_str(&json).unwrap_or_default();
    Document { name: titles.name, description: titles.description, json }
}

#[cfg(test)]
mod tests;
