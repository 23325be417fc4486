//! Modules as people see them, kept between requests: every page needs them, many people see the same, and they are large.

use proto::records::v1::ModuleView;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

/// The modules that exist for somebody.
pub(crate) type Views = Arc<Vec<ModuleView>>;

/// Most answers that are kept: about one per published profile and role.
const MOST: usize = 32;

/// Answers of records by their tags; the one that was used last is first. Records is asked each time which of them holds
/// for the caller, so none is ever out of date.
#[derive(Clone, Default)]
pub(crate) struct KnownViews(Arc<Mutex<VecDeque<Kept>>>);

/// A tag and its answer.
type Kept = (Vec<u8>, Views);

impl KnownViews {
    /// The tags of all that are kept.
    pub(crate) fn tags(&self) -> Vec<Vec<u8>> {
        self.entries().iter().map(|(tag, _)| tag.clone()).collect()
    }

    /// The answer of a tag, if it is kept.
    pub(crate) fn used(&self, tag: &[u8]) -> Option<Views> {
        let mut entries = self.entries();
        let at = entries.iter().position(|(known, _)| known == tag)?;
        let entry = entries.remove(at)?;
        let views = Arc::clone(&entry.1);
        entries.push_front(entry);
        Some(views)
    }

    /// Keeps an answer in place of the one that was not used for longest.
    pub(crate) fn keep(&self, tag: Vec<u8>, views: Views) {
        let mut entries = self.entries();
        entries.retain(|(known, _)| *known != tag);
        entries.push_front((tag, views));
        entries.truncate(MOST);
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, VecDeque<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let known = KnownViews::default();
        let tag = |n: usize| n.to_be_bytes().to_vec();
        for n in 0..MOST {
            known.keep(tag(n), Views::default());
        }
        assert!(known.used(&tag(0)).is_some());
        known.keep(tag(MOST), Views::default());
        assert!(known.used(&tag(0)).is_some() && known.used(&tag(MOST)).is_some());
        assert!(known.used(&tag(1)).is_none());
        assert_eq!(known.tags().len(), MOST);
    }
}
