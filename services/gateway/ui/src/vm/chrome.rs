//! What stands around every page: names, menu, language and theme links, tokens, asset addresses.

use askama::Template;
use uuid::Uuid;

use super::flash::Flash;
use super::icon::known_icon;
use super::shown::initials;
use super::standing::{SessionClock, Standing};
use crate::Lang;

/// Which of the two fronts a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// For customers: roomy.
    Portal,
    /// For agents and administrators: dense.
    Console,
}

/// Colour scheme chosen by the viewer, from the cookie `portico_theme`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the device is set.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// Every theme, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The theme of a cookie or of `?theme=`; `None` for anything else.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.code() == code)
    }

    /// The value of the cookie and of `data-theme`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The key of its name.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::System => "theme-system",
            Self::Light => "theme-light",
            Self::Dark => "theme-dark",
        }
    }
}

/// The addresses of the built files, as `dist/manifest.json` names them.
#[derive(Debug, Clone)]
pub struct Assets {
    /// The style sheet.
    pub css: String,
    /// The core script, a module.
    pub js: String,
    /// The icon sprite.
    pub sprite: String,
    /// The icon in the browser's tab.
    pub favicon: String,
}

/// The signed-in person.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Display name.
    pub name: String,
    /// A second line in the account menu: the login, the company or the role.
    pub detail: String,
}

impl Viewer {
    /// What somebody without a name is called.
    pub fn visitor(lang: Lang) -> String {
        lang.t("visitor")
    }

    /// At most two letters for the avatar.
    pub fn initials(&self) -> String {
        initials(&self.name)
    }
}

/// An entry of the menu.
#[derive(Debug, Clone)]
pub struct MenuItem {
    /// Label in the viewer's language.
    pub label: String,
    /// Where it leads.
    pub url: String,
    /// Name of an icon of the sprite, such as `ticket`; an unknown one shows as `folder`.
    pub icon: String,
    /// Whether the page belongs to this entry.
    pub current: bool,
    /// How many records wait behind it; empty where nobody counts.
    pub count: String,
}

/// Only the entries of the console's queue, with their counts, for the menu's own look.
#[derive(Debug, Clone, Template)]
#[template(path = "components/queue_fragment.html")]
pub struct QueueFragment {
    /// Sprite address, for the icons.
    pub sprite: String,
    /// Where it comes from.
    pub url: String,
    /// The entries.
    pub items: Vec<MenuItem>,
}

/// Entries of the menu that belong together.
#[derive(Debug, Clone)]
pub struct MenuGroup {
    /// What they have in common; `None` for the first group.
    pub heading: Option<String>,
    /// The entries.
    pub items: Vec<MenuItem>,
    /// Shown only when it is opened.
    pub folded: bool,
}

impl MenuGroup {
    pub(crate) fn heading(&self) -> &str {
        self.heading.as_deref().unwrap_or_default()
    }

    /// Whether the page belongs to one of its entries: then it stands open.
    pub(crate) fn open(&self) -> bool {
        !self.folded || self.items.iter().any(|item| item.current)
    }
}

impl MenuItem {
    /// The icon, or a folder when the sprite has no such icon.
    pub(crate) fn icon_name(&self) -> &str {
        known_icon(&self.icon)
    }
}

/// A step of the way back, above the heading.
#[derive(Debug, Clone)]
pub struct Crumb {
    /// Label in the viewer's language.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

/// What stands around a page. It needs no service: an error page can be shown with an empty menu and no viewer.
#[derive(Debug, Clone)]
pub struct Chrome {
    /// Portal or console.
    pub surface: Surface,
    /// Language of the page.
    pub lang: Lang,
    /// Colour scheme.
    pub theme: Theme,
    /// The operator's name, in the header and the browser's title.
    pub product_name: String,
    /// The signed-in person; `None` on sign-in, invitation and some error pages.
    pub viewer: Option<Viewer>,
    /// Main menu, as the access plan gives it; groups without entries are left out.
    pub menu: Vec<MenuGroup>,
    /// The entry of the menu whose address tells the counts of the first group when the menu asks for them; `None` where
    /// nothing is counted.
    pub queue_url: Option<String>,
    /// Where the name in the header leads.
    pub home_url: String,
    /// Where the sign-out form posts to.
    pub sign_out_url: String,
    /// Path and query of this page, from which the language and theme links are made (`?lang=`, `?theme=`: each sets
    /// its cookie and redirects to the same address without it).
    pub here: String,
    /// Token bound to the session; on pages without one, the token of the pre-session cookie.
    pub csrf_token: String,
    /// A fresh random id per answer, from which every form's `form_id` (idempotency key) is derived.
    pub form_seed: Uuid,
    /// Message after a redirect.
    pub flash: Option<Flash>,
    /// Built files.
    pub assets: Assets,
    /// Trace id of this request, shown on error pages and kept in the footer.
    pub trace_id: String,
    /// W3C `traceparent` of this request, so that the page's own requests join the trace.
    pub traceparent: String,
    /// Whether demo data is loaded; a line in the footer says so.
    pub demo: bool,
    /// The page of one's own account's security; `None` for who has no account here.
    pub security_url: Option<String>,
    /// Whose eyes the page is seen with, when it is not the person's own account.
    pub standing: Option<Standing>,
    /// How long the session lasts; `None` when nobody need be warned.
    pub clock: Option<SessionClock>,
}

impl Chrome {
    /// Whether the page belongs to the console.
    pub fn console(&self) -> bool {
        self.surface == Surface::Console
    }

    /// The idempotency key of a form of this page: stable within the answer, so that a double click is one command,
    /// and different in the next one.
    pub fn form_id(&self, form: impl AsRef<str>) -> Uuid {
        Uuid::new_v5(&self.form_seed, form.as_ref().as_bytes())
    }

    /// Where the queue's counts are; empty where there are none.
    pub(crate) fn queue_source(&self) -> &str {
        self.queue_url.as_deref().unwrap_or_default()
    }

    /// The way back from the account's pages.
    pub(crate) fn account_crumbs(&self) -> Vec<Crumb> {
        let label = self.lang.t("security-title");
        self.security_url.iter().map(|url| Crumb { label: label.clone(), url: url.clone() }).collect()
    }

    /// This page's address with one parameter set.
    pub(crate) fn here_with(&self, name: &str, value: &str) -> String {
        crate::query::with_parameter(&self.here, name, value)
    }

    pub(crate) fn languages(&self) -> impl Iterator<Item = Lang> {
        Lang::ALL.into_iter()
    }

    pub(crate) fn themes(&self) -> [Theme; 3] {
        Theme::ALL
    }
}
