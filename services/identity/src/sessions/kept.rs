//! What is kept for people whose session ended or who must prove something first: why it ended, and what they had typed.
//!
//! The gateway seals a form's body and has no store of its own; here it is only bytes, for 15 minutes, a few per person.

use crate::{
    error::{database, no_session},
    identity::Identity,
    rights, secrets,
};
use kernel::{Actor, Error};
use proto::identity::v1 as wire;
use sqlx::PgPool;
use uuid::Uuid;

/// How long a form is kept: 15 minutes.
const KEPT_SECONDS: f64 = 15.0 * 60.0;
/// Most forms of one person; a newer one takes the oldest one's place.
const MOST_FORMS: i64 = 5;
/// Most bytes of a sealed form: a form has at most 256 KiB.
const MOST_BYTES: usize = 260 * 1024;
/// Bytes of a SHA-256.
const HASH: usize = 32;

/// Ends of sessions that nobody is told: whoever is shut out finds out at the login, like everybody else.
const UNTOLD: [&str; 2] = ["suspended", "access_disabled"];

impl Identity {
    /// Why the session of a token ended. Only whoever has the token can ask.
    pub(crate) async fn tell_end(
        &self,
        actor: &Actor,
        request: &wire::TellEndRequest,
    ) -> Result<wire::TellEndResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let hash = secrets::session_token_hash(&request.session_token).ok_or_else(no_session)?;
        let reason = end_of(&self.pool, &hash).await.map_err(database)?.unwrap_or_default();
        let reason = if UNTOLD.contains(&reason.as_str()) { String::new() } else { reason };
        Ok(wire::TellEndResponse { reason })
    }

    /// Keeps a sealed form.
    pub(crate) async fn keep_form(
        &self,
        actor: &Actor,
        request: &wire::KeepFormRequest,
    ) -> Result<wire::KeepFormResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        if request.key_hash.len() != HASH {
            return Err(Error::invalid_field("key_hash", "malformed", "A key's hash has 32 bytes."));
        }
        if request.owner.is_empty() || request.owner.len() > HASH {
            return Err(Error::invalid_field("owner", "malformed", "An owner has 1 to 32 bytes."));
        }
        if request.sealed.len() > MOST_BYTES {
            return Err(Error::invalid_field("sealed", "too_long", "A kept form has at most 260 KiB."));
        }
        sqlx::query(
            "with gone as (
                 delete from kept_form where key_hash in (
                     select key_hash from kept_form where owner = $2 order by expires_at desc offset $5))
             insert into kept_form (key_hash, owner, sealed, expires_at)
             values ($1, $2, $3, clock_timestamp() + $4 * interval '1 second')
             on conflict (key_hash) do nothing",
        )
        .bind(&request.key_hash)
        .bind(&request.owner)
        .bind(&request.sealed)
        .bind(KEPT_SECONDS)
        .bind(MOST_FORMS - 1)
        .execute(&self.pool)
        .await
        .map_err(database)?;
        Ok(wire::KeepFormResponse {})
    }

    /// A sealed form, while its time is not over.
    pub(crate) async fn get_kept_form(
        &self,
        actor: &Actor,
        request: &wire::GetKeptFormRequest,
    ) -> Result<wire::GetKeptFormResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let sealed: Option<Vec<u8>> =
            sqlx::query_scalar("select sealed from kept_form where key_hash = $1 and expires_at > clock_timestamp()")
                .bind(&request.key_hash)
                .fetch_optional(&self.pool)
                .await
                .map_err(database)?;
        Ok(wire::GetKeptFormResponse { sealed: sealed.unwrap_or_default() })
    }

    /// Forgets a form that was sent after all.
    pub(crate) async fn drop_kept_form(
        &self,
        actor: &Actor,
        request: &wire::DropKeptFormRequest,
    ) -> Result<wire::DropKeptFormResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let drop = sqlx::query("delete from kept_form where key_hash = $1").bind(&request.key_hash);
        drop.execute(&self.pool).await.map_err(database)?;
        Ok(wire::DropKeptFormResponse {})
    }
}

/// The reason, as the timeline has it; inactivity and a session whose end nobody has written down yet are seen in the rows.
async fn end_of(pool: &PgPool, token_hash: &[u8]) -> Result<Option<String>, sqlx::Error> {
    let ended: Option<(Uuid, Uuid, bool)> =
        sqlx::query_as("select session_id, user_id, idle from ended_session where token_hash = $1")
            .bind(token_hash)
            .fetch_optional(pool)
            .await?;
    let Some((session, user, idle)) = ended else {
        return sqlx::query_scalar(
            "select case when last_seen_at + idle_seconds * interval '1 second' <= least(clock_timestamp(), expires_at)
                         then 'idle' when expires_at <= clock_timestamp() then 'expired' else '' end
             from session where token_hash = $1 and stage = 0",
        )
        .bind(token_hash)
        .fetch_optional(pool)
        .await;
    };
    let told: Option<String> = sqlx::query_scalar(
        "select facts->>'reason' from activity_v1
         where user_id = $1 and session_id = $2 and facts ? 'reason' order by position desc limit 1",
    )
    .bind(user)
    .bind(session)
    .fetch_optional(pool)
    .await?
    .flatten();
    Ok(match told {
        Some(reason) if reason == "expired" && idle => Some("idle".to_owned()),
        told => told,
    })
}

/// Deletes what is over.
pub(crate) async fn sweep(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("delete from kept_form where expires_at <= now()").execute(pool).await?;
    sqlx::query("delete from ended_session where at < now() - interval '1 day'").execute(pool).await?;
    Ok(())
}
