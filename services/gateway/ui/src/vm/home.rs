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
    /// When it was last changed.
    pub at: Option<Stamp>,
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
        self.chrome.menu.is_empty() && self.home.shortcuts.is_empty() && self.home.widgets.is_empty()
    }
}

impl Shortcut {
    pub(crate) fn icon_name(&self) -> &str {
        known_icon(&self.icon)
    }
}

impl Widget {
    /// "Recent tickets".
    pub fn recent_title(lang: Lang, module: &ModuleName) -> String {
        lang.t1("home-recent", "module", module.many())
    }

    pub(crate) fn icon_name(&self) -> &str {
        known_icon(&self.icon)
    }
}
