//! Passkeys (WebAuthn): what is kept of them, and the ceremonies under way.
//!
//! A challenge is 32 random bytes that stay on the server, works once, and dies after five minutes. The user is verified
//! by the device, so a passkey alone counts as two factors.

use crate::{refusal::Refusal, secrets::ServiceKeys};
use eventlog::{Appended, SideWrite};
use kernel::{Error, Timestamp, new_id};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{PgConnection, PgPool, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;
use webauthn_rs::prelude::Passkey;

/// How long a ceremony may take.
const CEREMONY_SECONDS: i64 = 300;
/// Most passkeys of a user.
pub(crate) const MOST_PASSKEYS: i32 = 10;

/// What a ceremony is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ceremony {
    /// A new passkey.
    Registration,
    /// A login with a passkey alone.
    Login,
    /// The second factor of a login, or a step-up.
    Factor,
}

impl Ceremony {
    fn number(self) -> i16 {
        match self {
            Ceremony::Registration => 1,
            Ceremony::Login => 2,
            Ceremony::Factor => 3,
        }
    }
}

/// Remembers a ceremony; its id.
pub(crate) async fn begin<S: Serialize>(
    pool: &PgPool,
    keys: &ServiceKeys,
    purpose: Ceremony,
    user: Option<Uuid>,
    session: Option<Uuid>,
    state: &S,
    now: Timestamp,
) -> Result<Uuid, Error> {
    let ceremony = new_id();
    let state = serde_json::to_vec(state).map_err(Error::internal)?;
    let sealed = keys.seal_ceremony(ceremony, &state)?;
    sqlx::query(
        "insert into ceremony (ceremony_id, purpose, user_id, session_id, sealed, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(ceremony)
    .bind(purpose.number())
    .bind(user)
    .bind(session)
    .bind(sealed)
    .bind(now.plus_seconds(CEREMONY_SECONDS).to_offset())
    .execute(pool)
    .await
    .map_err(crate::error::database)?;
    Ok(ceremony)
}

/// Takes a ceremony: it works once. None when it is unknown, over, or of another purpose or session.
pub(crate) async fn take<S: DeserializeOwned>(
    pool: &PgPool,
    keys: &ServiceKeys,
    purpose: Ceremony,
    ceremony: &str,
    session: Option<Uuid>,
) -> Result<Option<S>, Error> {
    let Ok(ceremony) = Uuid::try_parse(ceremony) else { return Ok(None) };
    let sealed: Option<Vec<u8>> = sqlx::query_scalar(
        "delete from ceremony where ceremony_id = $1 and purpose = $2 and session_id is not distinct from $3
             and expires_at > now()
         returning sealed",
    )
    .bind(ceremony)
    .bind(purpose.number())
    .bind(session)
    .fetch_optional(pool)
    .await
    .map_err(crate::error::database)?;
    let Some(sealed) = sealed else { return Ok(None) };
    let state = keys.open_ceremony(ceremony, &sealed)?;
    serde_json::from_slice(state.expose()).map(Some).map_err(Error::internal)
}

/// Forgets ceremonies whose time is over.
pub(crate) async fn sweep(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("delete from ceremony where expires_at <= now()").execute(pool).await?;
    Ok(())
}

/// A passkey as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) passkey: Passkey,
    pub(crate) created_at: Timestamp,
    pub(crate) last_used_at: Option<Timestamp>,
}

/// The passkeys of a user, the oldest first.
pub(crate) async fn of_user(pool: &PgPool, user: Uuid) -> Result<Vec<Kept>, sqlx::Error> {
    type Row = (Uuid, String, Json<Passkey>, OffsetDateTime, Option<OffsetDateTime>);
    let rows: Vec<Row> = sqlx::query_as(
        "select passkey_id, name, stored, created_at, last_used_at from passkey where user_id = $1
         order by created_at, passkey_id",
    )
    .bind(user)
    .fetch_all(pool)
    .await?;
    let kept = |(id, name, Json(passkey), created, used): Row| Kept {
        id,
        name,
        passkey,
        created_at: Timestamp::from_offset(created),
        last_used_at: used.map(Timestamp::from_offset),
    };
    Ok(rows.into_iter().map(kept).collect())
}

/// Writes down that a passkey was used, and what the device counts.
pub(crate) async fn used(pool: &PgPool, id: Uuid, passkey: &Passkey) -> Result<(), sqlx::Error> {
    sqlx::query("update passkey set stored = $2, last_used_at = now() where passkey_id = $1")
        .bind(id)
        .bind(Json(passkey))
        .execute(pool)
        .await?;
    Ok(())
}

/// Stores a new passkey. Fails the whole append when the device's key is somebody's already.
pub(crate) struct StorePasskey {
    pub(crate) id: Uuid,
    pub(crate) user: Uuid,
    pub(crate) name: String,
    pub(crate) passkey: Passkey,
}

impl SideWrite for StorePasskey {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            let done = sqlx::query(
                "insert into passkey (passkey_id, user_id, credential_id, name, stored, created_at)
                 values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
            )
            .bind(self.id)
            .bind(self.user)
            .bind(self.passkey.cred_id().as_slice())
            .bind(&self.name)
            .bind(Json(&self.passkey))
            .bind(appended.at.to_offset())
            .execute(tx)
            .await?;
            if done.rows_affected() == 1 { Ok(()) } else { Err(Refusal::RowIsGone.into()) }
        })
    }
}

/// Deletes one passkey of a user, or all.
pub(crate) struct DeletePasskeys {
    pub(crate) user: Uuid,
    pub(crate) only: Option<Uuid>,
}

impl SideWrite for DeletePasskeys {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query("delete from passkey where user_id = $1 and ($2::uuid is null or passkey_id = $2)")
                .bind(self.user)
                .bind(self.only)
                .execute(tx)
                .await?;
            Ok(())
        })
    }
}
