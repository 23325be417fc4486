//! Kinds of subjects: where they sign in, and through what they act.

use crate::codec;
use kernel::{ActorKind, Channel, Error};
use proto::identity::v1 as wire;

/// The kind of person that signs in at a front end.
pub(crate) fn person_kind(surface: wire::SubjectKind) -> Result<ActorKind, Error> {
    codec::actor_kind(surface)
        .filter(|k| matches!(k, ActorKind::Contact | ActorKind::Agent))
        .ok_or_else(|| Error::invalid_field("surface", "required", "Portal or console?"))
}

/// Through what a subject acts that logged in on a surface.
pub(crate) fn channel_of(kind: ActorKind) -> Channel {
    match kind {
        ActorKind::Contact | ActorKind::Company => Channel::Portal,
        ActorKind::Agent => Channel::Console,
        ActorKind::Service => Channel::System,
    }
}
