//! One JSON object per line, flat, with the fields that log stores look for first.

use serde_json::{Map, Value};
use std::fmt;
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

#[derive(Default)]
struct Fields {
    message: String,
    rest: Map<String, Value>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        if field.name() == "message" {
            self.message = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        } else {
            self.rest.insert(field.name().to_owned(), value);
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, Value::String(format!("{value:?}")));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::String(value.to_owned()));
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let quoted = |text: &str| Value::String(text.to_owned()).to_string();
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
        for (name, value) in fields.rest {
            write!(writer, ",{}:{value}", quoted(&name))?;
        }
        writeln!(writer, "}}")
    }
}
