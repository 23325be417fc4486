//! The security settings in force, for code that asks often: kept in memory and asked for again after a second.

use crate::domain::{
    session::Limits,
    settings::{Document, SecuritySettings},
};
use kernel::{ActorKind, Error};
use sqlx::PgPool;
use std::{
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How old an answer may be.
const KEPT_FOR: Duration = Duration::from_secs(1);

/// The settings in force at some moment of the last second.
#[derive(Debug, Clone, Default)]
pub(crate) struct Current(SecuritySettings);

impl Current {
    /// Counts the versions of the terms of use; 0 while there never were any.
    pub(crate) fn terms_version(&self) -> i32 {
        self.0.terms_version
    }

    /// The terms' version that has to be accepted; None when none has.
    pub(crate) fn required_terms(&self) -> Option<i32> {
        self.0.document.terms_required.then_some(self.0.terms_version)
    }

    /// How long a session of somebody may be idle and live in this installation.
    pub(crate) fn limits(&self, kind: ActorKind) -> Limits {
        let limits = Limits::of(kind);
        match kind {
            ActorKind::Contact => limits.with_idle(self.portal_idle_minutes),
            ActorKind::Agent => limits.with_idle(self.console_idle_minutes),
            ActorKind::Service | ActorKind::Company => limits,
        }
    }

    /// True when the installation asks everybody of a kind for a second factor.
    pub(crate) fn requires_mfa_of(&self, kind: ActorKind) -> bool {
        match kind {
            ActorKind::Contact => self.require_mfa.includes_contacts(),
            ActorKind::Agent => self.require_mfa.includes_agents(),
            ActorKind::Service | ActorKind::Company => false,
        }
    }
}

/// The fields are those of the document.
impl Deref for Current {
    type Target = Document;

    fn deref(&self) -> &Document {
        &self.0.document
    }
}

/// Reads the settings, at most once a second.
pub(crate) struct CurrentSettings {
    pool: PgPool,
    kept: Mutex<Option<(Instant, Arc<Current>)>>,
}

impl CurrentSettings {
    pub(crate) fn new(pool: PgPool) -> CurrentSettings {
        CurrentSettings { pool, kept: Mutex::new(None) }
    }

    /// The settings, at most a second old.
    pub(crate) async fn get(&self) -> Result<Arc<Current>, Error> {
        if let Some((at, current)) = &*self.kept.lock().unwrap_or_else(PoisonError::into_inner)
            && at.elapsed() < KEPT_FOR
        {
            return Ok(Arc::clone(current));
        }
        let asked = Instant::now();
        let row: Option<(String, i32)> = sqlx::query_as("select document, terms_version from settings_v1")
            .fetch_optional(&self.pool)
            .await
            .map_err(eventlog::LogError::from)?;
        let current = match row {
            None => Current::default(),
            Some((document, terms_version)) => {
                let document = serde_json::from_str(&document).map_err(Error::internal)?;
                Current(SecuritySettings { document, terms_version })
            }
        };
        let current = Arc::new(current);
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((asked, Arc::clone(&current)));
        Ok(current)
    }

    /// Forgets what it knows, after a change by this process.
    pub(crate) fn forget(&self) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
