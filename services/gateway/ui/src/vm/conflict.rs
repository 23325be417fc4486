//! Two people changed the same record: which value of each field shall hold?

use askama::Template;

use super::chrome::{Chrome, Crumb};
use super::shown::{ModuleName, Shown};
use crate::fmt::Stamp;

/// A field that both changed, or that the viewer changed and the other did not.
#[derive(Debug, Clone)]
pub struct ConflictRow {
    /// The field's name.
    pub name: String,
    /// Its label.
    pub label: String,
    /// As it was when the viewer opened the form, when known.
    pub original: Option<Shown>,
    /// The viewer's value.
    pub yours: Shown,
    /// The value now.
    pub theirs: Shown,
    /// The viewer's value as it was sent; carried in the form.
    pub yours_raw: String,
    /// Both changed it. Fields that only the viewer changed are listed as merged, without a choice.
    pub clash: bool,
}

/// The answer to a stale version (409).
///
/// Posts every viewer's value by field name, `expected_version` (now theirs), `csrf_token`, `form_id`, and the choice:
/// `resolve=mine` saves all of the viewer's values; `resolve=chosen` saves them without the fields whose
/// `keep.<field>` is `theirs` (see [`fields_to_save`]).
#[derive(Debug, Clone, Template)]
#[template(path = "pages/conflict.html")]
pub struct ConflictPage {
    /// Around the page.
    pub chrome: Chrome,
    /// The module.
    pub module: ModuleName,
    /// The way back.
    pub crumbs: Vec<Crumb>,
    /// "TT1042".
    pub number: String,
    /// The record's title as it is now.
    pub title: String,
    /// Where it posts to; the edit form's address.
    pub action: String,
    /// The record's page: take theirs, change nothing.
    pub record_url: String,
    /// Idempotency key of the new attempt.
    pub form_id: String,
    /// The version now; sent as `expected_version`.
    pub expected_version: i64,
    /// Who changed it, when known.
    pub changed_by: Option<String>,
    /// When, when known.
    pub changed_at: Option<Stamp>,
    /// Fields of the viewer's attempt that differ from the record now.
    pub rows: Vec<ConflictRow>,
}

impl ConflictPage {
    pub(crate) fn clashes(&self) -> impl Iterator<Item = &ConflictRow> {
        self.rows.iter().filter(|row| row.clash)
    }

    pub(crate) fn merged(&self) -> impl Iterator<Item = &ConflictRow> {
        self.rows.iter().filter(|row| !row.clash)
    }

    pub(crate) fn any_merged(&self) -> bool {
        self.rows.iter().any(|row| !row.clash)
    }
}

/// Of the fields that were posted, those to save: with `resolve=chosen`, a field whose `keep.<field>` is `theirs` is
/// left out; with anything else all stay. Entries that aren't fields (`keep.*`, `resolve`) are dropped.
pub fn fields_to_save(posted: &[(String, String)]) -> Vec<(String, String)> {
    let chosen = posted.iter().any(|(name, value)| name == "resolve" && value == "chosen");
    let theirs =
        |field: &str| posted.iter().any(|(name, value)| name.strip_prefix("keep.") == Some(field) && value == "theirs");
    posted
        .iter()
        .filter(|(name, _)| name != "resolve" && !name.starts_with("keep."))
        .filter(|(name, _)| !(chosen && theirs(name)))
        .cloned()
        .collect()
}
