//! How a consumer handles the events that arrived: several in one commit where they don't depend on each other, one
//! alone where it must see the effects of those before it. What fails is parked.

use super::{CATCH_UP, Consumer, HandlerError, LAZY, Place, RUN, Reaction};
use crate::{
    Append, InboxMove, LogError, Meta, Recorded,
    parked::{Parked, ParkedState},
    trace,
};
use futures::{StreamExt, future::BoxFuture};
use kernel::Actor;
use tokio::time::Instant;
use tracing::{Instrument, error, info_span};

/// Most events that are decided before those ahead of them are committed.
const AHEAD: usize = 16;

/// What a handler says of an event.
type Look<'a> = BoxFuture<'a, (&'a Recorded, Result<Reaction, HandlerError>)>;

impl Consumer {
    /// Reads from the source's log up to, not including, a position.
    pub(super) async fn catch_up(&self, place: &mut Place, parked: &mut Parked, until: i64) -> Result<(), LogError> {
        while place.handled + 1 < until {
            let events = self.reader.read(place.handled + 1, CATCH_UP).await?;
            if events.is_empty() {
                return Err(LogError::Broken(format!("the log of {} ends before its stream", self.source)));
            }
            let wanted = events.iter().take_while(|e| e.position < until).count();
            for run in events[..wanted].chunks(RUN) {
                self.steps(place, parked, run).await?;
            }
        }
        Ok(())
    }

    /// Handles a run of events, in order.
    pub(super) async fn steps(
        &self,
        place: &mut Place,
        parked: &mut Parked,
        events: &[Recorded],
    ) -> Result<(), LogError> {
        let mut rest = events;
        while !rest.is_empty() {
            let done = self.together(place, parked, rest).await?;
            rest = &rest[done..];
        }
        Ok(())
    }

    /// Handles the events at the front in one commit: all up to the first that must see the effects of those before it,
    /// or that one alone when it comes first. Answers how many were handled.
    async fn together(&self, place: &mut Place, parked: &mut Parked, events: &[Recorded]) -> Result<usize, LogError> {
        let ordered = self.handler.ordered();
        if let Some(first) = events.first()
            && ordered
            && parked.blocks(first.stream)
        {
            let park = parked.park(first, ParkedState::Waiting, "it waits for an earlier event of its stream", 0);
            self.commit(place, Append::side(self.meta(first), vec![Box::new(park)]), first.position).await?;
            return Ok(1);
        }
        let free = events.iter().take_while(|e| !(ordered && parked.blocks(e.stream)));
        let mut handled = Vec::new();
        let mut alone = None;
        {
            // Looking writes nothing, so what was looked at too early is looked at again.
            let looks: Vec<Look<'_>> = free.map(|event| self.look(event)).collect();
            let mut looks = futures::stream::iter(looks).buffered(place.ahead);
            while let Some((event, reaction)) = looks.next().await {
                match reaction {
                    Ok(Reaction::Nothing) => handled.push((event.position, None)),
                    Ok(Reaction::Independent(append)) => handled.push((event.position, Some(append))),
                    reaction => {
                        alone = Some((event, reaction));
                        break;
                    }
                }
            }
        }
        if handled.is_empty()
            && let Some((event, reaction)) = alone
        {
            place.ahead = 1;
            self.settle(place, parked, event, reaction).await?;
            return Ok(1);
        }
        place.ahead = (place.ahead * 2).min(AHEAD);
        let all = handled.len();
        let done = self.commit_all(place, handled).await?;
        if done < all {
            // What failed is looked at again and judged alone.
            let event = &events[done];
            let reaction = self.handle(event).await;
            self.settle(place, parked, event, reaction).await?;
            return Ok(done + 1);
        }
        Ok(done)
    }

    fn look<'a>(&'a self, event: &'a Recorded) -> Look<'a> {
        Box::pin(async move { (event, self.handle(event).await) })
    }

    /// Appends what is to be done about a run of events; one commit, if nothing else waits for the log. Answers how many
    /// of the events are handled: all of them before the first one whose append was refused.
    async fn commit_all(&self, place: &mut Place, run: Vec<(i64, Option<Append>)>) -> Result<usize, LogError> {
        let mut appends = Vec::new();
        let mut from = place.stored;
        let mut reach = Vec::with_capacity(run.len());
        for (to, append) in run {
            reach.push(to);
            let Some(mut append) = append else { continue };
            append.meta.remember &= !append.streams.is_empty();
            append.inbox = Some(InboxMove { source: self.inbox(), epoch: place.epoch, from, to });
            from = to;
            appends.push((to, append));
        }
        let (ends, appends): (Vec<i64>, Vec<Append>) = appends.into_iter().unzip();
        let mut refused = None;
        for (to, outcome) in ends.into_iter().zip(self.log.append_all(appends).await) {
            match outcome {
                Ok(appended) if !appended.replayed => self.stand(place, to),
                // After a new epoch: the events are there already, only the position has to follow.
                Ok(_) => {
                    self.move_inbox(place, to).await?;
                    self.stand(place, to);
                    refused = reach.iter().find(|p| **p > to).copied();
                    break;
                }
                Err(e @ (LogError::Unavailable(_) | LogError::Overloaded | LogError::InboxMoved(_))) => return Err(e),
                Err(_) => {
                    refused = Some(to);
                    break;
                }
            }
        }
        let done = reach.iter().take_while(|p| refused.is_none_or(|r| **p < r)).count();
        if let Some(last) = reach[..done].last() {
            place.handled = *last;
            self.tell(place.epoch, place.handled);
        }
        if place.handled - place.stored >= LAZY {
            self.flush(place).await?;
        }
        Ok(done)
    }

    /// Does about one event what its handler wants, or parks it.
    async fn settle(
        &self,
        place: &mut Place,
        parked: &mut Parked,
        event: &Recorded,
        mut reaction: Result<Reaction, HandlerError>,
    ) -> Result<(), LogError> {
        loop {
            match reaction {
                Ok(Reaction::Nothing) => {
                    place.handled = event.position;
                    self.tell(place.epoch, place.handled);
                    return Ok(());
                }
                Ok(Reaction::Append(append) | Reaction::Independent(append)) => {
                    match self.commit(place, append, event.position).await {
                        Ok(()) => return Ok(()),
                        Err(e @ (LogError::Unavailable(_) | LogError::Overloaded | LogError::InboxMoved(_))) => {
                            return Err(e);
                        }
                        // Decided on what is no longer so: the handler looks again.
                        Err(LogError::WrongExpectedVersion { .. }) => {}
                        Err(e) => return self.fail(place, parked, event, &e.to_string(), false).await,
                    }
                }
                Err(HandlerError::Away(what)) => return Err(LogError::Bus(what)),
                Err(HandlerError::Retry(what)) => {
                    return self.fail(place, parked, event, &what, false).await;
                }
                Err(HandlerError::Poison(what)) => {
                    return self.fail(place, parked, event, &what, true).await;
                }
            }
            reaction = self.handle(event).await;
        }
    }

    async fn handle(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        let span = match &event.traceparent {
            Some(parent) => {
                let span = info_span!(
                    parent: None,
                    "process",
                    otel.name = %format!("process {}", event.stored_type),
                    otel.kind = "consumer",
                    messaging.system = "nats",
                    messaging.operation.type = "process",
                    messaging.consumer.group.name = self.handler.name(),
                    messaging.message.id = %event.event_id,
                );
                // A trace that goes on for minutes helps nobody: what is old starts its own and links back.
                let age = self.log.now().micros() - event.recorded_at.micros();
                if age < 300 * 1_000_000 {
                    trace::set_parent(&span, parent)
                } else {
                    trace::add_link(&span, parent)
                }
                span
            }
            None => tracing::Span::none(),
        };
        self.handler.handle(event).instrument(span).await
    }

    async fn fail(
        &self,
        place: &mut Place,
        parked: &mut Parked,
        event: &Recorded,
        what: &str,
        dead: bool,
    ) -> Result<(), LogError> {
        error!(
            event = "consumer.failed",
            consumer = self.handler.name(),
            source = self.source,
            position = event.position,
            error = what,
            "an event could not be handled"
        );
        let state = if dead || self.options.backoff.is_empty() { ParkedState::Dead } else { ParkedState::Retrying };
        let pause = self.options.backoff.first().copied().unwrap_or_default();
        let park = parked.park(event, state, what, i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
        self.commit(place, Append::side(self.meta(event), vec![Box::new(park)]), event.position).await?;
        parked.block(event.stream);
        Ok(())
    }

    fn meta(&self, event: &Recorded) -> Meta {
        Meta { remember: false, ..Meta::caused_by(self.log.service(), self.handler.name(), event) }
    }

    /// Appends with the step of the inbox.
    async fn commit(&self, place: &mut Place, mut append: Append, to: i64) -> Result<(), LogError> {
        // Without events there is nothing that must not happen twice but the rows, and those go with the position.
        append.meta.remember &= !append.streams.is_empty();
        append.inbox = Some(InboxMove { source: self.inbox(), epoch: place.epoch, from: place.stored, to });
        let appended = self.log.append(append).await?;
        if appended.replayed {
            // After a new epoch: the events are there already, only the position has to follow.
            self.move_inbox(place, to).await?;
        }
        self.stand(place, to);
        Ok(())
    }

    /// The inbox now holds this position.
    fn stand(&self, place: &mut Place, to: i64) {
        place.stored = to;
        place.stored_at = Instant::now();
        place.handled = to;
        self.tell(place.epoch, to);
    }

    /// Writes the consumer's position into the inbox, if it isn't there yet.
    pub(super) async fn flush(&self, place: &mut Place) -> Result<(), LogError> {
        if place.handled > place.stored {
            let to = place.handled;
            self.move_inbox(place, to).await?;
            self.stand(place, to);
        }
        Ok(())
    }

    async fn move_inbox(&self, place: &Place, to: i64) -> Result<(), LogError> {
        let mut meta = Meta::new(Actor::service(self.log.service()), kernel::new_id(), b"");
        meta.remember = false;
        let mut append = Append::side(meta, Vec::new());
        append.inbox = Some(InboxMove { source: self.inbox(), epoch: place.epoch, from: place.stored, to });
        self.log.append(append).await.map(drop)
    }

    /// Tries what is due again, oldest first.
    pub(super) async fn work_parked(&self, parked: &mut Parked) -> Result<(), LogError> {
        for due in parked.due(&self.log).await? {
            let events = self.reader.read(due.position, 1).await?;
            let Some(event) = events.first() else {
                continue;
            };
            let what = match self.handle(event).await {
                Ok(reaction) => {
                    let mut append = match reaction {
                        Reaction::Nothing => Append::side(self.meta(event), Vec::new()),
                        Reaction::Append(append) | Reaction::Independent(append) => append,
                    };
                    append.meta.remember &= !append.streams.is_empty();
                    append.side_writes.push(Box::new(parked.removal(due.position)));
                    match self.log.append(append).await {
                        Ok(_) => continue,
                        Err(e @ (LogError::Unavailable(_) | LogError::Overloaded)) => {
                            return Err(e);
                        }
                        Err(e) => e.to_string(),
                    }
                }
                Err(HandlerError::Away(what)) => return Err(LogError::Bus(what)),
                Err(HandlerError::Retry(what) | HandlerError::Poison(what)) => what,
            };
            parked.failed_again(&self.log, &due, &what, &self.options.backoff).await?;
        }
        // Rows are parked by this consumer alone, so while it knows of none there are none.
        if parked.is_empty() { Ok(()) } else { parked.refresh(&self.log).await }
    }
}
