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

/// Key of the text and icon of a change, and of whatever is not known here.
const CHANGE: (&str, &str) = ("history-updated", "pencil");

/// The types of events, each with the key of the text that says what was done, and its icon.
const KINDS: [(&str, &str, &str); 12] = [
    ("created", "history-created", "plus"),
    ("updated", CHANGE.0, CHANGE.1),
    ("status_changed", "history-status-changed", "pencil"),
    ("closed", "history-closed", "circle-check"),
    ("reopened", "history-reopened", "rotate-ccw"),
    ("assigned", "history-assigned", "user-round-check"),
    ("commented", "history-commented", "message-square"),
    ("comment_edited", "history-comment-edited", "pencil"),
    ("comment_removed", "history-comment-removed", "trash-2"),
    ("internal_noted", "history-internal-noted", "lock"),
    ("deleted", "history-deleted", "trash-2"),
    ("restored", "history-restored", "rotate-ccw"),
];

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
    /// Type of the event, one of [`HistoryEntry::kinds`]; anything else is shown as a change.
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

    /// Every type of event that has a text of its own.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|(kind, ..)| *kind)
    }

    fn look(&self) -> (&'static str, &'static str) {
        let known = KINDS.iter().find(|(kind, ..)| *kind == self.kind);
        known.map_or(CHANGE, |(_, key, icon)| (*key, *icon))
    }

    pub(crate) fn key(&self) -> &'static str {
        self.look().0
    }

    pub(crate) fn icon(&self) -> &'static str {
        self.look().1
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
