//! Login: limits of the source, slot, guard, verification, session. Whatever fails before the password is proved right
//! gives the same answer in about the same time.

use crate::{
    domain::{
        activity::Activity,
        attempt::{Budget, Guess, LockRules},
        login::{MAX_LOGIN, login_key},
        password::{DEMO_PASSWORD, MAX_BYTES, normalise},
        settings::LockMode,
    },
    draft::unrepeated,
    error::{database, invalid_credentials},
    facts::{self, Credential, LoginFacts},
    guard::{
        attempts::{self, Reservation},
        recorder::LoginFailure,
        sources::Asking,
        trust,
    },
    identity::Identity,
    kind::person_kind,
    login::entry::Entry,
    proof::{Assured, Proved},
    rights,
    sessions::still_open::Closed,
    source::Origin,
};
use kernel::{Actor, ActorKind, Error, FieldError, Secret};
use proto::identity::v1 as wire;
use std::time::Instant;
use tracing::{info, warn};
use uuid::Uuid;

/// A password that somebody says is an account's.
pub(crate) struct Given<'a> {
    /// The account, if the login is anybody's.
    pub(crate) facts: Option<&'a LoginFacts>,
    pub(crate) kind: ActorKind,
    /// Under what guesses at the login's password are counted.
    pub(crate) subject_key: &'a [u8],
    pub(crate) password: Secret<String>,
    pub(crate) origin: &'a Origin,
    /// What the browser kept of an earlier login.
    pub(crate) device: &'a str,
    /// Under what the guesses of the session that asks were counted; none before there is one.
    pub(crate) budget: Option<&'a Budget>,
}

/// What came of looking at a password.
pub(crate) enum Verdict {
    /// It is right. The reservation is to be cleared with what follows.
    Right(Proved, Reservation),
    /// Wrong, locked, unknown, for one use and over: all the same from outside.
    Wrong,
}

