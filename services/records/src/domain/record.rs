//! A record of any module. What its fields are, the module says; what may happen to it, this file.

use super::{
    module::Module,
    value::{Field, Misfit, PointsTo, Value, field_error},
};
use kernel::{Aggregate, Code, Error, FieldError};
use std::collections::BTreeMap;
use uuid::Uuid;

mod command;

pub use command::{Command, Links, NextStatus};

/// Longest comment, in characters.
pub const MAX_COMMENT: usize = 10_000;

/// Who wrote a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// A portal user.
    Contact,
    /// Somebody who came by the company's secure link.
    Company,
    /// Somebody of the operator, also when writing for a contact, or the product itself.
    Agent,
}

/// One field's change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The field.
    pub field: String,
    /// Before; none when it was empty.
    pub old: Option<Value>,
    /// After; none when it is empty.
    pub new: Option<Value>,
}

/// The numbers of the contact and the company that a record is tied to; 0 for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ties {
    /// Of the contact; for a contact its own.
    pub contact: u64,
    /// Of the company; for a company its own.
    pub company: u64,
}

/// What happened to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It came into being.
    Created {
        /// Its id.
        id: Uuid,
        /// Its module.
        module: String,
        /// Its number.
        number: u64,
        /// Values that are not personal.
        fields: Vec<(String, Value)>,
        /// Personal values.
        personal: Vec<(String, Value)>,
        /// Whom it belongs to.
        ties: Ties,
    },
    /// Fields changed.
    Updated {
        /// Changes that are not personal.
        changes: Vec<Change>,
        /// Personal changes.
        personal: Vec<Change>,
        /// Whom it belongs to now.
        ties: Ties,
    },
    /// The status changed, and neither opened nor closed the record.
    StatusChanged(StatusChange),
    /// The status changed to a closed value.
    Closed(StatusChange),
    /// The status changed from a closed value to an open one.
    Reopened(StatusChange),
    /// It got an owner, or lost one.
    Assigned {
        /// The owner's field.
        field: String,
        /// Before.
        old: Option<Uuid>,
        /// Now.
        new: Option<Uuid>,
    },
    /// A comment that the customer sees.
    Commented {
        /// The comment's id.
        comment_id: Uuid,
        /// Markdown.
        body: String,
        /// Who wrote it.
        author: Author,
    },
    /// The author of a comment wrote it anew.
    CommentEdited {
        /// The comment's id.
        comment_id: Uuid,
        /// Markdown.
        body: String,
        /// It is a comment among agents.
        internal: bool,
    },
    /// The author of a comment took it back.
    CommentRemoved {
        /// The comment's id.
        comment_id: Uuid,
        /// It was a comment among agents.
        internal: bool,
    },
    /// A comment among agents.
    InternalNoted {
        /// The comment's id.
        comment_id: Uuid,
        /// Markdown.
        body: String,
    },
    /// It was deleted.
    Deleted,
    /// The deletion was taken back.
    Restored,
}

impl Event {
    /// The comment that a change of the status came with.
    pub fn by_reply(&self) -> Option<Uuid> {
        match self {
            Event::StatusChanged(status) | Event::Closed(status) | Event::Reopened(status) => status.by_reply,
            _ => None,
        }
    }

    /// The comment that the event is about.
    pub fn comment(&self) -> Option<Uuid> {
        match self {
            Event::Commented { comment_id, .. }
            | Event::CommentEdited { comment_id, .. }
            | Event::CommentRemoved { comment_id, .. }
            | Event::InternalNoted { comment_id, .. } => Some(*comment_id),
            _ => None,
        }
    }
}

/// A change of the status field, as keys; empty for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// The status field.
    pub field: String,
    /// Before.
    pub old: String,
    /// Now.
    pub new: String,
    /// The comment that was the reason; none when the status was set by itself.
    pub by_reply: Option<Uuid>,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// There is no such record, or it is deleted.
    Absent,
    /// There is one with this id already.
    Present,
    /// Fields that are not right.
    Invalid(Vec<FieldError>),
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Error {
        match rejection {
            Rejection::Absent => Error::not_found(),
            Rejection::Present => Error::new(Code::Conflict, "already_exists", "This record exists already."),
            Rejection::Invalid(fields) => Error::invalid(fields),
        }
    }
}

