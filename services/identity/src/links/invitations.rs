//! Open invitations: one per account. The row is made with the event; its token is made when the mail is sent, so that no
//! token ever crosses the bus, and only its hash is stored.

use crate::{domain::account::Invitation, refusal::Refusal};
use eventlog::{Appended, SideWrite};
use kernel::Timestamp;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

/// How long an invitation's link works: 72 h.
pub(crate) const VALID_SECONDS: i64 = 72 * 3600;

/// Opens an invitation; an older one of the same account is replaced, and its link dies.
pub(crate) struct OpenInvitation {
    pub(crate) user: Uuid,
    pub(crate) invitation: Invitation,
}

impl SideWrite for OpenInvitation {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "insert into invitation (user_id, invitation_id, token_hash, expires_at) values ($1, $2, null, $3)
                 on conflict (user_id) do update set invitation_id = excluded.invitation_id, token_hash = null,
                     expires_at = excluded.expires_at",
            )
            .bind(self.user)
            .bind(self.invitation.id)
            .bind(self.invitation.expires_at.to_offset())
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

/// Withdraws an account's open invitation.
pub(crate) struct CloseInvitation(pub(crate) Uuid);

impl SideWrite for CloseInvitation {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query("delete from invitation where user_id = $1").bind(self.0).execute(tx).await?;
            Ok(())
        })
    }
}

/// Uses an invitation up: compare and delete. Fails the whole append when the token is not the live one any more.
pub(crate) struct UseInvitation {
    pub(crate) invitation: Uuid,
    pub(crate) token_hash: Vec<u8>,
}

impl SideWrite for UseInvitation {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            let used = sqlx::query("delete from invitation where invitation_id = $1 and token_hash = $2")
                .bind(self.invitation)
                .bind(&self.token_hash)
                .execute(tx)
                .await?;
            if used.rows_affected() == 1 { Ok(()) } else { Err(Refusal::RowIsGone.into()) }
        })
    }
}

/// The open invitation of a token's hash: its id and its account. Changes nothing.
pub(crate) async fn find(pool: &PgPool, token_hash: &[u8]) -> Result<Option<(Uuid, Uuid)>, sqlx::Error> {
    sqlx::query_as(
        "select i.invitation_id, i.user_id from invitation i join accounts_v1 a on a.user_id = i.user_id and a.enabled
         where i.token_hash = $1 and i.expires_at > now()",
    )
    .bind(token_hash)
    .fetch_optional(pool)
    .await
}

/// Gives an open invitation a new token; the former one dies. Its expiry, or None when the invitation is not open.
pub(crate) async fn renew_token(
    pool: &PgPool,
    invitation: Uuid,
    token_hash: &[u8],
) -> Result<Option<Timestamp>, sqlx::Error> {
    let expires: Option<OffsetDateTime> = sqlx::query_scalar(
        "update invitation set token_hash = $2 where invitation_id = $1 and expires_at > now() returning expires_at",
    )
    .bind(invitation)
    .bind(token_hash)
    .fetch_optional(pool)
    .await?;
    Ok(expires.map(Timestamp::from_offset))
}

/// Deletes invitations whose time is over.
pub(crate) async fn sweep(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("delete from invitation where expires_at <= now()").execute(pool).await?;
    Ok(())
}
