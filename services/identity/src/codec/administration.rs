//! Events of what administrators do: settings, roles, groups, tokens, bulk access, links, support access.

use super::{CodecError, Stored, bytes};
use crate::domain::settings;
use prost::Message;
use proto::{event::StoredEvent, identity::v1 as wire};

#[cfg(test)]
pub(super) mod tests;

/// An event of one of the streams beside accounts and their activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Administration {
    Settings(settings::Event),
}

/// The stored type and the message bytes.
pub(crate) fn encode(event: &Administration) -> (&'static str, Vec<u8>) {
    match event {
        Administration::Settings(settings::Event::Changed { document, terms_version }) => {
            let document = serde_json::to_string(document).expect("settings are plain JSON");
            bytes(&wire::SettingsChanged { document, terms_version: *terms_version })
        }
    }
}

/// The event of a stored type that is none of accounts and activities.
pub(super) fn decode(stored_type: &str, payload: &[u8]) -> Result<Stored, CodecError> {
    Ok(Stored::Administration(match stored_type {
        wire::SettingsChanged::STORED_TYPE => {
            let m = wire::SettingsChanged::decode(payload)?;
            let document = serde_json::from_str(&m.document).map_err(|_| CodecError::Field("document"))?;
            Administration::Settings(settings::Event::Changed { document, terms_version: m.terms_version })
        }
        other => return Err(CodecError::UnknownType(other.to_owned())),
    }))
}
