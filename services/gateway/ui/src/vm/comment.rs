//! Comments of a record and the box to write one.

use askama::Template;
use uuid::Uuid;

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
    /// Its author wrote it anew, at this time.
    pub edited: Option<Stamp>,
    /// Its author took it back: there is no text.
    pub removed: bool,
    /// What the viewer may still do with it; `None` for what is others' or stands for good.
    pub open: Option<OpenComment>,
}

/// A comment that its author may write anew or take back.
#[derive(Debug, Clone)]
pub struct OpenComment {
    /// The same page with the comment's text in a form.
    pub edit_url: String,
    /// Where that form posts to: `body`, `csrf_token`, `form_id`.
    pub action: String,
    /// Where the form that takes it back posts to.
    pub remove_action: String,
    /// The text in the form, when the page was asked for it.
    pub editing: Option<String>,
    /// Why the last attempt was refused.
    pub fault: Option<FieldFault>,
    /// Back to the page without the form.
    pub cancel_url: String,
}

/// A change of the record's state, between what was said.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Icon of the sprite.
    pub icon: &'static str,
    /// A whole sentence: "Closed by Emma Rossi".
    pub text: String,
    /// When.
    pub at: Stamp,
}

/// What a conversation consists of, in the order in which it happened.
#[derive(Debug, Clone)]
pub enum Moment {
    /// Somebody said something.
    Said(Comment),
    /// The record's state changed.
    Turned(Turn),
}

impl Moment {
    /// The comment, if it is one.
    pub fn comment(&self) -> Option<&Comment> {
        match self {
            Self::Said(comment) => Some(comment),
            Self::Turned(_) => None,
        }
    }
}

/// A second way to send: with a status for the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The status's key; the form sends it as `set_status`.
    pub value: String,
    /// "Send and close".
    pub label: String,
}

/// What a reply to a closed record does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AfterClosing {
    /// It opens the record again.
    Reopens,
    /// Nothing: the record stays closed, and the page leads to a new one that tells of it.
    NewOne {
        /// The form for the new one; `None` when the viewer may not make any.
        url: Option<String>,
    },
}

/// The box to write a comment.
///
/// Posts `body`, `internal` (`false` or `true`, console only), `set_status` (by which button was pressed), `preview` (likewise:
/// nothing is sent), `csrf_token`, `form_id`.
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
    /// How the text would look, when that was asked for.
    pub preview: Option<SafeHtml>,
    /// Other ways to send.
    pub offers: Vec<Offer>,
    /// What a reply does, when the record is closed and the viewer is a customer.
    pub closed: Option<AfterClosing>,
}

impl Composer {
    /// What the first button says.
    pub(crate) const fn send_key(&self) -> &'static str {
        match self.closed {
            Some(AfterClosing::Reopens) => "composer-send-and-reopen",
            _ => "composer-send",
        }
    }

    /// Whether there is anything to type into.
    pub(crate) const fn takes_text(&self) -> bool {
        !matches!(self.closed, Some(AfterClosing::NewOne { .. }))
    }

    /// The form for a new record, where this one stays closed.
    pub(crate) fn follow_up(&self) -> Option<&str> {
        match &self.closed {
            Some(AfterClosing::NewOne { url }) => url.as_deref(),
            _ => None,
        }
    }
}

/// The comments of a record.
#[derive(Debug, Clone)]
pub struct Comments {
    /// Oldest first.
    pub items: Vec<Moment>,
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
    pub items: Vec<Moment>,
    /// For the forms of one's own comments.
    pub csrf_token: String,
    /// For their ids; see [`super::Chrome::form_seed`].
    pub form_seed: Uuid,
}

/// A comment as HTML: a template of its own, as those of [`super::whole`] are.
#[derive(Debug, Template)]
#[template(path = "components/whole_comment.html")]
pub(crate) struct WholeComment<'a> {
    lang: Lang,
    sprite: &'a str,
    csrf: &'a str,
    seed: Uuid,
    comment: &'a Comment,
}

impl WholeComment<'_> {
    /// What can be done with it, while its text stands in a form.
    fn form(&self) -> Option<&OpenComment> {
        self.comment.open.as_ref().filter(|open| open.editing.is_some())
    }

    fn text(&self) -> &str {
        self.comment.open.as_ref().and_then(|open| open.editing.as_deref()).unwrap_or_default()
    }

    /// The idempotency key of one of its forms.
    fn form_id(&self, form: &str) -> Uuid {
        Uuid::new_v5(&self.seed, format!("{form}/{}", self.comment.id).as_bytes())
    }
}

impl Comment {
    /// As HTML.
    pub(crate) fn whole<'a>(&'a self, lang: &Lang, sprite: &'a str, csrf: &'a str, seed: &Uuid) -> WholeComment<'a> {
        WholeComment { lang: *lang, sprite, csrf, seed: *seed, comment: self }
    }
}
