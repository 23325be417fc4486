//! Rows of the read model in memory, and what an event makes of one.

use crate::{
    conversation::{Conversation, Done, Side},
    document::{Document, Slot, WHOLE},
    domain::{
        module::Module,
        record::{Change, Event, Ties},
        value::Value,
    },
    trail::{Step, Trail},
};
use eventlog::Recorded;
use kernel::{ActorKind, Timestamp};
use prost::Message;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// A row of a module's table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) number: i64,
    pub(crate) scope_company: Option<i64>,
    pub(crate) contact: Option<i64>,
    pub(crate) company: Option<i64>,
    pub(crate) created_at: Timestamp,
    pub(crate) modified_at: Timestamp,
    pub(crate) version: i64,
    pub(crate) deleted: bool,
    pub(crate) created_kind: i16,
    pub(crate) created_by: Uuid,
    pub(crate) modified_by_ext: Option<Uuid>,
    pub(crate) conversation: Conversation,
    /// By the field's number; [`WHOLE`] for the record itself.
    pub(crate) slots: BTreeMap<u32, Slot>,
    /// What made each version.
    pub(crate) trail: Trail,
    /// The row has to be written.
    pub(crate) dirty: bool,
    /// The row of long texts has to be written too.
    pub(crate) text_dirty: bool,
}

/// What is known of contacts: the company of each, unless the contact is deleted or has none.
#[derive(Debug, Default)]
pub(crate) struct Contacts(HashMap<i64, Option<i64>>);

impl Contacts {
    pub(crate) fn set(&mut self, number: i64, company: Option<i64>) {
        self.0.insert(number, company);
    }

    fn company_of(&self, contact: Option<i64>) -> Option<i64> {
        contact.and_then(|c| self.0.get(&c).copied().flatten())
    }
}

fn key(number: u64) -> Option<i64> {
    i64::try_from(number).ok().filter(|n| *n > 0)
}

impl Row {
    /// The row of a record that was just created.
    pub(crate) fn created(module: &Module, recorded: &Recorded, event: &Event) -> Option<Row> {
        let Event::Created { id, number, fields, personal, ties, .. } = event else { return None };
        let status = module.status_field().and_then(|f| fields.iter().find(|(name, _)| *name == f.name));
        let mut row = Row {
            id: *id,
            number: key(*number).unwrap_or_default(),
            scope_company: None,
            contact: None,
            company: None,
            created_at: recorded.recorded_at,
            modified_at: recorded.recorded_at,
            version: recorded.version,
            deleted: false,
            created_kind: doer_of(recorded).0.number(),
            created_by: doer_of(recorded).1,
            modified_by_ext: customer_of(recorded),
            conversation: Conversation::begun(module, status.map(|(_, value)| value), done(recorded)),
            slots: BTreeMap::new(),
            trail: Trail::default(),
            dirty: true,
            text_dirty: false,
        };
        row.tie(*ties);
        row.trail.note(recorded.version, Step::of(module, event), doer_of(recorded).1);
        row.whole(recorded);
        for (name, value) in fields.iter().chain(personal) {
            row.set(module, name, Some(value), recorded);
        }
        Some(row)
    }

    /// Brings the row up to a later event. True when whom it belongs to changed.
    pub(crate) fn apply(&mut self, module: &Module, recorded: &Recorded, event: &Event) -> bool {
        if recorded.version <= self.version {
            return false;
        }
        self.version = recorded.version;
        self.trail.note(recorded.version, Step::of(module, event), doer_of(recorded).1);
        self.dirty = true;
        let before = (self.contact, self.company);
        self.conversation.apply(event, done(recorded));
        match event {
            Event::Updated { changes, personal, ties } => {
                self.touched(recorded);
                for Change { field, new, .. } in changes.iter().chain(personal) {
                    self.set(module, field, new.as_ref(), recorded);
                }
                self.tie(*ties);
            }
            Event::Deleted => {
                self.touched(recorded);
                self.whole(recorded);
                self.deleted = true;
            }
            Event::Restored => {
                self.touched(recorded);
                self.whole(recorded);
                self.deleted = false;
            }
            // These move nothing here but the version: a changed status or owner is among the changes of an `Updated`, and what
            // was said is the conversation's, which asks the event's kind whether a customer may notice it.
            Event::Created { .. }
            | Event::StatusChanged(_)
            | Event::Closed(_)
            | Event::Reopened(_)
            | Event::Assigned { .. }
            | Event::Commented { .. }
            | Event::CommentEdited { .. }
            | Event::CommentRemoved { .. }
            | Event::InternalNoted { .. } => {}
        }
        before != (self.contact, self.company)
    }

