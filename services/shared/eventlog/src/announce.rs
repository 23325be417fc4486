//! How events are named to the world: subject on the bus, and the CloudEvents attributes that say whose they are.

use crate::{Recorded, StreamId};
use serde_json::Value;
use uuid::Uuid;

/// How an event is named to the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Subject token after the service: for records the module.
    pub aggregate: String,
    /// Last subject token: `created`.
    pub event: String,
    /// Whose event it is, `ce-subject`. One subject is one stream: `ce-sequence` counts its events without holes.
    pub subject: String,
    /// False: only our own services may read it.
    pub public: bool,
}

/// What the streams of a category are called: by a field of their events, and a suffix where an id has several streams.
#[derive(Debug, Clone, Copy)]
pub struct Owner {
    /// Category of the streams.
    pub category: &'static str,
    /// The field that holds the aggregate's id.
    pub field: &'static str,
    /// What follows the id.
    pub suffix: &'static str,
}

impl Announcement {
    /// Names taken from the stored type `<service>.<aggregate>.<event>.v<n>`, and the subject from the owner whose stream
    /// the event is really on. A stream that none of them explains is called by its own id.
    pub fn of(event: &Recorded, json: &Value, owners: &[Owner]) -> Announcement {
        let mut parts = event.stored_type.split('.').skip(1);
        let mut next = || parts.next().unwrap_or("unknown").to_owned();
        let (aggregate, name) = (next(), next());
        let subject = owners.iter().find_map(|owner| {
            let id = Uuid::try_parse(json.get(owner.field)?.as_str()?).ok()?;
            (StreamId::new(owner.category, id).id == event.stream).then(|| format!("{id}{}", owner.suffix))
        });
        let subject = subject.unwrap_or_else(|| event.stream.to_string());
        Announcement { aggregate, event: name, subject, public: true }
    }
}

/// Names a service's events.
pub trait Announce: Send + Sync + 'static {
    /// The name of an event, given its JSON form.
    fn announce(&self, event: &Recorded, json: &Value) -> Announcement;
}
