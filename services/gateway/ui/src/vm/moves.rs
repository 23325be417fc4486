//! A contact moves to another company. Before that is saved a page asks what becomes of the contact's records;
//! afterwards the contact's page shows which records of the former company it still sees.

use super::chrome::{Chrome, Crumb};
use super::console::{
    Confirm, ConsolePage, Faults, Form, Part, Section, Submit, Table, TableRow, Tone,
    make::{self, choice, text_or_empty},
};
use super::form::Control;
use crate::Lang;

/// Records of a module that are tied to the contact.
#[derive(Debug, Clone)]
pub struct TiedTo {
    /// The module, in the plural.
    pub module: String,
    /// They name another company.
    pub stay: u32,
    /// They name none.
    pub moves: u32,
}

/// What is asked before a contact changes company.
#[derive(Debug, Clone)]
pub struct Move {
    /// The contact's name.
    pub contact: String,
    /// The company that it has; empty for none.
    pub from: String,
    /// The company that it would have; empty for none.
    pub to: String,
    /// By module.
    pub tied: Vec<TiedTo>,
    /// Where the form posts to: the change itself, with `company_change` as well.
    pub action: String,
    /// What was typed.
    pub typed: Vec<(String, String)>,
}

/// The page. Posts what was typed, and `company_change`: `keep`, or `close` for closing to the contact what stays.
pub fn move_page(chrome: Chrome, crumbs: Vec<Crumb>, asked: Move) -> ConsolePage {
    let lang = chrome.lang;
    let columns = [lang.t("move-stay"), lang.t("move-along")];
    let mut table = Table::new(lang.t("move-table"), lang.t("move-module"), &columns);
    for column in &mut table.columns {
        column.numeric = true;
    }
    table.rows = asked.tied.iter().map(|of| row(&of.module, &[of.stay, of.moves])).collect();
    let stay: u32 = asked.tied.iter().map(|of| of.stay).sum();
    let moves: u32 = asked.tied.iter().map(|of| of.moves).sum();
    let mut parts = vec![Part::Table(table)];
    if moves > 0 {
        let text = if asked.to.is_empty() { "move-along-nowhere" } else { "move-along-text" };
        parts.push(Part::Note(Tone::Warning, lang.t2(text, "name", &asked.contact, "company", &asked.to)));
    }
    let mut form = Form::new("company-change", asked.action, lang.t("move-save"), "circle-check");
    form.kind = Submit::Primary;
    form.hidden = asked.typed;
    form.cancel_url = crumbs.last().map(|crumb| crumb.url.clone());
    if stay > 0 {
        let mut keep = choice("keep", lang.t("move-keep"), true);
        keep.detail = lang.t1("move-keep-hint", "name", &asked.contact);
        let mut close = choice("close", lang.t1("move-close", "name", &asked.contact), false);
        close.detail = lang.t1("move-close-hint", "name", &asked.contact);
        let control = Control::Radios { choices: vec![keep, close] };
        form = form.fields(vec![make::field("company_change", lang.t("move-stay"), control, &Faults::default())]);
    } else {
        form.hidden.push(("company_change".to_owned(), "keep".to_owned()));
    }
    parts.push(Part::Form(Box::new(form)));
    let lead = match (asked.from.is_empty(), asked.to.is_empty()) {
        (_, true) => lang.t1("move-lead-none", "name", &asked.contact),
        (true, false) => lang.t2("move-lead-first", "name", &asked.contact, "to", &asked.to),
        (false, false) => lang.t2("move-lead", "from", &asked.from, "to", &asked.to),
    };
    ConsolePage {
        crumbs,
        lead,
        narrow: true,
        ..ConsolePage::new(chrome, lang.t("move-title"), vec![Section::bare("company-change", parts)])
    }
}

/// On a contact's page: the records of other companies that the contact still sees; `None` when there are none.
pub fn still_open_section(lang: Lang, name: &str, tied: &[TiedTo], close_url: Option<String>) -> Option<Section> {
    let tied: Vec<&TiedTo> = tied.iter().filter(|of| of.stay > 0).collect();
    if tied.is_empty() {
        return None;
    }
    let mut table = Table::new(lang.t("move-still-title"), lang.t("move-module"), &[lang.t("move-stay")]);
    table.columns[0].numeric = true;
    table.rows = tied.iter().map(|of| row(&of.module, &[of.stay])).collect();
    let mut parts = vec![Part::Text(lang.t1("move-still-text", "name", name)), Part::Table(table)];
    if let Some(url) = close_url {
        let mut form = Form::new("close-to-contact", url, lang.t1("move-close", "name", name), "ban");
        form.kind = Submit::Danger;
        form.confirm = Some(Confirm {
            title: lang.t1("move-close-title", "name", name),
            text: lang.t1("move-close-hint", "name", name),
            button: lang.t("move-close-confirm"),
        });
        parts.push(Part::Buttons(vec![form]));
    }
    Some(Section::new("still-open", lang.t("move-still-title"), "building-2", parts))
}

fn row(module: &str, counts: &[u32]) -> TableRow {
    let cells = counts.iter().map(|n| text_or_empty(&n.to_string())).collect();
    TableRow { title: module.to_owned(), cells, ..TableRow::default() }
}
