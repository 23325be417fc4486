//! Several records of a list changed at once: what came of each, and how to take it back.

use super::chrome::{Chrome, Crumb};
use super::console::{
    ConsolePage, Form, LinkButton, Nothing, Part, Section, Submit, Table, TableRow, Tone, make::text_or_empty,
};
use super::form::Choice;

/// What can be done with the chosen records of a list.
#[derive(Debug, Clone)]
pub struct Choosing {
    /// Where the form posts to: `record` with id and version of each chosen one, and `do`: `take`, or `set` with a `value`
    /// of the groups.
    pub action: String,
    /// The list with its view, filters and page; sent along as `back`.
    pub back: String,
    /// Offers to take them on.
    pub take: bool,
    /// Fields with the values that they can be given, each as `field=value`.
    pub groups: Vec<(String, Vec<Choice>)>,
}

/// A record that was chosen.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// "TT1042"; what was sent, where there is no such record.
    pub number: String,
    /// Its title; may be empty.
    pub title: String,
    /// Its page.
    pub url: Option<String>,
}

/// Why a record is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unchanged {
    /// It had the value.
    Same,
    /// Somebody changed it meanwhile.
    Stale,
    /// The viewer may not.
    Forbidden,
    /// There is no such record for the viewer.
    Gone,
    /// The record can't have the value.
    Refused,
    /// A service was away.
    Unavailable,
}

impl Unchanged {
    const fn key(self) -> &'static str {
        match self {
            Self::Same => "selection-why-same",
            Self::Stale => "selection-why-stale",
            Self::Forbidden => "selection-why-forbidden",
            Self::Gone => "selection-why-gone",
            Self::Refused => "selection-why-refused",
            Self::Unavailable => "selection-why-unavailable",
        }
    }
}

/// What came of a change to several records.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The list that they were chosen from.
    pub back_url: String,
    /// "Status: Closed".
    pub what: String,
    /// Those that are changed.
    pub changed: Vec<Chosen>,
    /// The others.
    pub unchanged: Vec<(Chosen, Unchanged)>,
    /// How to take it back: where that posts to, and what it sends; none after it was taken back.
    pub undo: Option<(String, Vec<(String, String)>)>,
}

/// The page after several records were changed.
pub fn selection_page(chrome: Chrome, crumbs: Vec<Crumb>, came: Selection) -> ConsolePage {
    let lang = chrome.lang;
    let taken_back = came.undo.is_none() && !came.changed.is_empty();
    let title = match came.changed.len() {
        0 => lang.t("selection-none"),
        many if taken_back => lang.tn("selection-undone", many),
        many => lang.tn("selection-changed", many),
    };
    let row = |chosen: &Chosen, cells: Vec<String>| TableRow {
        title: if chosen.title.is_empty() { chosen.number.clone() } else { chosen.title.clone() },
        url: chosen.url.clone(),
        detail: if chosen.title.is_empty() { String::new() } else { chosen.number.clone() },
        cells: cells.iter().map(|cell| text_or_empty(cell)).collect(),
        ..TableRow::default()
    };
    let mut parts = Vec::new();
    if !came.unchanged.is_empty() {
        let tone =
            if came.unchanged.iter().all(|(_, why)| *why == Unchanged::Same) { Tone::Info } else { Tone::Warning };
        parts.push(Part::Note(tone, lang.tn("selection-unchanged", came.unchanged.len())));
        let why = [lang.t("selection-why")];
        let mut table = Table::new(lang.t("selection-unchanged-table"), lang.t("selection-record"), &why);
        table.rows = came.unchanged.iter().map(|(chosen, why)| row(chosen, vec![lang.t(why.key())])).collect();
        parts.push(Part::Table(table));
    }
    if came.changed.is_empty() && came.unchanged.is_empty() {
        let (title, text) = (lang.t("selection-none"), lang.t("selection-none-text"));
        parts.push(Part::Nothing(Nothing { icon: "list-checks", title, text }));
    }
    if !came.changed.is_empty() {
        let mut table = Table::new(lang.t("selection-changed-table"), lang.t("selection-record"), &[]);
        table.rows = came.changed.iter().map(|chosen| row(chosen, Vec::new())).collect();
        parts.push(Part::Table(table));
    }
    if let Some((action, hidden)) = came.undo.filter(|_| !came.changed.is_empty()) {
        let mut form = Form::new("undo", action, lang.t("selection-undo"), "rotate-ccw");
        form.hidden = hidden;
        form.kind = Submit::Plain;
        parts.push(Part::Buttons(vec![form]));
    }
    let back = LinkButton { label: lang.t("selection-back"), url: came.back_url, icon: "inbox", primary: true };
    parts.push(Part::Links(vec![back]));
    ConsolePage {
        crumbs,
        lead: came.what,
        narrow: true,
        ..ConsolePage::new(chrome, title, vec![Section::bare("selection", parts)])
    }
}
