//! What notification asks other services for: the facts that a message shows, when it is written, not before.
//!
//! Calls are made with notification's own token, or go on under the consumer's work; nobody's request waits for them.

use futures::future::BoxFuture;
use kernel::Timestamp;
use std::collections::BTreeMap;
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
    /// Field name → text, for fields that have one.
    pub texts: BTreeMap<String, String>,
}

/// What a message shows of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentFacts {
    /// Markdown.
    pub body: String,
    /// Display name of the author; may be empty.
    pub author: String,
}

/// The services that notification asks.
pub trait Neighbours: Send + Sync + 'static {
    /// A fresh link of an invitation; `None` when it is used, replaced or revoked, and nothing is to be sent.
    fn invitation_link<'a>(&'a self, invitation: &'a str) -> BoxFuture<'a, Result<Option<IssuedLink>, Trouble>>;

    /// A fresh link of a wish for a new password or another login; `None` when it was used or replaced, or is over.
    fn link<'a>(&'a self, request: &'a str) -> BoxFuture<'a, Result<Option<IssuedLink>, Trouble>>;

    /// A record; `None` when it is deleted or unknown.
    fn record<'a>(&'a self, module: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<RecordFacts>, Trouble>>;

    /// A comment of a record; `None` when it is gone, erased or internal.
    fn comment<'a>(
        &'a self,
        module: &'a str,
        record: &'a str,
        comment: &'a str,
    ) -> BoxFuture<'a, Result<Option<CommentFacts>, Trouble>>;

    /// Whether a contact may use the portal now.
    fn has_access(&self, contact: Uuid) -> BoxFuture<'_, Result<bool, Trouble>>;
}

mod grpc;

pub(crate) use grpc::GrpcNeighbours;
