//! What other services have told: modules, contacts, companies, agents; and the policy position that moves with it.
//!
//! Everything here is written as rows beside the log, in the append that moves the inbox, so that a fact and the notice of
//! whose plans it touched are one.

use eventlog::{Appended, SideWrite};
use proto::{ModuleChange, records::v1::ModuleDefinition};
use serde_json::{Map, Value as Json};
use sqlx::{PgConnection, types::Json as Column};
use uuid::Uuid;

/// Non-personal values of a record by field name; a field without a value is not in it.
pub(crate) type Fields = Map<String, Json>;

/// One thing learned, or one thing that changes plans.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fact {
    /// A module was defined, or its definition is a step further.
    Module(Box<ModuleChange>),
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
    /// An agent came into being with this role.
    Agent { agent: Uuid, role: String },
    /// An agent has another role.
    AgentRole { agent: Uuid, role: String },
    /// An agent may not sign in any more, or again.
    AgentDisabled { agent: Uuid, disabled: bool },
    /// An own role is like this from now on.
    Role { role: String, records: String, rights: Vec<String> },
    /// An own role is gone.
    RoleGone { role: String },
    /// A group has these members from now on.
    Group { group: Uuid, members: Vec<Uuid> },
    /// A group is gone.
    GroupGone { group: Uuid },
    /// A subject's plan changed by an event of our own.
    SubjectTouched(Uuid),
    /// Everybody's plan may have changed by an event of our own.
    EverybodyTouched,
}

impl SideWrite for Fact {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move { Ok(self.apply(tx).await?) })
    }
}

impl Fact {
    async fn apply(&self, tx: &mut PgConnection) -> Result<(), sqlx::Error> {
        match self {
            Fact::Module(change) => module(tx, change).await,
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
            Fact::AgentRole { agent, role } => {
                sqlx::query("update known_agents set role = $2 where agent_id = $1")
                    .bind(agent)
                    .bind(role)
                    .execute(&mut *tx)
                    .await?;
                touch(tx, *agent).await
            }
            Fact::AgentDisabled { agent, disabled } => {
                sqlx::query("update known_agents set disabled = $2 where agent_id = $1")
                    .bind(agent)
                    .bind(disabled)
                    .execute(&mut *tx)
                    .await?;
                touch(tx, *agent).await
            }
            Fact::Role { role, records, rights } => {
                sqlx::query(
                    "insert into known_roles (role_id, records, rights) values ($1, $2, $3)
                     on conflict (role_id) do update set records = excluded.records, rights = excluded.rights",
                )
                .bind(role)
                .bind(records)
                .bind(rights)
                .execute(&mut *tx)
                .await?;
                touch_role(tx, role).await
            }
            Fact::RoleGone { role } => {
                sqlx::query("delete from known_roles where role_id = $1").bind(role).execute(&mut *tx).await?;
                touch_role(tx, role).await
            }
            Fact::Group { group, members } => {
                // Who left is touched as well as who came.
                touch_group(tx, *group).await?;
                sqlx::query(
                    "insert into known_groups (group_id, member_ids) values ($1, $2)
                     on conflict (group_id) do update set member_ids = excluded.member_ids",
                )
                .bind(group)
                .bind(members)
                .execute(&mut *tx)
                .await?;
                touch_group(tx, *group).await
            }
            Fact::GroupGone { group } => {
                touch_group(tx, *group).await?;
                sqlx::query("delete from known_groups where group_id = $1").bind(group).execute(tx).await.map(drop)
            }
            Fact::SubjectTouched(subject) => touch(tx, *subject).await,
            Fact::EverybodyTouched => touch_everybody(tx).await,
        }
    }
}

async fn touch(tx: &mut PgConnection, subject: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("select touch_plans(array[$1::uuid], false)").bind(subject).execute(tx).await.map(drop)
}

/// A company, for whoever comes by its link, and its contacts; from a thousand on, everybody.
async fn touch_company(tx: &mut PgConnection, company: Uuid) -> Result<(), sqlx::Error> {
    let touched = "array(select contact_id from known_contacts where company_id = $1 limit 1000) || $1";
    touch_all(tx, touched, company).await
}

/// The agents with a role; from a thousand on, everybody.
async fn touch_role(tx: &mut PgConnection, role: &str) -> Result<(), sqlx::Error> {
    touch_all(tx, "array(select agent_id from known_agents where role = $1 limit 1000)", role).await
}

/// The members of a group; from a thousand on, everybody.
async fn touch_group(tx: &mut PgConnection, group: Uuid) -> Result<(), sqlx::Error> {
    let members = "array(select unnest(member_ids) from known_groups where group_id = $1 limit 1000)";
    touch_all(tx, members, group).await
}

/// The subjects that an SQL expression over `$1` gives.
async fn touch_all<'q, T>(tx: &mut PgConnection, subjects: &str, of: T) -> Result<(), sqlx::Error>
where
    T: sqlx::Encode<'q, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + 'q,
{
    let sql = format!("select touch_plans({subjects}, false)");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(of).execute(tx).await.map(drop)
}

/// Brings what is known of a module up to a step of its definition. Kept as the protobuf JSON of the whole definition.
async fn module(tx: &mut PgConnection, change: &ModuleChange) -> Result<(), sqlx::Error> {
    // How far lists are with a column changes nobody's plan.
    if matches!(change, ModuleChange::FieldSortable(_) | ModuleChange::ColumnDropped(_)) {
        return Ok(());
    }
    let known: Option<Column<ModuleDefinition>> =
        sqlx::query_scalar("select definition from known_modules where name = $1")
            .bind(change.module())
            .fetch_optional(&mut *tx)
            .await?;
    let mut definition = known.map(|known| known.0).unwrap_or_default();
    change.clone().apply(&mut definition);
    sqlx::query(
        "insert into known_modules (name, definition) values ($1, $2)
         on conflict (name) do update set definition = excluded.definition",
    )
    .bind(change.module())
    .bind(Column(definition))
    .execute(&mut *tx)
    .await?;
    touch_everybody(tx).await
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
    for sql in ["delete from known_agents", "delete from known_roles", "delete from known_groups"] {
        sqlx::query(sql).execute(&mut *connection).await?;
    }
    touch_everybody(connection).await
}
