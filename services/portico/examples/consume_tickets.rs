//! Prints the life of every ticket, one line per event, each exactly once, however often it is stopped and started.
//!
//! `cargo run -p portico --example consume_tickets -- nats://consumer:PASSWORD@127.0.0.1:4222 tickets.state [IDLE SECONDS]`
//!
//! Delivery is at least once: the same message may come again after a crash or a lost acknowledgement. So the effect
//! (here the printed line) and the memory of it are one step, and only then is the message acknowledged. `ce-sequence`
//! counts the events of one ticket without holes, which shows a repetition, and a message that was lost.
//!
//! Uses nothing of Portico: copy it as it is.

use std::collections::HashMap;
use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use async_nats::jetstream::{self, Message, consumer::pull};
use async_nats::{ConnectOptions, ServerAddr};
use futures::StreamExt as _;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const STREAM: &str = "PORTICO_RECORDS";
const SUBJECT: &str = "portico.v1.records.tickets.>";
const DURABLE: &str = "example-rust";

/// How far each ticket has been handled, in a text file of lines `ticket sequence event`.
struct Memory {
    sequences: HashMap<String, u64>,
    file: File,
}

impl Memory {
    fn open(path: &str) -> Result<Self> {
        let text = fs::read_to_string(path).unwrap_or_default();
        // A crash may have left half a line at the end; its event was not acknowledged and comes again.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut sequences = HashMap::new();
        for line in text[..whole].lines() {
            let mut words = line.split(' ');
            if let (Some(ticket), Some(sequence)) = (words.next(), words.next()) {
                sequences.insert(ticket.to_owned(), sequence.parse()?);
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        file.set_len(whole as u64)?;
        Ok(Self { sequences, file })
    }

    fn remember(&mut self, ticket: &str, sequence: u64, event: &str) -> Result<()> {
        writeln!(self.file, "{ticket} {sequence} {event}")?;
        self.file.sync_data()?;
        self.sequences.insert(ticket.to_owned(), sequence);
        Ok(())
    }
}

fn header<'a>(message: &'a Message, name: &str) -> Result<&'a str> {
    let value = message.headers.as_ref().and_then(|headers| headers.get(name));
    Ok(value.ok_or_else(|| format!("a message on {} has no {name}", message.subject))?.as_str())
}

async fn handle(message: &Message, memory: &mut Memory) -> Result<()> {
    let (ticket, event) = (header(message, "ce-subject")?, header(message, "ce-id")?);
    let sequence: u64 = header(message, "ce-sequence")?.parse()?;
    let last = memory.sequences.get(ticket).copied();
    if let Some(last) = last.filter(|last| sequence > last + 1) {
        return Err(format!("event {} of ticket {ticket} is missing: {event} is event {sequence}", last + 1).into());
    }
    if last.is_none_or(|last| sequence > last) {
        // The effect. One that must never happen twice, like a row in a database, belongs into one transaction with the
        // memory; a line on a screen cannot be taken back, so here a crash in between prints it again.
        let (time, kind) = (header(message, "ce-time")?, header(message, "ce-type")?);
        writeln!(std::io::stdout(), "{time} {ticket} {sequence} {kind} {event}")?;
        memory.remember(ticket, sequence, event)?;
    }
    // Answered by the server, so that after a clean end nothing comes again.
    message.double_ack().await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match consume().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(std::io::stderr(), "{error}").ok();
            ExitCode::FAILURE
        }
    }
}

async fn consume() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (address, state, idle) = match arguments.as_slice() {
        [address, state] => (address, state, None),
        [address, state, idle] => (address, state, Some(Duration::from_secs(idle.parse()?))),
        _ => return Err("usage: consume_tickets nats://USER:PASSWORD@HOST:PORT STATE-FILE [IDLE-SECONDS]".into()),
    };
    let mut memory = Memory::open(state)?;

    let address: ServerAddr = address.parse()?;
    // The client does not take user and password from the address by itself.
    let options = match (address.username(), address.password()) {
        (Some(user), Some(password)) => ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned()),
        _ => ConnectOptions::new(),
    };
    // The user `consumer` hears answers under this prefix only.
    let client = options.custom_inbox_prefix("_INBOX_consumer").connect(address).await?;
    let stream = jetstream::new(client).get_stream(STREAM).await?;
    let config = pull::Config {
        durable_name: Some(DURABLE.to_owned()),
        filter_subject: SUBJECT.to_owned(),
        // After a crash the message under way comes again when this has passed.
        ack_wait: Duration::from_secs(5),
        // One at a time keeps the order: a message is given out when the one before it is acknowledged.
        max_ack_pending: 1,
        ..Default::default()
    };
    let consumer = stream.create_consumer(config).await?;
    let mut messages = consumer.messages().await?;
    loop {
        let next = match idle {
            Some(idle) => tokio::time::timeout(idle, messages.next()).await.unwrap_or_default(),
            None => messages.next().await,
        };
        match next {
            Some(Ok(message)) => handle(&message, &mut memory).await?,
            // The server was away; the durable consumer is still there and goes on when it is back.
            Some(Err(error)) => {
                writeln!(std::io::stderr(), "{error}")?;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            None => return Ok(()),
        }
    }
}
