//! The form that creates and changes records of any module.

use askama::Template;

use super::chrome::{Chrome, Crumb};
use super::form::{FormBlock, FormField};
use super::shown::ModuleName;

/// What is wrong with the form as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormFault {
    /// The form was too old or came from elsewhere (CSRF); nothing was saved, what was typed is still here.
    FormExpired,
    /// The same form was already sent with other content.
    AlreadySent,
    /// The service doesn't answer; nothing is known to be saved, sending again is safe.
    Unavailable,
    /// The viewer's rights changed in the meantime.
    Forbidden,
}

impl FormFault {
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::FormExpired => "form-fault-expired",
            Self::AlreadySent => "form-fault-already-sent",
            Self::Unavailable => "form-fault-unavailable",
            Self::Forbidden => "form-fault-forbidden",
        }
    }
}

/// What the form does.
#[derive(Debug, Clone)]
pub enum FormMode {
    /// Makes a record.
    Create,
    /// Changes one.
    Edit {
        /// "TT1042".
        number: String,
        /// The record's title as it is now.
        title: String,
        /// The version that the viewer saw; sent as `expected_version`.
        expected_version: i64,
    },
}

/// The form of a record.
///
/// Posts the fields by name, `csrf_token`, `form_id`, when changing `expected_version`, and `lookup=<field>` when
/// a picker's button was used without script.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/form.html")]
pub struct FormPage {
    /// Around the page.
    pub chrome: Chrome,
    /// The module.
    pub module: ModuleName,
    /// The way back.
    pub crumbs: Vec<Crumb>,
    /// What it does.
    pub mode: FormMode,
    /// Where it posts to.
    pub action: String,
    /// Where "Cancel" leads.
    pub cancel_url: String,
    /// Idempotency key. A fresh one for a fresh form; the same again after a failure whose outcome isn't known
    /// ([`FormFault::Unavailable`]), so that sending again can't make a second record.
    pub form_id: String,
    /// Parameters that the form carries along unseen, as name and value.
    pub hidden: Vec<(String, String)>,
    /// Faults of the whole form.
    pub faults: Vec<FormFault>,
    /// Fields.
    pub blocks: Vec<FormBlock>,
}

impl FormPage {
    pub(crate) fn heading(&self) -> String {
        match &self.mode {
            FormMode::Create => self.chrome.lang.t1("form-create-title", "module", self.module.one(self.chrome.lang)),
            FormMode::Edit { title, .. } => self.chrome.lang.t1("form-edit-title", "title", title),
        }
    }

    pub(crate) fn has_faults(&self) -> bool {
        !self.faults.is_empty() || self.fields().any(|field| field.fault.is_some())
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = &FormField> {
        self.blocks.iter().flat_map(|block| block.fields.iter())
    }

    pub(crate) fn creates(&self) -> bool {
        matches!(self.mode, FormMode::Create)
    }

    pub(crate) fn all_read_only(&self) -> bool {
        self.fields().all(FormField::is_read_only)
    }
}
