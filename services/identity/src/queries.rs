//! Reads. Each is one statement.

use crate::{domain::login::login_key, sessions::kind_of};
use kernel::{ActorKind, Timestamp};
use sqlx::{PgPool, Row, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

/// The display name of account `a`, given the contact's name `n` from the records service.
macro_rules! shown_name {
    () => {
        "coalesce(nullif(concat_ws(' ', nullif(n.first_name, ''), nullif(n.last_name, '')), ''), a.name)"
    };
}

/// What a login needs to know of an account.
#[derive(Debug, Clone)]
pub(crate) struct LoginFacts {
    pub(crate) user: Uuid,
    pub(crate) kind: ActorKind,
    pub(crate) enabled: bool,
    pub(crate) suspended: bool,
    pub(crate) login: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) locale: String,
    /// Version of the account's stream.
    pub(crate) version: i64,
    pub(crate) support_start: String,
    pub(crate) support_end: String,
    pub(crate) mfa_required: bool,
    pub(crate) totp: bool,
    pub(crate) passkeys: i32,
    pub(crate) terms_version: i32,
    pub(crate) credential: Option<Credential>,
    pub(crate) now: Timestamp,
}

/// A password as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Credential {
    pub(crate) id: Uuid,
    /// The sealed hash.
    pub(crate) sealed: Vec<u8>,
    /// End of a one-time password.
    pub(crate) one_time_until: Option<Timestamp>,
    /// Shorter than what is asked of those without a second factor.
    pub(crate) short: bool,
}

impl LoginFacts {
    /// True when a second factor is set up.
    pub(crate) fn has_factor(&self) -> bool {
        self.totp || self.passkeys > 0
    }

    /// True when the account may be signed in to at all.
    pub(crate) fn is_open(&self) -> bool {
        self.enabled && !self.suspended
    }

    /// True when the login is the address for mails.
    pub(crate) fn login_is_email(&self) -> bool {
        !self.email.is_empty() && login_key(&self.login) == login_key(&self.email)
    }

    /// Second factors that are set up, as words.
    pub(crate) fn factors(&self) -> Vec<String> {
        let known = [(self.totp, "totp"), (self.passkeys > 0, "passkey"), (self.has_factor(), "recovery_code")];
        known.into_iter().filter(|(there, _)| *there).map(|(_, word)| word.to_owned()).collect()
    }
}

const LOGIN_FACTS: &str = concat!(
    "select a.user_id, a.kind, a.enabled, a.suspended, a.login, a.email, ",
    shown_name!(),
    " as name, a.role, a.locale, a.version, a.support_start, a.support_end, a.mfa_required, a.totp, a.passkeys,
      a.terms_version, c.credential_id, c.sealed, c.one_time_until, c.short, clock_timestamp() as now
     from accounts_v1 a
     left join credential c on c.user_id = a.user_id
     left join contact_name n on n.contact_id = a.user_id "
);

fn login_facts(row: &PgRow) -> Result<LoginFacts, sqlx::Error> {
    let credential: Option<Uuid> = row.try_get("credential_id")?;
    let credential = match credential {
        Some(id) => Some(Credential {
            id,
            sealed: row.try_get("sealed")?,
            one_time_until: row.try_get::<Option<OffsetDateTime>, _>("one_time_until")?.map(Timestamp::from_offset),
            short: row.try_get("short")?,
        }),
        None => None,
    };
    Ok(LoginFacts {
        user: row.try_get("user_id")?,
        kind: kind_of(row.try_get("kind")?),
        enabled: row.try_get("enabled")?,
        suspended: row.try_get("suspended")?,
        login: row.try_get("login")?,
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        role: row.try_get("role")?,
        locale: row.try_get("locale")?,
        version: row.try_get("version")?,
        support_start: row.try_get("support_start")?,
        support_end: row.try_get("support_end")?,
        mfa_required: row.try_get("mfa_required")?,
        totp: row.try_get("totp")?,
        passkeys: row.try_get("passkeys")?,
        terms_version: row.try_get("terms_version")?,
        credential,
        now: Timestamp::from_offset(row.try_get("now")?),
    })
}

