//! Live sessions and trusted logins, as agents see and end them; and secrets that are shown once.

use super::chrome::{Chrome, Crumb};
use super::console::{
    Confirm, ConsolePage, Form, LinkButton, Nothing, Part, RowAction, Secret, Section, Submit, Tab, Table, TableRow,
    Tone, make::text_or_empty,
};
use super::shown::Shown;
use crate::Lang;
use crate::fmt::Stamp;

/// A live session.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// Its id.
    pub id: String,
    /// With what.
    pub browser: String,
    /// Where from.
    pub network: String,
    /// Since when.
    pub created: Stamp,
    /// Last seen.
    pub seen: Stamp,
    /// An agent who looks at the portal.
    pub support: bool,
    /// The viewer's own.
    pub current: bool,
}

/// A login that is trusted from a network for a day.
#[derive(Debug, Clone)]
pub struct TrustRow {
    /// Its id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Login.
    pub login: String,
    /// The person's page.
    pub url: Option<String>,
    /// From where.
    pub network: String,
    /// Until when.
    pub until: Stamp,
}

/// The live sessions of somebody. The form posts `session_id`; empty ends all.
pub fn sessions_section(lang: Lang, rows: Vec<SessionRow>, end_url: Option<String>) -> Section {
    if rows.is_empty() {
        let text = Part::Text(lang.t("live-empty"));
        return Section::new("sessions", lang.t("live-title"), "monitor", vec![text]);
    }
    let columns = [lang.t("live-network"), lang.t("live-since"), lang.t("live-seen")];
    let mut table = Table::new(lang.t("live-title"), lang.t("live-browser"), &columns);
    table.actions = lang.t("console-action");
    table.rows = rows
        .into_iter()
        .map(|row| {
            let mut tags = Vec::new();
            if row.support {
                tags.push(lang.t("live-support"));
            }
            if row.current {
                tags.push(lang.t("live-current"));
            }
            TableRow {
                title: if row.browser.is_empty() { lang.t("live-unknown-browser") } else { row.browser },
                tags,
                cells: vec![text_or_empty(&row.network), Shown::Time(row.created), Shown::Time(row.seen)],
                action: end_url.as_ref().map(|url| RowAction {
                    url: url.clone(),
                    hidden: vec![("session_id".to_owned(), row.id)],
                    label: lang.t("live-end"),
                    icon: "log-out",
                }),
                ..TableRow::default()
            }
        })
        .collect();
    let mut parts = vec![Part::Table(table)];
    if let Some(url) = end_url {
        let mut all = Form::new("end-all", url, lang.t("live-end-all"), "log-out");
        all.hidden.push(("session_id".to_owned(), String::new()));
        all.kind = Submit::Danger;
        all.confirm = Some(Confirm {
            title: lang.t("live-end-all-title"),
            text: lang.t("live-end-all-text"),
            button: lang.t("live-end-all"),
        });
        parts.push(Part::Buttons(vec![all]));
    }
    Section::new("sessions", lang.t("live-title"), "monitor", parts)
}

fn trusts_table(lang: Lang, rows: Vec<TrustRow>, revoke_url: Option<&str>) -> Part {
    if rows.is_empty() {
        return Part::Nothing(Nothing {
            icon: "shield-check",
            title: lang.t("trusts-empty-title"),
            text: lang.t("trusts-empty-text"),
        });
    }
    let mut table =
        Table::new(lang.t("trusts-title"), lang.t("locked-who"), &[lang.t("trusts-network"), lang.t("trusts-until")]);
    table.actions = lang.t("console-action");
    table.rows = rows
        .into_iter()
        .map(|row| TableRow {
            title: row.name,
            url: row.url,
            detail: row.login,
            cells: vec![Shown::Text(row.network), Shown::Time(row.until)],
            action: revoke_url.map(|url| RowAction {
                url: url.to_owned(),
                hidden: vec![("trust_id".to_owned(), row.id)],
                label: lang.t("trusts-revoke"),
                icon: "x",
            }),
            ..TableRow::default()
        })
        .collect();
    Part::Table(table)
}

