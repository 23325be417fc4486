//! Where the owner of an account is reached about that account, as identity said last. Security mail goes there and nowhere
//! else: never to what a contact's record says, which whoever may write records can change.

use crate::recipients::Kind;
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

/// The owner of an account. Personal: never in logs or spans.
#[derive(Clone)]
pub(crate) struct Owner {
    /// Contact or agent.
    pub(crate) kind: Kind,
    /// Display name; may be empty.
    pub(crate) name: String,
    /// The login, where that is an address, else the address that identity has for mails; empty when there is none.
    pub(crate) address: String,
    /// Language tag; empty when unknown.
    pub(crate) locale: String,
    /// When the last mail about a lock was queued.
    pub(crate) lock_told_at: Option<OffsetDateTime>,
}

/// The owner of an account; None when identity's events never told of one.
pub(crate) async fn find(pool: &PgPool, id: Uuid) -> Result<Option<Owner>, sqlx::Error> {
    let row: Option<(String, String, String, String, Option<OffsetDateTime>)> = sqlx::query_as(
        "select kind, coalesce(nullif(trim(first_name || ' ' || last_name), ''), access_name),
                case when position('@' in account_login) > 0 then account_login else account_email end,
                locale, lock_told_at
         from recipients where id = $1",
    )
    .bind(id)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|(kind, name, address, locale, lock_told_at)| Owner {
        kind: Kind::from_word(&kind),
        name,
        address,
        locale,
        lock_told_at,
    }))
}
