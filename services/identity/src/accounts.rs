//! An account changes: its stream is read, a command decided, and what comes of it appended with all that goes along.

mod ending;

use crate::codec::{self};
use crate::error::refusal;
use crate::{
    codec::Stored,
    domain::{
        account::{Account, Command, Event},
        activity::{Activity, EndReason},
    },
    draft::{Draft, account_stream, activity_stream},
    identity::Identity,
    sessions,
};
use eventlog::{Append, ClaimChange, Expected, LogError, Meta, SideWrite};
use kernel::{Aggregate, Error, fold};
use uuid::Uuid;

/// How often a command is decided again after somebody else was faster.
pub(crate) const ATTEMPTS: usize = 3;

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

impl Identity {
    /// An account and the version of its stream.
    pub(crate) async fn load_account(&self, user: Uuid) -> Result<(Account, i64), Error> {
        let recorded = self.log.load(account_stream(user)).await?;
        let version = recorded.last().map_or(0, |r| r.version);
        let mut events = Vec::with_capacity(recorded.len());
        for r in &recorded {
            match codec::decode(r)? {
                Stored::Account(event) => events.push(event),
                Stored::Activity(_) | Stored::Administration(_) => {
                    return Err(Error::internal("another event in an account's stream"));
                }
            }
        }
        Ok((fold(Account::default(), &events), version))
    }

    /// Decides a command on an account and appends what comes of it, again when somebody else was faster.
    ///
    /// `repeatable` says that the caller gave an idempotency key: then the first answer goes before any refusal.
    pub(crate) async fn change(
        &self,
        user: Uuid,
        meta: &Meta,
        repeatable: bool,
        command: &Command,
        along: impl Fn(&Account, &[Event]) -> Result<Along, Error>,
    ) -> Result<Done, Error> {
        for _ in 0..ATTEMPTS {
            let (account, version) = self.load_account(user).await?;
            let events = match account.decide(command.clone()) {
                Ok(events) => events,
                Err(rejection) if repeatable => return self.first_answer(meta, rejection.into()).await,
                Err(rejection) => return Err(rejection.into()),
            };
            if events.is_empty() && !repeatable {
                return Ok(Done { position: 0, result: Vec::new() });
            }
            let draft = self.draft(user, version, &events, along(&account, &events)?).await?;
            match self.log.append(draft.append(meta.clone())).await {
                Ok(appended) => return Ok(Done { position: appended.last, result: appended.result }),
                Err(LogError::WrongExpectedVersion { .. }) => {}
                Err(e) => return Err(refusal(e)),
            }
        }
        Err(Error::new(kernel::Code::Conflict, "concurrent_change", "Somebody changed this at the same moment."))
    }

    /// The draft of an account's events.
    pub(crate) async fn draft(
        &self,
        user: Uuid,
        version: i64,
        events: &[Event],
        along: Along,
    ) -> Result<Draft, LogError> {
        let mut draft = Draft::default();
        let account = draft.stream(account_stream(user), Expected::Version(version));
        for event in events {
            let (stored_type, payload) = codec::encode_event(event);
            let personal = proto::event::event_type(stored_type).is_some_and(|t| !t.personal.is_empty());
            let key = if personal { Some(self.log.keys().key_for(user).await?) } else { None };
            draft.events.push((account, stored_type, payload, key));
        }
        let mut activities = along.activities;
        activities.extend(self.ended(user, &along.end, &mut draft).await?);
        if !activities.is_empty() {
            let stream = draft.stream(activity_stream(user), Expected::Any);
            for activity in &activities {
                draft.activity(stream, activity);
            }
        }
        self.close_link_of(events, &mut draft).await?;
        if along.end_tokens {
            self.end_tokens(user, &mut draft).await?;
        }
        if let Some(reason) = along.end.reason() {
            self.end_support(user, reason, &mut draft).await?;
        }
        draft.claims = along.claims;
        draft.side_writes.extend(along.side_writes);
        draft.result = along.result;
        Ok(draft)
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

    /// The answer that a repeated command got the first time; the refusal when this is the first.
    async fn first_answer(&self, meta: &Meta, refused: Error) -> Result<Done, Error> {
        let (code, reason, public) = (refused.code, refused.reason.clone(), refused.public.clone());
        let mut append = Append::side(meta.clone(), Vec::new());
        append.build = Box::new(move |_| Err(Error::new(code, reason.clone(), public.clone())));
        let appended = self.log.append(append).await?;
        Ok(Done { position: appended.last, result: appended.result })
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
