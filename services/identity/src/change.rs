//! Deciding a command on an aggregate of administration and appending what comes of it.

mod streams;

use crate::codec::{self};
use crate::{
    codec::{Stored, administration::Administration},
    domain::activity::Activity,
    draft::Draft,
    identity::Identity,
};
use eventlog::{ClaimChange, Expected, LogError, Meta, SideWrite, StreamId};
use kernel::{Aggregate, Code, Error, fold};
use uuid::Uuid;

/// How often a command is decided again after somebody else was faster.
const ATTEMPTS: usize = 3;

/// An aggregate with a stream of its own.
pub(crate) trait Streamed: Aggregate {
    /// Category of its streams.
    const CATEGORY: &'static str;

    /// Its event, if it is one.
    fn event(stored: Administration) -> Option<Self::Event>;

    /// Its event among those that are stored.
    fn stored(event: Self::Event) -> Administration;
}

/// What is written together with the events.
#[derive(Default)]
pub(crate) struct With {
    pub(crate) claims: Vec<ClaimChange>,
    pub(crate) side_writes: Vec<Box<dyn SideWrite>>,
    /// What happens around logins through it, each in the stream of its user.
    pub(crate) activities: Vec<Activity>,
}

/// What came of a command.
pub(crate) struct Changed<A> {
    /// The aggregate afterwards.
    pub(crate) state: A,
    /// Version of its stream afterwards.
    pub(crate) version: i64,
    /// Log position of the last event; 0 when there was nothing to do.
    pub(crate) position: i64,
}

/// A command on one aggregate.
pub(crate) struct Change<'a, A: Aggregate> {
    pub(crate) id: Uuid,
    pub(crate) meta: &'a Meta,
    pub(crate) command: A::Command,
    /// The version that the caller has seen; None when it does not matter.
    pub(crate) expected: Option<i64>,
    /// The caller gave an idempotency key: the log remembers the command even when there was nothing to do.
    pub(crate) repeatable: bool,
}

impl Identity {
    /// An aggregate and the version of its stream.
    pub(crate) async fn load_streamed<A: Streamed>(&self, id: Uuid) -> Result<(A, i64), Error> {
        let recorded = self.log.load(StreamId::new(A::CATEGORY, id)).await?;
        let version = recorded.last().map_or(0, |r| r.version);
        let mut events = Vec::with_capacity(recorded.len());
        for r in &recorded {
            let event = match codec::decode(r)? {
                Stored::Administration(event) => A::event(event),
                Stored::Account(_) | Stored::Activity(_) => None,
            };
            events.push(event.ok_or_else(|| Error::internal("an event of another kind in this stream"))?);
        }
        Ok((fold(A::default(), &events), version))
    }

    /// Decides a command and appends what comes of it, again when somebody else was faster.
    pub(crate) async fn change_streamed<A>(
        &self,
        change: Change<'_, A>,
        with: impl Fn(&A, &[A::Event]) -> With,
    ) -> Result<Changed<A>, Error>
    where
        A: Streamed,
        A::Command: Clone,
        A::Rejection: Into<Error>,
    {
        for _ in 0..ATTEMPTS {
            let (state, version) = self.load_streamed::<A>(change.id).await?;
            if change.expected.is_some_and(|expected| expected != version) {
                return Err(stale(version));
            }
            let events = state.decide(change.command.clone()).map_err(Into::into)?;
            if events.is_empty() && !change.repeatable {
                return Ok(Changed { state, version, position: 0 });
            }
            let With { claims, side_writes, activities } = with(&state, &events);
            let mut draft = Draft { claims, side_writes, ..Draft::default() };
            let stream = draft.stream(StreamId::new(A::CATEGORY, change.id), Expected::Version(version));
            for event in &events {
                draft.administration(stream, &A::stored(event.clone()));
            }
            draft.activities(&activities);
            match self.log.append(draft.append(change.meta.clone())).await {
                Ok(appended) if appended.replayed => {
                    let (state, version) = self.load_streamed::<A>(change.id).await?;
                    return Ok(Changed { state, version, position: appended.last });
                }
                Ok(appended) => {
                    let count = i64::try_from(events.len()).unwrap_or_default();
                    let state = fold(state, &events);
                    return Ok(Changed { state, version: version + count, position: appended.last });
                }
                Err(LogError::WrongExpectedVersion { .. }) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(Error::new(Code::Conflict, "concurrent_change", "Somebody changed this at the same moment."))
    }
}

/// The caller decided on what is no longer so.
fn stale(actual: i64) -> Error {
    Error::new(Code::Precondition, "stale_version", "Somebody else changed this. Please look at it again.")
        .with("actual", actual)
}
