//! Making, changing and ending sessions. What belongs to events is written in their append.

use crate::{
    domain::{
        attempt::Budget,
        session::{Limits, expiry},
        stage::Stage,
    },
    proof::Assured,
    refusal::Refusal,
    source::Origin,
};
use eventlog::{Appended, SideWrite};
use kernel::{ActorKind, Timestamp};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A session that is about to be made.
#[derive(Debug, Clone)]
pub(crate) struct NewSession {
    pub(crate) id: Uuid,
    pub(crate) token_hash: Vec<u8>,
    pub(crate) user: Uuid,
    pub(crate) kind: ActorKind,
    pub(crate) origin: Origin,
    pub(crate) limits: Limits,
    /// End of support, for contacts.
    pub(crate) not_after: Option<Timestamp>,
    pub(crate) stage: Stage,
    pub(crate) assured: Assured,
    /// The agent who opens the portal as the user.
    pub(crate) agent: Option<Uuid>,
    pub(crate) read_only: bool,
    /// Under what the login's guesses at the password were counted.
    pub(crate) budget: Option<Budget>,
}

impl NewSession {
    async fn insert(&self, now: Timestamp, tx: &mut PgConnection) -> Result<(), sqlx::Error> {
        let absolute = now.plus_seconds(self.limits.absolute_seconds);
        let expires = match self.stage {
            Stage::Complete => expiry(now, self.limits, self.not_after),
            waiting => now.plus_seconds(waiting.waits_seconds()),
        };
        sqlx::query(
            "insert into session (session_id, token_hash, user_id, kind, created_at, last_seen_at, idle_seconds,
                                  absolute_until, expires_at, network, browser, stage, assurance, auth_at, method,
                                  agent_id, read_only, guess, guess_key)
             values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        )
        .bind(self.id)
        .bind(&self.token_hash)
        .bind(self.user)
        .bind(self.kind.number())
        .bind(now.to_offset())
        .bind(self.limits.idle_seconds)
        .bind(absolute.to_offset())
        .bind(expires.to_offset())
        .bind(&self.origin.network)
        .bind(&self.origin.browser)
        .bind(self.stage.number())
        .bind(self.assured.assurance())
        .bind(self.assured.auth_at().map(Timestamp::to_offset))
        .bind(self.assured.method().as_str())
        .bind(self.agent)
        .bind(self.read_only)
        .bind(self.budget.as_ref().map(|(guess, _)| guess.number()))
        .bind(self.budget.as_ref().map(|(_, key)| key))
        .execute(tx)
        .await?;
        Ok(())
    }
}

impl SideWrite for NewSession {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move { Ok(self.insert(appended.at, tx).await?) })
    }
}

/// Makes a session that waits for its next step, in the place of one that waited for the step before. The former token
/// is dead with the same commit; false when it was dead already, and then nothing is made.
pub(crate) async fn replace_pending(
    pool: &PgPool,
    former: Option<Uuid>,
    session: &NewSession,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let mut tx = pool.begin().await?;
    if let Some(former) = former {
        let gone = sqlx::query("delete from session where session_id = $1 and stage <> 0")
            .bind(former)
            .execute(&mut *tx)
            .await?;
        if gone.rows_affected() != 1 {
            return Ok(false);
        }
    }
    session.insert(now, &mut tx).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends a login that is not complete. Nobody hears of it: nobody ever got in.
pub(crate) async fn drop_pending(pool: &PgPool, session: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("delete from session where session_id = $1 and stage <> 0").bind(session).execute(pool).await?;
    Ok(())
}

/// Gives a session a new token; the former one is dead. That proves nothing: what the session knows of its person is what
/// [`Assured`] says. Fails the whole append when the session has ended or got another token meanwhile.
#[derive(Clone)]
pub(crate) struct RotateSession {
    pub(crate) session: Uuid,
    pub(crate) former_hash: Vec<u8>,
    pub(crate) token_hash: Vec<u8>,
    pub(crate) assured: Assured,
}

impl SideWrite for RotateSession {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            let done = sqlx::query(
                "update session set token_hash = $3, last_seen_at = $4, auth_at = $5, assurance = $6
                 where session_id = $1 and token_hash = $2",
            )
            .bind(self.session)
            .bind(&self.former_hash)
            .bind(&self.token_hash)
            .bind(appended.at.to_offset())
            .bind(self.assured.auth_at().map(Timestamp::to_offset))
            .bind(self.assured.assurance())
            .execute(tx)
            .await?;
            if done.rows_affected() == 1 { Ok(()) } else { Err(Refusal::SessionIsGone.into()) }
        })
    }
}

/// Ends one session, and tells gateways.
pub(crate) struct EndSession(pub(crate) Uuid);

impl SideWrite for EndSession {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move { Ok(end(tx, std::slice::from_ref(&self.0), appended.last).await?) })
    }
}

/// Ends some sessions, and tells gateways.
pub(crate) struct EndSessions(pub(crate) Vec<Uuid>);

impl SideWrite for EndSessions {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move { Ok(end(tx, &self.0, appended.last).await?) })
    }
}

async fn end(tx: &mut PgConnection, sessions: &[Uuid], position: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "with gone as (delete from session where session_id = any ($1) returning session_id)
         insert into revocation (session_id, position) select session_id, $2 from gone
         on conflict (session_id) do nothing",
    )
    .bind(sessions)
    .bind(position)
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends all sessions of a user but perhaps one, also those made since the events were decided, and tells gateways.
pub(crate) struct EndAllSessions {
    pub(crate) user: Uuid,
    pub(crate) but: Option<Uuid>,
}

impl SideWrite for EndAllSessions {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "with gone as (
                     delete from session where user_id = $1 and session_id is distinct from $3 returning session_id)
                 insert into revocation (session_id, position) select session_id, $2 from gone
                 on conflict (session_id) do nothing",
            )
            .bind(self.user)
            .bind(appended.last)
            .bind(self.but)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

/// Bounds a user's sessions by another end of support.
pub(crate) struct BoundSessions {
    pub(crate) user: Uuid,
    pub(crate) not_after: Timestamp,
}

impl SideWrite for BoundSessions {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query("update session set expires_at = least(absolute_until, $2) where user_id = $1 and stage = 0")
                .bind(self.user)
                .bind(self.not_after.to_offset())
                .execute(tx)
                .await?;
            Ok(())
        })
    }
}

/// Deletes revocations that no gateway can still need: a gateway forgets a session after five seconds.
pub(crate) async fn sweep_revocations(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query(
        "with gone as (delete from revocation where at < now() - interval '1 day' returning position)
         update revocation_floor set position = greatest(position, (select max(position) from gone))
         where exists (select from gone)",
    )
    .execute(pool)
    .await?;
    Ok(())
}
