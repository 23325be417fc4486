//! Comments of a record and the box to write one.

use askama::Template;

use super::form::FieldFault;
use super::shown::initials;
use crate::Lang;
use crate::fmt::Stamp;
use crate::markdown::SafeHtml;

/// Who wrote a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorKind {
    /// A contact of the customer, or the company itself by its secure link.
    Contact,
    /// The operator's side.
    Agent,
    /// The product itself.
    System,
}

impl AuthorKind {
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Contact => "comment-author-contact",
            Self::Agent => "comment-author-agent",
            Self::System => "comment-author-system",
        }
    }

    /// The picture of an author without a name.
    pub(crate) const fn icon(self) -> &'static str {
        match self {
            Self::Contact | Self::Agent => "user-round",
            Self::System => "sparkles",
        }
    }

    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Agent => "agent",
            Self::System => "system",
        }
    }
}

/// The author of a comment.
#[derive(Debug, Clone)]
pub struct Author {
    /// Display name; empty after erasure.
    pub name: String,
    /// Contact, agent or system.
    pub kind: AuthorKind,
    /// Whether it is the viewer.
    pub me: bool,
    /// The contact was deleted: the name is struck through.
    pub deleted: bool,
    /// The contact for whom an agent wrote it, with support access.
    pub on_behalf_of: Option<String>,
}

impl Author {
    pub(crate) fn initials(&self) -> String {
        initials(&self.name)
    }
}

/// A comment.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Its id; part of the anchor `#comment-<id>`.
    pub id: String,
    /// Who wrote it.
    pub author: Author,
    /// When.
    pub at: Stamp,
    /// What; `None` when the text was erased.
    pub body: Option<SafeHtml>,
    /// A note among agents. Never in a portal's view-model.
    pub internal: bool,
}

/// The box to write a comment.
///
/// Posts `body`, `internal` (`false` or `true`, console only), `csrf_token`, `form_id`.
#[derive(Debug, Clone)]
pub struct Composer {
    /// Where it posts to.
    pub action: String,
    /// What was typed.
    pub body: String,
    /// Whether the note was meant to be internal.
    pub internal: bool,
    /// Whether internal notes are offered.
    pub offers_internal: bool,
    /// Why the last attempt was refused.
    pub fault: Option<FieldFault>,
    /// Longest text in characters.
    pub max_length: u32,
}

/// The comments of a record.
#[derive(Debug, Clone)]
pub struct Comments {
    /// Oldest first.
    pub items: Vec<Comment>,
    /// The same page with what was said before; `None` when this is the beginning.
    pub earlier_url: Option<String>,
    /// The page with what was said last; `None` when this is it.
    pub latest_url: Option<String>,
    /// Address of the fragment ([`CommentsFragment`]) that the open page asks for every 30 seconds; `None` while earlier
    /// comments are shown.
    pub refresh_url: Option<String>,
    /// The box; `None` when the viewer may not comment.
    pub composer: Option<Composer>,
}

/// Only the list of comments, for the page's own refresh. Answer it with an `ETag`; the page sends `X-Portal-Background: 1`.
#[derive(Debug, Clone, Template)]
#[template(path = "components/comments_fragment.html")]
pub struct CommentsFragment {
    /// Language of the page.
    pub lang: Lang,
    /// Sprite address, for the icons.
    pub sprite: String,
    /// Oldest first.
    pub items: Vec<Comment>,
}
