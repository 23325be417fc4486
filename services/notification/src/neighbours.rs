//! What notification asks other services for: whom a record concerns, and, when a mail is written and not before, whether
//! its recipient may have it and the facts that it shows.
//!
//! Calls are made by the sender and by consumers, with notification's own token; no user's request waits for them.

use crate::{audience::Involved, domain::delivery::Order, recipients::Kind};
use futures::future::BoxFuture;
use kernel::Timestamp;
use uuid::Uuid;

/// Why a fact could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The other service is away; asking again later helps.
    #[error("{0} is away")]
    Away(&'static str),
    /// It refused; asking again does not help by itself.
    #[error("{0} refused: {1}")]
    Refused(&'static str, String),
}

/// A link that is made when the message with it is written.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedLink {
    /// Absolute; holds the token, so never in logs or spans.
    pub link: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// What a message shows of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordFacts {
    /// With its prefix: `TT1042`.
    pub number: String,
    /// Its name; empty when the reader may not see it.
    pub title: String,
}

/// What a message shows of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentFacts {
    /// Markdown.
    pub body: String,
    /// Display name of the author; may be empty.
    pub author: String,
}

/// Whether somebody could sign in now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Nothing stands in the way.
    Open,
    /// Something does: identity's word for it.
    Closed(String),
}

/// What somebody sees of a record now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The record.
    pub record: RecordFacts,
    /// Its comments are not for this reader.
    pub comments_hidden: bool,
    /// The comment that was asked for; `None` when it is gone or erased.
    pub comment: Option<CommentFacts>,
}

/// Whether somebody sees a record now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// There is no such record any more.
    Gone,
    /// It is not for this reader.
    Hidden,
    /// This is seen.
    Shown(Box<Shown>),
}

/// The services that notification asks.
pub trait Neighbours: Send + Sync + 'static {
    /// A fresh link of an invitation; `None` when it is used, replaced or revoked, and nothing is to be sent.
    fn invitation_link<'a>(&'a self, invitation: &'a str) -> BoxFuture<'a, Result<Option<IssuedLink>, Trouble>>;

    /// A fresh link for somebody who asked for a new password or another login; `None` when that was done or replaced,
    /// or has expired.
    fn link<'a>(&'a self, request: &'a str) -> BoxFuture<'a, Result<Option<IssuedLink>, Trouble>>;

    /// Whether a person could sign in now.
    fn entry(&self, person: Uuid) -> BoxFuture<'_, Result<Entry, Trouble>>;

    /// Who has to do with a record now; `None` when it is deleted or unknown.
    fn involved<'a>(&'a self, module: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Involved>, Trouble>>;

    /// The record of an order, and a comment of it unless its id is empty, as a person sees them now.
    fn shown_to<'a>(
        &'a self,
        reader: (Kind, Uuid),
        order: &'a Order,
        comment: &'a str,
    ) -> BoxFuture<'a, Result<View, Trouble>>;

    /// A record as nobody in particular sees it: for the operator's own address. `None` when it is deleted or unknown.
    fn record<'a>(&'a self, module: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<RecordFacts>, Trouble>>;
}

mod grpc;

pub(crate) use grpc::GrpcNeighbours;
