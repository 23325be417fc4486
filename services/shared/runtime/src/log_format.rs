//! One JSON object per line, flat, with the fields that log stores look for first.

use std::fmt::{self, Write as _};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

/// One short line for people, with the trace id at its end.
pub(crate) struct TextLines;

impl<S, N> FormatEvent<S, N> for TextLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = String::new();
        let compact = tracing_subscriber::fmt::format().compact();
        let ansi = writer.has_ansi_escapes();
        compact.with_ansi(ansi).format_event(context, Writer::new(&mut line), event)?;
        write!(writer, "{}", line.trim_end_matches('\n'))?;
        match eventlog::trace::current_trace_id() {
            Some(trace) => writeln!(writer, " trace_id={trace}"),
            None => writeln!(writer),
        }
    }
}

/// See the module.
pub(crate) struct JsonLines {
    service: String,
}

impl JsonLines {
    pub(crate) fn new(service: &str) -> JsonLines {
        JsonLines { service: service.to_owned() }
    }
}

/// The fields of an event, as they are seen: the message, and the text of the others as members of an object.
#[derive(Default)]
struct Fields {
    message: String,
    rest: String,
}

impl Fields {
    fn put(&mut self, field: &Field, json: impl fmt::Display) {
        // Writing to a string can't fail.
        let _ = write!(self.rest, ",{}:{json}", quoted(field.name()));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.put(field, quoted(value));
        }
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        // Not every number is one in JSON.
        self.put(field, serde_json::Value::from(value));
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }
}

/// A text as JSON has it.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        write!(
            writer,
            r#"{{"ts":{},"level":"{}","service":{},"msg":{}"#,
            quoted(&crate::clock::clock().rfc3339()),
            event.metadata().level(),
            quoted(&self.service),
            quoted(&fields.message),
        )?;
        if let Some(parent) = eventlog::trace::current() {
            let mut parts = parent.split('-').skip(1);
            write!(
                writer,
                r#","trace_id":"{}","span_id":"{}""#,
                parts.next().unwrap_or(""),
                parts.next().unwrap_or("")
            )?;
        }
        write!(writer, r#","target":{}"#, quoted(event.metadata().target()))?;
        writeln!(writer, "{}}}", fields.rest)
    }
}
