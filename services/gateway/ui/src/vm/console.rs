//! What pages of the console are made of: sections with facts, forms and tables. Each page has its own words and its own
//! order of these; how they look, and how they work by keyboard and without scripts, is decided once.

pub(crate) mod make;

use askama::Template;
use fields::FieldType;

use super::chrome::{Chrome, Crumb};
use super::form::{FieldFault, FormBlock, FormField};
use super::happening::Happening;
use super::pager::Pager;
use super::shown::{Field, Pill, Shown};
use crate::Lang;
use crate::markdown::SafeHtml;

/// A link that looks like a button.
#[derive(Debug, Clone)]
pub struct LinkButton {
    /// In the viewer's language.
    pub label: String,
    /// Where it leads.
    pub url: String,
    /// Name of an icon.
    pub icon: &'static str,
    /// The page's first action.
    pub primary: bool,
}

/// One of several pages that belong together.
#[derive(Debug, Clone)]
pub struct Tab {
    /// In the viewer's language.
    pub label: String,
    /// Where it leads.
    pub url: String,
    /// This page.
    pub current: bool,
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something to know.
    Info,
    /// Something to look at.
    Warning,
    /// It was done.
    Success,
    /// Quiet.
    Quiet,
}

impl Tone {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warn",
            Self::Success => "ok",
            Self::Quiet => "quiet",
        }
    }

    pub(crate) const fn icon(self) -> &'static str {
        match self {
            Self::Info | Self::Quiet => "info",
            Self::Warning => "triangle-alert",
            Self::Success => "circle-check",
        }
    }
}

/// What was wrong with a form: by field, and as a whole.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Name of the input, and what is wrong with it.
    pub fields: Vec<(String, FieldFault)>,
    /// What is wrong with all of it, in the viewer's language.
    pub whole: Option<String>,
}

impl Faults {
    pub(crate) fn of(&self, name: &str) -> Option<FieldFault> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, fault)| fault.clone())
    }
}

/// How a form's button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submit {
    /// The page's first action.
    Primary,
    /// One of several.
    Plain,
    /// Takes something away.
    Danger,
}

impl Submit {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Primary => " primary",
            Self::Plain => "",
            Self::Danger => " danger",
        }
    }
}

/// What is asked before something is taken away. It names the object and the consequence.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// The question.
    pub title: String,
    /// What follows.
    pub text: String,
    /// What the button says that does it.
    pub button: String,
}

/// A second button of a form, sent as `name=1`.
#[derive(Debug, Clone)]
pub struct SecondButton {
    /// Its name.
    pub name: &'static str,
    /// In the viewer's language.
    pub label: String,
    /// Name of an icon.
    pub icon: &'static str,
}

/// A form. Posts its fields by name, what is hidden, `csrf_token` and `form_id`.
#[derive(Debug, Clone)]
pub struct Form {
    /// Names the form within its page; the idempotency key follows from it.
    pub key: String,
    /// Where it posts to.
    pub action: String,
    /// A sentence above the fields; may be empty.
    pub lead: String,
    /// Sent along unseen, as name and value.
    pub hidden: Vec<(String, String)>,
    /// Fields. A block without a label has no heading.
    pub blocks: Vec<FormBlock>,
    /// What the button says.
    pub submit: String,
    /// Its icon.
    pub icon: &'static str,
    /// How it looks.
    pub kind: Submit,
    /// Another thing that the same fields are good for.
    pub second: Option<SecondButton>,
    /// Asked before it is sent; only for forms without fields.
    pub confirm: Option<Confirm>,
    /// Where "Cancel" leads; none without one.
    pub cancel_url: Option<String>,
    /// What is wrong with all of it.
    pub fault: Option<String>,
    /// In one line where there is room.
    pub inline: bool,
}

impl Form {
    pub(crate) fn new(key: &str, action: String, submit: String, icon: &'static str) -> Self {
        Self {
            key: key.to_owned(),
            action,
            lead: String::new(),
            hidden: Vec::new(),
            blocks: Vec::new(),
            submit,
            icon,
            kind: Submit::Plain,
            second: None,
            confirm: None,
            cancel_url: None,
            fault: None,
            inline: false,
        }
    }

    pub(crate) fn fields(mut self, fields: Vec<FormField>) -> Self {
        self.blocks.push(FormBlock { label: String::new(), fields });
        self
    }

    pub(crate) fn all_fields(&self) -> impl Iterator<Item = &FormField> {
        self.blocks.iter().flat_map(|block| block.fields.iter())
    }

