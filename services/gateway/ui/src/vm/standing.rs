//! In what way somebody is signed in: by support access, by a company's link; and how long the session lasts.

/// Whose eyes a page is seen with, when it is not the person's own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// An agent looks at the portal as a contact.
    Support {
        /// The contact's name.
        name: String,
        /// Nothing can be changed.
        read_only: bool,
        /// Where the form that ends it posts to.
        stop_url: String,
    },
    /// A visitor who came by a company's secure link.
    Link {
        /// The company's name.
        company: String,
        /// The sign-in page.
        sign_in_url: String,
    },
}

/// When the session ends if nothing happens, for the warning before it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionClock {
    /// Seconds until the session ends when nothing happens.
    pub seconds: i64,
    /// So many seconds before the end the page warns.
    pub warn: i64,
    /// Minutes without activity after which a session ends, for the text.
    pub minutes: i64,
    /// Where the form that keeps the session alive posts to.
    pub extend_url: String,
    /// Answers how long the session still lasts, without keeping it alive.
    pub state_url: String,
    /// The sign-in page.
    pub sign_in_url: String,
    /// Tells one person's typed text from another's; no id.
    pub owner: String,
}
