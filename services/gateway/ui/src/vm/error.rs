//! Pages for what went wrong. They need no service.

use askama::Template;

use super::chrome::Chrome;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// 400: the request makes no sense.
    BadRequest,
    /// 403: known, not allowed.
    Forbidden,
    /// 403: a form that doesn't belong to this session, and nobody knows whose it is.
    FormStale,
    /// 403: a form that was shown to somebody else in this browser.
    OtherPerson,
    /// 403: a form from another site.
    Elsewhere,
    /// 403: a form from a browser that doesn't say where it comes from.
    NoOrigin,
    /// 404: unknown or not visible to this viewer.
    NotFound,
    /// 408: the body of the request did not come in time.
    TooSlow,
    /// 409: the state doesn't allow it any more.
    Conflict,
    /// 410: the link was used or has expired.
    Gone,
    /// 413: the request is too large.
    TooLarge,
    /// 429: too many requests; seconds to wait.
    TooManyRequests(u32),
    /// 500: our fault.
    Internal,
    /// 503: a part doesn't answer; seconds to wait. The page loads itself again once.
    Unavailable(u32),
}

impl ErrorKind {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Forbidden | Self::FormStale | Self::OtherPerson | Self::Elsewhere | Self::NoOrigin => 403,
            Self::NotFound => 404,
            Self::TooSlow => 408,
            Self::Conflict => 409,
            Self::Gone => 410,
            Self::TooLarge => 413,
            Self::TooManyRequests(_) => 429,
            Self::Internal => 500,
            Self::Unavailable(_) => 503,
        }
    }

    pub(crate) const fn title_key(self) -> &'static str {
        match self {
            Self::BadRequest => "error-bad-request-title",
            Self::Forbidden => "error-forbidden-title",
            Self::FormStale => "error-form-stale-title",
            Self::OtherPerson => "error-other-person-title",
            Self::Elsewhere => "error-elsewhere-title",
            Self::NoOrigin => "error-no-origin-title",
            Self::NotFound => "error-not-found-title",
            Self::TooSlow => "error-too-slow-title",
            Self::Conflict => "error-conflict-title",
            Self::Gone => "error-gone-title",
            Self::TooLarge => "error-too-large-title",
            Self::TooManyRequests(_) => "error-too-many-title",
            Self::Internal => "error-internal-title",
            Self::Unavailable(_) => "error-unavailable-title",
        }
    }

    pub(crate) const fn text_key(self) -> &'static str {
        match self {
            Self::BadRequest => "error-bad-request-text",
            Self::Forbidden => "error-forbidden-text",
            Self::FormStale => "error-form-stale-text",
            Self::OtherPerson => "error-other-person-text",
            Self::Elsewhere => "error-elsewhere-text",
            Self::NoOrigin => "error-no-origin-text",
            Self::NotFound => "error-not-found-text",
            Self::TooSlow => "error-too-slow-text",
            Self::Conflict => "error-conflict-text",
            Self::Gone => "error-gone-text",
            Self::TooLarge => "error-too-large-text",
            Self::TooManyRequests(_) => "error-too-many-text",
            Self::Internal => "error-internal-text",
            Self::Unavailable(_) => "error-unavailable-text",
        }
    }

    pub(crate) const fn icon(self) -> &'static str {
        match self {
            Self::Forbidden => "lock",
            Self::NotFound | Self::Gone => "search-x",
            Self::TooSlow | Self::TooManyRequests(_) | Self::Unavailable(_) => "clock",
            _ => "circle-alert",
        }
    }

    pub(crate) const fn wait_seconds(self) -> Option<u32> {
        match self {
            Self::TooManyRequests(seconds) | Self::Unavailable(seconds) => Some(seconds),
            _ => None,
        }
    }

    pub(crate) const fn retries(self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// An error page. The reference is the trace id of [`Chrome`].
#[derive(Debug, Clone, Template)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    /// Around the page; viewer and menu may be missing.
    pub chrome: Chrome,
    /// What went wrong.
    pub kind: ErrorKind,
    /// A local path to go back to; `None` leaves only the home.
    pub back_url: Option<String>,
    /// What was typed into the form that failed, so that it is not lost.
    pub typed: Vec<String>,
}
