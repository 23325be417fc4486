//! Data keys of persons: made on first use, wrapped by a key derived from the installation's master key, erased for ever.

use crate::LogError;
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use kernel::Secret;
use ring::{
    hkdf,
    rand::{SecureRandom, SystemRandom},
};
use sqlx::PgPool;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How long an opened key may stay in memory: the bound within which an erasure takes hold in every process.
const CACHE_FOR: Duration = Duration::from_secs(60);
const CACHE_SIZE: usize = 10_000;

/// The data key of one person.
#[derive(Clone)]
pub struct DataKey {
    id: Uuid,
    bytes: Arc<Secret<[u8; 32]>>,
}

impl DataKey {
    /// The person.
    pub fn id(&self) -> Uuid {
        self.id
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        self.bytes.expose()
    }

    #[cfg(test)]
    pub(crate) fn for_test(id: Uuid, bytes: [u8; 32]) -> DataKey {
        DataKey { id, bytes: Arc::new(Secret::new(bytes)) }
    }
}

/// The keys of one service's log.
#[derive(Clone)]
pub struct KeyStore {
    pool: PgPool,
    kek: Arc<Secret<[u8; 32]>>,
    cache: Arc<Mutex<Cache>>,
}

/// When each key was read; no key means that it was erased.
type Cache = HashMap<Uuid, (Instant, Option<DataKey>)>;

impl KeyStore {
    /// A store whose keys are wrapped under a key derived (HKDF-SHA256) from the master key.
    pub fn new(pool: PgPool, master_key: &Secret<[u8; 32]>) -> KeyStore {
        let mut kek = [0; 32];
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"portico")
            .extract(master_key.expose())
            .expand(&[b"data keys"], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut kek))
            .expect("HKDF-SHA256 gives 32 bytes");
        KeyStore { pool, kek: Arc::new(Secret::new(kek)), cache: Arc::default() }
    }

    /// The key of a person, made when there is none yet. [`LogError::KeyErased`] when it was erased.
    pub async fn key_for(&self, person: Uuid) -> Result<DataKey, LogError> {
        if let Some(key) = self.cached(person) {
            return key.ok_or(LogError::KeyErased(person));
        }
        if let Some(key) = self.fetch(&[person]).await?.remove(&person) {
            return key.ok_or(LogError::KeyErased(person));
        }
        let mut fresh = [0; 32];
        SystemRandom::new().fill(&mut fresh).map_err(|_| LogError::Broken("no randomness".into()))?;
        sqlx::query("insert into data_key (key_id, wrapped) values ($1, $2) on conflict (key_id) do nothing")
            .bind(person)
            .bind(self.wrap(person, &fresh)?)
            .execute(&self.pool)
            .await?;
        // Another process may have been first; what the table says holds.
        match self.fetch(&[person]).await?.remove(&person) {
            Some(Some(key)) => Ok(key),
            _ => Err(LogError::KeyErased(person)),
        }
    }

    /// The keys of many persons, made where there is none yet; erased ones are left out. Three statements at most.
    pub async fn keys_for(&self, persons: &[Uuid]) -> Result<HashMap<Uuid, DataKey>, LogError> {
        let mut found = self.keys(persons).await?;
        let mut missing: Vec<Uuid> = persons.iter().copied().filter(|p| !found.contains_key(p)).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(found);
        }
        let mut wrapped = Vec::with_capacity(missing.len());
        for person in &missing {
            let mut fresh = [0; 32];
            SystemRandom::new().fill(&mut fresh).map_err(|_| LogError::Broken("no randomness".into()))?;
            wrapped.push(self.wrap(*person, &fresh)?);
        }
        sqlx::query(
            "insert into data_key (key_id, wrapped) select * from unnest($1::uuid[], $2::bytea[])
             on conflict (key_id) do nothing",
        )
        .bind(&missing)
        .bind(&wrapped)
        .execute(&self.pool)
        .await?;
        // Another process may have been first, or the key was erased; what the table says holds.
        found.extend(self.fetch(&missing).await?.into_iter().filter_map(|(id, key)| Some((id, key?))));
        Ok(found)
    }

    /// The keys of some persons; erased and unknown ones are left out.
    pub async fn keys(&self, persons: &[Uuid]) -> Result<HashMap<Uuid, DataKey>, LogError> {
        let mut found = HashMap::new();
        let mut missing = Vec::new();
        for &person in persons {
            match self.cached(person) {
                Some(Some(key)) => drop(found.insert(person, key)),
                Some(None) => {}
                None if !missing.contains(&person) => missing.push(person),
                None => {}
            }
        }
        if !missing.is_empty() {
            found.extend(self.fetch(&missing).await?.into_iter().filter_map(|(id, key)| Some((id, key?))));
        }
        Ok(found)
    }

    /// Erases a person's key. What was sealed with it is gone everywhere; the key is never made again.
    pub async fn erase(&self, person: Uuid) -> Result<(), LogError> {
        sqlx::query(
            "insert into data_key (key_id, wrapped, erased_at) values ($1, null, now())
             on conflict (key_id) do update set wrapped = null, erased_at = coalesce(data_key.erased_at, now())",
        )
        .bind(person)
        .execute(&self.pool)
        .await?;
        self.lock().insert(person, (Instant::now(), None));
        Ok(())
    }

    fn cached(&self, person: Uuid) -> Option<Option<DataKey>> {
        let cache = self.lock();
        let (at, key) = cache.get(&person)?;
        (at.elapsed() < CACHE_FOR).then(|| key.clone())
    }

    async fn fetch(&self, persons: &[Uuid]) -> Result<HashMap<Uuid, Option<DataKey>>, LogError> {
        let rows: Vec<(Uuid, Option<Vec<u8>>)> =
            sqlx::query_as("select key_id, wrapped from data_key where key_id = any ($1)")
                .bind(persons)
                .fetch_all(&self.pool)
                .await?;
        let mut found = HashMap::new();
        for (id, wrapped) in rows {
            let key = match wrapped {
                None => None,
                Some(w) => Some(DataKey { id, bytes: Arc::new(Secret::new(self.unwrap(id, &w)?)) }),
            };
            found.insert(id, key);
        }
        let mut cache = self.lock();
        if cache.len() + found.len() > CACHE_SIZE {
            cache.clear();
        }
        for (id, key) in &found {
            cache.insert(*id, (Instant::now(), key.clone()));
        }
        Ok(found)
    }

    fn wrap(&self, person: Uuid, key: &[u8; 32]) -> Result<Vec<u8>, LogError> {
        let mut nonce = [0_u8; 24];
        SystemRandom::new().fill(&mut nonce).map_err(|_| LogError::Broken("no randomness".into()))?;
        let sealed = XChaCha20Poly1305::new(self.kek.expose().into())
            .encrypt(&XNonce::from(nonce), Payload { msg: key, aad: person.as_bytes() })
            .map_err(|_| LogError::Broken("a key could not be wrapped".into()))?;
        Ok([&nonce[..], &sealed].concat())
    }

    fn unwrap(&self, person: Uuid, wrapped: &[u8]) -> Result<[u8; 32], LogError> {
        let broken = || LogError::Broken("a data key does not open: was the master key changed?".into());
        let (nonce, sealed) = wrapped.split_at_checked(24).ok_or_else(broken)?;
        let nonce: [u8; 24] = nonce.try_into().map_err(|_| broken())?;
        XChaCha20Poly1305::new(self.kek.expose().into())
            .decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: person.as_bytes() })
            .ok()
            .and_then(|k| k.try_into().ok())
            .ok_or_else(broken)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