    /// Works out whose list the row is in: that of the record's own company, else of its contact's. A record that names
    /// another company is never seen through its contact.
    pub(crate) fn scope(&mut self, module: &Module, contacts: &Contacts) {
        let derived = if module.is_contacts() { None } else { contacts.company_of(self.contact) };
        let company = self.company.or(derived);
        if self.scope_company != company {
            self.scope_company = company;
            self.dirty = true;
        }
    }

    /// The company that records tied to this contact derive; for rows of contacts.
    pub(crate) fn gives_company(&self) -> Option<i64> {
        if self.deleted { None } else { self.company }
    }

    /// The value of a field.
    pub(crate) fn value(&self, number: u32) -> Option<&Value> {
        self.slots.get(&number).and_then(|s| s.value.as_ref())
    }

    /// The owner's id.
    pub(crate) fn owner(&self, module: &Module) -> Option<Uuid> {
        self.value(module.owner_field()?.number).and_then(Value::as_id)
    }

    /// The bytes of the document, and those of the long texts if there are any.
    pub(crate) fn documents(&self, module: &Module) -> (Vec<u8>, Option<Vec<u8>>) {
        let (mut list, mut text) = (Document::default(), Document::default());
        list.trail = self.trail.encode_to_vec();
        list.talk = Some(self.conversation.talk());
        for (number, slot) in &self.slots {
            let long = module.field_numbered(*number).is_some_and(|f| f.kind.is_long());
            list.put(*number, slot, !long);
            if long && slot.value.is_some() {
                text.put(*number, slot, true);
            }
        }
        let text = (!text.cells.is_empty()).then(|| text.encode_to_vec());
        (list.encode_to_vec(), text)
    }

    /// Puts the cells of stored documents into slots.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Result<(), prost::DecodeError> {
        let mut document = Document::decode(bytes)?;
        if !document.trail.is_empty() {
            self.trail = Trail::decode(std::mem::take(&mut document.trail).as_slice())?;
        }
        if let Some(talk) = document.talk.take() {
            (self.conversation.first_answer_at, self.conversation.reopened) = (talk.answered(), talk.reopened);
            self.conversation.word = talk.word();
        }
        document.fill(&mut self.slots);
        Ok(())
    }

    /// True when an event's ties are not those of the row.
    pub(crate) fn is_tied_elsewhere(&self, ties: Ties) -> bool {
        (self.contact, self.company) != (key(ties.contact), key(ties.company))
    }

    fn touched(&mut self, recorded: &Recorded) {
        self.modified_at = recorded.recorded_at;
        if let Some(customer) = customer_of(recorded) {
            self.modified_by_ext = Some(customer);
        }
    }

    fn tie(&mut self, ties: Ties) {
        (self.contact, self.company) = (key(ties.contact), key(ties.company));
    }

    /// Something happened to the record as a whole.
    fn whole(&mut self, recorded: &Recorded) {
        if let Some(customer) = customer_of(recorded) {
            self.slots.entry(WHOLE).or_default().outside = Some((recorded.version, customer));
        }
    }

    fn set(&mut self, module: &Module, name: &str, value: Option<&Value>, recorded: &Recorded) {
        // A field that a later definition dropped stays in the log only.
        let Some(field) = module.field(name) else { return };
        self.text_dirty |= field.kind.is_long();
        let slot = self.slots.entry(field.number).or_default();
        slot.value = value.cloned();
        slot.changed = recorded.version;
        if let Some(customer) = customer_of(recorded) {
            slot.outside = Some((recorded.version, customer));
        }
    }
}

/// The columns of a conversation as they are read.
pub(crate) struct Columns {
    pub(crate) activity_at: Timestamp,
    pub(crate) agent_activity_at: Timestamp,
    pub(crate) last_word: i16,
    pub(crate) waiting_since: Option<Timestamp>,
    pub(crate) closed_at: Option<Timestamp>,
}

impl From<Columns> for Conversation {
    fn from(columns: Columns) -> Conversation {
        Conversation {
            activity: columns.activity_at,
            agents_activity: columns.agent_activity_at,
            last_word: Side::numbered(columns.last_word),
            waiting_since: columns.waiting_since,
            first_answer_at: None,
            closed_at: columns.closed_at,
            reopened: 0,
            word: None,
        }
    }
}

fn done(recorded: &Recorded) -> Done {
    Done { at: recorded.recorded_at, customer: doer_of(recorded).0.is_customer() }
}

/// Whose doing an event was. What an agent did as a contact is the agent's.
pub(crate) fn doer_of(recorded: &Recorded) -> (ActorKind, Uuid) {
    kernel::doer(recorded.actor_kind, recorded.actor_id, recorded.on_behalf_of)
}

/// The contact, or the company whose link somebody came by, who did it from outside.
fn customer_of(recorded: &Recorded) -> Option<Uuid> {
    let (kind, id) = doer_of(recorded);
    kind.is_customer().then_some(id)
}
