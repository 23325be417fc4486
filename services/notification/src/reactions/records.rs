//! What records' events mean here: addresses of contacts, whom a record concerns, and mail about assignments and answers.

use super::{Facts, did_it, id, is_told, learned, optional_id, payload, queue};
use crate::{
    domain::delivery::{Order, Template},
    knowledge::Lesson,
    neighbours::{Neighbours, Trouble},
    recipients::{self, Kind},
};
use eventlog::{Handler, HandlerError, Log, Reaction, Recorded};
use futures::future::BoxFuture;
use proto::{
    event::StoredEvent,
    records::v1::{self as heard, value},
};
use sqlx::PgConnection;
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

const NAME: &str = "notification-records";
/// The standard module whose records are the people that portal access is given to.
const CONTACTS: &str = "contacts";

/// Hears records.
pub struct RecordReactions {
    log: Log,
    neighbours: Arc<dyn Neighbours>,
}

impl RecordReactions {
    /// Acts in notification's log; asks identity about contacts of whom nothing was heard.
    pub fn new(log: Log, neighbours: Arc<dyn Neighbours>) -> RecordReactions {
        RecordReactions { log, neighbours }
    }

    async fn react(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        match &*event.stored_type {
            heard::ModuleDefined::STORED_TYPE => {
                let m: heard::ModuleDefined = payload(event)?;
                let Some(d) = m.definition else { return Ok(Reaction::Nothing) };
                let singular = d.singular.into_iter().map(|l| (l.language, l.text.into())).collect();
                let module = Lesson::Module {
                    name: d.name,
                    contact_field: d.contact_field,
                    title_field: d.title_field,
                    singular: serde_json::Value::Object(singular),
                };
                Ok(learned(NAME, event, vec![module]))
            }
            heard::RecordCreated::STORED_TYPE => self.created(event).await,
            heard::RecordUpdated::STORED_TYPE => self.updated(event).await,
            heard::RecordAssigned::STORED_TYPE => self.assigned(event).await,
            heard::RecordCommented::STORED_TYPE => self.commented(event).await,
            _ => Ok(Reaction::Nothing),
        }
    }

    async fn created(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        let m: heard::RecordCreated = payload(event)?;
        let record = id(&m.record_id)?;
        let values: HashMap<String, heard::Value> =
            m.fields.into_iter().chain(m.personal_fields).filter_map(|f| Some((f.field, f.value?))).collect();
        let mut lessons = Vec::new();
        if m.module == CONTACTS {
            lessons.push(contact(record, &values, event));
        }
        let field = self.contact_field(&m.module).await?;
        if let Some(contact) = field.and_then(|f| values.get(&f).map(text)) {
            lessons.push(Lesson::SubjectContact { record, module: m.module, contact: optional_id(&contact)? });
        }
        Ok(learned(NAME, event, lessons))
    }

    async fn updated(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        let m: heard::RecordUpdated = payload(event)?;
        let record = id(&m.record_id)?;
        // An emptied field is one whose new value is an empty text.
        let values: HashMap<String, heard::Value> =
            m.changes.into_iter().chain(m.personal_changes).map(|c| (c.field, c.new.unwrap_or_default())).collect();
        let mut lessons = Vec::new();
        if m.module == CONTACTS {
            let contact = contact(record, &values, event);
            if !matches!(
                contact,
                Lesson::Contact { first_name: None, last_name: None, email: None, opted_out: None, .. }
            ) {
                lessons.push(contact);
            }
        }
        let field = self.contact_field(&m.module).await?;
        if let Some(contact) = field.and_then(|f| values.get(&f).map(text)) {
            lessons.push(Lesson::SubjectContact { record, module: m.module, contact: optional_id(&contact)? });
        }
        Ok(learned(NAME, event, lessons))
    }

    async fn assigned(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        let m: heard::RecordAssigned = payload(event)?;
        let owner = optional_id(&m.new_owner_id)?;
        let lesson = Lesson::SubjectOwner { record: id(&m.record_id)?, module: m.module.clone(), owner };
        let Some(owner) = owner.filter(|o| is_told(event) && !did_it(event, *o)) else {
            return Ok(learned(NAME, event, vec![lesson]));
        };
        let facts = Facts { to: Kind::Agent.as_str().into(), ..Facts::default() };
        let order = self.order(Template::RecordAssigned, owner, event, (m.record_id, m.module), &facts).await?;
        queue(&self.log, NAME, event, order, vec![lesson]).await
    }

