//! How this service's events are named on the bus: the aggregate is the record's module.

use crate::queries::history::event_word;
use eventlog::{Announce, Announcement, Recorded};
use serde_json::Value;

/// Names events of records and modules.
pub struct RecordNames;

impl Announce for RecordNames {
    fn announce(&self, event: &Recorded, json: &Value) -> Announcement {
        let text = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let definition = json.get("definition").and_then(|d| d.get("name")).and_then(Value::as_str);
        match definition {
            Some(name) => Announcement {
                aggregate: "module".to_owned(),
                event: event_word(&event.stored_type).to_owned(),
                subject: name.to_owned(),
                public: true,
            },
            None => Announcement {
                aggregate: text("module"),
                event: event_word(&event.stored_type).to_owned(),
                subject: text("record_id"),
                public: true,
            },
        }
    }
}
