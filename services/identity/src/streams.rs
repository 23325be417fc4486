//! The streams of administration's aggregates, and their rejections as errors.

use crate::{
    change::Streamed,
    codec::administration::Administration,
    domain::{bulk, group, link, role, settings, token},
};
use kernel::{Code, Error};

macro_rules! streamed {
    ($($aggregate:ty: $category:literal, $kind:ident($event:ty);)*) => {$(
        impl Streamed for $aggregate {
            const CATEGORY: &'static str = $category;

            fn event(stored: Administration) -> Option<$event> {
                if let Administration::$kind(event) = stored { Some(event) } else { None }
            }

            fn stored(event: $event) -> Administration {
                Administration::$kind(event)
            }
        }
    )*};
}

streamed! {
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