    pub(crate) fn has_faults(&self) -> bool {
        self.fault.is_some() || self.all_fields().any(|field| field.fault.is_some())
    }

    pub(crate) fn dialog(&self) -> String {
        format!("{}-dialog", self.key)
    }
}

/// A column after the first.
#[derive(Debug, Clone)]
pub struct TableColumn {
    /// In the viewer's language.
    pub label: String,
    /// Aligned to the end.
    pub numeric: bool,
}

/// What a row's button does.
#[derive(Debug, Clone)]
pub struct RowAction {
    /// Where it posts to.
    pub url: String,
    /// Sent along unseen.
    pub hidden: Vec<(String, String)>,
    /// In the viewer's language.
    pub label: String,
    /// Name of an icon.
    pub icon: &'static str,
}

impl RowAction {
    /// Differs from row to row, so that each button has an idempotency key of its own.
    pub(crate) fn key(&self) -> String {
        let hidden = self.hidden.iter().map(|(name, value)| format!("{name}={value}"));
        std::iter::once(self.url.clone()).chain(hidden).collect::<Vec<_>>().join("&")
    }
}

/// A row.
#[derive(Debug, Clone, Default)]
pub struct TableRow {
    /// What the row is about.
    pub title: String,
    /// Its page.
    pub url: Option<String>,
    /// A second line under the title; may be empty.
    pub detail: String,
    /// Short words beside the title.
    pub tags: Vec<String>,
    /// As many as the columns.
    pub cells: Vec<Shown>,
    /// A button at its end.
    pub action: Option<RowAction>,
}

/// A table. The first column names the row.
#[derive(Debug, Clone)]
pub struct Table {
    /// Read out before the table.
    pub caption: String,
    /// Label of the first column.
    pub first: String,
    /// The other columns.
    pub columns: Vec<TableColumn>,
    /// Rows.
    pub rows: Vec<TableRow>,
    /// Label of the last column, where rows have buttons.
    pub actions: String,
}

impl Table {
    pub(crate) fn new(caption: String, first: String, columns: &[String]) -> Self {
        let columns = columns.iter().map(|label| TableColumn { label: label.clone(), numeric: false }).collect();
        Self { caption, first, columns, rows: Vec::new(), actions: String::new() }
    }

    pub(crate) fn has_actions(&self) -> bool {
        self.rows.iter().any(|row| row.action.is_some())
    }

    pub(crate) fn label(&self, index: &usize) -> &str {
        self.columns.get(*index).map_or("", |column| column.label.as_str())
    }
}

/// Where there is nothing to show.
#[derive(Debug, Clone)]
pub struct Nothing {
    /// Name of an icon.
    pub icon: &'static str,
    /// What isn't there.
    pub title: String,
    /// Why, and what to do.
    pub text: String,
}

/// How far something has come.
#[derive(Debug, Clone)]
pub struct Meter {
    /// What is counted.
    pub label: String,
    /// So many are done.
    pub done: u32,
    /// Of so many.
    pub of: u32,
    /// "120 of 300".
    pub text: String,
    /// Where the page looks again; none when it is over.
    pub reload_url: Option<String>,
}

/// A secret that is shown once.
#[derive(Debug, Clone)]
pub struct Secret {
    /// What it is.
    pub label: String,
    /// The secret.
    pub value: String,
}

/// A filter that leads to the same page by GET.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Where it leads.
    pub action: String,
    /// Name of the parameter.
    pub name: &'static str,
    /// In the viewer's language.
    pub label: String,
    /// What can be chosen; "any" is added.
    pub choices: Vec<super::form::Choice>,
}

impl Filter {
    pub(crate) fn active(&self) -> bool {
        self.choices.iter().any(|choice| choice.selected)
    }
}

/// A part of a section.
#[derive(Debug, Clone)]
pub enum Part {
    /// A message.
    Note(Tone, String),
    /// A sentence.
    Text(String),
    /// Names and values.
    Facts(Vec<Field>),
    /// A form.
    Form(Box<Form>),
    /// Forms of one button each, side by side.
    Buttons(Vec<Form>),
    /// A table.
    Table(Table),
    /// Nothing.
    Nothing(Nothing),
    /// Formatted text.
    Prose(SafeHtml),
    /// What happened, the newest first.
    Timeline(Vec<Happening>),
    /// Links.
    Links(Vec<LinkButton>),
    /// A secret.
    Secret(Secret),
    /// Progress.
    Meter(Meter),
    /// A filter.
    Filter(Filter),
    /// First and next.
    Pager(Pager),
}

