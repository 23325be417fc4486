//! What records' events mean here: addresses of contacts, and mail about what came in, assignments and answers.

use super::{Facts, id, is_told, learned, optional_id, payload, queue_all};
use crate::{
    audience::{Happening, audience},
    convert,
    copied::CopiedFact,
    domain::delivery::{Order, Template},
    neighbours::{Neighbours, Trouble},
    recipients::{self, Kind},
};
use eventlog::{Handler, HandlerError, Log, Reaction, Recorded};
use futures::future::BoxFuture;
use proto::{
    ModuleChange,
    event::StoredEvent,
    records::v1::{self as heard, value},
};
use sqlx::PgConnection;
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

const NAME: &str = "notification-records";
/// The standard module whose records are the people that portal access is given to.
const CONTACTS: &str = "contacts";
/// How old a request may be, in microseconds, of which its maker is told that it came in.
const STALE_MICROS: i64 = 86_400_000_000;

/// Hears records.
pub struct RecordReactions {
    log: Log,
    neighbours: Arc<dyn Neighbours>,
}

impl RecordReactions {
    /// Acts in notification's log; asks records whom a record concerns.
    pub fn new(log: Log, neighbours: Arc<dyn Neighbours>) -> RecordReactions {
        RecordReactions { log, neighbours }
    }

    async fn react(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        match &*event.stored_type {
            heard::RecordCreated::STORED_TYPE => self.created(event).await,
            heard::RecordUpdated::STORED_TYPE => self.updated(event).await,
            heard::RecordAssigned::STORED_TYPE => self.assigned(event).await,
            heard::RecordCommented::STORED_TYPE => self.commented(event).await,
            other => match ModuleChange::decode(other, &event.payload)?.and_then(module) {
                Some(fact) => Ok(learned(NAME, event, vec![fact])),
                None => Ok(Reaction::Nothing),
            },
        }
    }

    async fn created(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        let m: heard::RecordCreated = payload(event)?;
        let record = id(&m.record_id)?;
        let mut copied = Vec::new();
        if m.module == CONTACTS {
            let fields = m.fields.into_iter().chain(m.personal_fields);
            let values = fields.filter_map(|f| Some((f.field, f.value?))).collect();
            copied.push(contact(record, &values, event));
        }
        // Only what customers make can come in without anybody who looks after it.
        let (kind, _) = kernel::doer(event.actor_kind, event.actor_id, event.on_behalf_of);
        if !kind.is_customer() || !is_told(event) {
            return Ok(learned(NAME, event, copied));
        }
        let subject = (m.record_id, m.module);
        self.tell(Happening::Made, event, subject, Facts::default(), copied).await
    }

    async fn updated(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        let m: heard::RecordUpdated = payload(event)?;
        if m.module != CONTACTS {
            return Ok(Reaction::Nothing);
        }
        // An emptied field is one whose new value is an empty text.
        let values: HashMap<String, heard::Value> =
            m.changes.into_iter().chain(m.personal_changes).map(|c| (c.field, c.new.unwrap_or_default())).collect();
        let contact = contact(id(&m.record_id)?, &values, event);
        let says_nothing = matches!(
            contact,
            CopiedFact::Contact { first_name: None, last_name: None, email: None, opted_out: None, .. }
        );
        Ok(learned(NAME, event, if says_nothing { Vec::new() } else { vec![contact] }))
    }

    async fn assigned(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        let m: heard::RecordAssigned = payload(event)?;
        let Some(owner) = optional_id(&m.new_owner_id)?.filter(|_| is_told(event)) else {
            return Ok(Reaction::Nothing);
        };
        let subject = (m.record_id, m.module);
        let happening = Happening::Assigned { owner };
        self.tell(happening, event, subject, Facts::default(), Vec::new()).await
    }

    async fn commented(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        let m: heard::RecordCommented = payload(event)?;
        if !is_told(event) {
            return Ok(Reaction::Nothing);
        }
        let by_customer = matches!(m.author_kind.as_str(), "contact" | "company");
        let by = if by_customer { "customer" } else { "agent" };
        let facts = Facts { comment_id: m.comment_id, by: by.into(), ..Facts::default() };
        let subject = (m.record_id, m.module);
        let happening = Happening::Commented { by_customer };
        self.tell(happening, event, subject, facts, Vec::new()).await
    }

    /// Queues a mail for everybody who is to be told. Whether it is sent, and what it says, is decided when its turn
    /// comes.
    async fn tell(
        &self,
        happening: Happening,
        event: &Recorded,
        subject: (String, String),
        facts: Facts,
        copied: Vec<CopiedFact>,
    ) -> Result<Reaction, HandlerError> {
        let involved = match happening {
            Happening::Assigned { .. } => None,
            Happening::Made | Happening::Commented { .. } => {
                self.neighbours.involved(&subject.1, &subject.0).await.map_err(|t| match t {
                    Trouble::Away(_) => HandlerError::Away(t.to_string()),
                    Trouble::Refused(..) => HandlerError::Retry(t.to_string()),
                })?
            }
        };
        let (_, doer) = kernel::doer(event.actor_kind, event.actor_id, event.on_behalf_of);
        let mut orders = Vec::new();
        // That something came in is news for a day. After a new epoch all that ever came in is heard again, and what came in
        // before there was this mail was never told.
        let is_news = self.log.now().micros() - event.recorded_at.micros() < STALE_MICROS;
        let told = audience(happening, involved.as_ref(), doer).into_iter();
        for told in told.filter(|t| is_news || happening != Happening::Made || t.kind == Kind::Agent) {
            let template = match (happening, told.kind) {
                (Happening::Made, Kind::Contact) => Template::RecordReceived,
                (Happening::Made, Kind::Agent) | (Happening::Assigned { .. }, _) => Template::RecordAssigned,
                (Happening::Commented { .. }, _) => Template::RecordCommented,
            };
            let facts = Facts { to: told.kind.as_str().into(), why: told.why.into(), ..facts.clone() };
            let order = self.order(template, told.id, event, subject.clone(), &facts).await?;
            orders.push((convert::delivery_id(event.event_id, told.id), order));
        }
        queue_all(&self.log, NAME, event, orders, copied).await
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
fn contact(record: Uuid, values: &HashMap<String, heard::Value>, event: &Recorded) -> CopiedFact {
    let texts = |field: &str| values.get(field).map(text);
    CopiedFact::Contact {
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

/// What a step of a module's definition says that mails and their audience ask for.
fn module(change: ModuleChange) -> Option<CopiedFact> {
    let name = change.module().to_owned();
    let words = |labels: Vec<heard::Label>| {
        serde_json::Value::Object(labels.into_iter().map(|l| (l.language, l.text.into())).collect())
    };
    let (contact_field, title_field, singular) = match change {
        ModuleChange::Defined(m) => {
            let d = m.definition?;
            let (contact_field, title_field, singular) = (d.contact_field, d.title_field, words(d.singular));
            return Some(CopiedFact::Module { name, contact_field, title_field, singular });
        }
        ModuleChange::Described(m) => (None, None, Some(words(m.singular))),
        ModuleChange::TitleChosen(m) => (None, Some(m.title_field), None),
        ModuleChange::TiesChosen(m) => (Some(m.contact_field), None, None),
        _ => return None,
    };
    Some(CopiedFact::ModuleChanged { name, contact_field, title_field, singular })
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
