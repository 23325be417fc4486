//! What identity learns of contacts from the records service's events, beside their names: address, company, whether they
//! are there; and what contacts did with records, for their activity. An open invitation to an address that is corrected
//! dies with the correction, and so does the secure link of a company that is deleted.
//!
//! A consumer of its own, apart from the one that takes access away from deleted contacts: it starts at the beginning of
//! the records' log also where the other one has long been running.

use crate::{
    accounts::Along,
    domain::account::{Account, Command},
    identity::Identity,
    links::invitations::{self, CloseInvitation},
};
use eventlog::{Append, Appended, Draft, Handler, HandlerError, Meta, Reaction, Recorded, SideWrite};
use futures::future::BoxFuture;
use kernel::{ActorKind, Aggregate, Timestamp};
use prost::Message;
use proto::{
    event::StoredEvent,
    records::v1::{
        FieldChange, FieldValue, RecordCommented, RecordCreated, RecordDeleted, RecordRestored, RecordUpdated, Value,
        value::Kind,
    },
};
use sqlx::PgConnection;
use std::sync::Arc;
use uuid::Uuid;

const CONTACTS: &str = "contacts";
const COMPANIES: &str = "companies";
/// An invitation that was issued up to so many seconds after a correction may still have been made with the address of
/// before; later ones know the corrected address, also when the correction is heard late or again.
const SAME_MOMENT_SECONDS: i64 = 5;
const EMAIL: &str = "email";
const COMPANY: &str = "company_id";

/// Follows the records service.
pub(crate) struct ContactDetails(pub(crate) Arc<Identity>);

impl Handler for ContactDetails {
    fn name(&self) -> &'static str {
        "identity.known"
    }

    fn handle<'a>(&'a self, event: &'a Recorded) -> BoxFuture<'a, Result<Reaction, HandlerError>> {
        Box::pin(async move {
            let Some(heard) = Heard::of(event)? else { return Ok(Reaction::Nothing) };
            let mut rows: Vec<Box<dyn SideWrite>> = Vec::new();
            if event.actor_kind == ActorKind::Contact
                && let Some(word) = heard.word
            {
                rows.push(Box::new(StoreActivity::of(event, word, &heard)));
            }
            let mut draft = Draft::default();
            if heard.module == CONTACTS {
                if heard.email.is_some() || heard.company.is_some() {
                    rows.push(Box::new(StoreDetails {
                        contact: heard.record,
                        email: heard.email.clone(),
                        company: heard.company,
                    }));
                }
                if let Some(deleted) = heard.deleted {
                    rows.push(Box::new(StoreDeletion { contact: heard.record, deleted, position: event.position }));
                }
                if let Some(email) = &heard.email {
                    self.correct_address(event, heard.record, email, &mut draft).await?;
                }
                // A portal user who moves to a company is its portal user from now on.
                if let Some(Some(company)) = heard.company
                    && self.0.has_access(heard.record).await?
                {
                    self.0.end_visits(&[company], &mut draft).await?;
                }
            }
            // Nobody gets in by a company that is not there any more.
            if heard.module == COMPANIES && heard.deleted == Some(true) {
                self.0.end_company(heard.record, &mut draft).await.map_err(crate::reactions::failed)?;
            }
            let meta = Meta::caused_by("identity", self.name(), event);
            if heard.module != CONTACTS && heard.module != COMPANIES {
                // What somebody did is written down whatever else is known.
                let nothing = rows.is_empty();
                return Ok(if nothing { Reaction::Nothing } else { Reaction::Independent(Append::side(meta, rows)) });
            }
            draft.side_writes.extend(rows);
            if draft.side_writes.is_empty() {
                return Ok(Reaction::Nothing);
            }
            Ok(Reaction::Append(draft.append(meta)))
        })
    }

    fn reset<'a>(&'a self, connection: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            sqlx::query("delete from contact_known").execute(&mut *connection).await?;
            sqlx::query("delete from contact_activity").execute(connection).await?;
            Ok(())
        })
    }
}

impl ContactDetails {
    /// Withdraws an open invitation to an address that is the contact's no more. Where a password was chosen nothing
    /// changes by itself: what a record says is no proof of who reads which mailbox.
    async fn correct_address(
        &self,
        event: &Recorded,
        contact: Uuid,
        email: &str,
        draft: &mut Draft,
    ) -> Result<(), HandlerError> {
        let identity = &self.0;
        let loaded = identity.log.aggregate::<Account>(contact).await?;
        let command = Command::CorrectAddress {
            user: contact,
            email: email.to_owned(),
            links_until: event.recorded_at.plus_seconds(invitations::VALID_SECONDS + SAME_MOMENT_SECONDS),
        };
        let events = match &loaded.state {
            account @ Account::Enabled(_) => account.decide(command).unwrap_or_default(),
            Account::Absent | Account::Agent(_) | Account::Disabled { .. } => Vec::new(),
        };
        if !events.is_empty() {
            let close: Box<dyn SideWrite> = Box::new(CloseInvitation(contact));
            let along = Along { side_writes: vec![close], ..Along::default() };
            *draft = identity.draft(&loaded, &events, along).await?;
        }
        Ok(())
    }
}

