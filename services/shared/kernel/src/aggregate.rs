//! The shape of an aggregate: pure functions from state and command to events, and from events to state.

/// An event-sourced aggregate.
///
/// `decide` and `evolve` are pure and total: no clock, no I/O, no panic. Facts from outside travel in the command.
pub trait Aggregate: Default + Clone {
    /// What someone wants.
    type Command;
    /// What happened.
    type Event: Clone;
    /// Why not.
    type Rejection;

    /// The events that the command causes. None means "already so".
    fn decide(&self, command: Self::Command) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// The state after the event. Never fails: what is in the log is legal.
    #[must_use]
    fn evolve(self, event: &Self::Event) -> Self;
}

/// The state after a run of events.
pub fn fold<'a, A: Aggregate>(state: A, events: impl IntoIterator<Item = &'a A::Event>) -> A
where
    A::Event: 'a,
{
    events.into_iter().fold(state, A::evolve)
}
