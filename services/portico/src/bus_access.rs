//! Who may do what on the bus. Every configuration of a NATS server comes from here: of `portico dev` and the tests, of
//! Compose and of the chart (`portico events accounts` prints the latter two, and a test compares).
//!
//! Services have one account, PORTICO, and in it a user each. Programs of other people have an account each, without
//! JetStream of its own: nothing in it but what it imports, which is the way to the program's own consumers.

use eventlog::Program;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt::Write as _;

/// The services that have a log, and so a JetStream stream `PORTICO_<SERVICE>`.
const LOGS: [&str; 4] = ["identity", "permissions", "records", "notification"];

/// The JetStream domain under which programs find their consumers.
pub const DOMAIN: &str = "portico";

/// What a program's account may use of the server. Requests and acknowledgements are small; what it is sent is not counted.
const CONNECTIONS: u32 = 16;
const SUBSCRIPTIONS: u32 = 64;
const PAYLOAD: u32 = 4096;

/// What a user of the services' account may publish and subscribe to (subjects with the wildcards of NATS).
#[derive(Clone, Debug)]
pub struct Rights {
    /// Name to connect with.
    pub user: &'static str,
    /// Subjects that it may publish to; nothing else.
    pub publish: Vec<String>,
    /// Subjects that it may subscribe to; nothing else.
    pub subscribe: Vec<String>,
}

/// The users of the services' account:
///
/// - `identity`, `permissions`, `records`, `notification`: publish their own events and hint, keep their own stream, and
///   read every stream;
/// - `gateway`: reads every stream;
/// - `operator`: the command line; keeps every stream.
///
/// Each hears answers under an inbox prefix of its own, `_INBOX_<user>`, and nobody else's.
pub fn rights() -> Vec<Rights> {
    let mut users = Vec::new();
    for service in ["gateway"].into_iter().chain(LOGS) {
        let mut publish = vec![format!("portico.hint.{service}")];
        if LOGS.contains(&service) {
            publish.push(format!("portico.v1.{service}.>"));
            publish.extend(keep_stream(service));
        }
        publish.extend(read_every_stream());
        let subscribe = vec![format!("_INBOX_{service}.>"), "portico.hint.*".into(), "portico.v1.>".into()];
        users.push(Rights { user: service, publish, subscribe });
    }
    let texts = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
    users.push(Rights {
        user: "operator",
        publish: texts(&["$JS.API.>", "$JS.ACK.>", "portico.replay.>", "portico.dlq.>"]),
        subscribe: texts(&["_INBOX.>", "_INBOX_operator.>", "portico.>", "$JS.EVENT.>"]),
    });
    users
}

fn stream_of(service: &str) -> String {
    format!("PORTICO_{}", service.to_uppercase())
}

/// The JetStream requests that make, change and remove a service's own stream and its messages.
fn keep_stream(service: &str) -> Vec<String> {
    let stream = stream_of(service);
    ["CREATE", "UPDATE", "DELETE", "MSG.DELETE"].map(|verb| format!("$JS.API.STREAM.{verb}.{stream}")).to_vec()
}

/// The JetStream requests that read any of our streams, with consumers of any kind.
fn read_every_stream() -> Vec<String> {
    let mut subjects = vec!["$JS.API.INFO".to_owned(), "$JS.API.STREAM.NAMES".to_owned()];
    for service in LOGS {
        let stream = stream_of(service);
        subjects.extend([
            format!("$JS.API.STREAM.INFO.{stream}"),
            format!("$JS.API.STREAM.MSG.GET.{stream}"),
            format!("$JS.API.DIRECT.GET.{stream}"),
            format!("$JS.API.DIRECT.GET.{stream}.>"),
            format!("$JS.API.CONSUMER.CREATE.{stream}"),
            format!("$JS.API.CONSUMER.CREATE.{stream}.>"),
            format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.*"),
            format!("$JS.API.CONSUMER.DELETE.{stream}.*"),
            format!("$JS.API.CONSUMER.NAMES.{stream}"),
            format!("$JS.API.CONSUMER.INFO.{stream}.*"),
            format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.*"),
            format!("$JS.ACK.{stream}.>"),
            // The longer form, with domain and account before the stream.
            format!("$JS.ACK.*.*.{stream}.>"),
            format!("$JS.FC.{stream}.>"),
        ]);
    }
    subjects
}

