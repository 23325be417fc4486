//! The notification service: it tells people by mail what happened that concerns them.
//!
//! It owns deliveries: one message to one recipient each, from the order to send it to its outcome
//! ([`domain::delivery`]). The orders come from other services' events: [`reactions`] turns each event into the
//! deliveries that it calls for, each at most once ([`audience`] says for whom), and keeps what events say about who
//! can be reached where. [`sender`] takes what is due. It asks identity and records whether the recipient may still
//! have the message, and for the facts that the message shows ([`neighbours`]), writes it in the recipient's language
//! ([`compose`], [`mail`]) and hands it to the mail server in steps ([`smtp`]).
//!
//! No message is sent twice: before the text goes out, `sending` is recorded, at a version that only one process can
//! write. A process that dies there leaves the delivery uncertain; it is shown to agents, who may send it again, under
//! the same `Message-ID`. Everything before that point is tried again, and while the mail server is away messages wait.
//!
//! Addresses and names are sealed under the recipient's data key in the log, and are never in logs, spans or metrics.

pub mod audience;
mod commands;
pub mod compose;
mod convert;
mod copied;
pub mod domain;
mod facts;
mod grpc;
pub mod links;
pub mod mail;
pub mod neighbours;
mod owners;
mod projections;
mod queries;
mod quote;
mod reach;
pub mod reactions;
pub mod recipients;
mod schema;
pub mod sender;
pub mod smtp;
pub mod turn;
pub mod wording;

pub use grpc::NotificationGrpc;
pub use schema::{MIGRATIONS, SERVICE};

use eventlog::{Announce, Announcement, Handler, Log, LogOptions, Owner, Projection, Recorded};
use jiff::tz::TimeZone;
use links::Links;
use neighbours::{GrpcNeighbours, Neighbours};
use projections::deliveries::Deliveries;
use proto::{
    event::StoredEvent,
    notification::v1::{DeliveryQueued, notification_service_server::NotificationServiceServer},
};
use reactions::{IdentityReactions, RecordReactions};
use runtime::{Config, Deps, Profile, Service, Task};
use sender::{Meters, Sender, SenderOptions};
use std::{sync::Arc, time::Duration};
use turn::Installation;
use wording::Language;

/// The read models of the service, written with its events.
pub fn projections() -> Vec<Arc<dyn Projection>> {
    vec![Arc::new(Deliveries)]
}

/// How deliveries are named to the world. What is queued names an address and stays among our own services.
struct DeliveryNames;

impl Announce for DeliveryNames {
    fn announce(&self, event: &Recorded, json: &serde_json::Value) -> Announcement {
        Announcement {
            public: &*event.stored_type != DeliveryQueued::STORED_TYPE,
            ..Announcement::of(event, json, &[Owner { category: "delivery", field: "delivery_id", suffix: "" }])
        }
    }
}

/// What all mails of an installation share.
fn installation(config: &Config) -> Installation {
    Installation {
        links: Links::new(&config.portal_url),
        company: config.portal_company_name.clone(),
        // Checked when the configuration was read.
        zone: TimeZone::get(&config.time_zone).unwrap_or(TimeZone::UTC),
        language: Language::from_tag(&config.language).unwrap_or_default(),
        id: config.installation.clone(),
        fallback: Some(config.fallback_email.trim().to_owned()).filter(|address| !address.is_empty()),
        mail_without_access: config.mail_without_access,
    }
}

/// The mail account of the settings, or why there is none.
///
/// # Errors
/// One line that names the setting and never shows a password.
pub fn account(config: &Config) -> Result<smtp::Account, String> {
    match config.smtp_url.as_deref().filter(|url| !url.is_empty()) {
        Some(url) => smtp::Account::new(url, &config.smtp_from).map_err(|e| e.to_string()),
        None => Err("PORTICO_SMTP_URL is not set".to_owned()),
    }
}

/// The service.
pub fn service(deps: Deps) -> Service {
    let log = Log::open(SERVICE, deps.pool, &deps.master_key, projections(), LogOptions::default());
    let neighbours: Arc<dyn Neighbours> = Arc::new(GrpcNeighbours::new(&deps.clients));
    let options = SenderOptions {
        account: account(&deps.config),
        installation: installation(&deps.config),
        lease: match deps.config.profile {
            Profile::Production => Duration::from_secs(15),
            Profile::Test => Duration::from_secs(2),
        },
    };
    let sender = Sender::new(log.clone(), Arc::clone(&neighbours), Meters::new(&deps.metrics), options);
    let grpc = NotificationGrpc::new(log.clone(), sender.standing());
    let handlers: Vec<(&'static str, Arc<dyn Handler>)> = vec![
        ("identity", Arc::new(IdentityReactions::new(log.clone()))),
        ("records", Arc::new(RecordReactions::new(log.clone(), neighbours))),
    ];
    Service {
        name: SERVICE,
        log,
        migrations: &MIGRATIONS,
        mount: Box::new(move |routes| {
            routes.add_service(NotificationServiceServer::new(grpc));
        }),
        seed: None,
        tasks: vec![Task { name: "mail", run: Box::pin(sender.run(deps.shutdown)) }],
        handlers,
        announce: Arc::new(DeliveryNames),
    }
}