impl Identity {
    /// Checks a password and makes a session, complete or waiting for the next step.
    pub(crate) async fn login(&self, actor: &Actor, request: wire::LoginRequest) -> Result<wire::LoginResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let kind = person_kind(request.surface())?;
        let source = request.source.unwrap_or_default();
        let origin = Origin::of(Some(&source));
        let given = Secret::new(request.password);
        check_present(&request.login, given.expose())?;
        self.sources.ask(&source.address, Asking::Login)?;
        // Nobody can have these; saying so depends on nothing that is stored.
        let impossible = request.login.len() > MAX_LOGIN || request.login.chars().any(char::is_control);
        if impossible || given.expose().len() > MAX_BYTES {
            return Err(invalid_credentials());
        }
        let password = Secret::new(normalise(given.expose()));
        let login_key = login_key(&request.login);
        let subject_key = self.keys.subject_key(kind, &login_key);
        let facts = facts::account_of_login(&self.pool, &login_key, kind).await.map_err(database)?;
        let given = Given {
            facts: facts.as_ref(),
            kind,
            subject_key: &subject_key,
            password: password.clone(),
            origin: &origin,
            device: &request.device,
            budget: None,
        };
        let verdict = self.check_password(actor, given).await?;
        match (verdict, facts) {
            (Verdict::Right(proved, Reservation { guess, subject_key, .. }), Some(facts)) => {
                let entry = Entry {
                    origin,
                    assured: Assured::begun(&proved),
                    by_password: true,
                    cleared: vec![(guess, subject_key.clone())],
                    budget: Some((guess, subject_key)),
                    former: None,
                    device: true,
                };
                // A second factor that is locked makes the password useless, and nothing may tell that it was right.
                match self.enter(facts, entry).await {
                    Err(Closed::Quietly) => {}
                    answer => return Ok(answer?),
                }
            }
            (Verdict::Right(..) | Verdict::Wrong, _) => {}
        }
        self.sources.failed(&source.address, &login_key, password.expose());
        Err(invalid_credentials())
    }

    /// Looks at a password behind queue and guard, and records a failure of a known account.
    ///
    /// # Errors
    /// `too_many_logins` when the queue of hashes is full; then no attempt was counted.
    pub(crate) async fn check_password(&self, actor: &Actor, given: Given<'_>) -> Result<Verdict, Error> {
        let Given { facts, kind, subject_key, password, origin, device, budget } = given;
        let slot = self.hashing.slot(&origin.address)?;
        let started = Instant::now();
        let user = facts.map(|f| f.user);
        let rules = self.lock_rules().await?;
        let trusted = trust::is_trusted(&self.pool, subject_key, &origin.network).await.map_err(database)?;
        let known_browser = match budget {
            Some((Guess::Device, key)) => Some(key.clone()),
            _ => self.keys.device_key(device, subject_key, self.log.now()),
        };
        let trusted = (trusted && user.is_some()).then(|| self.keys.trusted_key(subject_key, &origin.network));
        let budgets = budgets(trusted, known_browser, subject_key);
        let mut reservation = None;
        for (guess, key) in &budgets {
            let rules = if *guess == Guess::Trusted { rules.trusted() } else { rules };
            let reserved = attempts::reserve_attempt(&self.pool, *guess, key, user, &origin.network, &rules).await;
            reservation = reserved.map_err(database)?;
            if reservation.is_some() {
                break;
            }
        }
        let Some(reservation) = reservation else {
            drop(slot);
            if let Some(user) = user {
                attempts::note_blocked(&self.pool, user).await.map_err(database)?;
            }
            self.refuse_in_time(started).await;
            return Ok(Verdict::Wrong);
        };

        let phc = self.phc_of(facts)?;
        let demo_is_off = !self.settings.demo && password.expose() == DEMO_PASSWORD;
        let unhashed = self.unhashed(&reservation);
        let checked = self.hashing.verify(slot, password.clone(), phc, unhashed).await?;
        self.hashing.took(started.elapsed());
        match (facts, Proved::by_password(checked, self.log.now())) {
            (Some(facts), Some(proved)) if facts.is_open() && !demo_is_off && usable(facts) => {
                if checked.outdated() {
                    self.hash_again(facts, password);
                }
                Ok(Verdict::Right(proved, reservation))
            }
            (facts, _) => {
                if let Some(facts) = facts {
                    self.record_failure(actor, facts.user, kind, origin, &reservation);
                }
                self.refuse_in_time(started).await;
                Ok(Verdict::Wrong)
            }
        }
    }

    /// Waits until a wrong password may be answered: a quarter longer than looking at one takes at the moment. So an unknown
    /// login, a known one, which costs some statements more, and a locked one, which costs no hash, take the same time.
    async fn refuse_in_time(&self, started: Instant) {
        let usual = self.hashing.mean();
        tokio::time::sleep((usual + usual / 4).saturating_sub(started.elapsed())).await;
    }

    /// What locks at the moment.
    pub(crate) async fn lock_rules(&self) -> Result<LockRules, Error> {
        let current = self.current.get().await?;
        Ok(LockRules {
            failures: current.lock_failures,
            hold_failures: self.settings.lock_hold_failures,
            first_seconds: self.settings.lock_seconds,
            manual: current.lock_mode == LockMode::Manual,
        })
    }

    /// The account's hash, or one that fits no password.
    fn phc_of(&self, facts: Option<&LoginFacts>) -> Result<Secret<String>, Error> {
        match facts.and_then(|f| f.credential.as_ref().map(|c| (f.user, c))) {
            Some((user, credential)) => Ok(self.keys.open_credential(user, credential.id, &credential.sealed)?),
            None => Ok(self.hashing.dummy()),
        }
    }

    /// Gives an attempt back whose password was never looked at.
    fn unhashed(&self, reservation: &Reservation) -> crate::guard::hashing::Unhashed {
        let reservation = reservation.clone();
        let pool = self.pool.clone();
        let runtime = tokio::runtime::Handle::current();
        Box::new(move || {
            runtime.spawn(async move {
                if let Err(e) = attempts::give_back(&pool, &reservation).await {
                    warn!(event = "login.give_back_failed", error = %e, "an unused attempt stays counted");
                }
            });
        })
    }

    /// Hashes a right password at today's cost, after the answer: the account was hashed when that was lower.
    fn hash_again(&self, facts: &LoginFacts, password: Secret<String>) {
        let (user, Some(Credential { id, .. })) = (facts.user, &facts.credential) else { return };
        let (hashing, keys, pool, id) = (self.hashing.clone(), self.keys.clone(), self.pool.clone(), *id);
        tokio::spawn(async move {
            let slot = hashing.slot("")?;
            let phc = hashing.hash(slot, password).await?;
            let sealed = keys.seal_credential(user, id, phc.expose())?;
            let done = crate::login::credential::replace_hash(&pool, user, id, &sealed).await.map_err(database);
            info!(event = "login.hashed_again", user.id = %user, "a password is kept at today's cost");
            done
        });
    }

    /// Hands a failure in, to be written after the answer.
    pub(crate) fn record_failure(
        &self,
        actor: &Actor,
        user: Uuid,
        kind: ActorKind,
        origin: &Origin,
        reservation: &Reservation,
    ) {
        let (network, failures) = (origin.network.clone(), reservation.failures);
        let mut activities = vec![Activity::LoginFailed { user, network, failures }];
        if let Some(lock) = reservation.account_lock() {
            activities.push(Activity::Locked { user, until: lock.until, ladder_step: lock.ladder_step, kind });
            info!(event = "login.locked", user.id = %user, ladder_step = lock.ladder_step, "an account was locked");
        }
        let meta = unrepeated(actor);
        self.recorder.record(LoginFailure { user, meta, activities });
    }
}

/// Under what a guess is counted: the first budget that is not spent. Strangers who lock the login itself lock neither a
/// browser that signed in before nor a network that an agent trusts.
fn budgets(trusted: Option<Vec<u8>>, known_browser: Option<Vec<u8>>, subject_key: &[u8]) -> Vec<Budget> {
    let mut budgets: Vec<Budget> = Vec::new();
    budgets.extend(trusted.map(|key| (Guess::Trusted, key)));
    budgets.extend(known_browser.map(|key| (Guess::Device, key)));
    if budgets.is_empty() {
        budgets.push((Guess::Password, subject_key.to_vec()));
    }
    budgets
}

/// There is a password, and it is not one for one use whose time is over.
fn usable(facts: &LoginFacts) -> bool {
    facts.credential.as_ref().is_some_and(|c| c.one_time_until.is_none_or(|until| until > facts.now))
}

fn check_present(login: &str, password: &str) -> Result<(), Error> {
    let empty = [("login", login.trim().is_empty()), ("password", password.is_empty())];
    let missing: Vec<FieldError> = empty
        .into_iter()
        .filter(|(_, is_empty)| *is_empty)
        .map(|(field, _)| FieldError {
            field: field.to_owned(),
            code: "required".into(),
            message: "Please fill this in.".to_owned(),
        })
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(Error::invalid(missing)) }
}
