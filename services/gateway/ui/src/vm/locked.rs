//! The page of locked users.

use askama::Template;

use super::chrome::Chrome;
use super::console::Tab;
use super::pager::Pager;
use crate::Lang;
use crate::fmt::Stamp;

/// A locked user.
#[derive(Debug, Clone)]
pub struct LockedUser {
    /// Sent as `user_id`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Login.
    pub login: String,
    /// An agent; else a portal user.
    pub agent: bool,
    /// The contact's page, if the viewer may open it.
    pub url: Option<String>,
    /// Since when.
    pub since: Stamp,
    /// Until when; `None` when only an agent ends it.
    pub until: Option<Stamp>,
    /// Failed attempts.
    pub failures: u32,
    /// Networks from which they came; those with an earlier success first.
    pub seen: Vec<Seen>,
}

/// A network from which somebody tried to sign in, and failed.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Sent as `trust_network`: the user's id, a space, the network.
    pub value: String,
    /// The network.
    pub network: String,
    /// Failures from there.
    pub failures: u32,
    /// The first.
    pub first: Stamp,
    /// The last.
    pub last: Stamp,
    /// The user has signed in from there before: what is proposed.
    pub succeeded_before: bool,
}

impl Seen {
    /// The id of its box.
    pub(crate) fn id(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        format!("trust-{}", self.value.chars().map(plain).collect::<String>())
    }

    /// What is known of it, in one sentence.
    pub(crate) fn text(&self, lang: impl Into<Lang>) -> String {
        let lang = lang.into();
        let count = lang.tn("seen-failures", self.failures);
        let times = lang.t2("seen-times", "first", &self.first.text, "last", &self.last.text);
        let before = lang.t(if self.succeeded_before { "seen-before" } else { "seen-never" });
        format!("{count} {times} {before}")
    }
}

/// Locked users, with a form to unlock one or many.
///
/// Posts `user_id` (several), `note`, `trust`, `trust_network` (several), `csrf_token`, `form_id`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/locked.html")]
pub struct LockedUsersPage {
    /// Around the page.
    pub chrome: Chrome,
    /// Where the form posts to; `None` when the viewer may only look.
    pub action: Option<String>,
    /// Locked users and trusted logins.
    pub tabs: Vec<Tab>,
    /// Who is locked now.
    pub users: Vec<LockedUser>,
    /// First and next.
    pub pager: Pager,
}
