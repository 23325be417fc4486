//! Who gets mail, as far as other services' events have told.

use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

/// Contact or agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A portal user, or a contact who might be one.
    Contact,
    /// A person who works for the operator.
    Agent,
}

impl Kind {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Contact => "contact",
            Kind::Agent => "agent",
        }
    }

    /// The kind of a stored word; everything but an agent is a contact.
    pub fn from_word(word: &str) -> Kind {
        if word == "agent" { Kind::Agent } else { Kind::Contact }
    }
}

/// Somebody who may get mail. Personal: never in logs or spans.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Contact or agent.
    pub kind: Kind,
    /// Display name; may be empty.
    pub name: String,
    /// Address; empty when there is none.
    pub email: String,
    /// Language tag; empty when unknown.
    pub locale: String,
    /// Wants no mail but security mail.
    pub opted_out: bool,
    /// Whether a contact may use the portal; `None` while identity has said nothing.
    pub access: Option<bool>,
    /// When the last mail about a lock was queued.
    pub lock_told_at: Option<OffsetDateTime>,
}

type Columns = (String, String, String, String, String, String, String, bool, Option<bool>, Option<OffsetDateTime>);

/// The address of the record or account, else that of the access; unless the login moved to another one since.
const ADDRESS: &str = "case when login_email <> '' and (email = '' or email_at is null or login_email_at >= email_at)
    then login_email else email end";

/// What is known of a person.
pub(crate) async fn find(pool: &PgPool, id: Uuid) -> Result<Option<Recipient>, sqlx::Error> {
    let sql = format!(
        "select kind, first_name, last_name, {ADDRESS}, access_name, access_email, locale, opted_out, access, lock_told_at
         from recipients where id = $1"
    );
    let row: Option<Columns> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(pool).await?;
    Ok(row.map(|(kind, first, last, email, access_name, access_email, locale, opted_out, access, lock_told_at)| {
        let name = format!("{first} {last}").trim().to_owned();
        Recipient {
            kind: Kind::from_word(&kind),
            name: if name.is_empty() { access_name } else { name },
            email: if email.is_empty() { access_email } else { email },
            locale,
            opted_out,
            access,
            lock_told_at,
        }
    }))
}
