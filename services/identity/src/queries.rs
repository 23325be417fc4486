//! Reads. Each is one statement.

use crate::sessions::kind_of;
use kernel::{ActorKind, Timestamp};
use sqlx::PgPool;
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
    pub(crate) enabled: bool,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) locale: String,
    /// Version of the account's stream.
    pub(crate) version: i64,
    pub(crate) support_start: String,
    pub(crate) support_end: String,
    /// Credential id and sealed hash.
    pub(crate) credential: Option<(Uuid, Vec<u8>)>,
}

type LoginRow = (Uuid, bool, String, String, String, i64, String, String, Option<Uuid>, Option<Vec<u8>>);

/// The account of a login of one kind, and its credential.
pub(crate) async fn account_of_login(
    pool: &PgPool,
    login_key: &str,
    kind: ActorKind,
) -> Result<Option<LoginFacts>, sqlx::Error> {
    let row: Option<LoginRow> = sqlx::query_as(concat!(
        "select a.user_id, a.enabled, ",
        shown_name!(),
        ", a.role, a.locale, a.version, a.support_start, a.support_end, c.credential_id, c.sealed
         from accounts_v1 a
         left join credential c on c.user_id = a.user_id
         left join contact_name n on n.contact_id = a.user_id
         where a.login_key = $1 and a.kind = $2"
    ))
    .bind(login_key)
    .bind(crate::sessions::kind_number(kind))
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|(user, enabled, name, role, locale, version, support_start, support_end, credential, sealed)| {
        LoginFacts {
            user,
            enabled,
            name,
            role,
            locale,
            version,
            support_start,
            support_end,
            credential: credential.zip(sealed),
        }
    }))
}

/// A contact's portal access as agents see it.
#[derive(Debug, Clone)]
pub(crate) struct AccessView {
    pub(crate) enabled: bool,
    pub(crate) login: String,
    pub(crate) support_start: String,
    pub(crate) support_end: String,
    pub(crate) has_password: bool,
    pub(crate) last_login: Option<Timestamp>,
    pub(crate) locked: bool,
    pub(crate) locked_until: Option<Timestamp>,
    pub(crate) invitation_expires: Option<Timestamp>,
    pub(crate) version: i64,
}

type AccessRow = (
    bool,
    String,
    String,
    String,
    bool,
    Option<OffsetDateTime>,
    Option<bool>,
    Option<OffsetDateTime>,
    Option<OffsetDateTime>,
    i64,
);

/// The portal access of a contact; None when nobody ever gave it any.
pub(crate) async fn access(pool: &PgPool, contact: Uuid) -> Result<Option<AccessView>, sqlx::Error> {
    let row: Option<AccessRow> = sqlx::query_as(
        "select a.enabled, a.login, a.support_start, a.support_end, a.has_password, a.last_login,
                l.held or l.locked_until is not null, l.locked_until, a.invitation_expires, a.version
         from accounts_v1 a
         left join lateral (
             select t.held, t.locked_until from attempt t
             where t.user_id = a.user_id and (t.held or t.locked_until > now())
             order by t.locked_at desc limit 1) l on true
         where a.user_id = $1 and a.kind = 1",
    )
    .bind(contact)
    .fetch_optional(pool)
    .await?;
    let at = |t: Option<OffsetDateTime>| t.map(Timestamp::from_offset);
    Ok(row.map(|r| AccessView {
        enabled: r.0,
        login: r.1,
        support_start: r.2,
        support_end: r.3,
        has_password: r.4,
        last_login: at(r.5),
        locked: r.6.unwrap_or(false),
        locked_until: at(r.7),
        invitation_expires: at(r.8),
        version: r.9,
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
         where t.locked_at is not null and (t.held or t.locked_until > now())
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
             select from attempt t where t.user_id = a.user_id and (t.held or t.locked_until > now()))
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

/// Name and e-mail address of an account, for the rules about passwords.
pub(crate) async fn about(pool: &PgPool, user: Uuid) -> Result<Option<(String, String, String)>, sqlx::Error> {
    sqlx::query_as("select name, email, login from accounts_v1 where user_id = $1")
        .bind(user)
        .fetch_optional(pool)
        .await
}
