//! How this service's events are named on the bus: the aggregate is the record's module, or `module` for what happens to a
//! module itself.

use crate::queries::history::event_word;
use eventlog::{Announce, Announcement, Recorded};
use proto::{
    event::StoredEvent,
    records::v1::{ModuleColumnDropped, ModuleFieldSortable},
};
use serde_json::Value;

/// How the stored types of modules' events begin.
const OF_MODULES: &str = "records.module.";

/// Names events of records and modules.
pub struct RecordNames;

impl Announce for RecordNames {
    fn announce(&self, event: &Recorded, json: &Value) -> Announcement {
        let text = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let stored_type = &*event.stored_type;
        if !stored_type.starts_with(OF_MODULES) {
            return Announcement {
                aggregate: text("module"),
                event: event_word(stored_type).to_owned(),
                subject: text("record_id"),
                public: true,
            };
        }
        let defined = json.get("definition").and_then(|d| d.get("name")).and_then(Value::as_str);
        // How far the read model is with a column tells nobody outside what the module is.
        let of_columns = [ModuleFieldSortable::STORED_TYPE, ModuleColumnDropped::STORED_TYPE];
        Announcement {
            aggregate: "module".to_owned(),
            event: event_word(stored_type).to_owned(),
            subject: defined.map_or_else(|| text("module"), str::to_owned),
            public: !of_columns.contains(&stored_type),
        }
    }
}
