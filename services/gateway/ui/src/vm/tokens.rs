//! Tokens for programs.

use fields::Display;

use super::chrome::{Chrome, Crumb};
use super::console::{
    ConsolePage, Faults, Form, Nothing, Part, RowAction, Section, Submit, Table, TableRow,
    make::{self, FieldWith, choice, time_or_empty},
};
use super::form::{Choice, Control};
use super::shown::Shown;
use crate::Lang;
use crate::fmt::Stamp;

/// A token, without its secret.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// Its id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// Its last characters.
    pub hint: String,
    /// Whose it is.
    pub owner: String,
    /// The owner's page.
    pub owner_url: Option<String>,
    /// `read`, `write`, `admin`.
    pub scopes: Vec<String>,
    /// When it runs out.
    pub expires: Option<Stamp>,
    /// When it was last used.
    pub used: Option<Stamp>,
    /// Where the form that takes it back posts to.
    pub revoke_url: Option<String>,
}

/// Every scope that a token can have.
pub const SCOPES: [&str; 3] = ["read", "write", "admin"];

fn scope_keys(scope: &str) -> (&'static str, &'static str) {
    match scope {
        "read" => ("scope-read", "scope-read-hint"),
        "write" => ("scope-write", "scope-write-hint"),
        _ => ("scope-admin", "scope-admin-hint"),
    }
}

/// All tokens of the installation.
pub fn tokens_page(chrome: Chrome, tokens: Vec<TokenRow>) -> ConsolePage {
    let lang = chrome.lang;
    let count = u32::try_from(tokens.len()).ok().filter(|n| *n > 0);
    let part = if tokens.is_empty() {
        Part::Nothing(Nothing {
            icon: "key-round",
            title: lang.t("api-tokens-empty-title"),
            text: lang.t("api-tokens-empty-text"),
        })
    } else {
        let columns = [lang.t("token-owner"), lang.t("token-scopes"), lang.t("token-used"), lang.t("token-expires")];
        let mut table = Table::new(lang.t("api-tokens-title"), lang.t("token-name"), &columns);
        table.actions = lang.t("console-action");
        table.rows = tokens.into_iter().map(|token| row(lang, token)).collect();
        Part::Table(table)
    };
    ConsolePage {
        count,
        lead: lang.t("api-tokens-lead"),
        ..ConsolePage::new(
            chrome,
            lang.t("api-tokens-title"),
            vec![Section::new("tokens", String::new(), "key-round", vec![part])],
        )
    }
}

fn row(lang: Lang, token: TokenRow) -> TableRow {
    let scopes: Vec<_> = token.scopes.iter().map(|scope| lang.t(scope_keys(scope).0)).collect();
    TableRow {
        title: token.name,
        detail: if token.hint.is_empty() { String::new() } else { format!("pat_…{}", token.hint) },
        cells: vec![
            Shown::Reference { label: token.owner, url: token.owner_url },
            Shown::Text(scopes.join(", ")),
            token.used.map_or_else(|| Shown::Text(lang.t("access-never")), Shown::Time),
            time_or_empty(token.expires),
        ],
        action: token.revoke_url.map(|url| RowAction {
            url,
            hidden: Vec::new(),
            label: lang.t("token-revoke"),
            icon: "ban",
        }),
        ..TableRow::default()
    }
}

/// What was typed about a token.
#[derive(Debug, Clone, Default)]
pub struct TokenDraft {
    /// What it is called.
    pub name: String,
    /// Chosen scopes.
    pub scopes: Vec<String>,
    /// For how many days it is good, as it was typed.
    pub valid_days: String,
}

/// The form of a token for a program's account. Posts `name`, `scopes` (several), `valid_days`.
pub fn token_form(chrome: Chrome, owner: Crumb, action: String, draft: &TokenDraft, faults: &Faults) -> ConsolePage {
    let lang = chrome.lang;
    let scopes = SCOPES
        .iter()
        .map(|scope| {
            let (label, hint) = scope_keys(scope);
            Choice { detail: lang.t(hint), ..choice(scope, lang.t(label), draft.scopes.iter().any(|s| s == scope)) }
        })
        .collect();
    let days = Control::Input { kind: Display::Integer, value: draft.valid_days.clone() };
    let fields = vec![
        make::text("name", lang.t("token-name"), &draft.name, 100, faults).hint(lang.t("token-name-hint")).required(),
        make::field("scopes", lang.t("token-scopes"), Control::Boxes { choices: scopes }, faults),
        make::field("valid_days", lang.t("token-days"), days, faults).hint(lang.t("days-hint")).required(),
    ];
    let mut form = Form::new("token", action, lang.t("token-create"), "key-round").fields(fields);
    form.kind = Submit::Primary;
    form.cancel_url = Some(owner.url.clone());
    form.fault.clone_from(&faults.whole);
    let section = Section::new("token", String::new(), "key-round", vec![Part::Form(Box::new(form))]);
    let title = lang.t1("token-new-for", "name", &owner.label);
    ConsolePage { crumbs: vec![owner], narrow: true, ..ConsolePage::new(chrome, title, vec![section]) }
}