/// A record as its stream tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Record {
    /// Not created.
    #[default]
    Absent,
    /// There.
    Live(Content),
    /// Deleted; can be restored.
    Deleted(Content),
}

/// What a record holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// Its id.
    pub id: Uuid,
    /// Its module.
    pub module: String,
    /// Its number.
    pub number: u64,
    /// Its values; empty fields are not there.
    pub fields: BTreeMap<String, Value>,
    /// Whom it belongs to.
    pub ties: Ties,
}

impl Record {
    /// What it holds, unless it was never created.
    pub fn content(&self) -> Option<&Content> {
        match self {
            Record::Absent => None,
            Record::Live(c) | Record::Deleted(c) => Some(c),
        }
    }
}

impl Aggregate for Record {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match (self, command) {
            (Record::Absent, Command::Create { id, number, module, fields, links }) => {
                create(id, number, &module, &fields, &links)
            }
            (Record::Live(_) | Record::Deleted(_), Command::Create { .. }) => Err(Rejection::Present),
            (Record::Live(content), Command::Update { module, fields, links }) => {
                update(content, &module, &fields, &links)
            }
            (Record::Live(_), Command::Delete) => Ok(vec![Event::Deleted]),
            (Record::Deleted(_), Command::Delete) | (Record::Live(_), Command::Restore) => Ok(Vec::new()),
            (Record::Deleted(_), Command::Restore) => Ok(vec![Event::Restored]),
            (Record::Live(content), Command::Comment { comment_id, body, author, status }) => {
                let mut events = vec![Event::Commented { comment_id, body: comment_text(&body)?, author }];
                if let Some(next) = status {
                    events.extend(after_reply(content, &next, comment_id)?);
                }
                Ok(events)
            }
            (Record::Live(_), Command::EditComment { comment_id, body, internal }) => {
                Ok(vec![Event::CommentEdited { comment_id, body: comment_text(&body)?, internal }])
            }
            (Record::Live(_), Command::RemoveComment { comment_id, internal }) => {
                Ok(vec![Event::CommentRemoved { comment_id, internal }])
            }
            (Record::Live(_), Command::Note { comment_id, body }) => {
                Ok(vec![Event::InternalNoted { comment_id, body: comment_text(&body)? }])
            }
            (
                Record::Absent | Record::Deleted(_),
                Command::Update { .. }
                | Command::Comment { .. }
                | Command::EditComment { .. }
                | Command::RemoveComment { .. }
                | Command::Note { .. },
            )
            | (Record::Absent, Command::Delete | Command::Restore) => Err(Rejection::Absent),
        }
    }

    fn evolve(self, event: &Event) -> Record {
        match (self, event) {
            (_, Event::Created { id, module, number, fields, personal, ties }) => Record::Live(Content {
                id: *id,
                module: module.clone(),
                number: *number,
                fields: fields.iter().chain(personal).cloned().collect(),
                ties: *ties,
            }),
            (Record::Live(content), Event::Updated { .. }) => Record::Live(content.changed(event)),
            (Record::Deleted(content), Event::Updated { .. }) => Record::Deleted(content.changed(event)),
            (Record::Live(content) | Record::Deleted(content), Event::Deleted) => Record::Deleted(content),
            (Record::Live(content) | Record::Deleted(content), Event::Restored) => Record::Live(content),
            (record @ Record::Absent, Event::Updated { .. } | Event::Deleted | Event::Restored)
            | (
                record,
                Event::StatusChanged(_)
                | Event::Closed(_)
                | Event::Reopened(_)
                | Event::Assigned { .. }
                | Event::Commented { .. }
                | Event::CommentEdited { .. }
                | Event::CommentRemoved { .. }
                | Event::InternalNoted { .. },
            ) => record,
        }
    }
}

impl Content {
    fn changed(mut self, event: &Event) -> Content {
        if let Event::Updated { changes, personal, ties } = event {
            for change in changes.iter().chain(personal) {
                match &change.new {
                    Some(value) => drop(self.fields.insert(change.field.clone(), value.clone())),
                    None => drop(self.fields.remove(&change.field)),
                }
            }
            self.ties = *ties;
        }
        self
    }
}

