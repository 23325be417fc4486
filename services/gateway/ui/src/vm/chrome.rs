//! What stands around every page: names, menu, language and theme links, tokens, asset addresses.

use uuid::Uuid;

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

/// At most two letters of a name: of its first and its last word.
pub(crate) fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
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
}

/// Icons of the sprite that a module may name.
const MODULE_ICONS: [&str; 20] = [
    "ticket",
    "user-round",
    "building-2",
    "book-open",
    "file-text",
    "folder",
    "briefcase",
    "receipt",
    "package",
    "message-square",
    "kanban",
    "shopping-cart",
    "lock",
    "mail",
    "house",
    "circle-help",
    "users",
    "settings",
    "list-checks",
    "key-round",
];

impl MenuItem {
    /// The icon, or a folder when the sprite has no such icon.
    pub(crate) fn icon_name(&self) -> &str {
        known_icon(&self.icon)
    }
}

/// The icon, or a folder when the sprite has no such icon.
pub(crate) fn known_icon(icon: &str) -> &str {
    if MODULE_ICONS.contains(&icon) { icon } else { "folder" }
}

/// What a message at the top of a page says about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlashKind {
    /// Something was done.
    Success,
    /// Something to know.
    Info,
    /// Done, with something to look at.
    Warning,
    /// Not done.
    Error,
}

impl FlashKind {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Success => "ok",
            Self::Info => "info",
            Self::Warning => "warn",
            Self::Error => "danger",
        }
    }

    pub(crate) const fn icon(self) -> &'static str {
        match self {
            Self::Success => "circle-check",
            Self::Info => "info",
            Self::Warning => "triangle-alert",
            Self::Error => "circle-alert",
        }
    }
}

/// A message at the top of the page after a redirect.
#[derive(Debug, Clone)]
pub struct Flash {
    /// Its kind.
    pub kind: FlashKind,
    /// One or two sentences in the viewer's language; see [`Flash::of`] for the standard ones.
    pub text: String,
}

impl Flash {
    /// A standard message by its code, as kept in a short cookie over the redirect: `saved`, `created`, `deleted`,
    /// `restored`, `commented`, `noted`, `access_enabled`, `access_enabled_not_sent`, `dates_changed`,
    /// `access_disabled`, `invitation_resent`, `unlocked`, `nothing_chosen`, `profile_chosen`, `resent`, `unchanged`, or one
    /// of the account's pages or of the console's. `None` for any other code, so that a forged cookie shows nothing.
    pub fn of(code: &str, lang: Lang) -> Option<Self> {
        let (kind, key) = match code {
            "saved" => (FlashKind::Success, "flash-saved"),
            "created" => (FlashKind::Success, "flash-created"),
            "deleted" => (FlashKind::Success, "flash-deleted"),
            "restored" => (FlashKind::Success, "flash-restored"),
            "commented" => (FlashKind::Success, "flash-commented"),
            "noted" => (FlashKind::Success, "flash-noted"),
            "access_enabled" => (FlashKind::Success, "flash-access-enabled"),
            "access_enabled_not_sent" => (FlashKind::Warning, "flash-access-enabled-not-sent"),
            "dates_changed" => (FlashKind::Success, "flash-dates-changed"),
            "access_disabled" => (FlashKind::Success, "flash-access-disabled"),
            "invitation_resent" => (FlashKind::Success, "flash-invitation-resent"),
            "unlocked" => (FlashKind::Success, "flash-unlocked"),
            "nothing_chosen" => (FlashKind::Warning, "flash-nothing-chosen"),
            "profile_chosen" => (FlashKind::Success, "flash-profile-chosen"),
            "resent" => (FlashKind::Success, "flash-resent"),
            "password_changed" => (FlashKind::Success, "flash-password-changed"),
            "factor_removed" => (FlashKind::Success, "flash-factor-removed"),
            "factor_added" => (FlashKind::Success, "flash-factor-added"),
            "own_session_ended" => (FlashKind::Success, "flash-session-ended"),
            "sessions_ended" => (FlashKind::Success, "flash-sessions-ended"),
            "login_change_asked" => (FlashKind::Info, "flash-login-change-asked"),
            "token_revoked" => (FlashKind::Success, "flash-token-revoked"),
            "passkey_failed" => (FlashKind::Warning, "proof-passkey-failed"),
            "already_signed_in" => (FlashKind::Info, "flash-already-signed-in"),
            "unchanged" => (FlashKind::Info, "flash-unchanged"),
            code => (FlashKind::Success, super::console::flash(code)?),
        };
        Some(Self { kind, text: lang.t(key) })
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
    /// Main menu, as the access plan gives it.
    pub menu: Vec<MenuItem>,
    /// Second part of the console's menu; empty in the portal and for agents who may not configure.
    pub admin_menu: Vec<MenuItem>,
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

    /// The way back from the account's pages.
    pub(crate) fn account_crumbs(&self) -> Vec<Crumb> {
        let label = self.lang.t("security-title");
        self.security_url.iter().map(|url| Crumb { label: label.clone(), url: url.clone() }).collect()
    }

    /// This page's address with one parameter set.
    pub(crate) fn here_with(&self, name: &str, value: &str) -> String {
        crate::query::with_parameter(&self.here, name, value)
    }

    /// Whether this is the home page.
    pub(crate) fn at_home(&self) -> bool {
        self.here.split(['?', '#']).next() == Some(self.home_url.as_str())
    }

    pub(crate) fn languages(&self) -> [Lang; 2] {
        Lang::ALL
    }

    pub(crate) fn themes(&self) -> [Theme; 3] {
        Theme::ALL
    }
}
