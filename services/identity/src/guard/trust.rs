//! Logins that are trusted from a network for a day, after an agent unlocked them: attempts from there have a larger budget
//! of their own, and are counted and told of like all others. An address is kept as its network only, so the network is
//! what is trusted. Which one, says the agent: among the networks of the failures is the attacker's.

use crate::domain::attempt::TRUST_SECONDS;
use eventlog::{Appended, SideWrite};
use kernel::Timestamp;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

/// A network that a user's login is to be trusted from.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Under what guesses at the login's password are counted.
    pub(crate) subject_key: Vec<u8>,
    pub(crate) user: Uuid,
    pub(crate) network: String,
}

/// Trusts logins of some users from networks.
pub(crate) struct TrustNetworks(pub(crate) Vec<Wanted>);

impl SideWrite for TrustNetworks {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "insert into trust (trust_id, subject_key, user_id, network, until)
                 select gen_random_uuid(), w.subject_key, w.user_id, w.network, $4
                 from unnest($1::bytea[], $2::uuid[], $3::text[]) w(subject_key, user_id, network)
                 on conflict (subject_key, network) do update set until = excluded.until",
            )
            .bind(self.0.iter().map(|w| w.subject_key.clone()).collect::<Vec<_>>())
            .bind(self.0.iter().map(|w| w.user).collect::<Vec<_>>())
            .bind(self.0.iter().map(|w| w.network.clone()).collect::<Vec<_>>())
            .bind(appended.at.plus_seconds(TRUST_SECONDS).to_offset())
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

/// Takes a trust back.
pub(crate) struct RevokeTrust(pub(crate) Uuid);

impl SideWrite for RevokeTrust {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query("delete from trust where trust_id = $1").bind(self.0).execute(tx).await?;
            Ok(())
        })
    }
}

/// A network from which somebody tried to sign in and failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenNetwork {
    pub(crate) user: Uuid,
    pub(crate) network: String,
    /// Failures since the last success.
    pub(crate) failures: i64,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    /// The user has signed in from there before.
    pub(crate) succeeded_before: bool,
}

/// Where the failures of some users came from: per user those with an earlier success first, then the newest.
pub(crate) async fn seen(pool: &PgPool, users: &[Uuid]) -> Result<Vec<SeenNetwork>, sqlx::Error> {
    let rows: Vec<(Uuid, String, i64, i64, i64, bool)> = sqlx::query_as(
        "select f.user_id, f.network, f.failures, f.first, f.last,
                exists (select from activity_v1 v where v.user_id = f.user_id and v.type = 'logged_in'
                        and v.touchpoint = 'sign_in' and v.network = f.network) as succeeded
         from (select a.user_id, s.key as network, sum((s.value ->> 'n')::bigint)::bigint as failures,
                      min((s.value ->> 'first')::bigint) as first, max((s.value ->> 'last')::bigint) as last
               from attempt a cross join lateral jsonb_each(a.sources) s
               where a.user_id = any ($1) and a.kind in (1, 4) and s.key <> ''
               group by a.user_id, s.key) f
         order by f.user_id, succeeded desc, f.last desc, f.network",
    )
    .bind(users)
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(user, network, failures, first, last, succeeded_before)| SeenNetwork {
            user,
            network,
            failures,
            first: Timestamp::from_micros(first),
            last: Timestamp::from_micros(last),
            succeeded_before,
        })
        .collect())
}

/// A trust in a list.
#[derive(Debug, Clone)]
pub(crate) struct Trusted {
    pub(crate) id: Uuid,
    pub(crate) user: Uuid,
    pub(crate) name: String,
    pub(crate) login: String,
    pub(crate) network: String,
    pub(crate) until: Timestamp,
}

/// Live trusts, the latest end first; at most 200.
pub(crate) async fn list(pool: &PgPool, user: Option<Uuid>) -> Result<Vec<Trusted>, sqlx::Error> {
    type Row = (Uuid, Uuid, String, String, String, OffsetDateTime);
    let rows: Vec<Row> = sqlx::query_as(
        "select t.trust_id, t.user_id,
                coalesce(nullif(concat_ws(' ', nullif(n.first_name, ''), nullif(n.last_name, '')), ''), a.name),
                a.login, t.network, t.until
         from trust t
         join accounts_v1 a on a.user_id = t.user_id
         left join contact_name n on n.contact_id = t.user_id
         where t.until > now() and ($1::uuid is null or t.user_id = $1)
         order by t.until desc, t.trust_id limit 200",
    )
    .bind(user)
    .fetch_all(pool)
    .await?;
    let trusted = |(id, user, name, login, network, until): Row| Trusted {
        id,
        user,
        name,
        login,
        network,
        until: Timestamp::from_offset(until),
    };
    Ok(rows.into_iter().map(trusted).collect())
}

/// Whose trust it is, and from where; None when there is none.
pub(crate) async fn find(pool: &PgPool, id: Uuid) -> Result<Option<(Uuid, String)>, sqlx::Error> {
    sqlx::query_as("select user_id, network from trust where trust_id = $1 and until > now()")
        .bind(id)
        .fetch_optional(pool)
        .await
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