/// The account of a login of one kind, and its credential.
pub(crate) async fn account_of_login(
    pool: &PgPool,
    login_key: &str,
    kind: ActorKind,
) -> Result<Option<LoginFacts>, sqlx::Error> {
    let sql = format!("{LOGIN_FACTS} where a.login_key = $1 and a.kind = $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(login_key)
        .bind(crate::sessions::kind_number(kind))
        .fetch_optional(pool)
        .await?;
    row.as_ref().map(login_facts).transpose()
}

/// The account of a user, and its credential.
pub(crate) async fn account_of_user(pool: &PgPool, user: Uuid) -> Result<Option<LoginFacts>, sqlx::Error> {
    let sql = format!("{LOGIN_FACTS} where a.user_id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(user).fetch_optional(pool).await?;
    row.as_ref().map(login_facts).transpose()
}

/// True while a login is trusted from a network.
pub(crate) async fn is_trusted(pool: &PgPool, subject_key: &[u8], network: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select from trust where subject_key = $1 and network = $2 and network <> '' and until > now())",
    )
    .bind(subject_key)
    .bind(network)
    .fetch_one(pool)
    .await
}

/// A user's access as agents see it.
#[derive(Debug, Clone)]
pub(crate) struct AccessView {
    pub(crate) enabled: bool,
    pub(crate) suspended: bool,
    pub(crate) login: String,
    pub(crate) email: String,
    pub(crate) support_start: String,
    pub(crate) support_end: String,
    pub(crate) has_password: bool,
    pub(crate) last_login: Option<Timestamp>,
    pub(crate) locked: bool,
    pub(crate) locked_until: Option<Timestamp>,
    pub(crate) invitation_expires: Option<Timestamp>,
    pub(crate) version: i64,
    pub(crate) mfa_required: bool,
    pub(crate) totp: bool,
    pub(crate) passkeys: i32,
    /// End of a one-time password that was not used.
    pub(crate) one_time_until: Option<Timestamp>,
    pub(crate) one_time_expired: bool,
    /// A login that waits for its confirmation; empty for none.
    pub(crate) pending_email: String,
    pub(crate) sessions: i64,
}

/// The portal access of a contact; None when nobody ever gave it any.
pub(crate) async fn access(pool: &PgPool, contact: Uuid) -> Result<Option<AccessView>, sqlx::Error> {
    let row = sqlx::query(
        "select a.enabled, a.suspended, a.login, a.email, a.support_start, a.support_end, a.has_password, a.last_login,
                coalesce(l.held or l.locked_until is not null, false) as locked, l.locked_until, a.invitation_expires,
                a.version, a.mfa_required, a.totp, a.passkeys,
                c.one_time_until, coalesce(c.one_time_until <= now(), false) as one_time_expired,
                case when exists (select from one_time_link o where o.user_id = a.user_id and o.purpose = 2
                                  and o.expires_at > now()) then a.pending_email else '' end as pending_email,
                (select count(*) from session s where s.user_id = a.user_id and s.stage = 0 and s.agent_id is null
                     and s.expires_at > now() and s.last_seen_at + s.idle_seconds * interval '1 second' > now())
                    as sessions
         from accounts_v1 a
         left join credential c on c.user_id = a.user_id
         left join lateral (
             select t.held, t.locked_until from attempt t
             where t.user_id = a.user_id and t.kind in (1, 2, 4) and (t.held or t.locked_until > now())
             order by t.locked_at desc limit 1) l on true
         where a.user_id = $1 and a.kind = 1",
    )
    .bind(contact)
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let at =
        |name: &str| Ok::<_, sqlx::Error>(row.try_get::<Option<OffsetDateTime>, _>(name)?.map(Timestamp::from_offset));
    Ok(Some(AccessView {
        enabled: row.try_get("enabled")?,
        suspended: row.try_get("suspended")?,
        login: row.try_get("login")?,
        email: row.try_get("email")?,
        support_start: row.try_get("support_start")?,
        support_end: row.try_get("support_end")?,
        has_password: row.try_get("has_password")?,
        last_login: at("last_login")?,
        locked: row.try_get("locked")?,
        locked_until: at("locked_until")?,
        invitation_expires: at("invitation_expires")?,
        version: row.try_get("version")?,
        mfa_required: row.try_get("mfa_required")?,
        totp: row.try_get("totp")?,
        passkeys: row.try_get("passkeys")?,
        one_time_until: at("one_time_until")?,
        one_time_expired: row.try_get("one_time_expired")?,
        pending_email: row.try_get("pending_email")?,
        sessions: row.try_get("sessions")?,
    }))
}

