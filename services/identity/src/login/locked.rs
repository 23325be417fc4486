//! Who is locked, and where the failures came from.

use crate::{codec::subject_kind, convert::micros, facts::shown_name, guard::trust::SeenNetwork};
use kernel::{ActorKind, Timestamp};
use proto::identity::v1 as wire;
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

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
            kind: ActorKind::from_number(kind),
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
    Ok(rows.into_iter().map(|(user, kind)| (user, ActorKind::from_number(kind))).collect())
}

/// A locked user.
pub(crate) fn locked_user(view: LockedView, seen: &[SeenNetwork]) -> wire::LockedUser {
    wire::LockedUser {
        seen: seen.iter().filter(|s| s.user == view.user).map(seen_network).collect(),
        user_id: view.user.to_string(),
        login: view.login,
        name: view.name,
        kind: subject_kind(view.kind).into(),
        since_micros: view.since.micros(),
        locked_until_micros: micros(view.locked_until),
        failures: view.failures,
        ladder_step: view.ladder_step,
        networks: view.networks.into_iter().filter(|n| !n.is_empty()).collect(),
    }
}

/// Where failures came from.
pub(crate) fn seen_network(seen: &SeenNetwork) -> wire::SeenNetwork {
    wire::SeenNetwork {
        network: seen.network.clone(),
        failures: i32::try_from(seen.failures).unwrap_or(i32::MAX),
        first_micros: seen.first.micros(),
        last_micros: seen.last.micros(),
        succeeded_before: seen.succeeded_before,
    }
}