/// The block `accounts` of a server's configuration. `password` gives the value for a user: a quoted text, or `$NAME`.
/// `programs` is the file with the accounts of programs, relative to the one that holds this block; it must exist.
pub fn accounts(password: impl Fn(&str) -> String, programs: &str) -> String {
    let mut text = String::from(
        "accounts {\n\
         \x20 # The services and the command line. No other account has JetStream.\n\
         \x20 PORTICO {\n\
         \x20   jetstream: enabled\n\
         \x20   # What the accounts of programs may import, each for its own consumers only.\n\
         \x20   exports: [\n\
         \x20     { service: \"$JS.API.CONSUMER.MSG.NEXT.*.*\", response: stream }\n\
         \x20     { service: \"$JS.API.CONSUMER.INFO.*.*\" }\n\
         \x20     { service: \"$JS.ACK.*.*.>\" }\n\
         \x20   ]\n\
         \x20   users: [\n",
    );
    let lines = |text: &mut String, name: &str, subjects: &[String]| {
        let _ = writeln!(text, "        {name}: {{ allow: [");
        for subject in subjects {
            let _ = writeln!(text, "          {}", quoted(subject));
        }
        let _ = writeln!(text, "        ] }}");
    };
    for Rights { user, publish, subscribe } in rights() {
        let _ = writeln!(text, "      {{ user: {user}, password: {}, permissions: {{", password(user));
        lines(&mut text, "publish", &publish);
        lines(&mut text, "subscribe", &subscribe);
        text.push_str("      } }\n");
    }
    let _ = write!(
        text,
        "    ]\n  }}\n  # An account for each program of other people; portico events grant writes them.\n  include {}\n}}\n",
        quoted(programs)
    );
    text
}

/// The generated file for servers that are not ours: passwords are variables, `$GATEWAY_PASSWORD` and so on. With
/// `included`, they come from that file, else from the server's environment.
pub fn accounts_file(included: Option<&str>) -> String {
    let mut text = String::from(
        "# Who may do what on the bus. Generated by `portico events accounts`; don't edit.\n\
         # A service publishes its own events and keeps its own stream; all services read every stream.\n",
    );
    if let Some(included) = included {
        let _ = writeln!(text, "include {included}");
    }
    text.push_str(&accounts(|user| format!("${}_PASSWORD", user.to_uppercase()), "./nats-programs.conf"));
    text
}

/// The account of a program, as it stands in the programs' file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProgramAccount {
    users: Vec<ProgramUser>,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct ProgramUser {
    user: String,
    password: String,
    permissions: serde_json::Value,
}

