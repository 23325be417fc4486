//! Logins that are trusted from a network for a day, after an agent unlocked them: exempt from the lock, never from the
//! limits of the source. An address is kept as its network only, so the network is what is trusted.

use crate::domain::attempt::TRUST_SECONDS;
use eventlog::{Appended, SideWrite};
use futures::future::BoxFuture;
use kernel::Timestamp;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

/// Trusts the logins of some users from the networks of their failures.
pub(crate) struct TrustNetworks(pub(crate) Vec<Uuid>);

impl SideWrite for TrustNetworks {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            sqlx::query(
                "insert into trust (trust_id, subject_key, user_id, network, until)
                 select gen_random_uuid(), a.subject_key, a.user_id, n.network, $2
                 from attempt a cross join lateral unnest(a.networks) n(network)
                 where a.user_id = any ($1) and a.kind = 1 and n.network <> ''
                 on conflict (subject_key, network) do update set until = excluded.until",
            )
            .bind(&self.0)
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
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            sqlx::query("delete from trust where trust_id = $1").bind(self.0).execute(tx).await?;
            Ok(())
        })
    }
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
