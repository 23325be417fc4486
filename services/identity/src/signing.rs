//! The keys that sign actor tokens: made here, sealed in a table, changed every day.
//!
//! The next key is published an hour before it signs, and a former one stays six minutes longer than any token that it
//! signed is valid. Deleting a row makes all tokens of that key invalid as soon as verifiers ask again.

use crate::secrets::{self, ServiceKeys};
use kernel::Error;
use runtime::token::SigningKey;
use sqlx::PgPool;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long what the table says may be used without asking again.
const CACHE_FOR: Duration = Duration::from_secs(5);

/// The signing keys of the installation.
pub(crate) struct SigningKeys {
    pool: PgPool,
    keys: Arc<ServiceKeys>,
    cached: Mutex<Option<(Instant, Arc<SigningKey>)>>,
}

impl SigningKeys {
    pub(crate) fn new(pool: PgPool, keys: Arc<ServiceKeys>) -> SigningKeys {
        SigningKeys { pool, keys, cached: Mutex::new(None) }
    }

    /// The key that signs now; made when there is none yet.
    pub(crate) async fn current(&self) -> Result<Arc<SigningKey>, Error> {
        if let Some((at, key)) = &*self.cached.lock().unwrap_or_else(PoisonError::into_inner)
            && at.elapsed() < CACHE_FOR
        {
            return Ok(Arc::clone(key));
        }
        let row = match self.newest().await? {
            Some(row) => row,
            None => {
                self.rotate().await?;
                self.newest().await?.ok_or_else(|| Error::unavailable("there is no signing key"))?
            }
        };
        let (kid, sealed) = row;
        let seed = self.keys.open_signing_key(&kid, &sealed)?;
        let seed: &[u8; 32] =
            seed.expose().as_slice().try_into().map_err(|_| Error::internal("a signing key has another length"))?;
        let key = Arc::new(SigningKey::from_seed(&kid, seed));
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), Arc::clone(&key)));
        Ok(key)
    }

    async fn newest(&self) -> Result<Option<(String, Vec<u8>)>, Error> {
        sqlx::query_as(
            "select kid, sealed from signing_key where active_from <= now() order by active_from desc limit 1",
        )
        .fetch_optional(&self.pool)
        .await
        .map_err(away)
    }

    /// Key ids and raw public keys that verify tokens, those not signing yet included.
    pub(crate) async fn public(&self) -> Result<Vec<(String, Vec<u8>)>, Error> {
        sqlx::query_as("select kid, public_key from signing_key order by active_from desc")
            .fetch_all(&self.pool)
            .await
            .map_err(away)
    }

    /// Makes the first key, or the next one when it is time; deletes keys whose tokens are all over. One process at a time.
    pub(crate) async fn rotate(&self) -> Result<(), Error> {
        let seed = kernel::Secret::new(secrets::random::<32>()?);
        let kid: String = secrets::random::<8>()?.iter().map(|b| format!("{b:02x}")).collect();
        let key = SigningKey::from_seed(&kid, seed.expose());
        let sealed = self.keys.seal_signing_key(&kid, seed.expose())?;
        let mut tx = self.pool.begin().await.map_err(away)?;
        sqlx::query("select pg_advisory_xact_lock(hashtext('portico signing keys'))")
            .execute(&mut *tx)
            .await
            .map_err(away)?;
        sqlx::query(
            "insert into signing_key (kid, public_key, sealed, active_from)
             select $1, $2, $3, case when m.newest is null then now() else now() + interval '1 hour' end
             from (select max(active_from) newest from signing_key) m
             where m.newest is null or m.newest < now() - interval '23 hours'",
        )
        .bind(&kid)
        .bind(&key.public)
        .bind(&sealed)
        .execute(&mut *tx)
        .await
        .map_err(away)?;
        sqlx::query(
            "delete from signing_key k where exists (
                 select from signing_key n
                 where n.active_from > k.active_from and n.active_from < now() - interval '6 minutes')",
        )
        .execute(&mut *tx)
        .await
        .map_err(away)?;
        tx.commit().await.map_err(away)
    }
}

fn away(e: sqlx::Error) -> Error {
    eventlog::LogError::from(e).into()
}
