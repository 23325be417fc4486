//! A command on an account: decided, and appended with all that goes along.

mod ending;

use crate::{
    domain::{
        account::{Account, Command, Event, Rejection},
        activity::{Activity, EndReason},
    },
    draft::DraftEvents,
    error::login_taken,
    identity::Identity,
    refusal::Refusal,
    sessions,
};
use eventlog::{Accompany, ClaimChange, DecideError, Decided, Decision, Draft, Loaded, LogError, Meta, SideWrite};
use futures::future::BoxFuture;
use kernel::Error;
use uuid::Uuid;

/// What is written together with an account's events.
#[derive(Default)]
pub(crate) struct Along {
    pub(crate) claims: Vec<ClaimChange>,
    pub(crate) side_writes: Vec<Box<dyn SideWrite>>,
    /// Which sessions of the account end, with an event for each.
    pub(crate) end: End,
    /// What else happens around the account's logins.
    pub(crate) activities: Vec<Activity>,
    /// Ends all tokens of the account, with an event for each.
    pub(crate) end_tokens: bool,
    /// What a repeated command is answered.
    pub(crate) result: Vec<u8>,
}

/// Which sessions of an account end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum End {
    /// None.
    #[default]
    Nobody,
    /// All, also those made since the events were decided.
    All(EndReason),
    /// All but the one that asks.
    Others(EndReason, Uuid),
    /// Those that were begun without a second factor.
    WithoutFactor(EndReason),
}

impl End {
    /// Why sessions end; None when none does. An agent's support access ends with them, whatever way they end.
    fn reason(&self) -> Option<EndReason> {
        match self {
            End::Nobody => None,
            End::All(reason) | End::Others(reason, _) | End::WithoutFactor(reason) => Some(*reason),
        }
    }
}

/// What came of a command.
#[derive(Debug)]
pub(crate) struct Done {
    /// Log position of its last event; 0 when there was nothing to do.
    pub(crate) position: i64,
    /// What `Along::result` said, the first time.
    pub(crate) result: Vec<u8>,
}

/// Why an account was not changed.
#[derive(Debug)]
pub(crate) enum Unchanged {
    /// Somebody else has the login.
    LoginTaken,
    /// A row that goes along refused.
    Refused(Refusal),
    /// Anything else.
    Failed(Error),
}

impl From<DecideError<Rejection>> for Unchanged {
    fn from(e: DecideError<Rejection>) -> Unchanged {
        match e {
            DecideError::Log(LogError::ClaimTaken { .. }) => Unchanged::LoginTaken,
            DecideError::Log(e) => Refusal::of(&e).map_or_else(|| Unchanged::Failed(e.into()), Unchanged::Refused),
            e => Unchanged::Failed(e.into()),
        }
    }
}

impl From<Unchanged> for Error {
    fn from(unchanged: Unchanged) -> Error {
        match unchanged {
            Unchanged::LoginTaken => login_taken("email"),
            Unchanged::Refused(refusal) => refusal.into(),
            Unchanged::Failed(e) => e,
        }
    }
}

impl Unchanged {
    /// As an error that blames this field when the login is taken.
    pub(crate) fn at(self, field: &str) -> Error {
        match self {
            Unchanged::LoginTaken => login_taken(field),
            unchanged => unchanged.into(),
        }
    }
}

/// The consequences of an account's events, for the runner of commands.
struct Consequences<'i, F> {
    identity: &'i Identity,
    user: Uuid,
    along: F,
}

impl<F: Fn(&Account, &[Event]) -> Along> Accompany<Account> for Consequences<'_, F> {
    fn accompany<'a>(
        &'a self,
        before: &'a Account,
        events: &'a [Event],
        draft: &'a mut Draft,
    ) -> BoxFuture<'a, Result<(), LogError>> {
        let (identity, user, along) = (self.identity, self.user, (self.along)(before, events));
        Box::pin(async move { identity.follow(user, events, along, draft).await })
    }
}

