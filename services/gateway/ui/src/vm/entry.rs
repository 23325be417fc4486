//! Terms of use, and the page behind a company's secure link.

use askama::Template;

use super::chrome::Chrome;
use crate::markdown::SafeHtml;

/// The terms of use: to be accepted before anything else, or to be read again.
///
/// Posts `version`, `next`, `csrf_token`, `form_id`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/terms.html")]
pub struct TermsPage {
    /// Around the page; bare when they must be accepted.
    pub chrome: Chrome,
    /// The terms; `None` when the operator has none.
    pub text: Option<SafeHtml>,
    /// Where the form posts to; `None` when there is nothing to accept.
    pub action: Option<String>,
    /// The version that is shown.
    pub version: i32,
    /// Local path to go on to; empty for home.
    pub next: String,
}

/// What a company's link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// It opens the portal.
    Continue {
        /// Where the form posts to.
        action: String,
        /// The company's name; empty when it can't be said.
        company: String,
    },
    /// The company has portal users: they sign in.
    SignInInstead,
    /// Unknown, revoked, expired and switched off look the same.
    Unusable,
}

/// The page behind a company's secure link. Opening it changes nothing.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/company_link.html")]
pub struct CompanyLinkPage {
    /// Around the page; without viewer and menu.
    pub chrome: Chrome,
    /// The sign-in page.
    pub sign_in_url: String,
    /// What the link leads to.
    pub state: LinkState,
}

impl CompanyLinkPage {
    pub(crate) fn heading(&self) -> String {
        let lang = self.chrome.lang;
        match &self.state {
            LinkState::Continue { .. } => lang.t1("link-title", "product", &self.chrome.product_name),
            LinkState::SignInInstead => lang.t("link-sign-in-title"),
            LinkState::Unusable => lang.t("set-password-unusable-title"),
        }
    }
}
