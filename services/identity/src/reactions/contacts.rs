//! What identity does about the records service's events: a deleted contact loses its access, and names follow.

use crate::{
    access::enable::disabling,
    accounts::Along,
    domain::account::{Account, Command, DisableReason},
    identity::Identity,
    reactions::StoreDeletion,
};
use eventlog::{Append, Appended, Handler, HandlerError, Meta, Reaction, Recorded, SideWrite};
use futures::future::BoxFuture;
use kernel::Aggregate;
use prost::Message;
use proto::{
    event::StoredEvent,
    records::v1::{FieldChange, FieldValue, RecordCreated, RecordDeleted, RecordUpdated, Value, value::Kind},
};
use sqlx::PgConnection;
use std::sync::Arc;
use uuid::Uuid;

/// The module whose records may be portal users.
const CONTACTS: &str = "contacts";
const FIRST_NAME: &str = "first_name";
const LAST_NAME: &str = "last_name";

/// Follows the contacts of the records service.
pub(crate) struct Contacts(pub(crate) Arc<Identity>);

impl Handler for Contacts {
    fn name(&self) -> &'static str {
        "identity.contacts"
    }

    fn handle<'a>(&'a self, event: &'a Recorded) -> BoxFuture<'a, Result<Reaction, HandlerError>> {
        Box::pin(async move {
            match &*event.stored_type {
                RecordDeleted::STORED_TYPE => {
                    let deleted = RecordDeleted::decode(&event.payload[..])?;
                    if deleted.module != CONTACTS {
                        return Ok(Reaction::Nothing);
                    }
                    self.deleted(event, contact(&deleted.record_id)?).await
                }
                RecordCreated::STORED_TYPE => {
                    let created = RecordCreated::decode(&event.payload[..])?;
                    if created.module != CONTACTS {
                        return Ok(Reaction::Nothing);
                    }
                    let fields = || created.fields.iter().chain(&created.personal_fields);
                    let name = |field| Some(fields().find_map(|f: &FieldValue| text_of(f, field)).unwrap_or_default());
                    Ok(self.named(event, contact(&created.record_id)?, name(FIRST_NAME), name(LAST_NAME)))
                }
                RecordUpdated::STORED_TYPE => {
                    let updated = RecordUpdated::decode(&event.payload[..])?;
                    if updated.module != CONTACTS {
                        return Ok(Reaction::Nothing);
                    }
                    let changes = || updated.changes.iter().chain(&updated.personal_changes);
                    let (first, last) = (
                        changes().find_map(|c: &FieldChange| new_text_of(c, FIRST_NAME)),
                        changes().find_map(|c: &FieldChange| new_text_of(c, LAST_NAME)),
                    );
                    if first.is_none() && last.is_none() {
                        return Ok(Reaction::Nothing);
                    }
                    Ok(self.named(event, contact(&updated.record_id)?, first, last))
                }
                _ => Ok(Reaction::Nothing),
            }
        })
    }

    fn reset<'a>(&'a self, connection: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            sqlx::query("delete from contact_name").execute(connection).await?;
            Ok(())
        })
    }
}

impl Contacts {
    /// Access ends with the contact: sessions, password and invitation are gone, and others may have the login.
    async fn deleted(&self, event: &Recorded, user: Uuid) -> Result<Reaction, HandlerError> {
        let identity = &self.0;
        let loaded = identity.log.aggregate::<Account>(user).await?;
        let account = &loaded.state;
        let command = Command::DisableAccess { user, reason: DisableReason::ContactDeleted };
        // Whoever gives access to many at this moment sees it in the same append.
        let gone = StoreDeletion { contact: user, deleted: true, position: event.position };
        let events = match account {
            Account::Absent | Account::Agent(_) => Vec::new(),
            Account::Enabled(_) | Account::Disabled { .. } => account.decide(command).unwrap_or_default(),
        };
        if events.is_empty() {
            return Ok(Reaction::Append(Append::side(self.meta(event), vec![Box::new(gone)])));
        }
        let login = account.login().unwrap_or_default();
        let mut along = Along { claims: identity.free_login(user, login), ..disabling(user) };
        along.side_writes.push(Box::new(gone));
        let draft = identity.draft(&loaded, &events, along).await?;
        Ok(Reaction::Append(draft.append(self.meta(event))))
    }

    fn named(&self, event: &Recorded, contact: Uuid, first: Option<String>, last: Option<String>) -> Reaction {
        let row = StoreName { contact, first, last };
        Reaction::Append(Append::side(self.meta(event), vec![Box::new(row)]))
    }

    fn meta(&self, event: &Recorded) -> Meta {
        Meta::caused_by("identity", self.name(), event)
    }
}

/// A contact's name, or the part of it that changed.
struct StoreName {
    contact: Uuid,
    first: Option<String>,
    last: Option<String>,
}

impl SideWrite for StoreName {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "insert into contact_name as n (contact_id, first_name, last_name)
                 values ($1, coalesce($2, ''), coalesce($3, ''))
                 on conflict (contact_id) do update set
                     first_name = coalesce($2, n.first_name), last_name = coalesce($3, n.last_name)",
            )
            .bind(self.contact)
            .bind(&self.first)
            .bind(&self.last)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

fn contact(id: &str) -> Result<Uuid, HandlerError> {
    Uuid::try_parse(id).map_err(|_| HandlerError::Poison(format!("{id} is no record id")))
}

fn text(value: Option<&Value>) -> String {
    match value.and_then(|v| v.kind.as_ref()) {
        Some(Kind::Text(text)) => text.trim().to_owned(),
        _ => String::new(),
    }
}

fn text_of(field: &FieldValue, name: &str) -> Option<String> {
    (field.field == name).then(|| text(field.value.as_ref()))
}

fn new_text_of(change: &FieldChange, name: &str) -> Option<String> {
    (change.field == name).then(|| text(change.new.as_ref()))
}
