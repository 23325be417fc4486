//! Running a command: its aggregate is loaded, the command decided, and what comes of it appended; again when somebody
//! else was faster.
//!
//! What a service adds is small: how an aggregate's events are stored ([`Stored`]), and what is written with them.

use crate::{Append, Appended, Draft, Expected, Log, LogError, Meta, Recorded, StreamId};
use futures::future::BoxFuture;
use kernel::{Aggregate, Code, Error, fold};
use std::collections::HashMap;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// How often a command is decided again after somebody else was faster.
const ATTEMPTS: usize = 3;

/// An aggregate with a stream of its own in a log.
pub trait Stored: Aggregate {
    /// Category of its streams.
    const CATEGORY: &'static str;

    /// The event that was recorded in a stream of it.
    ///
    /// # Errors
    /// [`LogError::Broken`] when it is none of this aggregate's.
    fn decode(recorded: &Recorded) -> Result<Self::Event, LogError>;

    /// The stored type of an event of the aggregate with this id, and its message.
    fn encode(id: Uuid, event: &Self::Event) -> (&'static str, Vec<u8>);

    /// Whom an event is about, given the state before it; what is personal in it is sealed with their key.
    fn person(&self, _id: Uuid, _event: &Self::Event) -> Option<Uuid> {
        None
    }

    /// The stream of one.
    fn stream(id: Uuid) -> StreamId {
        StreamId::new(Self::CATEGORY, id)
    }
}

/// An aggregate as its stream tells it.
#[derive(Debug, Clone)]
pub struct Loaded<A> {
    /// Its id.
    pub id: Uuid,
    /// Its state.
    pub state: A,
    /// Version of its stream; 0 while there is none.
    pub version: i64,
}

impl<A: Stored> Loaded<A> {
    /// From all events of its stream.
    ///
    /// # Errors
    /// Those of [`Stored::decode`].
    pub fn of(id: Uuid, recorded: &[Recorded]) -> Result<Loaded<A>, LogError> {
        let events = recorded.iter().map(A::decode).collect::<Result<Vec<_>, _>>()?;
        Ok(Loaded { id, state: fold(A::default(), &events), version: recorded.last().map_or(0, |r| r.version) })
    }
}

/// A command on one aggregate.
pub struct Decision<'a, A: Aggregate> {
    /// The aggregate's id.
    pub id: Uuid,
    /// Who wants it, and the command's id.
    pub meta: &'a Meta,
    /// What is wanted.
    pub command: A::Command,
    /// The version that the caller has seen; None when it does not matter.
    pub expected: Option<i64>,
    /// The caller gave an idempotency key: the log remembers the command also when there was nothing to do, and the first
    /// answer goes before any refusal.
    pub repeatable: bool,
}

/// What is written together with the events of a decision.
pub trait Accompany<A: Stored> {
    /// Adds it to the draft, which has the aggregate's own events already.
    fn accompany<'a>(
        &'a self,
        before: &'a A,
        events: &'a [A::Event],
        draft: &'a mut Draft,
    ) -> BoxFuture<'a, Result<(), LogError>>;
}

/// What needs nothing but the state and the events.
struct AtOnce<F>(F);

impl<A: Stored, F: Fn(&A, &[A::Event], &mut Draft)> Accompany<A> for AtOnce<F> {
    fn accompany<'a>(
        &'a self,
        before: &'a A,
        events: &'a [A::Event],
        draft: &'a mut Draft,
    ) -> BoxFuture<'a, Result<(), LogError>> {
        (self.0)(before, events, draft);
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Makes a command for each attempt, of what the aggregate is and of what must be looked up: a number that is free, for
/// example.
pub trait Prompt<A: Stored> {
    /// The command. A refusal is [`LogError::Refused`].
    fn command<'a>(&'a self, loaded: &'a Loaded<A>) -> BoxFuture<'a, Result<Prompted<A>, LogError>>;
}

/// A command for one attempt.
pub struct Prompted<A: Aggregate> {
    /// What is wanted.
    pub command: A::Command,
    /// What it claims was chosen here, not by the caller: when it is taken meanwhile, another attempt may choose better.
    pub chose: bool,
}

/// What came of a command.
#[derive(Debug)]
pub struct Decided<A> {
    /// The aggregate afterwards.
    pub state: A,
    /// Version of its stream afterwards.
    pub version: i64,
    /// Position of the last event; 0 when there was nothing to do.
    pub position: i64,
    /// What `Draft::result` said, the first time.
    pub result: Vec<u8>,
}