/// Everybody's trusted logins.
pub fn trusts_page(chrome: Chrome, rows: Vec<TrustRow>, revoke_url: Option<&str>, tabs: Vec<Tab>) -> ConsolePage {
    let lang = chrome.lang;
    let count = u32::try_from(rows.len()).ok().filter(|n| *n > 0);
    let table = trusts_table(lang, rows, revoke_url);
    let sections = vec![Section::new("trusts", String::new(), "shield-check", vec![table])];
    ConsolePage {
        count,
        lead: lang.t("trusts-lead"),
        tabs,
        ..ConsolePage::new(chrome, lang.t("trusts-title"), sections)
    }
}

/// Locked users and trusted logins belong together.
pub fn lock_tabs(lang: Lang, locked_url: String, trusts_url: String, trusts: bool) -> Vec<Tab> {
    vec![
        Tab { label: lang.t("locked-title"), url: locked_url, current: !trusts },
        Tab { label: lang.t("trusts-title"), url: trusts_url, current: trusts },
    ]
}

/// The sessions and the trusted logins of a contact.
pub fn contact_sessions_page(
    chrome: Chrome,
    contact: Crumb,
    sessions: Vec<SessionRow>,
    end_url: Option<String>,
    trusts: Vec<TrustRow>,
    revoke_url: Option<&str>,
) -> ConsolePage {
    let lang = chrome.lang;
    let mut sections = vec![sessions_section(lang, sessions, end_url)];
    if !trusts.is_empty() {
        let table = trusts_table(lang, trusts, revoke_url);
        sections.push(Section::new("trusts", lang.t("trusts-title"), "shield-check", vec![table]));
    }
    let title = lang.t1("live-of", "name", &contact.label);
    ConsolePage { crumbs: vec![contact], ..ConsolePage::new(chrome, title, sections) }
}

/// What is shown once.
#[derive(Debug, Clone)]
pub enum Once {
    /// A password that works once, of this person.
    Password {
        /// Whose.
        name: String,
        /// The password.
        password: String,
        /// Until when it works.
        until: Option<Stamp>,
    },
    /// A token for a program.
    Token {
        /// What it is called.
        name: String,
        /// The token.
        secret: String,
        /// When it runs out.
        until: Option<Stamp>,
    },
    /// A company's secure link.
    Link {
        /// The company.
        name: String,
        /// The link.
        url: String,
        /// When it runs out.
        until: Option<Stamp>,
        /// The company has portal users, so the link leads to the login.
        sign_in_only: bool,
    },
}

/// The page with a secret that is not shown again.
pub fn secret_page(chrome: Chrome, back: Crumb, once: Once) -> ConsolePage {
    let lang = chrome.lang;
    let (title, label, value, until, what) = match &once {
        Once::Password { name, password, until } => (
            lang.t1("secret-password-title", "name", name),
            "secret-password-label",
            password,
            until,
            "secret-password-text",
        ),
        Once::Token { name, secret, until } => {
            (lang.t1("secret-token-title", "name", name), "secret-token-label", secret, until, "secret-token-text")
        }
        Once::Link { name, url, until, .. } => {
            (lang.t1("secret-link-title", "name", name), "secret-link-label", url, until, "secret-link-text")
        }
    };
    let mut parts = vec![
        Part::Note(Tone::Warning, lang.t("secret-once")),
        Part::Secret(Secret { label: lang.t(label), value: value.clone() }),
        Part::Text(lang.t(what)),
    ];
    if let Some(until) = until {
        parts.push(Part::Text(lang.t1("secret-until", "time", &until.text)));
    }
    if matches!(once, Once::Link { sign_in_only: true, .. }) {
        parts.push(Part::Note(Tone::Info, lang.t("company-link-sign-in-only")));
    }
    let done = LinkButton { label: lang.t("secret-done"), url: back.url.clone(), icon: "circle-check", primary: true };
    parts.push(Part::Links(vec![done]));
    let section = Section::new("once", String::new(), "key-round", parts);
    ConsolePage { crumbs: vec![back], narrow: true, ..ConsolePage::new(chrome, title, vec![section]) }
}
