//! The portal's home.

use askama::Template;

use super::chrome::Chrome;
use super::icon::known_icon;
use super::shown::{ModuleName, Pill, PillColor};
use crate::Lang;
use crate::fmt::Stamp;

/// A quick-action button.
#[derive(Debug, Clone)]
pub struct Shortcut {
    /// "New ticket".
    pub title: String,
    /// One short sentence; may be empty.
    pub description: String,
    /// Where it leads.
    pub url: String,
    /// Icon of the sprite.
    pub icon: String,
    /// Colour of the icon's ground.
    pub color: PillColor,
}

/// A line of a widget.
#[derive(Debug, Clone)]
pub struct WidgetRow {
    /// "TT1042".
    pub number: String,
    /// The record's title.
    pub title: String,
    /// Its page.
    pub url: String,
    /// Its status.
    pub status: Option<Pill>,
    /// When something happened on it last.
    pub at: Option<Stamp>,
    /// Who asks, or whose it is; may be empty.
    pub detail: String,
    /// Something has happened since the viewer looked last.
    pub unread: bool,
}

/// A request that waits for the customer's answer.
#[derive(Debug, Clone)]
pub struct WaitingRow {
    /// The request.
    pub row: WidgetRow,
    /// The beginning of what support said last, as plain text; empty when it can't be told.
    pub said: String,
    /// Who said it.
    pub by: String,
    /// The page, at its composer.
    pub reply_url: String,
}

/// A customer's requests: what needs them, and what is on its way.
#[derive(Debug, Clone)]
pub struct Requests {
    /// Those that wait for the customer.
    pub waiting: Vec<WaitingRow>,
    /// Their other open ones, what happened last first.
    pub open: Vec<WidgetRow>,
    /// What was solved lately.
    pub solved: Vec<WidgetRow>,
    /// All of them.
    pub list_url: String,
    /// Several modules are in it: there is no list of all.
    pub mixed: bool,
    /// The requests could not be read: nothing is known, and nothing said.
    pub unavailable: bool,
}

/// A number that leads to what it counts.
#[derive(Debug, Clone)]
pub struct Tile {
    /// "Customer answered".
    pub label: String,
    /// "12", "1,000+"; empty when it could not be counted.
    pub count: String,
    /// What it counts.
    pub url: String,
    /// Icon of the sprite.
    pub icon: String,
    /// It is more than nothing, and nothing is what it should be.
    pub urgent: bool,
}

/// Where the console begins: what there is to do.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/dashboard.html")]
pub struct DashboardPage {
    /// Around the page.
    pub chrome: Chrome,
    /// The work, by its views.
    pub tiles: Vec<Tile>,
    /// What else needs somebody, for those who may do it.
    pub duties: Vec<Tile>,
    /// Whose customers wait for an answer; `None` where nobody is talked to.
    pub answered: Option<Widget>,
}

/// What a widget holds.
#[derive(Debug, Clone)]
pub enum WidgetRows {
    /// Records, newest first.
    Rows(Vec<WidgetRow>),
    /// None yet; the address of the creation form if the viewer may create.
    Empty {
        /// The creation form.
        create_url: Option<String>,
        /// "New ticket".
        create_label: String,
    },
    /// The service behind didn't answer in time; the rest of the home is shown all the same.
    Unavailable,
}

/// A list of recent records.
#[derive(Debug, Clone)]
pub struct Widget {
    /// Stable within the page; letters, digits and dashes.
    pub id: String,
    /// "Recent tickets".
    pub title: String,
    /// Icon of the sprite.
    pub icon: String,
    /// The whole list.
    pub list_url: String,
    /// Its lines.
    pub rows: WidgetRows,
}

/// What the home shows.
#[derive(Debug, Clone)]
pub struct Home {
    /// "Good morning, Emma".
    pub greeting: String,
    /// Where something new is asked for, as label and address; several where the profile lets several be made.
    pub create: Vec<(String, String)>,
    /// What needs the customer and what is on its way; `None` where the profile shows nothing that is talked about.
    pub requests: Option<Requests>,
    /// Quick actions that the viewer may use.
    pub shortcuts: Vec<Shortcut>,
    /// Widgets of the profile.
    pub widgets: Vec<Widget>,
}

/// The portal's home. With no menu, shortcut and widget it says that nothing is switched on yet.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/home.html")]
pub struct HomePage {
    /// Around the page.
    pub chrome: Chrome,
    /// What it shows.
    pub home: Home,
}

impl HomePage {
    pub(crate) fn nothing_enabled(&self) -> bool {
        let entries: usize = self.chrome.menu.iter().map(|group| group.items.len()).sum();
        // The home itself is always an entry.
        entries <= 1 && self.home.shortcuts.is_empty() && self.home.widgets.is_empty()
    }
}

impl Shortcut {
    pub(crate) fn icon_name(&self) -> &str {
        known_icon(&self.icon)
    }
}

impl Tile {
    pub(crate) fn icon_name(&self) -> &str {
        known_icon(&self.icon)
    }
}

impl Widget {
    /// "Recent tickets".
    pub fn recent_title(lang: Lang, module: &ModuleName) -> String {
        lang.t1("home-recent", "module", module.many(lang))
    }

    pub(crate) fn icon_name(&self) -> &str {
        known_icon(&self.icon)
    }
}
