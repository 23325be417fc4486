//! What a request may send and how long it may take, by what it is for.

use std::time::Duration;

/// What a route is for. Each route is in one group: in the default one where it is declared without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// Pages, forms and calls of the API.
    Default,
    /// Takes a file.
    #[cfg_attr(not(test), expect(dead_code, reason = "no route takes files yet"))]
    Upload,
    /// Gives a file that is made while it is sent.
    Export,
    /// Stays open.
    #[cfg_attr(not(test), expect(dead_code, reason = "no route stays open yet"))]
    Stream,
}

/// The limits of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Most bytes of a body.
    pub(crate) body: usize,
    /// How long the whole request may take; none where it may stay.
    pub(crate) time: Option<Duration>,
    /// How long its body may take to arrive, where that is not `PORTICO_HTTP_BODY_SECONDS`.
    pub(crate) arrival: Option<Duration>,
}

/// Most bytes of a body, except uploads.
pub(crate) const MAX_BODY: usize = 256 * 1024;

const ORDINARY: Limits = Limits { body: MAX_BODY, time: Some(Duration::from_secs(30)), arrival: None };

impl Group {
    pub(crate) fn limits(self) -> Limits {
        let minutes = |n: u64| Some(Duration::from_secs(n * 60));
        match self {
            Group::Default => ORDINARY,
            Group::Upload => Limits { body: 64 * 1024 * 1024, time: minutes(10), arrival: minutes(10) },
            Group::Export => Limits { time: minutes(5), ..ORDINARY },
            Group::Stream => Limits { time: None, ..ORDINARY },
        }
    }
}
