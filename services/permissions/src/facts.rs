//! What other services have told: modules, contacts, companies, agents; and the policy position that moves with it.
//!
//! Everything here is written as rows beside the log, in the append that moves the inbox, so that a fact and the notice of
//! whose plans it touched are one.

use eventlog::{Appended, SideWrite};
use futures::future::BoxFuture;
use serde_json::{Map, Value as Json};
use sqlx::{PgConnection, types::Json as Column};
use uuid::Uuid;

/// Non-personal values of a record by field name; a field without a value is not in it.
pub(crate) type Fields = Map<String, Json>;

/// One thing learned, or one thing that changes plans.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fact {
    /// A module is now like this (protobuf JSON of the definition).
    Module { name: String, definition: Json },
    /// A contact came into being.
    ContactCreated { contact: Uuid, number: i64, company: Option<Uuid>, fields: Fields },
    /// Fields of a contact changed; `company` only when the change names it.
    ContactChanged { contact: Uuid, company: Option<Option<Uuid>>, set: Fields, cleared: Vec<String> },
    /// A contact was deleted or restored.
    ContactDeleted { contact: Uuid, deleted: bool },
    /// A company came into being.
    CompanyCreated { company: Uuid, number: i64, fields: Fields },
    /// Fields of a company changed.
    CompanyChanged { company: Uuid, set: Fields, cleared: Vec<String> },
    /// A company was deleted or restored.
    CompanyDeleted { company: Uuid, deleted: bool },
    /// An agent has this role.
    Agent { agent: Uuid, role: String },
    /// A subject's plan changed by an event of our own.
    SubjectTouched(Uuid),
    /// Everybody's plan may have changed by an event of our own.
    EverybodyTouched,
}

impl SideWrite for Fact {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(self.apply(tx))
    }
}

impl Fact {
    async fn apply(&self, tx: &mut PgConnection) -> Result<(), sqlx::Error> {
        match self {
            Fact::Module { name, definition } => {
                sqlx::query(
                    "insert into known_modules (name, definition) values ($1, $2)
                     on conflict (name) do update set definition = excluded.definition",
                )
                .bind(name)
                .bind(Column(definition))
                .execute(&mut *tx)
                .await?;
                touch_everybody(tx).await
            }
            Fact::ContactCreated { contact, number, company, fields } => {
                sqlx::query(
                    "insert into known_contacts (contact_id, number, company_id, fields) values ($1, $2, $3, $4)
                     on conflict (contact_id) do update set number = excluded.number, company_id = excluded.company_id,
                        fields = excluded.fields, deleted = false",
                )
                .bind(contact)
                .bind(number)
                .bind(company)
                .bind(Column(fields))
                .execute(&mut *tx)
                .await?;
                touch(tx, *contact).await
            }
            Fact::ContactChanged { contact, company, set, cleared } => {
                sqlx::query(
                    "update known_contacts set fields = (fields || $2) - $3::text[],
                        company_id = case when $4 then $5 else company_id end where contact_id = $1",
                )
                .bind(contact)
                .bind(Column(set))
                .bind(cleared)
                .bind(company.is_some())
                .bind(company.flatten())
                .execute(&mut *tx)
                .await?;
                touch(tx, *contact).await
            }
            Fact::ContactDeleted { contact, deleted } => {
                sqlx::query("update known_contacts set deleted = $2 where contact_id = $1")
                    .bind(contact)
                    .bind(deleted)
                    .execute(&mut *tx)
                    .await?;
                touch(tx, *contact).await
            }
            Fact::CompanyCreated { company, number, fields } => {
                sqlx::query(
                    "insert into known_companies (company_id, number, fields) values ($1, $2, $3)
                     on conflict (company_id) do update set number = excluded.number, fields = excluded.fields,
                        deleted = false",
                )
                .bind(company)
                .bind(number)
                .bind(Column(fields))
                .execute(&mut *tx)
                .await?;
                touch_company(tx, *company).await
            }
            Fact::CompanyChanged { company, set, cleared } => {
                sqlx::query("update known_companies set fields = (fields || $2) - $3::text[] where company_id = $1")
                    .bind(company)
                    .bind(Column(set))
                    .bind(cleared)
                    .execute(&mut *tx)
                    .await?;
                touch_company(tx, *company).await
            }
            Fact::CompanyDeleted { company, deleted } => {
                sqlx::query("update known_companies set deleted = $2 where company_id = $1")
                    .bind(company)
                    .bind(deleted)
                    .execute(&mut *tx)
                    .await?;
                touch_company(tx, *company).await
            }
            Fact::Agent { agent, role } => {
                sqlx::query(
                    "insert into known_agents (agent_id, role) values ($1, $2)
                     on conflict (agent_id) do update set role = excluded.role",
                )
                .bind(agent)
                .bind(role)
                .execute(&mut *tx)
                .await?;
                touch(tx, *agent).await
            }
            Fact::SubjectTouched(subject) => touch(tx, *subject).await,
            Fact::EverybodyTouched => touch_everybody(tx).await,
        }
    }
}

async fn touch(tx: &mut PgConnection, subject: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("select touch_plans(array[$1::uuid], false)").bind(subject).execute(tx).await.map(drop)
}

/// The contacts of a company; from a thousand on, everybody.
async fn touch_company(tx: &mut PgConnection, company: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query(
        "select touch_plans(array(select contact_id from known_contacts where company_id = $1 limit 1000), false)",
    )
    .bind(company)
    .execute(tx)
    .await
    .map(drop)
}

async fn touch_everybody(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("select touch_plans('{}', true)").execute(tx).await.map(drop)
}

/// Forgets what the records service told; it is about to tell everything again.
pub(crate) async fn forget_records(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    for sql in ["delete from known_modules", "delete from known_contacts", "delete from known_companies"] {
        sqlx::query(sql).execute(&mut *connection).await?;
    }
    touch_everybody(connection).await
}

/// Forgets what the identity service told; it is about to tell everything again.
pub(crate) async fn forget_identity(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("delete from known_agents").execute(&mut *connection).await?;
    touch_everybody(connection).await
}