/// A part of a page with its own heading.
#[derive(Debug, Clone)]
pub struct Section {
    /// Id of the element.
    pub id: String,
    /// Heading; empty for none.
    pub title: String,
    /// Name of an icon.
    pub icon: &'static str,
    /// States beside the heading.
    pub pills: Vec<Pill>,
    /// What it holds.
    pub parts: Vec<Part>,
    /// Folded away until it is opened; `None` for one that always shows.
    pub open: Option<bool>,
    /// Without the frame of a card: for tables, which have their own.
    pub bare: bool,
}

impl Section {
    pub(crate) fn new(id: &str, title: String, icon: &'static str, parts: Vec<Part>) -> Self {
        Self { id: id.to_owned(), title, icon, pills: Vec::new(), parts, open: None, bare: false }
    }

    pub(crate) fn bare(id: &str, parts: Vec<Part>) -> Self {
        Self { bare: true, ..Self::new(id, String::new(), "info", parts) }
    }

    /// Folded; open when something in it was refused.
    pub(crate) fn folded(mut self) -> Self {
        self.open = Some(self.has_faults());
        self
    }

    pub(crate) fn forms(&self) -> impl Iterator<Item = &Form> {
        self.parts.iter().filter_map(|part| match part {
            Part::Form(form) => Some(&**form),
            _ => None,
        })
    }

    pub(crate) fn has_faults(&self) -> bool {
        self.forms().any(Form::has_faults)
    }
}

/// A page of the console.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/console.html")]
pub struct ConsolePage {
    /// Around the page.
    pub chrome: Chrome,
    /// The way back.
    pub crumbs: Vec<Crumb>,
    /// Heading.
    pub title: String,
    /// How many; none when nothing is counted.
    pub count: Option<u32>,
    /// States beside the heading.
    pub pills: Vec<Pill>,
    /// A sentence under the heading; may be empty.
    pub lead: String,
    /// What can be done.
    pub actions: Vec<LinkButton>,
    /// Pages that belong together.
    pub tabs: Vec<Tab>,
    /// What it holds.
    pub sections: Vec<Section>,
    /// Only as wide as a form.
    pub narrow: bool,
}

impl ConsolePage {
    pub(crate) fn new(chrome: Chrome, title: String, sections: Vec<Section>) -> Self {
        Self {
            chrome,
            crumbs: Vec::new(),
            title,
            count: None,
            pills: Vec::new(),
            lead: String::new(),
            actions: Vec::new(),
            tabs: Vec::new(),
            sections,
            narrow: false,
        }
    }

    pub(crate) fn has_faults(&self) -> bool {
        self.sections.iter().any(Section::has_faults)
    }
}

/// Why a form was refused as a whole, by the service's reason; unknown ones say only that it was.
pub fn fault_text(reason: &str, lang: Lang) -> String {
    lang.t(match reason {
        "stale_version" | "concurrent_change" => "console-fault-changed",
        "name_taken" | "login_taken" | "already_taken" => "console-fault-taken",
        "last_administrator" => "console-fault-last-administrator",
        "not_yourself" => "console-fault-own-account",
        "role_in_use" => "console-fault-in-use",
        "login_is_no_email" => "console-fault-no-reset-link",
        "no_factor" => "console-fault-no-factor",
        "no_password_yet" => "console-fault-no-password-yet",
        "access_not_enabled" => "console-fault-not-enabled",
        "company_links_off" => "console-fault-links-off",
        "nobody_chosen" | "no_contacts" => "bulk-fault-nobody",
        "too_many" => "bulk-fault-too-many",
        "no_company_found" => "bulk-fault-no-company",
        _ => "console-fault-other",
    })
}

impl FieldFault {
    /// The fault of a service's code in a form of the console, where limits stand in the hint beside the field. What the
    /// accounts' service says of names, logins and passwords, else what is said of values everywhere.
    pub fn of_console(code: &str) -> Self {
        Self::Said(match code {
            "out_of_range" => "fault-out-of-range",
            "name_taken" => "fault-name-taken",
            "login_taken" => "fault-login-taken",
            "password_too_common" => "fault-password-common",
            "password_too_short" => "fault-password-short",
            "password_too_long" => "fault-password-long",
            "password_unchanged" => "fault-password-unchanged",
            "too_short" => "fault-too-short",
            "before_start" => "fault-before-start",
            "not_a_date" => return Self::of_code(code, FieldType::Date, 0),
            "not_an_email" => return Self::of_code(code, FieldType::Email, 0),
            _ => return Self::of_code(code, FieldType::Text, 500),
        })
    }
}
