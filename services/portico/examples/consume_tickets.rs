//! Prints the life of every ticket, one line per event, each exactly once, however often it is stopped and started.
//!
//! `cargo run -p portico --example consume_tickets -- nats://NAME:PASSWORD@127.0.0.1:4222 tickets.state [IDLE SECONDS]`
//!
//! `portico events grant NAME --subjects 'portico.v1.records.tickets.>'` prints the address. The consumer is there already
//! and has the program's name: a program chooses neither what it hears nor how.
//!
//! Delivery is at least once: the same message may come again after a crash or a lost acknowledgement. So the effect
//! (here the printed line) and the memory of it are one step, and only then is the message acknowledged. `ce-sequence`
//! counts the events of one ticket without holes, which shows a repetition, and a message that was lost. `ce-epoch` is the
//! epoch of the log: after a restore it is another, the same numbers are then other events, and everything begins anew.
//!
//! Uses nothing of Portico: copy it as it is.

use std::collections::HashMap;
use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use async_nats::jetstream::{
    self, Message,
    consumer::{Consumer, pull},
};
use async_nats::{ConnectOptions, ServerAddr};
use futures::StreamExt as _;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const STREAM: &str = "PORTICO_RECORDS";
/// Under which JetStream domain a program finds its consumer.
const DOMAIN: &str = "portico";

/// How far each ticket has been handled, in a text file of lines `ticket sequence event`, after lines `epoch number`.
struct Memory {
    epoch: Option<u64>,
    /// The last handled event of each ticket.
    last: HashMap<String, (u64, String)>,
    file: File,
}

impl Memory {
    fn open(path: &str) -> Result<Self> {
        let text = fs::read_to_string(path).unwrap_or_default();
        // A crash may have left half a line at the end; its event was not acknowledged and comes again.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let (mut epoch, mut last) = (None, HashMap::new());
        for line in text[..whole].lines() {
            match line.split(' ').collect::<Vec<_>>().as_slice() {
                ["epoch", number] => {
                    epoch = Some(number.parse()?);
                    last.clear();
                }
                [ticket, sequence, event] => {
                    last.insert((*ticket).to_owned(), (sequence.parse()?, (*event).to_owned()));
                }
                _ => return Err(format!("{path} is not the memory of this program").into()),
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        file.set_len(whole as u64)?;
        Ok(Self { epoch, last, file })
    }

    /// Forgets all tickets: the log of another epoch is another history. What was done for the former one stays done; a
    /// program with a database of its own would now compare or empty it.
    fn begin(&mut self, epoch: u64) -> Result<()> {
        if let Some(former) = self.epoch {
            writeln!(std::io::stderr(), "epoch {epoch} follows {former}: the history was replaced, starting over")?;
        }
        writeln!(self.file, "epoch {epoch}")?;
        self.file.sync_data()?;
        self.epoch = Some(epoch);
        self.last.clear();
        Ok(())
    }

    fn remember(&mut self, ticket: &str, sequence: u64, event: &str) -> Result<()> {
        writeln!(self.file, "{ticket} {sequence} {event}")?;
        self.file.sync_data()?;
        self.last.insert(ticket.to_owned(), (sequence, event.to_owned()));
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
    let epoch: u64 = header(message, "ce-epoch")?.parse()?;
    if memory.epoch != Some(epoch) {
        memory.begin(epoch)?;
    }
    let last = memory.last.get(ticket).map(|(last, event)| (*last, event.as_str()));
    if let Some((last, _)) = last.filter(|(last, _)| sequence > last + 1) {
        return Err(format!("event {} of ticket {ticket} is missing: {event} is event {sequence}", last + 1).into());
    }
    if let Some((_, known)) = last.filter(|(last, known)| sequence == *last && *known != event) {
        return Err(
            format!("event {sequence} of ticket {ticket} was {known} and is {event}: not the same history").into()
        );
    }
    if last.is_none_or(|(last, _)| sequence > last) {
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
    let name = address.username().ok_or("the address has no user")?.to_owned();
    let client = options.connect(address).await?;
    // A message comes again when it was not acknowledged in time, and one is out at a time, unless the grant says otherwise.
    let consumer: Consumer<pull::Config> = jetstream::with_domain(client, DOMAIN)
        .get_consumer_from_stream(name.as_str(), STREAM)
        .await
        .map_err(|error| {
            format!("the consumer {name} on {STREAM} does not answer ({error}); `portico events grant` makes it")
        })?;
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
