//! The page of locked users.

use askama::Template;

use super::chrome::Chrome;
use super::console::Tab;
use super::list::Pager;
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
    /// Networks from which they came.
    pub networks: Vec<String>,
}

/// Locked users, with a form to unlock one or many.
///
/// Posts `user_id` (several), `note`, `trust`, `csrf_token`, `form_id`.
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
