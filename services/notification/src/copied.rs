//! Facts of other services that notification keeps a copy of (ARCHITECTURE.md, "Copied facts"): rows written in the
//! transaction that moves the consumer's position.

use crate::recipients::Kind;
use eventlog::{Appended, SideWrite};
use serde_json::Value;
use sqlx::{PgConnection, postgres::PgArguments, query::Query};
use time::OffsetDateTime;
use uuid::Uuid;

/// A fact to be copied. Each is one statement, and writing it again changes nothing more.
#[derive(Clone)]
pub(crate) enum CopiedFact {
    /// An agent's account.
    Agent { id: Uuid, login: String, name: String, email: String, locale: String, at: OffsetDateTime },
    /// An agent's account changed; what is empty did not.
    AgentChanged { id: Uuid, name: String, email: String, locale: String, at: OffsetDateTime },
    /// A contact got access to the portal.
    AccessOn { id: Uuid, login: String, name: String, email: String, locale: String },
    /// A contact's access ended.
    AccessOff { id: Uuid },
    /// Somebody's access was suspended, or the suspension ended.
    Suspended { id: Uuid, suspended: bool },
    /// Somebody signs in with another address or name, and is reached there.
    LoginMoved { id: Uuid, login: String, email: String, at: OffsetDateTime },
    /// A contact's record; `None` leaves a value as it was.
    Contact {
        id: Uuid,
        first_name: Option<String>,
        last_name: Option<String>,
        email: Option<String>,
        opted_out: Option<bool>,
        at: OffsetDateTime,
    },
    /// Somebody is told now that the account is locked.
    LockTold { id: Uuid, at: OffsetDateTime },
    /// How a module ties its records to contacts, and what it calls them.
    Module { name: String, contact_field: String, title_field: String, singular: Value },
    /// A part of that is different; `None` leaves a part as it was.
    ModuleChanged { name: String, contact_field: Option<String>, title_field: Option<String>, singular: Option<Value> },
}

impl SideWrite for CopiedFact {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            self.statement().execute(tx).await?;
            Ok(())
        })
    }
}

impl CopiedFact {
    fn statement(&self) -> Query<'_, sqlx::Postgres, PgArguments> {
        match self {
            CopiedFact::Agent { id, login, name, email, locale, at } => sqlx::query(
                "insert into recipients (id, kind, first_name, email, locale, email_at, account_login, account_email)
                 values ($1, $2, $3, $4, $5, $6, $7, $4)
                 on conflict (id) do update set kind = excluded.kind, first_name = excluded.first_name, last_name = '',
                     email = excluded.email, email_at = excluded.email_at, locale = excluded.locale,
                     account_login = excluded.account_login, account_email = excluded.account_email",
            )
            .bind(id)
            .bind(Kind::Agent.as_str())
            .bind(name)
            .bind(email)
            .bind(locale)
            .bind(at)
            .bind(login),
            CopiedFact::AgentChanged { id, name, email, locale, at } => sqlx::query(
                "update recipients set first_name = coalesce(nullif($2, ''), first_name),
                     email = coalesce(nullif($3, ''), email), email_at = case when $3 = '' then email_at else $5 end,
                     account_email = coalesce(nullif($3, ''), account_email),
                     locale = coalesce(nullif($4, ''), locale)
                 where id = $1",
            )
            .bind(id)
            .bind(name)
            .bind(email)
            .bind(locale)
            .bind(at),
            CopiedFact::Suspended { id, suspended } => {
                sqlx::query("update recipients set access = not $2 where id = $1 and access is not null")
                    .bind(id)
                    .bind(suspended)
            }
            CopiedFact::LoginMoved { id, login, email, at } => sqlx::query(
                "update recipients set login_email = $2, login_email_at = $3, account_login = $4, account_email = $2
                 where id = $1",
            )
            .bind(id)
            .bind(email)
            .bind(at)
            .bind(login),
            // Where a former access had moved to counts no more.
            CopiedFact::AccessOn { id, login, name, email, locale } => sqlx::query(
                "insert into recipients (id, kind, access_name, access_email, locale, access, account_login,
                                         account_email)
                 values ($1, $2, $3, $4, $5, true, $6, $4)
                 on conflict (id) do update set access_name = excluded.access_name,
                     access_email = excluded.access_email, locale = excluded.locale, access = true,
                     account_login = excluded.account_login, account_email = excluded.account_email,
                     login_email = '', login_email_at = null",
            )
            .bind(id)
            .bind(Kind::Contact.as_str())
            .bind(name)
            .bind(email)
            .bind(locale)
            .bind(login),
            CopiedFact::AccessOff { id } => sqlx::query(
                "insert into recipients (id, kind, access) values ($1, $2, false)
                 on conflict (id) do update set access = false",
            )
            .bind(id)
            .bind(Kind::Contact.as_str()),
            CopiedFact::Contact { id, first_name, last_name, email, opted_out, at } => sqlx::query(
                "insert into recipients as r (id, kind, first_name, last_name, email, opted_out, email_at)
                 values ($1, $2, coalesce($3, ''), coalesce($4, ''), coalesce($5, ''), coalesce($6, false),
                         case when $5 is null then null else $7 end)
                 on conflict (id) do update set first_name = coalesce($3, r.first_name),
                     last_name = coalesce($4, r.last_name), email = coalesce($5, r.email),
                     email_at = case when $5 is null then r.email_at else $7 end,
                     opted_out = coalesce($6, r.opted_out)",
            )
            .bind(id)
            .bind(Kind::Contact.as_str())
            .bind(first_name)
            .bind(last_name)
            .bind(email)
            .bind(opted_out)
            .bind(at),
            CopiedFact::LockTold { id, at } => {
                sqlx::query("update recipients set lock_told_at = $2 where id = $1").bind(id).bind(at)
            }
            CopiedFact::Module { name, contact_field, title_field, singular } => sqlx::query(
                "insert into modules (name, contact_field, title_field, singular) values ($1, $2, $3, $4)
                 on conflict (name) do update set contact_field = excluded.contact_field,
                     title_field = excluded.title_field, singular = excluded.singular",
            )
            .bind(name)
            .bind(contact_field)
            .bind(title_field)
            .bind(singular),
            CopiedFact::ModuleChanged { name, contact_field, title_field, singular } => sqlx::query(
                "update modules set contact_field = coalesce($2, contact_field),
                     title_field = coalesce($3, title_field), singular = coalesce($4, singular) where name = $1",
            )
            .bind(name)
            .bind(contact_field)
            .bind(title_field)
            .bind(singular),
        }
    }
}
