//! Walking the log and naming the first event that is not as it was written.

use crate::{
    Checkpoint, Log, LogError,
    event::{GENESIS, chain_hash},
};
use std::collections::HashMap;
use uuid::Uuid;

const CHUNK: i64 = 10_000;

/// What a log turned out to be.
#[derive(Debug)]
pub struct Verified {
    /// Events read.
    pub events: i64,
    /// Streams read.
    pub streams: usize,
    /// The first thing that is wrong; none when all is well.
    pub violation: Option<Violation>,
    /// Versions and hashes of all stream heads at the end, for a new checkpoint.
    pub heads: HashMap<Uuid, (i64, Vec<u8>)>,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The first bad position.
    pub position: i64,
    /// The stream, when it is known.
    pub stream: Option<Uuid>,
    /// What is wrong, in words.
    pub what: String,
}

/// Reads a whole log and checks that positions are dense, versions follow on, every hash is right, stream heads agree,
/// and, against a checkpoint kept elsewhere, that nothing it saw has gone or changed.
pub async fn verify(log: &Log, checkpoint: Option<&Checkpoint>) -> Result<Verified, LogError> {
    let mut walk = Walk { heads: HashMap::new(), position: 0, at_checkpoint: None };
    let (head, _) = log.head().await?;
    let found = |walk: Walk, violation: Option<Violation>| Verified {
        events: walk.position,
        streams: walk.heads.len(),
        violation,
        heads: walk.heads,
    };
    while walk.position < head {
        let rows = log.stored(walk.position + 1, CHUNK).await?;
        if rows.is_empty() {
            let missing = Violation {
                position: walk.position + 1,
                stream: None,
                what: format!("events {} to {head} are missing", walk.position + 1),
            };
            return Ok(found(walk, Some(missing)));
        }
        for row in rows {
            if let Err(violation) = walk.step(&row) {
                return Ok(found(walk, Some(violation)));
            }
            if checkpoint.is_some_and(|c| c.position == walk.position) {
                walk.at_checkpoint = Some(Checkpoint::root_of(&walk.heads));
            }
        }
    }
    if let Some(violation) = check_heads(log, &walk).await? {
        return Ok(found(walk, Some(violation)));
    }
    let violation = checkpoint.and_then(|c| match &walk.at_checkpoint {
        None if c.position > 0 => Some(Violation {
            position: walk.position + 1,
            stream: None,
            what: format!(
                "the log ends at {} but the checkpoint saw {}: its tail is missing",
                walk.position, c.position
            ),
        }),
        Some(root) if *root != c.root => Some(Violation {
            position: c.position,
            stream: None,
            what: "the log up to the checkpoint is not the one that the checkpoint saw".into(),
        }),
        _ => None,
    });
    Ok(found(walk, violation))
}

struct Walk {
    heads: HashMap<Uuid, (i64, Vec<u8>)>,
    position: i64,
    at_checkpoint: Option<Vec<u8>>,
}

impl Walk {
    fn step(&mut self, row: &crate::read::StoredRow) -> Result<(), Violation> {
        let bad = |position: i64, what: String| Violation { position, stream: Some(row.stream), what };
        if row.position != self.position + 1 {
            return Err(bad(self.position + 1, format!("event {} is missing", self.position + 1)));
        }
        let (version, hash) = self.heads.get(&row.stream).map_or((0, GENESIS.to_vec()), |(v, h)| (*v, h.clone()));
        if row.version != version + 1 {
            return Err(bad(row.position, format!("version {} follows version {version}", row.version)));
        }
        if row.prev_hash != hash {
            return Err(bad(row.position, "it is not chained to the event before it".into()));
        }
        let expected = chain_hash(&hash, &row.header(), &row.payload);
        if row.hash != expected {
            return Err(bad(row.position, "its content does not match its hash".into()));
        }
        self.heads.insert(row.stream, (row.version, row.hash.clone()));
        self.position = row.position;
        Ok(())
    }
}

/// The table of stream heads must say what the events say.
async fn check_heads(log: &Log, walk: &Walk) -> Result<Option<Violation>, LogError> {
    let rows: Vec<(Uuid, i64, i64, Vec<u8>)> =
        sqlx::query_as("select stream_id, version, last_pos, hash from stream where last_pos <= $1 order by last_pos")
            .bind(walk.position)
            .fetch_all(log.pool())
            .await?;
    for (stream, version, last, hash) in rows {
        match walk.heads.get(&stream) {
            Some((v, h)) if *v == version && *h == hash => {}
            // A stream that got newer events during the walk.
            Some((v, _)) if *v > version => {}
            _ => {
                return Ok(Some(Violation {
                    position: last,
                    stream: Some(stream),
                    what: "the stream's last event is missing or differs from its head".into(),
                }));
            }
        }
    }
    Ok(None)
}
