//! Modules as people see them, kept between requests: every page needs them, many people see the same, and they are large.

use kernel::Error;
use proto::records::v1::{ListModulesRequest, ModuleView};
use runtime::Clients;
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
pub(crate) struct KnownViews(Arc<Mutex<VecDeque<(Vec<u8>, Views)>>>);

impl KnownViews {
    /// The modules of whoever the request is by.
    pub(crate) async fn of_caller(&self, clients: &Clients) -> Result<Views, Error> {
        let known = self.tags();
        let answer = clients.records().list_modules(ListModulesRequest { known }).await;
        let answer = answer.map_err(runtime::error_of)?.into_inner();
        if let Some(views) = self.used(&answer.tag) {
            return Ok(views);
        }
        let mut modules = answer.modules;
        if modules.is_empty() {
            // Nothing is visible, or what was known a moment ago was dropped for others meanwhile.
            let request = ListModulesRequest { known: Vec::new() };
            modules = clients.records().list_modules(request).await.map_err(runtime::error_of)?.into_inner().modules;
        }
        let views = Arc::new(modules);
        self.keep(answer.tag, Arc::clone(&views));
        Ok(views)
    }

    fn tags(&self) -> Vec<Vec<u8>> {
        self.entries().iter().map(|(tag, _)| tag.clone()).collect()
    }

    fn used(&self, tag: &[u8]) -> Option<Views> {
        let mut entries = self.entries();
        let at = entries.iter().position(|(known, _)| known == tag)?;
        let entry = entries.remove(at)?;
        let views = Arc::clone(&entry.1);
        entries.push_front(entry);
        Some(views)
    }

    fn keep(&self, tag: Vec<u8>, views: Views) {
        let mut entries = self.entries();
        entries.retain(|(known, _)| *known != tag);
        entries.push_front((tag, views));
        entries.truncate(MOST);
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, VecDeque<(Vec<u8>, Views)>> {
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