impl Identity {
    /// Decides a command on an account and appends what comes of it, again when somebody else was faster.
    ///
    /// `repeatable` says that the caller gave an idempotency key: then the first answer goes before any refusal.
    pub(crate) async fn change(
        &self,
        user: Uuid,
        meta: &Meta,
        repeatable: bool,
        command: &Command,
        along: impl Fn(&Account, &[Event]) -> Along,
    ) -> Result<Done, Unchanged> {
        let decision = Decision { id: user, meta, command: command.clone(), expected: None, repeatable };
        let consequences = Consequences { identity: self, user, along };
        let Decided { position, result, .. } = self.log.decide_along::<Account>(decision, consequences).await?;
        Ok(Done { position, result })
    }

    /// The draft of an account's events and of all that follows from them.
    pub(crate) async fn draft(
        &self,
        account: &Loaded<Account>,
        events: &[Event],
        along: Along,
    ) -> Result<Draft, LogError> {
        let mut draft = self.log.draft(account, events).await?;
        self.follow(account.id, events, along, &mut draft).await?;
        Ok(draft)
    }

    /// Adds to the draft of an account's events what follows from them.
    async fn follow(&self, user: Uuid, events: &[Event], along: Along, draft: &mut Draft) -> Result<(), LogError> {
        let Along { claims, side_writes, end, mut activities, end_tokens, result } = along;
        activities.extend(self.ended(user, &end, draft).await?);
        draft.activities(&activities);
        self.close_link_of(events, draft).await?;
        if end_tokens {
            self.end_tokens(user, draft).await?;
        }
        if let Some(reason) = end.reason() {
            self.end_support(user, reason, draft).await?;
        }
        draft.claims.extend(claims);
        draft.side_writes.extend(side_writes);
        draft.result = result;
        Ok(())
    }

    /// The events of sessions that end; what ends them is added to the draft.
    async fn ended(&self, user: Uuid, end: &End, draft: &mut Draft) -> Result<Vec<Activity>, LogError> {
        let Some(reason) = end.reason() else { return Ok(Vec::new()) };
        let but = if let End::Others(_, but) = end { Some(*but) } else { None };
        let mut live = sessions::of_user(&self.pool, user).await?;
        live.retain(|s| Some(s.id) != but);
        if matches!(end, End::WithoutFactor(_)) {
            live.retain(|s| s.assurance < 2 && s.agent.is_none());
            let ids = live.iter().map(|s| s.id).collect();
            draft.side_writes.push(Box::new(sessions::EndSessions(ids)));
        } else {
            draft.side_writes.push(Box::new(sessions::EndAllSessions { user, but }));
        }
        let gone = |s: sessions::Listed| Activity::LoggedOut { user, session: s.id, reason, agent: s.agent };
        Ok(live.into_iter().map(gone).collect())
    }

    /// The claim of a login, to be taken or given back.
    fn login_claim(&self, login: &str) -> Vec<u8> {
        self.keys.login_claim(&crate::domain::login::login_key(login))
    }

    /// Takes a login for an account; gives back the one that it had, when that was another.
    pub(crate) fn take_login(&self, user: Uuid, login: &str, had: Option<&str>) -> Vec<ClaimChange> {
        let key = self.login_claim(login);
        let mut claims = Vec::new();
        if let Some(old) = had.filter(|h| !h.is_empty()).map(|h| self.login_claim(h))
            && old != key
        {
            claims.push(ClaimChange::Release { scope: "login", key: old, holder: user });
        }
        claims.push(ClaimChange::Take { scope: "login", key, holder: user });
        claims
    }

    /// Gives an account's login back.
    pub(crate) fn free_login(&self, user: Uuid, login: &str) -> Vec<ClaimChange> {
        if login.is_empty() {
            return Vec::new();
        }
        vec![ClaimChange::Release { scope: "login", key: self.login_claim(login), holder: user }]
    }
}