impl ProgramAccount {
    /// An account through which a program reaches its consumers on the streams of these services.
    pub fn new<'a>(name: &str, password: &str, services: impl IntoIterator<Item = &'a str>) -> ProgramAccount {
        let (mut publish, mut imports) = (Vec::new(), Vec::new());
        for service in services {
            let stream = stream_of(service);
            for verb in ["MSG.NEXT", "INFO"] {
                let theirs = format!("$JS.API.CONSUMER.{verb}.{stream}.{name}");
                // Under a domain: an account without JetStream answers its own $JS.API by itself.
                let ours = format!("$JS.{DOMAIN}.API.CONSUMER.{verb}.{stream}.{name}");
                imports.push(json!({"service": {"account": "PORTICO", "subject": theirs}, "to": ours}));
                publish.push(ours);
            }
            let acknowledge = format!("$JS.ACK.{stream}.{name}.>");
            imports.push(json!({"service": {"account": "PORTICO", "subject": acknowledge}}));
            publish.push(acknowledge);
        }
        let permissions = json!({"publish": {"allow": publish}, "subscribe": {"allow": ["_INBOX.>"]}});
        let limits =
            json!({"max_connections": CONNECTIONS, "max_subscriptions": SUBSCRIPTIONS, "max_payload": PAYLOAD});
        ProgramAccount {
            users: vec![ProgramUser { user: name.to_owned(), password: password.to_owned(), permissions }],
            rest: [("limits".to_owned(), limits), ("imports".to_owned(), json!(imports))].into_iter().collect(),
        }
    }

    /// The program's name.
    pub fn name(&self) -> &str {
        self.users.first().map_or("", |u| &u.user)
    }

    /// Its password.
    pub fn password(&self) -> &str {
        self.users.first().map_or("", |u| &u.password)
    }

    /// The account as a line of the file. NATS reads JSON.
    pub fn line(&self) -> String {
        format!("\"PROGRAM_{}\": {}\n", self.name(), serde_json::to_string(self).unwrap_or_default())
    }

    /// The accounts in a file. A line that we did not write is an error, so that nobody's own lines are overwritten.
    ///
    /// # Errors
    /// A sentence for people with the number of the line.
    pub fn all(text: &str) -> Result<Vec<ProgramAccount>, String> {
        let mut accounts = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let account = line
                .strip_prefix("\"PROGRAM_")
                .and_then(|l| l.split_once("\": "))
                .and_then(|(name, json)| Some((name, serde_json::from_str::<ProgramAccount>(json).ok()?)))
                .filter(|(name, account)| account.name() == *name)
                .ok_or_else(|| format!("line {number} was not written by portico events grant"))?;
            accounts.push(account.1);
        }
        Ok(accounts)
    }

    /// The whole file.
    pub fn file(accounts: &[ProgramAccount]) -> String {
        let mut text =
            String::from("# Accounts of other people's programs; portico events grant and revoke write this file.\n");
        accounts.iter().for_each(|a| text.push_str(&a.line()));
        text
    }
}

/// Whether a program may have a name: user names are unique on a server.
///
/// # Errors
/// A sentence for people.
pub fn check_name(name: &str) -> Result<(), String> {
    eventlog::check_program_name(name)?;
    if rights().iter().any(|r| r.user == name) {
        return Err(format!("{name} is the name of a part of Portico; choose another"));
    }
    Ok(())
}

/// A grant, divided by service.
///
/// # Errors
/// A sentence for people that names the wrong subject.
pub fn by_service(
    name: &str,
    subjects: &[String],
    in_flight: i32,
    ack_seconds: i32,
) -> Result<Vec<(&'static str, Program)>, String> {
    check_name(name)?;
    let mut parts: Vec<(&'static str, Program)> = Vec::new();
    for subject in subjects {
        let service = eventlog::service_of_subject(subject, &LOGS)?;
        let service = LOGS.into_iter().find(|l| *l == service).unwrap_or_default();
        match parts.iter_mut().find(|(s, _)| *s == service) {
            Some((_, program)) if program.subjects.contains(subject) => {}
            Some((_, program)) => program.subjects.push(subject.clone()),
            None => {
                let program =
                    Program { name: name.to_owned(), subjects: vec![subject.clone()], in_flight, ack_seconds };
                parts.push((service, program));
            }
        }
    }
    if parts.is_empty() {
        return Err("a program needs at least one subject".into());
    }
    // JetStream refuses filters of one consumer that overlap; say which.
    for (_, program) in &parts {
        for (n, one) in program.subjects.iter().enumerate() {
            if let Some(other) = program.subjects.iter().skip(n + 1).find(|other| overlap(one, other)) {
                return Err(format!("{one} and {other} overlap: give the wider one only"));
            }
        }
    }
    Ok(parts)
}

/// Whether two filters, each checked before, choose some of the same events.
fn overlap(one: &str, other: &str) -> bool {
    let parts = |s: &str| s.rsplit_once('.').map(|(a, e)| (a.to_owned(), e.to_owned())).unwrap_or_default();
    let ((aggregate, event), (its_aggregate, its_event)) = (parts(one), parts(other));
    let any = |e: &str| e == ">" || e == "*";
    aggregate == its_aggregate && (any(&event) || any(&its_event) || event == its_event)
}

/// A string of the configuration language.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests;
