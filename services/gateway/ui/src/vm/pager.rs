//! The links between the pages of a list.

/// Keyset paging: there is no number of pages.
#[derive(Debug, Clone, Default)]
pub struct Pager {
    /// The first page; `None` when this is it.
    pub first_url: Option<String>,
    /// The next page; `None` when this is the last.
    pub next_url: Option<String>,
}

impl Pager {
    pub(crate) fn shown(&self) -> bool {
        self.first_url.is_some() || self.next_url.is_some()
    }
}
