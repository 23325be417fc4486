//! The history of a record, as its events tell it.

use super::shown::{Person, Shown};
use crate::fmt::Stamp;

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

/// One event.
#[derive(Debug, Clone)]
pub struct HistoryEntry {
    /// Version of the record after it.
    pub version: i64,
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
    /// Text of a comment.
    pub body: Option<String>,
    /// The content was erased.
    pub redacted: bool,
}

impl HistoryEntry {
    pub(crate) fn key(&self) -> &'static str {
        match self.kind.as_str() {
            "created" => "history-created",
            "status_changed" => "history-status-changed",
            "closed" => "history-closed",
            "reopened" => "history-reopened",
            "assigned" => "history-assigned",
            "commented" => "history-commented",
            "internal_noted" => "history-internal-noted",
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