/// Fields and their new values, by name; none where a field is emptied.
type Accepted<'m> = BTreeMap<&'m str, (&'m Field, Option<Value>)>;

/// Values that were given, checked and in their stored form.
fn accepted<'m>(
    module: &'m Module,
    given: &[(String, Value)],
    links: &Links,
    kept: &BTreeMap<String, Value>,
) -> Result<Accepted<'m>, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut values = BTreeMap::new();
    for (name, value) in given {
        let Some(field) = module.field(name) else {
            errors.push(field_error(name, Misfit::UNKNOWN_FIELD));
            continue;
        };
        let value = match field.accept(value) {
            Ok(value) => value,
            Err(misfit) => {
                errors.push(field.error(misfit));
                continue;
            }
        };
        // A value that stays may point to what has gone since.
        if value.as_ref() != kept.get(name)
            && let Some(misfit) = value.as_ref().and_then(|v| dangling(field, v, links))
        {
            errors.push(field.error(misfit));
        }
        if values.insert(field.name.as_str(), (field, value)).is_some() {
            errors.push(field.error(Misfit::GIVEN_TWICE));
        }
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

fn dangling(field: &Field, value: &Value, links: &Links) -> Option<Misfit> {
    let id = value.as_id();
    match field.kind.points_to()? {
        PointsTo::Record => {
            let found = id.and_then(|i| links.records.get(&i));
            found.is_none_or(|(module, _)| *module != field.target).then_some(Misfit::UNKNOWN_RECORD)
        }
        PointsTo::Agent => (!id.is_some_and(|i| links.agents.contains(&i))).then_some(Misfit::UNKNOWN_AGENT),
    }
}

/// Mandatory fields that a new record would lack.
fn left_out<'a>(module: &'a Module, given: &'a [(String, Value)]) -> impl Iterator<Item = &'a Field> {
    module.fields.iter().filter(|field| field.mandatory).filter(|field| {
        match given.iter().find(|(name, _)| *name == field.name) {
            Some((_, value)) => field.accept(value) == Ok(None),
            None => field.default.is_none(),
        }
    })
}

fn create(
    id: Uuid,
    number: u64,
    module: &Module,
    given: &[(String, Value)],
    links: &Links,
) -> Result<Vec<Event>, Rejection> {
    let mut values = accepted(module, given, links, &BTreeMap::new()).map_err(|mut errors| {
        // All that is wrong in one answer: what is missing as well as what does not fit.
        errors.extend(
            left_out(module, given)
                .filter(|f| !errors.iter().any(|e| e.field == f.name))
                .map(|f| f.error(Misfit::REQUIRED))
                .collect::<Vec<_>>(),
        );
        Rejection::Invalid(errors)
    })?;
    for field in &module.fields {
        values.entry(&field.name).or_insert_with(|| (field, field.default.clone()));
    }
    let missing = |(field, value): &&(&Field, Option<Value>)| field.mandatory && value.is_none();
    let errors: Vec<FieldError> = values.values().filter(missing).map(|(f, _)| f.error(Misfit::REQUIRED)).collect();
    if !errors.is_empty() {
        return Err(Rejection::Invalid(errors));
    }
    let linked = |field: Option<&Field>| {
        let id = field.and_then(|f| values.get(f.name.as_str())).and_then(|(_, v)| v.as_ref()).and_then(Value::as_id);
        id.and_then(|i| links.records.get(&i)).map_or(0, |(_, number)| *number)
    };
    let ties = Ties {
        contact: if module.is_contacts() { number } else { linked(module.contact_field()) },
        company: if module.is_companies() { number } else { linked(module.company_field()) },
    };
    let owner = module.owner_field().and_then(|f| {
        let owner = values.get(f.name.as_str())?.1.as_ref()?.as_id()?;
        Some(Event::Assigned { field: f.name.clone(), old: None, new: Some(owner) })
    });
    let (mut fields, mut personal) = (Vec::new(), Vec::new());
    // In the module's order, so that the same request always gives the same bytes.
    for field in &module.fields {
        if let Some((_, Some(value))) = values.remove(field.name.as_str()) {
            let list = if field.personal { &mut personal } else { &mut fields };
            list.push((field.name.clone(), value));
        }
    }
    let created = Event::Created { id, module: module.name().to_owned(), number, fields, personal, ties };
    Ok(std::iter::once(created).chain(owner).collect())
}

fn update(
    content: &Content,
    module: &Module,
    given: &[(String, Value)],
    links: &Links,
) -> Result<Vec<Event>, Rejection> {
    let mut values = accepted(module, given, links, &content.fields).map_err(Rejection::Invalid)?;
    values.retain(|name, (_, value)| value.as_ref() != content.fields.get(*name));
    let emptied = |(field, value): &&(&Field, Option<Value>)| field.mandatory && value.is_none();
    let errors: Vec<FieldError> = values.values().filter(emptied).map(|(f, _)| f.error(Misfit::REQUIRED)).collect();
    if !errors.is_empty() {
        return Err(Rejection::Invalid(errors));
    }
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let relinked = |field: Option<&Field>, before: u64| {
        let Some((_, value)) = field.and_then(|f| values.get(f.name.as_str())) else { return before };
        let id = value.as_ref().and_then(Value::as_id);
        id.and_then(|i| links.records.get(&i)).map_or(0, |(_, number)| *number)
    };
    let ties = Ties {
        contact: if module.is_contacts() {
            content.number
        } else {
            relinked(module.contact_field(), content.ties.contact)
        },
        company: if module.is_companies() {
            content.number
        } else {
            relinked(module.company_field(), content.ties.company)
        },
    };
    let (mut changes, mut personal) = (Vec::new(), Vec::new());
    for field in &module.fields {
        if let Some((_, new)) = values.remove(field.name.as_str()) {
            let old = content.fields.get(&field.name).cloned();
            let list = if field.personal { &mut personal } else { &mut changes };
            list.push(Change { field: field.name.clone(), old, new });
        }
    }
    let derived: Vec<Event> =
        [status_event(module, &changes), owner_event(module, &changes)].into_iter().flatten().collect();
    Ok(std::iter::once(Event::Updated { changes, personal, ties }).chain(derived).collect())
}

/// The change of the status that comes with a comment, which every event of it names as the reason.
fn after_reply(content: &Content, next: &NextStatus, comment: Uuid) -> Result<Vec<Event>, Rejection> {
    let Some(field) = next.module.status_field() else { return Ok(Vec::new()) };
    let given = [(field.name.clone(), Value::text(next.key.as_str()))];
    let mut events = update(content, &next.module, &given, &Links::default())?;
    for event in &mut events {
        if let Event::StatusChanged(status) | Event::Closed(status) | Event::Reopened(status) = event {
            status.by_reply = Some(comment);
        }
    }
    Ok(events)
}

fn status_event(module: &Module, changes: &[Change]) -> Option<Event> {
    let field = module.status_field()?;
    let change = changes.iter().find(|c| c.field == field.name)?;
    let key = |v: &Option<Value>| v.as_ref().and_then(Value::as_text).unwrap_or_default().to_owned();
    let (was, is) = (module.is_closed(change.old.as_ref()), module.is_closed(change.new.as_ref()));
    let (old, new) = (key(&change.old), key(&change.new));
    let status = StatusChange { field: field.name.clone(), old, new, by_reply: None };
    Some(match (was, is) {
        (false, true) => Event::Closed(status),
        (true, false) => Event::Reopened(status),
        (false, false) | (true, true) => Event::StatusChanged(status),
    })
}

fn owner_event(module: &Module, changes: &[Change]) -> Option<Event> {
    let field = module.owner_field()?;
    let change = changes.iter().find(|c| c.field == field.name)?;
    let id = |v: &Option<Value>| v.as_ref().and_then(Value::as_id);
    Some(Event::Assigned { field: field.name.clone(), old: id(&change.old), new: id(&change.new) })
}

fn comment_text(body: &str) -> Result<String, Rejection> {
    let kept = kernel::text::lines(body, MAX_COMMENT).and_then(|text| text.ok_or(kernel::text::REQUIRED));
    kept.map_err(|misfit| Rejection::Invalid(vec![field_error("body", Misfit::of_text(misfit))]))
}

/// The person whose key seals a record's personal values: the contact itself, or the one that the record is tied to,
/// else the company, else nobody in particular: the record.
pub fn person_of(module: &Module, id: Uuid, value: impl Fn(&str) -> Option<Uuid>) -> Uuid {
    if module.is_contacts() {
        return id;
    }
    let tied = |field: Option<&Field>| field.and_then(|f| value(&f.name));
    tied(module.contact_field()).or_else(|| tied(module.company_field())).unwrap_or(id)
}

#[cfg(test)]
mod tests;