/// Why nothing came of a command.
#[derive(Debug, thiserror::Error)]
pub enum DecideError<R> {
    /// The aggregate says no.
    #[error("the command was rejected")]
    Rejected(R),
    /// The caller saw another version.
    #[error("the stream is at version {actual}, the caller saw {expected}")]
    Stale {
        /// What the caller saw.
        expected: i64,
        /// What is there.
        actual: i64,
    },
    /// Others were faster each time.
    #[error("others were faster each time")]
    Overtaken,
    /// The log refused or failed.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl<R> DecideError<R> {
    /// The error for callers, where the words for a rejection depend on what was asked.
    pub fn map_rejection(self, rejected: impl FnOnce(R) -> Error) -> Error {
        match self {
            DecideError::Rejected(rejection) => rejected(rejection),
            DecideError::Stale { actual, .. } => {
                let public = "Somebody else changed this. Please look at it again.";
                Error::new(Code::Precondition, "stale_version", public).with("actual", actual)
            }
            DecideError::Overtaken => {
                Error::new(Code::Conflict, "concurrent_change", "Somebody changed this at the same moment.")
            }
            DecideError::Log(e) => e.into(),
        }
    }
}

impl<R: Into<Error>> From<DecideError<R>> for Error {
    fn from(error: DecideError<R>) -> Error {
        error.map_rejection(R::into)
    }
}

impl Log {
    /// An aggregate as its stream tells it; one statement.
    pub async fn aggregate<A: Stored>(&self, id: Uuid) -> Result<Loaded<A>, LogError> {
        Loaded::of(id, &self.load(A::stream(id)).await?)
    }

    /// The draft of events that were decided on what was loaded, at its version and sealed.
    pub async fn draft<A: Stored>(&self, loaded: &Loaded<A>, events: &[A::Event]) -> Result<Draft, LogError> {
        let mut draft = Draft::default();
        let stream = draft.stream(A::stream(loaded.id), Expected::Version(loaded.version));
        let mut keys = HashMap::new();
        let mut state = loaded.state.clone();
        for event in events {
            let encoded = A::encode(loaded.id, event);
            let personal = proto::event::event_type(encoded.0).is_some_and(|t| !t.personal.is_empty());
            let key = match state.person(loaded.id, event).filter(|_| personal) {
                None => None,
                Some(person) => {
                    if let std::collections::hash_map::Entry::Vacant(place) = keys.entry(person) {
                        place.insert(self.keys().key_for(person).await?);
                    }
                    keys.get(&person).cloned()
                }
            };
            draft.event(stream, encoded, key);
            state = state.evolve(event);
        }
        Ok(draft)
    }

    /// Decides a command on what was loaded and appends what comes of it at that version, once.
    ///
    /// # Errors
    /// [`DecideError::Rejected`]; [`LogError::WrongExpectedVersion`] when somebody else was faster.
    pub async fn decide_on<A: Stored>(
        &self,
        loaded: &Loaded<A>,
        meta: Meta,
        command: A::Command,
    ) -> Result<Decided<A>, DecideError<A::Rejection>> {
        let events = decided(loaded, command, None)?;
        let state = fold(loaded.state.clone(), &events);
        if events.is_empty() {
            return Ok(Decided { state, version: loaded.version, position: 0, result: Vec::new() });
        }
        let appended = self.append(self.draft(loaded, &events).await?.append(meta)).await?;
        let version = appended.versions.first().copied().unwrap_or(loaded.version);
        Ok(Decided { state, version, position: position(&appended), result: appended.result })
    }

    /// Decides a command and appends what comes of it, again when somebody else was faster. `along` adds what needs
    /// nothing but the state before and the events; it is called anew for each attempt.
    ///
    /// # Errors
    /// Each variant of [`DecideError`]; refusals of claims and side writes are in [`DecideError::Log`].
    pub async fn decide<A>(
        &self,
        decision: Decision<'_, A>,
        along: impl Fn(&A, &[A::Event], &mut Draft),
    ) -> Result<Decided<A>, DecideError<A::Rejection>>
    where
        A: Stored,
        A::Command: Clone,
    {
        self.decide_along(decision, AtOnce(along)).await
    }

    /// The same with what must be looked up first.
    ///
    /// # Errors
    /// Those of [`Log::decide`], and what `along` fails with.
    pub async fn decide_along<A>(
        &self,
        decision: Decision<'_, A>,
        along: impl Accompany<A>,
    ) -> Result<Decided<A>, DecideError<A::Rejection>>
    where
        A: Stored,
        A::Command: Clone,
    {
        let Decision { id, meta, command, expected, repeatable } = decision;
        for _ in 0..ATTEMPTS {
            let loaded = self.aggregate::<A>(id).await?;
            let decision = Decision { id, meta, command: command.clone(), expected, repeatable };
            if let Some(done) = self.attempt(loaded, decision, &along).await? {
                return Ok(done);
            }
        }
        Err(DecideError::Overtaken)
    }

