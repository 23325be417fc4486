//! Read models that are written with the events they show.

mod contact_profile_v1;
mod profiles_v1;

pub(crate) use contact_profile_v1::ContactProfileV1;
pub(crate) use profiles_v1::ProfilesV1;

/// An event that a projection can't read stops the append or the rebuild: better than a read model that misses it.
fn unreadable(error: eventlog::LogError) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}
