//! The history of a record, as its events tell it.

use super::shown::{Person, Shown};
use crate::{Lang, fmt::Stamp, markdown::SafeHtml};

/// One field's change.
#[derive(Debug, Clone)]
pub struct Change {
    /// The field's label.
    pub label: String,
    /// Before.
    pub old: Shown,
    /// After.
    pub new: Shown,
}

/// To whom a record was assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assigned {
    /// To somebody, by name.
    To(String),
    /// To somebody whose name the viewer doesn't see.
    Somebody,
    /// To nobody any more.
    Nobody,
}

/// One event.
#[derive(Debug, Clone)]
pub struct HistoryEntry {
    /// Version of the record after it, where the viewer counts them as the log does.
    pub version: Option<i64>,
    /// When.
    pub at: Stamp,
    /// Who.
    pub actor: Person,
    /// The contact on whose behalf an agent did it, with support access.
    pub on_behalf_of: Option<String>,
    /// `portal`, `console`, `api`, `import` or `system`.
    pub channel: String,
    /// Type of the event: `created`, `updated`, `status_changed`, `closed`, `reopened`, `assigned`, `commented`,
    /// `internal_noted`, `deleted`, `restored`; anything else is shown as a change.
    pub kind: String,
    /// Fields, old and new.
    pub changes: Vec<Change>,
    /// For an assignment.
    pub assigned: Option<Assigned>,
    /// Text of a comment.
    pub body: Option<SafeHtml>,
    /// The content was erased.
    pub redacted: bool,
}

impl HistoryEntry {
    /// True for what a rule of the portal did, and no person.
    pub(crate) fn automatic(&self) -> bool {
        self.assigned.is_some() && self.actor.name.is_empty() && !self.actor.deleted
    }

    /// What was done; a whole sentence where nobody did it.
    pub(crate) fn done(&self, lang: &Lang) -> String {
        match (&self.assigned, self.automatic()) {
            (Some(Assigned::To(name)), true) => lang.t1("history-assigned-itself-to", "name", name.as_str()),
            (Some(Assigned::To(name)), false) => lang.t1("history-assigned-to", "name", name.as_str()),
            (Some(Assigned::Somebody), true) => lang.t("history-assigned-itself"),
            (Some(Assigned::Nobody), false) => lang.t("history-assigned-nobody"),
            (Some(Assigned::Nobody), true) => lang.t("history-assigned-itself-nobody"),
            (Some(Assigned::Somebody) | None, _) => lang.t(self.key()),
        }
    }

    pub(crate) fn key(&self) -> &'static str {
        match self.kind.as_str() {
            "created" => "history-created",
            "status_changed" => "history-status-changed",
            "closed" => "history-closed",
            "reopened" => "history-reopened",
            "assigned" => "history-assigned",
            "commented" => "history-commented",
            "internal_noted" => "history-internal-noted",
            "comment_edited" => "history-comment-edited",
            "comment_removed" => "history-comment-removed",
            "deleted" => "history-deleted",
            "restored" => "history-restored",
            _ => "history-updated",
        }
    }

    pub(crate) fn icon(&self) -> &'static str {
        match self.kind.as_str() {
            "created" => "plus",
            "closed" => "circle-check",
            "reopened" | "restored" => "rotate-ccw",
            "assigned" => "user-round-check",
            "commented" => "message-square",
            "internal_noted" => "lock",
            "deleted" => "trash-2",
            _ => "pencil",
        }
    }

    pub(crate) fn channel_key(&self) -> &'static str {
        match self.channel.as_str() {
            "portal" => "channel-portal",
            "console" => "channel-console",
            "api" => "channel-api",
            "import" => "channel-import",
            _ => "channel-system",
        }
    }
}

/// A part of the history.
#[derive(Debug, Clone)]
pub struct History {
    /// Newest first.
    pub entries: Vec<HistoryEntry>,
    /// The same page with older entries; `None` when these are all.
    pub older_url: Option<String>,
    /// The same page with the newest entries; `None` when these are they.
    pub newest_url: Option<String>,
}
