//! Events that a consumer could not handle yet: retrying, waiting behind one of those, or dead.

use crate::{Appended, Log, LogError, Recorded, SideWrite};
use sqlx::PgConnection;
use std::{collections::HashSet, time::Duration};
use uuid::Uuid;

/// At most so many are tried again in one round.
const ROUND: i64 = 50;

#[derive(Debug, Clone, Copy)]
pub(crate) enum ParkedState {
    Retrying,
    Waiting,
    Dead,
}

impl ParkedState {
    fn as_str(self) -> &'static str {
        match self {
            ParkedState::Retrying => "retrying",
            ParkedState::Waiting => "waiting",
            ParkedState::Dead => "dead",
        }
    }
}

/// The parked events of one consumer.
pub(crate) struct Parked {
    source: String,
    consumer: &'static str,
    streams: HashSet<Uuid>,
}

/// A parked event that is due.
pub(crate) struct Due {
    pub(crate) position: i64,
    attempts: i32,
}

impl Parked {
    pub(crate) async fn load(log: &Log, source: &str, consumer: &'static str) -> Result<Parked, LogError> {
        let mut parked = Parked { source: source.to_owned(), consumer, streams: HashSet::new() };
        parked.refresh(log).await?;
        Ok(parked)
    }

    /// True when an earlier event of the stream is parked.
    pub(crate) fn blocks(&self, stream: Uuid) -> bool {
        self.streams.contains(&stream)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    pub(crate) fn block(&mut self, stream: Uuid) {
        self.streams.insert(stream);
    }

    /// The row that parks an event.
    pub(crate) fn park(&self, event: &Recorded, state: ParkedState, error: &str, pause_ms: i64) -> Park {
        Park {
            consumer: self.consumer,
            source: self.source.clone(),
            position: event.position,
            stream: event.stream,
            event_id: event.event_id,
            stored_type: event.stored_type.to_string(),
            state,
            error: error.to_owned(),
            pause_ms,
        }
    }

    /// The row that takes a parked event away when it was handled.
    pub(crate) fn removal(&self, position: i64) -> Removal {
        Removal { consumer: self.consumer, source: self.source.clone(), position }
    }

    /// What can be tried now: what is due or asked for, and what no longer waits for anything. Nothing is asked of the
    /// database while nothing is parked.
    pub(crate) async fn due(&self, log: &Log) -> Result<Vec<Due>, LogError> {
        if self.streams.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(i64, i32)> = sqlx::query_as(
            "select pos, attempts from dead d
             where consumer = $1 and source = $2
               and (replay_requested or (state = 'retrying' and next_at <= now())
                    or (state = 'waiting' and not exists (
                        select from dead e where e.consumer = d.consumer and e.source = d.source
                            and e.stream_id = d.stream_id and e.pos < d.pos)))
             order by pos limit $3",
        )
        .bind(self.consumer)
        .bind(&self.source)
        .bind(ROUND)
        .fetch_all(log.pool())
        .await?;
        Ok(rows.into_iter().map(|(position, attempts)| Due { position, attempts }).collect())
    }

    pub(crate) async fn failed_again(
        &self,
        log: &Log,
        due: &Due,
        error: &str,
        backoff: &[Duration],
    ) -> Result<(), LogError> {
        let attempts = due.attempts + 1;
        let pause = usize::try_from(attempts - 1).ok().and_then(|i| backoff.get(i));
        sqlx::query(
            "update dead set state = $4, error = $5, attempts = $6, next_at = now() + $7 * interval '1 millisecond',
                 replay_requested = false
             where consumer = $1 and source = $2 and pos = $3",
        )
        .bind(self.consumer)
        .bind(&self.source)
        .bind(due.position)
        .bind(if pause.is_some() { "retrying" } else { "dead" })
        .bind(error)
        .bind(attempts)
        .bind(pause.map_or(0, |p| i64::try_from(p.as_millis()).unwrap_or(i64::MAX)))
        .execute(log.pool())
        .await?;
        Ok(())
    }

    /// Which streams have something parked.
    pub(crate) async fn refresh(&mut self, log: &Log) -> Result<(), LogError> {
        let streams: Vec<Uuid> =
            sqlx::query_scalar("select distinct stream_id from dead where consumer = $1 and source = $2")
                .bind(self.consumer)
                .bind(&self.source)
                .fetch_all(log.pool())
                .await?;
        self.streams = streams.into_iter().collect();
        Ok(())
    }
}

pub(crate) struct Park {
    consumer: &'static str,
    source: String,
    position: i64,
    stream: Uuid,
    event_id: Uuid,
    stored_type: String,
    state: ParkedState,
    error: String,
    pause_ms: i64,
}

impl SideWrite for Park {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> crate::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "insert into dead (consumer, source, pos, stream_id, event_id, type, state, error, attempts, next_at, at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, 1, now() + $9 * interval '1 millisecond', now())
                 on conflict (consumer, source, pos) do nothing",
            )
            .bind(self.consumer)
            .bind(&self.source)
            .bind(self.position)
            .bind(self.stream)
            .bind(self.event_id)
            .bind(&self.stored_type)
            .bind(self.state.as_str())
            .bind(&self.error)
            .bind(self.pause_ms)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

pub(crate) struct Removal {
    consumer: &'static str,
    source: String,
    position: i64,
}

impl SideWrite for Removal {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> crate::Writing<'a> {
        Box::pin(async move {
            sqlx::query("delete from dead where consumer = $1 and source = $2 and pos = $3")
                .bind(self.consumer)
                .bind(&self.source)
                .bind(self.position)
                .execute(tx)
                .await?;
            Ok(())
        })
    }
}