    async fn commented(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        let m: heard::RecordCommented = payload(event)?;
        if !is_told(event) {
            return Ok(Reaction::Nothing);
        }
        let concerned: Option<(Option<Uuid>, Option<Uuid>)> =
            sqlx::query_as("select contact_id, owner_id from subjects where record_id = $1")
                .bind(id(&m.record_id)?)
                .fetch_optional(self.log.pool())
                .await?;
        let (contact, owner) = concerned.unwrap_or_default();
        let (kind, person) = if matches!(m.author_kind.as_str(), "contact" | "company") {
            (Kind::Agent, owner)
        } else {
            (Kind::Contact, contact)
        };
        let Some(person) = person.filter(|p| !did_it(event, *p)) else { return Ok(Reaction::Nothing) };
        if kind == Kind::Contact && !self.has_access(person).await? {
            return Ok(Reaction::Nothing);
        }
        let facts = Facts { to: kind.as_str().into(), comment_id: m.comment_id, ..Facts::default() };
        let order = self.order(Template::RecordCommented, person, event, (m.record_id, m.module), &facts).await?;
        queue(&self.log, NAME, event, order, Vec::new()).await
    }

    /// Whether a contact may use the portal. Identity's events come in an order of their own, so of a contact who was
    /// never heard of identity is asked.
    async fn has_access(&self, contact: Uuid) -> Result<bool, HandlerError> {
        let known = recipients::find(self.log.pool(), contact).await?;
        match known.and_then(|k| k.access) {
            Some(access) => Ok(access),
            None => self.neighbours.has_access(contact).await.map_err(|t| match t {
                Trouble::Away(_) => HandlerError::Away(t.to_string()),
                Trouble::Refused(..) => HandlerError::Retry(t.to_string()),
            }),
        }
    }

    async fn contact_field(&self, module: &str) -> Result<Option<String>, HandlerError> {
        let field: Option<String> = sqlx::query_scalar("select contact_field from modules where name = $1")
            .bind(module)
            .fetch_optional(self.log.pool())
            .await?;
        Ok(field.filter(|f| !f.is_empty()))
    }

    async fn order(
        &self,
        template: Template,
        person: Uuid,
        event: &Recorded,
        (record_id, module): (String, String),
        facts: &Facts,
    ) -> Result<Order, HandlerError> {
        let known = recipients::find(self.log.pool(), person).await?;
        let (recipient, locale) = known.map(|k| (k.email, k.locale)).unwrap_or_default();
        Ok(Order {
            template,
            recipient_id: person,
            recipient,
            locale,
            subject_id: record_id,
            subject_module: module,
            source_event_id: event.event_id,
            facts: facts.json(),
        })
    }
}

/// What the values of a contact's record teach.
fn contact(record: Uuid, values: &HashMap<String, heard::Value>, event: &Recorded) -> Lesson {
    let texts = |field: &str| values.get(field).map(text);
    Lesson::Contact {
        id: record,
        first_name: texts("first_name"),
        last_name: texts("last_name"),
        email: texts("email"),
        opted_out: values.get("email_opt_out").map(|v| matches!(v.kind, Some(value::Kind::Boolean(true)))),
        at: event.recorded_at.to_offset(),
    }
}

/// A value's text; empty when it has none.
fn text(value: &heard::Value) -> String {
    match &value.kind {
        Some(value::Kind::Text(text)) => text.clone(),
        Some(value::Kind::Integer(_) | value::Kind::Boolean(_)) | None => String::new(),
    }
}

impl Handler for RecordReactions {
    fn name(&self) -> &'static str {
        NAME
    }

    fn handle<'a>(&'a self, event: &'a Recorded) -> BoxFuture<'a, Result<Reaction, HandlerError>> {
        Box::pin(self.react(event))
    }

    fn reset<'a>(&'a self, connection: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            sqlx::query("delete from modules").execute(&mut *connection).await?;
            sqlx::query("delete from subjects").execute(&mut *connection).await?;
            sqlx::query(
                "update recipients set first_name = '', last_name = '', email = '', email_at = null,
                     opted_out = false
                 where kind = 'contact'",
            )
            .execute(connection)
            .await?;
            Ok(())
        })
    }
}
