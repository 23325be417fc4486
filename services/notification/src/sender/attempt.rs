//! One attempt at one delivery.

use super::{Sender, meters::class};
use crate::{
    commands::{self, Known, Refusal},
    compose::{Composed, compose},
    domain::delivery::{Command, Order, Situation},
    neighbours::Trouble,
    recipients,
    smtp::{self, Account, Connection, Envelope, EnvelopeError, Failure, Marks, Offered, Reply, Undelivered},
    turn::{Module, Turn},
};
use eventlog::{LogError, Recorded, trace};
use sqlx::types::Json;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tracing::{Instrument, Span, field::Empty, info_span, warn};
use uuid::Uuid;

/// How long recording the outcome of a message is tried again while the database is away.
const RECORD_FOR: Duration = Duration::from_secs(120);

/// How an attempt ended.
pub(super) enum Ended {
    /// Recorded, or not this process's to do.
    Settled,
    /// A fact can't be had at the moment.
    Postponed,
}

/// Why an attempt was broken off without anything recorded.
pub(super) enum Stop {
    /// The mail server can't be reached, or lets nobody in.
    ServerAway(Failure),
    /// The log failed.
    Log(LogError),
}

impl From<LogError> for Stop {
    fn from(error: LogError) -> Stop {
        Stop::Log(error)
    }
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Stop {
        Stop::Log(error.into())
    }
}

/// Modules by name, as far as mails need them.
pub(super) type Modules = BTreeMap<String, Module>;

/// What an attempt acts on.
struct Work<'a> {
    known: &'a Known,
    message_id: String,
}

impl Work<'_> {
    fn id(&self) -> Uuid {
        self.known.delivery.id
    }
}

impl Sender {
    pub(super) async fn attempt(&self, account: &Account, known: &Known, modules: &Modules) -> Result<Ended, Stop> {
        let (id, state) = (known.delivery.id, &known.delivery.state);
        let (Some(order), Some(queued)) = (&state.order, &known.queued) else { return Ok(Ended::Settled) };
        if !state.is_due(self.log.now()) {
            return Ok(Ended::Settled);
        }
        let span = info_span!(
            parent: None,
            "render notification",
            portico.notification.id = %id,
            portico.notification.template = order.template.as_str(),
            portico.notification.locale = Empty,
        );
        if let Some(parent) = &queued.traceparent {
            trace::set_parent(&span, parent);
        }
        // The connection comes first: an invitation's link is made anew each time it is asked for.
        let connection = self.connection(account).await.map_err(Stop::ServerAway)?;
        // Attempts of one delivery have one id, also where the sender's address is another by now.
        let message_id = match state.message_id.as_str() {
            "" => format!("{id}@{}", account.hello),
            earlier => earlier.to_owned(),
        };
        let work = Work { known, message_id };
        let written = self.write(account, &work, order, modules).instrument(span.clone()).await;
        let (envelope, destination) = match written {
            Ok(Written::Envelope(envelope, destination)) => (envelope, destination),
            Ok(Written::Nothing(reason)) => {
                self.keep(connection);
                self.meters.count("skipped", "none");
                let skip = Command::Skip { reason: reason.to_owned() };
                return self.record(&work, skip).instrument(span).await;
            }
            Ok(Written::Later(what)) => {
                self.keep(connection);
                warn!(event = "mail.postponed", delivery = %id, reason = %what, "a message waits for another service");
                return Ok(Ended::Postponed);
            }
            Ok(Written::Failed(error)) => {
                self.keep(connection);
                return self.fail(&work, error, false, "none").instrument(span).await;
            }
            Err(stop) => {
                self.keep(connection);
                return Err(stop);
            }
        };
        let own = envelope.to.domain().eq_ignore_ascii_case(account.sender.email.domain());
        let sending = info_span!(
            parent: &span,
            "smtp send",
            otel.kind = "client",
            network.protocol.name = "smtp",
            network.transport = "tcp",
            server.address = account.host,
            server.port = account.port,
            tls.established = connection.is_encrypted(),
            portico.smtp.reply_code = Empty,
            portico.smtp.enhanced_code = Empty,
            portico.recipient.domain_class = if own { "own" } else { "other" },
            "error.type" = Empty,
        );
        self.send(account, connection, &work, &envelope, destination).instrument(sending).await
    }

