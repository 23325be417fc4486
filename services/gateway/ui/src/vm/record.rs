//! One record.

use askama::Template;

use super::access::AccessBlock;
use super::chrome::{Chrome, Crumb};
use super::comment::{Comments, Moment};
use super::console::Section;
use super::history::History;
use super::shown::{Field, ModuleName, Person, Pill};
use crate::{Lang, fmt::Stamp};

/// A group of fields.
#[derive(Debug, Clone)]
pub struct Block {
    /// Stable within the page; letters, digits and dashes.
    pub id: String,
    /// Label in the viewer's language.
    pub label: String,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// Why the viewer can't change the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOnlyReason {
    /// The profile lets the viewer only look.
    Profile,
    /// The record belongs to a colleague; the viewer may change only their own.
    NotMine,
    /// It was deleted.
    Deleted,
    /// A rule makes it read-only now.
    Rule,
}

impl ReadOnlyReason {
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Profile => "record-read-only-profile",
            Self::NotMine => "record-read-only-not-mine",
            Self::Deleted => "record-read-only-deleted",
            Self::Rule => "record-read-only-rule",
        }
    }
}

/// What a one-click change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransitionKind {
    /// Sets the status to its closed value.
    Close,
    /// Sets the status back to an open value.
    Reopen,
}

/// A one-click change of the status.
///
/// Posts `expected_version`, the field, `csrf_token`, `form_id`.
#[derive(Debug, Clone)]
pub struct Transition {
    /// What it does.
    pub kind: TransitionKind,
    /// Where the form posts to; usually the same address as the edit form.
    pub action: String,
    /// The status field's name.
    pub field: String,
    /// The new value's key.
    pub value: String,
}

/// Who made and changed the record, and when.
#[derive(Debug, Clone, Default)]
pub struct Provenance {
    /// Who created it, agents included; `None` when hidden from this viewer.
    pub created_by: Option<Person>,
    /// The contact who created it from outside.
    pub created_by_ext: Option<Person>,
    /// The contact who last changed it from outside.
    pub modified_by_ext: Option<Person>,
    /// When it was created.
    pub created_at: Option<Stamp>,
    /// When it was last changed.
    pub modified_at: Option<Stamp>,
}

/// Records of another module that point to this one.
#[derive(Debug, Clone)]
pub struct RelatedList {
    /// The other module.
    pub module: ModuleName,
    /// The first of them: number, title, page, status.
    pub rows: Vec<super::home::WidgetRow>,
    /// All of them; `None` when these are all.
    pub all_url: Option<String>,
    /// A new one, already tied to this record; `None` when the viewer may not create.
    pub create_url: Option<String>,
}

/// Records of one module that point to a record.
#[derive(Debug, Clone)]
pub struct Dependent {
    /// Their module.
    pub module: ModuleName,
    /// How many; stops at 1,001.
    pub total: i64,
    /// Names of the first of them.
    pub titles: Vec<String>,
}

impl Dependent {
    pub(crate) fn names(&self, lang: &Lang) -> String {
        let names = self.titles.join(", ");
        let shown = i64::try_from(self.titles.len()).unwrap_or(i64::MAX);
        match self.total {
            total if total <= shown => names,
            total => lang.t2("record-delete-more", "names", names, "total", crate::fmt::integer(total, *lang)),
        }
    }
}

/// The page of one record.
///
/// The delete form posts `expected_version`, `csrf_token`, `form_id`; the restore form `csrf_token`, `form_id`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/record.html")]
pub struct RecordPage {
    /// Around the page.
    pub chrome: Chrome,
    /// The module.
    pub module: ModuleName,
    /// The way back: the list.
    pub crumbs: Vec<Crumb>,
    /// "TT1042".
    pub number: String,
    /// The record's title.
    pub title: String,
    /// Its status.
    pub status: Option<Pill>,
    /// How its conversation stands, in a sentence.
    pub state: Option<String>,
    /// Where the form posts to that lets it count as not seen again.
    pub unread_url: Option<String>,
    /// The version that commands expect.
    pub version: i64,
    /// Why there is no edit button, when the viewer might expect one.
    pub read_only: Option<ReadOnlyReason>,
    /// A change by this viewer isn't in the read model yet; the page says so and offers to look again.
    pub pending: bool,
    /// The edit form.
    pub edit_url: Option<String>,
    /// Close or reopen.
    pub transitions: Vec<Transition>,
    /// Where the delete form posts to.
    pub delete_url: Option<String>,
    /// What points to it, and stays when it is deleted.
    pub dependents: Vec<Dependent>,
    /// For a company: how many of its people have access, and whether it has a secure link.
    pub ways_in: Option<(i64, bool)>,
    /// Where the restore form posts to; only for deleted records.
    pub restore_url: Option<String>,
    /// Fields, in blocks. Hidden fields aren't here; empty blocks are left out.
    pub blocks: Vec<Block>,
    /// Who and when.
    pub provenance: Provenance,
    /// Comments; `None` when the module has none or the viewer may not see them.
    pub comments: Option<Comments>,
    /// History; `None` when the viewer may not see it.
    pub history: Option<History>,
    /// Portal access, on a contact's page in the console.
    pub access: Option<AccessBlock>,
    /// More of the console: activity, a company's way into the portal.
    pub sections: Vec<Section>,
    /// Records that point to this one.
    pub related: Vec<RelatedList>,
}

impl RecordPage {
    /// Whether the conversation column has something to show.
    pub(crate) fn has_conversation(&self) -> bool {
        self.comments.is_some()
            || self.history.is_some()
            || self.access.is_some()
            || !self.related.is_empty()
            || !self.sections.is_empty()
    }
}

impl RecordPage {
    /// Whether a form of this page was refused.
    pub(crate) fn has_faults(&self) -> bool {
        let composer = self.comments.as_ref().and_then(|comments| comments.composer.as_ref());
        let said = self.comments.iter().flat_map(|comments| &comments.items).filter_map(Moment::comment);
        composer.is_some_and(|composer| composer.fault.is_some())
            || said.filter_map(|comment| comment.open.as_ref()).any(|open| open.fault.is_some())
            || self.access.as_ref().is_some_and(AccessBlock::has_fault)
            || self.sections.iter().any(Section::has_faults)
    }

    /// Whether there are fields that take the whole width.
    pub(crate) fn has_lead(&self) -> bool {
        self.blocks.iter().any(Block::has_wide)
    }

    /// Where there is a composer, sending is the page's first action; else editing is.
    pub(crate) fn edit_is_primary(&self) -> bool {
        self.comments.as_ref().is_none_or(|comments| comments.composer.is_none())
    }
}

impl Block {
    pub(crate) fn has_wide(&self) -> bool {
        self.fields.iter().any(Field::wide)
    }

    pub(crate) fn has_narrow(&self) -> bool {
        self.fields.iter().any(|field| !field.wide())
    }
}

impl Provenance {
    pub(crate) fn any(&self) -> bool {
        self.created_by.is_some()
            || self.created_by_ext.is_some()
            || self.modified_by_ext.is_some()
            || self.created_at.is_some()
            || self.modified_at.is_some()
    }
}

impl TransitionKind {
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Close => "record-close",
            Self::Reopen => "record-reopen",
        }
    }

    pub(crate) const fn icon(self) -> &'static str {
        match self {
            Self::Close => "circle-check",
            Self::Reopen => "rotate-ccw",
        }
    }
}
