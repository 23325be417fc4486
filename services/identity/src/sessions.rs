//! Sessions: rows with the hash of a random token. What is not in the table is no session; the check reads the table.

use crate::{
    domain::session::{Lifetime, Limits},
    source::Origin,
};
use eventlog::{Appended, SideWrite};
use futures::future::BoxFuture;
use kernel::{ActorKind, Timestamp};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

/// The number of a surface in the table.
pub(crate) fn kind_number(kind: ActorKind) -> i16 {
    match kind {
        ActorKind::Contact => 1,
        ActorKind::Agent => 2,
        ActorKind::Service => 3,
        ActorKind::Company => 4,
    }
}

/// The kind of a number in the table.
pub(crate) fn kind_of(number: i16) -> ActorKind {
    match number {
        1 => ActorKind::Contact,
        2 => ActorKind::Agent,
        4 => ActorKind::Company,
        _ => ActorKind::Service,
    }
}

/// A session that is about to be made.
#[derive(Debug, Clone)]
pub(crate) struct NewSession {
    pub(crate) id: Uuid,
    pub(crate) token_hash: Vec<u8>,
    pub(crate) user: Uuid,
    pub(crate) kind: ActorKind,
    pub(crate) origin: Origin,
    /// End of support, for contacts.
    pub(crate) not_after: Option<Timestamp>,
}

impl SideWrite for NewSession {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            let limits = Limits::of(self.kind);
            let now = appended.at;
            sqlx::query(
                "insert into session (session_id, token_hash, user_id, kind, created_at, last_seen_at, idle_seconds,
                                      absolute_until, expires_at, network, browser)
                 values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10)",
            )
            .bind(self.id)
            .bind(&self.token_hash)
            .bind(self.user)
            .bind(kind_number(self.kind))
            .bind(now.to_offset())
            .bind(limits.idle_seconds)
            .bind(now.plus_seconds(limits.absolute_seconds).to_offset())
            .bind(crate::domain::session::expiry(now, limits, self.not_after).to_offset())
            .bind(&self.origin.network)
            .bind(&self.origin.browser)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

/// A live session and its subject.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: Uuid,
    pub(crate) user: Uuid,
    pub(crate) kind: ActorKind,
    pub(crate) created_at: Timestamp,
    pub(crate) life: Lifetime,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) locale: String,
    /// The database's clock: one for all processes.
    pub(crate) now: Timestamp,
}

type SessionRow =
    (Uuid, Uuid, i16, OffsetDateTime, OffsetDateTime, i32, OffsetDateTime, String, String, String, OffsetDateTime);

/// The session of a token's hash, if it is alive. One statement.
pub(crate) async fn find(pool: &PgPool, token_hash: &[u8]) -> Result<Option<Session>, sqlx::Error> {
    let row: Option<SessionRow> = sqlx::query_as(
        "select s.session_id, s.user_id, s.kind, s.created_at, s.last_seen_at, s.idle_seconds, s.expires_at,
                coalesce(nullif(concat_ws(' ', nullif(n.first_name, ''), nullif(n.last_name, '')), ''), a.name, ''),
                coalesce(a.role, ''), coalesce(a.locale, ''), clock_timestamp()
         from session s
         left join accounts_v1 a on a.user_id = s.user_id
         left join contact_name n on n.contact_id = s.user_id
         where s.token_hash = $1 and (s.kind = 4 or a.enabled)",
    )
    .bind(token_hash)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(session_of).filter(|s| s.life.is_alive(s.now)))
}

fn session_of(row: SessionRow) -> Session {
    let (id, user, kind, created, seen, idle_seconds, expires, name, role, locale, now) = row;
    Session {
        id,
        user,
        kind: kind_of(kind),
        created_at: Timestamp::from_offset(created),
        life: Lifetime {
            last_seen: Timestamp::from_offset(seen),
            idle_seconds,
            expires_at: Timestamp::from_offset(expires),
        },
        name,
        role,
        locale,
        now: Timestamp::from_offset(now),
    }
}

/// Writes an activity down.
pub(crate) async fn touch(pool: &PgPool, session: &Session) -> Result<(), sqlx::Error> {
    sqlx::query("update session set last_seen_at = $2 where session_id = $1 and last_seen_at < $2")
        .bind(session.id)
        .bind(session.now.to_offset())
        .execute(pool)
        .await?;
    Ok(())
}

/// The ids of a user's sessions.
pub(crate) async fn of_user(pool: &PgPool, user: Uuid) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar("select session_id from session where user_id = $1 order by session_id")
        .bind(user)
        .fetch_all(pool)
        .await
}

/// Sessions whose time is over: id, user, kind. At most `limit`.
pub(crate) async fn expired(pool: &PgPool, limit: i64) -> Result<Vec<(Uuid, Uuid, ActorKind)>, sqlx::Error> {
    let rows: Vec<(Uuid, Uuid, i16)> = sqlx::query_as(
        "select session_id, user_id, kind from session
         where expires_at <= now() or last_seen_at + idle_seconds * interval '1 second' <= now()
         order by session_id limit $1",
    )
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(id, user, kind)| (id, user, kind_of(kind))).collect())
}

/// Ends one session, and tells gateways.
pub(crate) struct EndSession(pub(crate) Uuid);

impl SideWrite for EndSession {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            sqlx::query(
                "with gone as (delete from session where session_id = $1 returning session_id)
                 insert into revocation (session_id, position) select session_id, $2 from gone
                 on conflict (session_id) do nothing",
            )
            .bind(self.0)
            .bind(appended.last)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

/// Ends all sessions of a user, also those made since the events were decided, and tells gateways.
pub(crate) struct EndAllSessions(pub(crate) Uuid);

impl SideWrite for EndAllSessions {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            sqlx::query(
                "with gone as (delete from session where user_id = $1 returning session_id)
                 insert into revocation (session_id, position) select session_id, $2 from gone
                 on conflict (session_id) do nothing",
            )
            .bind(self.0)
            .bind(appended.last)
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
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            sqlx::query("update session set expires_at = least(absolute_until, $2) where user_id = $1")
                .bind(self.user)
                .bind(self.not_after.to_offset())
                .execute(tx)
                .await?;
            Ok(())
        })
    }
}

/// Revocations after a position: ids and the position up to which they are complete; None when too many were missed.
pub(crate) async fn revoked_after(pool: &PgPool, after: i64) -> Result<(Option<Vec<Uuid>>, i64), sqlx::Error> {
    const MOST: usize = 1000;
    // One statement, so one snapshot: what is committed up to the head is in the list.
    let rows: Vec<(i64, i64, Option<Uuid>)> = sqlx::query_as(
        "select h.pos, f.position, r.session_id
         from head h cross join revocation_floor f left join lateral (
             select session_id from revocation where position > $1 order by position limit $2) r on true",
    )
    .bind(after)
    .bind(MOST as i64 + 1)
    .fetch_all(pool)
    .await?;
    let (position, floor) = rows.first().map_or((0, 0), |r| (r.0, r.1));
    let too_old = after <= 0 || after < floor;
    let ids: Vec<Uuid> = rows.into_iter().filter_map(|r| r.2).collect();
    Ok(if too_old || ids.len() > MOST { (None, position) } else { (Some(ids), position) })
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