    /// The same for a command that is made anew for each attempt from what the aggregate is then, and looked up.
    ///
    /// # Errors
    /// Those of [`Log::decide`], and what `prompt` and `along` fail with.
    pub async fn decide_anew<A: Stored>(
        &self,
        id: Uuid,
        meta: &Meta,
        prompt: impl Prompt<A>,
        along: impl Accompany<A>,
    ) -> Result<Decided<A>, DecideError<A::Rejection>> {
        let mut attempt = 1;
        loop {
            let loaded = self.aggregate::<A>(id).await?;
            let Prompted { command, chose } = prompt.command(&loaded).await?;
            let decision = Decision { id, meta, command, expected: None, repeatable: false };
            match self.attempt(loaded, decision, &along).await {
                Ok(Some(done)) => return Ok(done),
                Ok(None) if attempt < ATTEMPTS => {}
                Ok(None) => return Err(DecideError::Overtaken),
                // What was free when it was chosen is not any more.
                Err(DecideError::Log(LogError::ClaimTaken { .. })) if chose && attempt < ATTEMPTS => {}
                Err(e) => return Err(e),
            }
            attempt += 1;
        }
    }

    /// Decides a command on what was loaded and appends what comes of it; None when somebody else was faster.
    async fn attempt<A: Stored>(
        &self,
        loaded: Loaded<A>,
        decision: Decision<'_, A>,
        along: &impl Accompany<A>,
    ) -> Result<Option<Decided<A>>, DecideError<A::Rejection>> {
        let Decision { id, meta, command, expected, repeatable } = decision;
        let events = match decided(&loaded, command, expected) {
            Ok(events) => events,
            Err(refused) if repeatable => return self.first_answer(id, meta, refused).await.map(Some),
            Err(refused) => return Err(refused),
        };
        if events.is_empty() && !repeatable {
            let Loaded { state, version, .. } = loaded;
            return Ok(Some(Decided { state, version, position: 0, result: Vec::new() }));
        }
        let drafted = async {
            let mut draft = self.draft(&loaded, &events).await?;
            along.accompany(&loaded.state, &events, &mut draft).await?;
            Ok::<_, LogError>(draft)
        };
        let draft = match drafted.await {
            Ok(draft) => draft,
            // A person may have been erased since the first answer.
            Err(e) if repeatable => return self.first_answer(id, meta, e.into()).await.map(Some),
            Err(e) => return Err(e.into()),
        };
        match self.append(draft.append(meta.clone())).await {
            Ok(appended) if appended.replayed => self.replayed(id, appended).await.map(Some),
            Ok(appended) => {
                let version = appended.versions.first().copied().unwrap_or(loaded.version);
                let state = fold(loaded.state, &events);
                Ok(Some(Decided { state, version, position: position(&appended), result: appended.result }))
            }
            Err(LogError::WrongExpectedVersion { .. }) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// What a repeated command was answered the first time; the refusal when this is the first.
    async fn first_answer<A: Stored>(
        &self,
        id: Uuid,
        meta: &Meta,
        refused: DecideError<A::Rejection>,
    ) -> Result<Decided<A>, DecideError<A::Rejection>> {
        match self.answered(meta.clone()).await? {
            Some(appended) => self.replayed(id, appended).await,
            None => Err(refused),
        }
    }

    /// The first answer to a command that came again, with the aggregate as it is now.
    async fn replayed<A: Stored>(&self, id: Uuid, first: Appended) -> Result<Decided<A>, DecideError<A::Rejection>> {
        let Loaded { state, version, .. } = self.aggregate::<A>(id).await?;
        Ok(Decided { state, version, position: position(&first), result: first.result })
    }

    /// What a command was answered when it was carried out before; None when it was not. Asked before a refusal is
    /// answered, for a repeated command gets its first answer, whatever things look like now. Nothing is written.
    ///
    /// # Errors
    /// [`LogError::CommandReused`] when another request had this command's id; what the log fails with.
    pub async fn answered(&self, meta: Meta) -> Result<Option<Appended>, LogError> {
        let mut append = Append::side(meta, Vec::new());
        append.build = Box::new(|_| Err(Error::internal("refused before it was appended")));
        match self.append(append).await {
            Ok(appended) => Ok(Some(appended)),
            Err(LogError::Refused(_)) => Ok(None),
            Err(e) => Err(e),
        }
    }
}

/// Position of the last event of an append; 0 when it had none.
fn position(appended: &Appended) -> i64 {
    if appended.last >= appended.first { appended.last } else { 0 }
}

/// The events, unless the caller saw another version or the aggregate says no.
fn decided<A: Stored>(
    loaded: &Loaded<A>,
    command: A::Command,
    expected: Option<i64>,
) -> Result<Vec<A::Event>, DecideError<A::Rejection>> {
    match expected {
        Some(expected) if expected != loaded.version => Err(DecideError::Stale { expected, actual: loaded.version }),
        Some(_) | None => loaded.state.decide(command).map_err(DecideError::Rejected),
    }
}