    /// Writes the mail, asking for its facts now.
    async fn write(
        &self,
        account: &Account,
        work: &Work<'_>,
        order: &Order,
        modules: &Modules,
    ) -> Result<Written, Stop> {
        let recipient = recipients::find(self.log.pool(), order.recipient_id).await?;
        let module = modules.get(&order.subject_module);
        let turn = Turn { order, recipient: recipient.as_ref(), module, now: self.log.now() };
        let composed = match compose(&self.installation, self.neighbours.as_ref(), &turn).await {
            Ok(composed) => composed,
            Err(trouble @ Trouble::Away(_)) => return Ok(Written::Later(trouble)),
            Err(Trouble::Refused(service, reason)) => {
                return Ok(Written::Failed(format!("facts_refused {service} {reason}")));
            }
        };
        let (mail, name, address, redirected) = match composed {
            Composed::Ready { mail, name, address, redirected } => (mail, name, address, redirected),
            Composed::Skip(reason) => return Ok(Written::Nothing(reason)),
        };
        Span::current().record("portico.notification.locale", mail.language.code());
        let reference = work.known.queued.as_ref().map(reference);
        let to = (name.as_str(), address.as_str());
        let marks = Marks {
            message_id: &work.message_id,
            reference: reference.as_deref(),
            template: order.template.as_str(),
            installation: &self.installation.id,
        };
        Ok(match smtp::envelope(&mail, &account.sender, to, &marks) {
            Ok(envelope) => Written::Envelope(envelope, Destination { recipient: address, redirected }),
            Err(EnvelopeError::Address) => Written::Nothing("no_address"),
            Err(EnvelopeError::Form) => Written::Failed("mail_not_written".into()),
        })
    }

    /// The modules that records of these deliveries belong to.
    pub(super) async fn modules(&self, deliveries: &[Known]) -> Result<Modules, LogError> {
        let orders = deliveries.iter().filter_map(|known| known.delivery.state.order.as_ref());
        let names: BTreeSet<&str> = orders.map(|o| o.subject_module.as_str()).filter(|n| !n.is_empty()).collect();
        if names.is_empty() {
            return Ok(Modules::new());
        }
        let rows: Vec<(String, Json<BTreeMap<String, String>>)> =
            sqlx::query_as("select name, singular from modules where name = any($1)")
                .bind(names.into_iter().collect::<Vec<_>>())
                .fetch_all(self.log.pool())
                .await?;
        Ok(rows.into_iter().map(|(name, singular)| (name, Module { singular: singular.0 })).collect())
    }

    /// Offers the message, records that it goes out, hands it over, records what came of it.
    async fn send(
        &self,
        account: &Account,
        mut connection: Connection,
        work: &Work<'_>,
        envelope: &Envelope,
        destination: Destination,
    ) -> Result<Ended, Stop> {
        let mut offered = connection.offer(&envelope.from, &envelope.to).await;
        if connection.used && matches!(offered, Err(Offered::Sender(Failure::Broken(_)))) {
            // The server closed a connection that had waited; nothing was sent over it.
            connection = Connection::open(account).await.map_err(Stop::ServerAway)?;
            offered = connection.offer(&envelope.from, &envelope.to).await;
        }
        match offered {
            Ok(()) => {}
            Err(Offered::Sender(failure)) => {
                // Not this message's fault alone: an operator can set it right, so it is tried again.
                return self.refused_early(connection, work, "smtp_sender_refused", failure, false).await;
            }
            Err(Offered::Recipient(failure)) => {
                return self.refused_early(connection, work, "smtp", failure, true).await;
            }
        }
        let begin = Command::Begin {
            now: self.log.now(),
            message_id: work.message_id.clone(),
            recipient: destination.recipient,
            redirected: destination.redirected.to_owned(),
        };
        let sending = match commands::act(&self.log, work.known, begin).await {
            Ok(sending) => sending,
            Err(refusal) => {
                self.take_back(connection).await;
                return somebody_else_was_first(refusal);
            }
        };
        let delivered = connection.deliver(&envelope.text).await;
        let outcome = match delivered {
            Ok(reply) => {
                self.keep(connection);
                note(&reply);
                self.meters.count("sent", class(reply.code));
                if let Some(queued) = &work.known.queued {
                    self.meters.waited(self.log.now().micros() - queued.recorded_at.micros());
                }
                Command::RecordAcceptance { reply_code: i32::from(reply.code), message_id: work.message_id.clone() }
            }
            Err(Undelivered::Certain(failure)) => {
                let (error, permanent, reply) = describe("smtp", &failure);
                self.meters.count(if permanent { "failed" } else { "retrying" }, reply);
                if matches!(failure, Failure::Refused(_)) {
                    self.take_back(connection).await;
                }
                Span::current().record("error.type", error.as_str());
                Command::RecordFailure { error, permanent, now: self.log.now() }
            }
            Err(Undelivered::Uncertain) => {
                self.meters.count("uncertain", "none");
                Span::current().record("error.type", "uncertain");
                warn!(event = "mail.uncertain", delivery = %work.id(),
                      "the connection broke while the server may have taken the message; it is not sent again by itself");
                Command::GiveUpOutcome
            }
        };
        self.record_outcome(sending, outcome).await
    }