/// What an event tells.
struct Heard {
    module: String,
    record: Uuid,
    /// The word of the activity, when it is one.
    word: Option<&'static str>,
    email: Option<String>,
    company: Option<Option<Uuid>>,
    deleted: Option<bool>,
}

impl Heard {
    fn of(event: &Recorded) -> Result<Option<Heard>, HandlerError> {
        let heard = |module: &str, record: &str, word: &'static str| -> Result<Heard, HandlerError> {
            let poison = |_| HandlerError::Poison(format!("{record} is no record id"));
            Ok(Heard {
                module: module.to_owned(),
                record: Uuid::try_parse(record).map_err(poison)?,
                word: Some(word),
                email: None,
                company: None,
                deleted: None,
            })
        };
        Ok(Some(match &*event.stored_type {
            RecordCreated::STORED_TYPE => {
                let m = RecordCreated::decode(&event.payload[..])?;
                let fields = || m.fields.iter().chain(&m.personal_fields);
                let of = |name: &str| fields().find(|f: &&FieldValue| f.field == name).map(|f| text(f.value.as_ref()));
                Heard {
                    email: Some(of(EMAIL).unwrap_or_default()),
                    company: Some(of(COMPANY).and_then(|id| Uuid::try_parse(&id).ok())),
                    deleted: Some(false),
                    ..heard(&m.module, &m.record_id, "record_created")?
                }
            }
            RecordUpdated::STORED_TYPE => {
                let m = RecordUpdated::decode(&event.payload[..])?;
                let changes = || m.changes.iter().chain(&m.personal_changes);
                let of = |name: &str| changes().find(|c: &&FieldChange| c.field == name).map(|c| text(c.new.as_ref()));
                Heard {
                    email: of(EMAIL),
                    company: of(COMPANY).map(|id| Uuid::try_parse(&id).ok()),
                    ..heard(&m.module, &m.record_id, "record_updated")?
                }
            }
            RecordCommented::STORED_TYPE => {
                let m = RecordCommented::decode(&event.payload[..])?;
                heard(&m.module, &m.record_id, "record_commented")?
            }
            RecordDeleted::STORED_TYPE => {
                let m = RecordDeleted::decode(&event.payload[..])?;
                Heard { deleted: Some(true), ..heard(&m.module, &m.record_id, "record_deleted")? }
            }
            RecordRestored::STORED_TYPE => {
                let m = RecordRestored::decode(&event.payload[..])?;
                Heard { deleted: Some(false), word: None, ..heard(&m.module, &m.record_id, "")? }
            }
            _ => return Ok(None),
        }))
    }
}

fn text(value: Option<&Value>) -> String {
    match value.and_then(|v| v.kind.as_ref()) {
        Some(Kind::Text(text)) => text.trim().to_owned(),
        _ => String::new(),
    }
}

impl Identity {
    /// True when a contact has portal access.
    async fn has_access(&self, contact: Uuid) -> Result<bool, sqlx::Error> {
        sqlx::query_scalar("select exists (select from accounts_v1 where user_id = $1 and kind = 1 and enabled)")
            .bind(contact)
            .fetch_one(&self.pool)
            .await
    }
}

/// A contact's address and company, or what of them changed.
struct StoreDetails {
    contact: Uuid,
    email: Option<String>,
    company: Option<Option<Uuid>>,
}

impl SideWrite for StoreDetails {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "insert into contact_known as k (contact_id, email, company_id) values ($1, coalesce($2, ''), $3)
                 on conflict (contact_id) do update set email = coalesce($2, k.email),
                     company_id = case when $4 then $3 else k.company_id end",
            )
            .bind(self.contact)
            .bind(&self.email)
            .bind(self.company.flatten())
            .bind(self.company.is_some())
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

/// Whether a contact is there, as of a position of the records' log. Two consumers write it; the one behind must not win.
pub(crate) struct StoreDeletion {
    pub(crate) contact: Uuid,
    pub(crate) deleted: bool,
    pub(crate) position: i64,
}

impl SideWrite for StoreDeletion {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "insert into contact_known as k (contact_id, deleted, deletion) values ($1, $2, $3)
                 on conflict (contact_id) do update set deleted = $2, deletion = $3 where k.deletion <= $3",
            )
            .bind(self.contact)
            .bind(self.deleted)
            .bind(self.position)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

/// What a contact did with a record.
struct StoreActivity {
    position: i64,
    user: Uuid,
    at: Timestamp,
    word: &'static str,
    session: Option<Uuid>,
    /// The agent who did it as the contact.
    agent: Option<Uuid>,
    module: String,
    record: Uuid,
}

impl StoreActivity {
    fn of(event: &Recorded, word: &'static str, heard: &Heard) -> StoreActivity {
        StoreActivity {
            position: event.position,
            user: event.actor_id,
            at: event.recorded_at,
            word,
            session: event.session,
            agent: event.on_behalf_of,
            module: heard.module.clone(),
            record: heard.record,
        }
    }
}

impl SideWrite for StoreActivity {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "insert into contact_activity (position, user_id, at, type, session_id, actor_id, module, record_id)
                 values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (position) do nothing",
            )
            .bind(self.position)
            .bind(self.user)
            .bind(self.at.to_offset())
            .bind(self.word)
            .bind(self.session)
            .bind(self.agent)
            .bind(&self.module)
            .bind(self.record)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}
