//! The rows of sessions, read.

use crate::{
    domain::{
        activity::Method,
        attempt::{Budget, Guess},
        session::Lifetime,
        stage::Stage,
    },
    proof::Assured,
};
use kernel::{ActorKind, Timestamp};
use sqlx::{PgPool, Row, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

/// Most live sessions of a user; a newer one takes the oldest one's place.
pub(crate) const MOST_SESSIONS: usize = 10;

/// A live session and its subject.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: Uuid,
    pub(crate) user: Uuid,
    pub(crate) kind: ActorKind,
    pub(crate) life: Lifetime,
    pub(crate) stage: Stage,
    /// How, how much and when the person proved who they are.
    pub(crate) assured: Assured,
    /// The agent who opened the portal as the user, and the agent's name.
    pub(crate) agent: Option<(Uuid, String)>,
    pub(crate) read_only: bool,
    pub(crate) network: String,
    pub(crate) browser: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) locale: String,
    pub(crate) login: String,
    pub(crate) totp: bool,
    pub(crate) passkeys: i32,
    /// Under what the login's guesses at the password were counted.
    pub(crate) budget: Option<Budget>,
    /// The database's clock: one for all processes.
    pub(crate) now: Timestamp,
}

impl Session {
    /// True for a login that began with a password. While it waits, its method stays what it began with.
    pub(crate) fn by_password(&self) -> bool {
        self.assured.method() != Method::Passkey
    }

    /// When the person last proved as much as is asked of the account: where there is a second factor, not without it.
    /// What needs a fresh proof counts from here. None for support access, which proves nothing of the person's.
    pub(crate) fn proved_at(&self) -> Option<Timestamp> {
        let has_factor = self.totp || self.passkeys > 0;
        self.assured.auth_at().filter(|_| self.agent.is_none() && (!has_factor || self.assured.assurance() >= 2))
    }

    /// Second factors that are set up, as words.
    pub(crate) fn factors(&self) -> Vec<String> {
        let known = [(self.totp, "totp"), (self.passkeys > 0, "passkey")];
        known.into_iter().filter(|(there, _)| *there).map(|(_, word)| word.to_owned()).collect()
    }
}

/// The session of a token's hash, if it is alive. One statement.
///
/// It lives only while its account may log in, and for support access while the agent may too. Who came by a company's
/// link has no account.
pub(crate) async fn find(pool: &PgPool, token_hash: &[u8]) -> Result<Option<Session>, sqlx::Error> {
    let row = sqlx::query(
        "select s.session_id, s.user_id, s.kind, s.created_at, s.last_seen_at, s.idle_seconds, s.expires_at, s.stage,
                s.assurance, s.auth_at, s.method, s.agent_id, s.read_only, s.network, s.browser, s.guess, s.guess_key,
                coalesce(nullif(concat_ws(' ', nullif(n.first_name, ''), nullif(n.last_name, '')), ''), a.name, '')
                    as name,
                coalesce(a.role, '') as role, coalesce(a.locale, '') as locale, coalesce(a.login, '') as login,
                coalesce(a.totp, false) as totp, coalesce(a.passkeys, 0) as passkeys,
                coalesce(g.name, '') as agent_name, clock_timestamp() as now
         from session s
         left join accounts_v1 a on a.user_id = s.user_id
         left join contact_name n on n.contact_id = s.user_id
         left join accounts_v1 g on g.user_id = s.agent_id
         where s.token_hash = $1
           and (s.kind = 4 or (a.enabled and not a.suspended))
           and (s.agent_id is null or (g.enabled and not g.suspended))",
    )
    .bind(token_hash)
    .fetch_optional(pool)
    .await?;
    Ok(row.as_ref().map(session_of).transpose()?.filter(|s| s.life.is_alive(s.now)))
}

fn session_of(row: &PgRow) -> Result<Session, sqlx::Error> {
    let at = |name: &str| Ok::<_, sqlx::Error>(Timestamp::from_offset(row.try_get::<OffsetDateTime, _>(name)?));
    let agent: Option<Uuid> = row.try_get("agent_id")?;
    let agent_name: String = row.try_get("agent_name")?;
    let guess = row.try_get::<Option<i16>, _>("guess")?.and_then(Guess::from_number);
    let guess_key: Option<Vec<u8>> = row.try_get("guess_key")?;
    Ok(Session {
        id: row.try_get("session_id")?,
        user: row.try_get("user_id")?,
        kind: ActorKind::from_number(row.try_get("kind")?),
        life: Lifetime {
            last_seen: at("last_seen_at")?,
            idle_seconds: row.try_get("idle_seconds")?,
            expires_at: at("expires_at")?,
        },
        stage: Stage::from_number(row.try_get("stage")?),
        assured: Assured::of_row(row)?,
        agent: agent.map(|id| (id, agent_name)),
        read_only: row.try_get("read_only")?,
        network: row.try_get("network")?,
        browser: row.try_get("browser")?,
        name: row.try_get("name")?,
        role: row.try_get("role")?,
        locale: row.try_get("locale")?,
        login: row.try_get("login")?,
        totp: row.try_get("totp")?,
        passkeys: row.try_get("passkeys")?,
        budget: guess.zip(guess_key),
        now: at("now")?,
    })
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

/// A session in a list.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) id: Uuid,
    pub(crate) created_at: Timestamp,
    pub(crate) last_seen: Timestamp,
    pub(crate) network: String,
    pub(crate) browser: String,
    pub(crate) method: String,
    pub(crate) agent: Option<Uuid>,
    pub(crate) assurance: i16,
}

type ListedRow = (Uuid, OffsetDateTime, OffsetDateTime, String, String, String, Option<Uuid>, i16);

const LISTED: &str = "select session_id, created_at, last_seen_at, network, browser, method, agent_id, assurance
    from session where stage = 0 and expires_at > now()
      and last_seen_at + idle_seconds * interval '1 second' > now()";

fn listed(rows: Vec<ListedRow>) -> Vec<Listed> {
    rows.into_iter()
        .map(|(id, created, seen, network, browser, method, agent, assurance)| Listed {
            id,
            created_at: Timestamp::from_offset(created),
            last_seen: Timestamp::from_offset(seen),
            network,
            browser,
            method,
            agent,
            assurance,
        })
        .collect()
}

/// The live, complete sessions of a user, the latest activity first.
pub(crate) async fn of_user(pool: &PgPool, user: Uuid) -> Result<Vec<Listed>, sqlx::Error> {
    let sql = format!("{LISTED} and user_id = $1 order by last_seen_at desc, session_id");
    Ok(listed(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(user).fetch_all(pool).await?))
}

/// Sessions whose time is over: session, user, agent of support access, and whether the login ever was complete.
pub(crate) async fn expired(pool: &PgPool, limit: i64) -> Result<Vec<(Uuid, Uuid, Option<Uuid>, bool)>, sqlx::Error> {
    sqlx::query_as(
        "select session_id, user_id, agent_id, stage = 0 from session
         where expires_at <= now() or last_seen_at + idle_seconds * interval '1 second' <= now()
         order by expires_at limit $1",
    )
    .bind(limit)
    .fetch_all(pool)
    .await
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