/// A locked user.
#[derive(Debug, Clone)]
pub(crate) struct LockedView {
    pub(crate) user: Uuid,
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) kind: ActorKind,
    pub(crate) since: Timestamp,
    pub(crate) locked_until: Option<Timestamp>,
    pub(crate) failures: i32,
    pub(crate) ladder_step: i32,
    pub(crate) networks: Vec<String>,
}

type LockedRow = (Uuid, String, String, i16, OffsetDateTime, Option<OffsetDateTime>, i32, i32, Vec<String>);

/// Locked users, the latest first, from behind a place in the list.
pub(crate) async fn locked(
    pool: &PgPool,
    behind: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<LockedView>, sqlx::Error> {
    let rows: Vec<LockedRow> = sqlx::query_as(concat!(
        "select t.user_id, a.login, ",
        shown_name!(),
        ", a.kind, t.locked_at, t.locked_until, t.failures, t.ladder_step, t.networks
         from attempt t
         join accounts_v1 a on a.user_id = t.user_id
         left join contact_name n on n.contact_id = t.user_id
         where t.locked_at is not null and t.kind in (1, 2, 4) and (t.held or t.locked_until > now())
           and not exists (
               select from attempt o where o.user_id = t.user_id and o.kind < t.kind
                   and (o.held or o.locked_until > now()))
           and ($1::timestamptz is null or (t.locked_at, t.user_id) < ($1, $2))
         order by t.locked_at desc, t.user_id desc limit $3"
    ))
    .bind(behind.map(|b| b.0.to_offset()))
    .bind(behind.map(|b| b.1))
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(user, login, name, kind, since, until, failures, ladder_step, networks)| LockedView {
            user,
            login,
            name,
            kind: kind_of(kind),
            since: Timestamp::from_offset(since),
            locked_until: until.map(Timestamp::from_offset),
            failures,
            ladder_step,
            networks,
        })
        .collect())
}

/// Which of some users are locked, and of what kind they are.
pub(crate) async fn locked_among(pool: &PgPool, users: &[Uuid]) -> Result<Vec<(Uuid, ActorKind)>, sqlx::Error> {
    let rows: Vec<(Uuid, i16)> = sqlx::query_as(
        "select a.user_id, a.kind from accounts_v1 a
         where a.user_id = any ($1) and exists (
             select from attempt t where t.user_id = a.user_id and t.kind in (1, 2, 4) and (t.held or t.locked_until > now()))
         order by a.user_id",
    )
    .bind(users)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(user, kind)| (user, kind_of(kind))).collect())
}

/// Display names of users; unknown ids are left out.
pub(crate) async fn names(pool: &PgPool, users: &[Uuid]) -> Result<Vec<(Uuid, String, ActorKind)>, sqlx::Error> {
    let rows: Vec<(Uuid, String, i16)> = sqlx::query_as(concat!(
        "select a.user_id, ",
        shown_name!(),
        ", a.kind from accounts_v1 a left join contact_name n on n.contact_id = a.user_id
         where a.user_id = any ($1) order by a.user_id"
    ))
    .bind(users)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(user, name, kind)| (user, name, kind_of(kind))).collect())
}

/// The login that waits for its confirmation, and when the password was set.
pub(crate) async fn own_details(pool: &PgPool, user: Uuid) -> Result<(String, Option<Timestamp>), sqlx::Error> {
    let (pending, set): (String, Option<OffsetDateTime>) = sqlx::query_as(
        "select a.pending_email, c.set_at from accounts_v1 a left join credential c on c.user_id = a.user_id
         where a.user_id = $1",
    )
    .bind(user)
    .fetch_one(pool)
    .await?;
    Ok((pending, set.map(Timestamp::from_offset)))
}
