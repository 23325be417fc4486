//! What is said once of every page: where it is, who may see it, and where it stands in the menu.

use crate::http::group::Group;
use policy::Right;

/// The front ends that a page is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surfaces {
    Portal,
    Console,
    Both,
}

/// A page, with the forms that are posted to its address.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) surfaces: Surfaces,
    /// Its pattern, after the beginning that each front end has.
    pub(crate) path: &'static str,
    /// The rights that lead to it, any one of them; none where what there is to see follows from the plan itself.
    pub(crate) needs: &'static [Right],
    /// Its entry in the console's menu.
    pub(crate) menu: Option<Entry>,
    pub(crate) group: Group,
    /// `get` and `post`, as far as it answers them.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests walk it"))]
    pub(crate) methods: &'static [&'static str],
}

/// An entry of the console's menu.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// Key of its text.
    pub(crate) label: &'static str,
    pub(crate) icon: &'static str,
}

/// The rights that lead to the page that is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Needs(pub(crate) &'static [Right]);

/// All pages, for those that lead to others.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pages(pub(crate) &'static [Page]);

impl Page {
    /// Whether a route's pattern is one of its own.
    pub(crate) fn is_at(&self, route: &str) -> bool {
        let console = route.strip_prefix("/console") == Some(self.path);
        match self.surfaces {
            Surfaces::Portal => route == self.path,
            Surfaces::Console => console,
            Surfaces::Both => console || route == self.path,
        }
    }

    /// Its patterns, one for each front end that it is on.
    pub(crate) fn paths(&self) -> impl Iterator<Item = String> {
        let portal = (self.surfaces != Surfaces::Console).then(|| self.path.to_owned());
        let console = (self.surfaces != Surfaces::Portal).then(|| format!("/console{}", self.path));
        portal.into_iter().chain(console)
    }
}
