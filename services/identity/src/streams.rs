//! The streams of identity's aggregates, and their rejections as errors.

use crate::{
    codec::{self, AnyEvent, administration::Administration},
    domain::{account, bulk, group, link, role, settings, token},
};
use eventlog::{LogError, Recorded, Stored, StreamId};
use kernel::{Code, Error};
use uuid::Uuid;

/// Stream of what happens around an account's logins.
pub(crate) fn activity_stream(user: Uuid) -> StreamId {
    StreamId::new("auth", user)
}

fn decode(recorded: &Recorded) -> Result<AnyEvent, LogError> {
    codec::decode(recorded).map_err(|e| LogError::Broken(e.to_string()))
}

fn foreign() -> LogError {
    LogError::Broken("an event of another kind in this stream".into())
}

impl Stored for account::Account {
    const CATEGORY: &'static str = "user";

    fn decode(recorded: &Recorded) -> Result<account::Event, LogError> {
        if let AnyEvent::Account(event) = decode(recorded)? { Ok(event) } else { Err(foreign()) }
    }

    fn encode(_: Uuid, event: &account::Event) -> (&'static str, Vec<u8>) {
        codec::encode_event(event)
    }

    fn person(&self, user: Uuid, _: &account::Event) -> Option<Uuid> {
        Some(user)
    }
}

macro_rules! stored {
    ($($aggregate:ty: $category:literal, $kind:ident($event:ty);)*) => {$(
        impl Stored for $aggregate {
            const CATEGORY: &'static str = $category;

            fn decode(recorded: &Recorded) -> Result<$event, LogError> {
                match decode(recorded)? {
                    AnyEvent::Administration(Administration::$kind(event)) => Ok(event),
                    AnyEvent::Account(_) | AnyEvent::Activity(_) | AnyEvent::Administration(_) => Err(foreign()),
                }
            }

            fn encode(_: Uuid, event: &$event) -> (&'static str, Vec<u8>) {
                codec::administration::encode(&Administration::$kind(event.clone()))
            }
        }
    )*};
}

stored! {
    settings::SecuritySettings: "settings", Settings(settings::Event);
    role::OwnRole: "role", Role(role::Event);
    group::Group: "group", Group(group::Event);
    token::Tokens: "tokens", Token(token::Event);
    link::CompanyLink: "company_link", Link(link::Event);
    bulk::BulkAccess: "bulk_access", Bulk(bulk::Event);
}

impl From<settings::Rejection> for Error {
    fn from(never: settings::Rejection) -> Error {
        match never {}
    }
}

impl From<link::Rejection> for Error {
    fn from(never: link::Rejection) -> Error {
        match never {}
    }
}

impl From<role::Rejection> for Error {
    fn from(rejection: role::Rejection) -> Error {
        match rejection {
            role::Rejection::Unknown => Error::not_found(),
        }
    }
}

impl From<group::Rejection> for Error {
    fn from(rejection: group::Rejection) -> Error {
        match rejection {
            group::Rejection::Unknown => Error::not_found(),
        }
    }
}

impl From<bulk::Rejection> for Error {
    fn from(rejection: bulk::Rejection) -> Error {
        match rejection {
            bulk::Rejection::Unknown => Error::not_found(),
        }
    }
}

impl From<token::Rejection> for Error {
    fn from(rejection: token::Rejection) -> Error {
        match rejection {
            token::Rejection::TooMany => Error::new(
                Code::Conflict,
                "too_many_tokens",
                format!("There are {} tokens already. Please revoke one first.", token::MAX_LIVE),
            ),
            token::Rejection::Unknown => Error::not_found(),
        }
    }
}
