//! Whether somebody who began to sign in may go on: everything that may have happened since is asked again, at every
//! later step, where the session is made, and where somebody who is signed in proves again who they are.
//!
//! Locks, a suspension, access that was switched off, a deleted contact, a disabled agent and a one-time password whose
//! time is over look like a wrong secret. Support dates are told, but only to who has proved both factors.

use crate::{
    domain::{
        attempt::{Budget, Guess},
        login::login_key,
    },
    error::{database, invalid_credentials},
    facts::LoginFacts,
    guard::{attempts, trust},
    identity::Identity,
};
use kernel::{ActorKind, Code, Error, Timestamp, support_day_bounds};

/// Why somebody may not go on.
pub(crate) enum Closed {
    /// Nothing is said: it looks like a wrong secret.
    Quietly,
    /// Who proved who they are is told.
    Told(Error),
    /// It could not be asked.
    Failed(Error),
}

impl From<Error> for Closed {
    fn from(e: Error) -> Closed {
        Closed::Failed(e)
    }
}

impl From<Closed> for Error {
    fn from(closed: Closed) -> Error {
        match closed {
            Closed::Quietly => invalid_credentials(),
            Closed::Told(e) | Closed::Failed(e) => e,
        }
    }
}

/// What a login came by.
pub(crate) struct CameBy<'a> {
    /// It began with a password, so the end of a one-time password is its end.
    pub(crate) by_password: bool,
    /// Under what its guesses were counted; none when it began without a password.
    pub(crate) budget: Option<&'a Budget>,
    /// Guesses that were right and are about to be forgotten: a lock that they set themselves is none.
    pub(crate) cleared: &'a [Budget],
    /// Where it comes from.
    pub(crate) network: &'a str,
}

impl Identity {
    /// Asks everything again. The end of support of a contact; None for agents.
    pub(crate) async fn still_open(
        &self,
        facts: &LoginFacts,
        came_by: &CameBy<'_>,
    ) -> Result<Option<Timestamp>, Closed> {
        let over = facts.credential.as_ref().and_then(|c| c.one_time_until).is_some_and(|until| until <= facts.now);
        if !facts.is_open() || (came_by.by_password && over) {
            return Err(Closed::Quietly);
        }
        if self.is_locked(facts, came_by).await? {
            return Err(Closed::Quietly);
        }
        self.support_of(facts)
    }

    /// True while a lock of any kind stands between this login and the account. A known browser and a trusted network
    /// have budgets of their own, so that strangers who lock the login don't lock its owner out.
    async fn is_locked(&self, facts: &LoginFacts, came_by: &CameBy<'_>) -> Result<bool, Error> {
        let subject_key = self.password_key(facts);
        let own = match came_by.budget {
            Some(budget @ (Guess::Device, _)) => Some(budget),
            Some(budget @ (Guess::Trusted, _)) => {
                // A trust that was taken back counts no more.
                let trusted = trust::is_trusted(&self.pool, &subject_key, came_by.network).await.map_err(database)?;
                trusted.then_some(budget)
            }
            Some((Guess::Password | Guess::Factor, _)) | None => None,
        };
        let general = (Guess::Password, subject_key);
        let factor = (Guess::Factor, self.keys.factor_key(facts.user));
        let asked = [own.unwrap_or(&general), &factor];
        let asked: Vec<&Budget> = asked.into_iter().filter(|b| !came_by.cleared.contains(b)).collect();
        attempts::any_locked(&self.pool, &asked).await.map_err(database)
    }

    /// The end of support of a contact; None for agents.
    pub(crate) fn support_of(&self, facts: &LoginFacts) -> Result<Option<Timestamp>, Closed> {
        if facts.kind != ActorKind::Contact {
            return Ok(None);
        }
        let (start, end) = (&facts.support_start, &facts.support_end);
        let (begin, last) = support_day_bounds(start, end, &self.settings.time_zone)?;
        let now = self.log.now();
        let told = |reason, public: String, date: &String| {
            Err(Closed::Told(Error::new(Code::Precondition, reason, public).with("date", date)))
        };
        if now < begin {
            return told("support_not_started", format!("Your support begins on {start}."), start);
        }
        if last < now {
            return told("support_ended", format!("Your support ended on {end}."), end);
        }
        Ok(Some(last))
    }

    /// Under what guesses at the password of an account are counted, on every way.
    pub(crate) fn password_key(&self, facts: &LoginFacts) -> Vec<u8> {
        self.keys.subject_key(facts.kind, &login_key(&facts.login))
    }
}
