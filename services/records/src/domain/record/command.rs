//! What is wanted of a record, with what was looked up for it.

use super::Author;
use crate::domain::{module::Module, value::Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// What was looked up about ids that values point to. What is missing here does not exist for the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// Records: module and number.
    pub records: BTreeMap<Uuid, (String, u64)>,
    /// Agents who may own records.
    pub agents: BTreeSet<Uuid>,
}

/// What is wanted of a record.
#[derive(Debug, Clone)]
pub enum Command {
    /// Makes it.
    Create {
        /// Its id.
        id: Uuid,
        /// Its number in the module.
        number: u64,
        /// The module.
        module: Arc<Module>,
        /// Values by field name; defaults fill the others.
        fields: Vec<(String, Value)>,
        /// What the values point to.
        links: Links,
    },
    /// Changes fields. An empty text empties a field.
    Update {
        /// The module.
        module: Arc<Module>,
        /// New values by field name.
        fields: Vec<(String, Value)>,
        /// What the new values point to.
        links: Links,
    },
    /// Deletes it.
    Delete,
    /// Takes a deletion back.
    Restore,
    /// Adds a comment that the customer sees.
    Comment {
        /// Its id.
        comment_id: Uuid,
        /// Markdown.
        body: String,
        /// Who writes it.
        author: Author,
        /// The status that the record gets with it; none leaves the status as it is.
        status: Option<NextStatus>,
    },
    /// Writes a comment anew.
    EditComment {
        /// Its id.
        comment_id: Uuid,
        /// Markdown.
        body: String,
        /// It is a comment among agents.
        internal: bool,
    },
    /// Takes a comment back.
    RemoveComment {
        /// Its id.
        comment_id: Uuid,
        /// It is a comment among agents.
        internal: bool,
    },
    /// Adds a comment among agents.
    Note {
        /// Its id.
        comment_id: Uuid,
        /// Markdown.
        body: String,
    },
}

/// The status that a record gets with a comment.
#[derive(Debug, Clone)]
pub struct NextStatus {
    /// The module, which has a status.
    pub module: Arc<Module>,
    /// A key of it.
    pub key: String,
}
