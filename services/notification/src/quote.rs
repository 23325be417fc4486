//! A comment in a mail, in the dialect of the pages.

use markdown::Said;

/// About how much of a comment a mail shows to who can read the rest in the portal, in characters.
const MOST: usize = 700;

/// The beginning of a comment; an ellipsis at the end when something is left out.
pub(crate) fn excerpt(body: &str) -> Said {
    Said::beginning(body, MOST)
}

/// A whole comment.
pub(crate) fn whole(body: &str) -> Said {
    Said::whole(body)
}