    async fn refused_early(
        &self,
        connection: Connection,
        work: &Work<'_>,
        code: &str,
        failure: Failure,
        by_recipient: bool,
    ) -> Result<Ended, Stop> {
        let (error, permanent, reply) = describe(code, &failure);
        if matches!(failure, Failure::Refused(_)) {
            self.take_back(connection).await;
        }
        Span::current().record("error.type", error.as_str());
        self.fail(work, error, permanent && by_recipient, reply).await
    }

    async fn take_back(&self, mut connection: Connection) {
        if connection.reset().await {
            self.keep(connection);
        }
    }

    async fn fail(&self, work: &Work<'_>, error: String, permanent: bool, reply: &'static str) -> Result<Ended, Stop> {
        self.meters.count(if permanent { "failed" } else { "retrying" }, reply);
        self.record(work, Command::RecordFailure { error, permanent, now: self.log.now() }).await
    }

    /// Records a decision that was made before anything went out. If another process recorded one first, that one
    /// stands.
    async fn record(&self, work: &Work<'_>, command: Command) -> Result<Ended, Stop> {
        match commands::act(&self.log, work.known, command).await {
            Ok(_) => Ok(Ended::Settled),
            Err(refusal) => somebody_else_was_first(refusal),
        }
    }

    /// Records the outcome of what went out, even when the database is away for a while. If another process meanwhile
    /// called it uncertain, the truth replaces that; whatever happened later stands.
    async fn record_outcome(&self, sending: Known, command: Command) -> Result<Ended, Stop> {
        let until = tokio::time::Instant::now() + RECORD_FOR;
        let (id, version) = (sending.delivery.id, sending.delivery.version);
        let mut known = Some(sending);
        loop {
            let result = async {
                // As it was left, or as it is by now.
                let now = match known.take() {
                    Some(sending) => sending,
                    None => commands::load(&self.log, id).await?,
                };
                let ours = now.delivery.version == version
                    || (now.delivery.version == version + 1 && now.delivery.state.situation == Situation::Uncertain);
                if !ours {
                    return Ok(());
                }
                commands::act(&self.log, &now, command.clone()).await.map(drop)
            };
            match result.await {
                Ok(()) | Err(Refusal::Rejected(_)) => return Ok(Ended::Settled),
                Err(Refusal::Stale { .. } | Refusal::Overtaken)
                | Err(Refusal::Log(LogError::WrongExpectedVersion { .. })) => {}
                Err(Refusal::Log(error)) if tokio::time::Instant::now() < until => {
                    warn!(event = "mail.outcome_waits", delivery = %id, error = %error,
                          "the outcome of a message can't be recorded at the moment");
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
                Err(Refusal::Log(error)) => return Err(error.into()),
            }
        }
    }
}

/// A delivery that another process has decided about is settled as far as this one is concerned.
fn somebody_else_was_first(refusal: Refusal) -> Result<Ended, Stop> {
    match refusal {
        Refusal::Log(LogError::WrongExpectedVersion { .. })
        | Refusal::Rejected(_)
        | Refusal::Stale { .. }
        | Refusal::Overtaken => Ok(Ended::Settled),
        Refusal::Log(error) => Err(error.into()),
    }
}

/// With what an operator finds everything that led to a message: its trace, or the chain of its commands.
fn reference(queued: &Recorded) -> String {
    trace::current_trace_id()
        .or_else(|| Some(trace::parse(queued.traceparent.as_deref()?)?.trace_id().to_string()))
        .unwrap_or_else(|| queued.correlation_id.simple().to_string())
}

/// Where a message goes, as the mail log shows it.
struct Destination {
    recipient: String,
    /// Why that is the operator's own address; empty when it is the recipient's.
    redirected: &'static str,
}

/// What came of writing.
enum Written {
    Envelope(Envelope, Destination),
    Nothing(&'static str),
    Later(Trouble),
    Failed(String),
}

/// A failure as it is recorded: code and reply, whether it is final, and the reply's class.
fn describe(code: &str, failure: &Failure) -> (String, bool, &'static str) {
    match failure {
        Failure::Refused(reply) => {
            note(reply);
            let permanent = reply.code >= 500;
            let code = match (code, permanent) {
                ("smtp", true) => "smtp_refused",
                ("smtp", false) => "smtp_deferred",
                (other, _) => other,
            };
            (format!("{code} {reply}"), permanent, class(reply.code))
        }
        Failure::Broken(_) => ("smtp_connection_lost".to_owned(), false, "none"),
        Failure::Unable(what) => ((*what).to_owned(), true, "none"),
    }
}

fn note(reply: &Reply) {
    let span = Span::current();
    span.record("portico.smtp.reply_code", reply.code);
    if let Some(enhanced) = &reply.enhanced {
        span.record("portico.smtp.enhanced_code", enhanced.as_str());
    }
}
