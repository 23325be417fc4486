//! A whole portal in one process, with everything that it needs.

use crate::{Browser, Database, MASTER_KEY, eventually};
use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use eventlog::RelayState;
use portico::{
    assemble::{self, Listeners, Running},
    dev::{
        mail::{CaughtMail, MailCatcher, MailOptions},
        nats::{Nats, NatsOptions, portico_users},
        servers::Tools,
    },
    target::Targets,
};
use runtime::{Config, SERVICES};
use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};
use tokio::net::TcpListener;

/// The password that tests give to everybody.
pub const PASSWORD: &str = "correct horse battery staple";

/// A new empty directory of this process's own, readable by the servers' user.
pub fn temporary(name: &str) -> Result<PathBuf> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    if number == 0 {
        remove_left_behind();
    }
    let path = std::env::temp_dir().join(format!("portico-{}-{name}-{number}", std::process::id()));
    std::fs::create_dir_all(&path)?;
    Ok(path)
}

/// Removes the directories of test processes that have ended: a process can't remove what its servers use to the end.
fn remove_left_behind() {
    let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let pid =
            name.to_str().and_then(|n| n.strip_prefix("portico-")).and_then(|n| n.split_once('-')).map(|(p, _)| p);
        if pid.is_some_and(|p| p.parse::<u32>().is_ok() && !Path::new("/proc").join(p).exists()) {
            // Somebody else's, or another process was faster: either way not ours to worry about.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// A NATS of one's own.
pub async fn nats(directory: &Path) -> Result<Nats> {
    let options = NatsOptions {
        tools: Tools::locate()?,
        directory: directory.join("nats"),
        port: None,
        users: portico_users()?,
        sync_always: false,
    };
    Ok(Nats::start(options).await?)
}

/// How a test's portal differs from the usual.
#[derive(Default)]
pub struct PortalOptions {
    /// One process (here: one assembly) per service instead of one for all.
    pub split: bool,
    /// Settings over the kit's.
    pub settings: Vec<(String, String)>,
    /// A database with something in it already; without one, a new one.
    pub database: Option<Database>,
    /// A bus that runs already; without one, a new one.
    pub nats: Option<Nats>,
    /// Starts without waiting for all to settle, which it may not.
    pub unsettled: bool,
}

/// A portal that runs.
pub struct Portal {
    /// Its database.
    pub database: Database,
    /// Its NATS.
    pub nats: Nats,
    /// Where its mails end.
    pub mail: MailCatcher,
    /// Base URL.
    pub url: String,
    /// Its settings.
    pub config: Config,
    running: Vec<Running>,
    directory: PathBuf,
}

impl Portal {
    /// A portal with everything, all services in one process.
    pub async fn start() -> Result<Portal> {
        Portal::with(PortalOptions::default()).await
    }

    /// A portal.
    pub async fn with(options: PortalOptions) -> Result<Portal> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let directory = temporary("portal")?;
        let database = match options.database {
            Some(database) => database,
            None => Database::new().await?,
        };
        let nats = match options.nats {
            Some(nats) => nats,
            None => nats(&directory).await?,
        };
        let mail = MailCatcher::start(MailOptions {
            tools: Tools::locate()?,
            directory: directory.join("mail"),
            smtp_port: None,
            web_port: None,
        })
        .await?;
        let listener = async || TcpListener::bind("127.0.0.1:0").await;
        let http = listener().await?;
        let url = format!("http://{}", http.local_addr()?);
        let mut settings = database.settings();
        let mut set = |name: &str, value: String| settings.push((name.to_owned(), value));
        for name in SERVICES.into_iter().chain(["gateway"]) {
            let url = nats.url_for(name).context("a NATS user")?;
            set(&format!("PORTICO_{}_NATS_URL", name.to_uppercase()), url);
        }
        set("PORTICO_NATS_PROGRAMS", nats.programs_file().to_string_lossy().into_owned());
        set("PORTICO_NATS_URL", nats.url_for("operator").context("a NATS user")?);
        set("PORTICO_MASTER_KEY", BASE64.encode(MASTER_KEY));
        set("PORTICO_SMTP_URL", mail.smtp_url());
        set("PORTICO_PORTAL_URL", url.clone());
        set("PORTICO_PORTAL_COMPANY_NAME", "Test GmbH".into());
        set("PORTICO_PROFILE", "test".into());
        set("PORTICO_DRAIN_SECONDS", "3".into());
        settings.extend(options.settings);
        let mut running = Vec::new();
        let config;
        if options.split {
            // Every service alone, with the same settings plus where the others are.
            let mut listeners = Vec::new();
            for service in SERVICES {
                let grpc = listener().await?;
                settings.push((
                    format!("PORTICO_{}_ADDR", service.to_uppercase()),
                    format!("http://{}", grpc.local_addr()?),
                ));
                listeners.push((service, grpc));
            }
            config = Config::from_settings(settings.clone(), &[])?;
            for (service, grpc) in listeners {
                let targets: Targets = service.parse().map_err(anyhow::Error::msg)?;
                let listeners = Listeners { http: None, grpc, admin: listener().await? };
                running.push(assemble::start(config.clone(), &targets, listeners).await?);
            }
            let targets: Targets = "gateway".parse().map_err(anyhow::Error::msg)?;
            let listeners = Listeners { http: Some(http), grpc: listener().await?, admin: listener().await? };
            running.push(assemble::start(config.clone(), &targets, listeners).await?);
        } else {
            config = Config::from_settings(settings, &[])?;
            let listeners = Listeners { http: Some(http), grpc: listener().await?, admin: listener().await? };
            running.push(assemble::start(config.clone(), &Targets::all(), listeners).await?);
        }
        let portal = Portal { database, nats, mail, url, config, running, directory };
        if !options.unsettled {
            portal.settle().await?;
        }
        Ok(portal)
    }

    /// The assemblies.
    pub fn running(&self) -> &[Running] {
        &self.running
    }

    /// gRPC address of a service.
    pub fn grpc(&self, service: &str) -> std::net::SocketAddr {
        let found = self.running.iter().find(|r| r.logs.iter().any(|l| l.service() == service));
        found.map_or(self.running[0].grpc, |r| r.grpc)
    }

    /// A log of a service that runs here.
    pub fn log(&self, service: &str) -> &eventlog::Log {
        self.running.iter().flat_map(|r| &r.logs).find(|l| l.service() == service).expect("the service runs here")
    }

    /// Waits until the processes are ready and all that has happened has had its effects: logs are on the bus, consumers
    /// have handled them, and what they appended too.
    pub async fn settle(&self) -> Result<()> {
        eventually("everything to settle", async || {
            for running in &self.running {
                let reasons = running.health.not_ready();
                ensure!(reasons.is_empty(), "not ready: {reasons:?}");
            }
            let mut heads = std::collections::HashMap::new();
            for running in &self.running {
                for (log, relay) in running.logs.iter().zip(&running.relays) {
                    let head = log.head().await?.0;
                    let state = relay.borrow().clone();
                    ensure!(state == RelayState::Leading(head), "{} is at {head}, its relay {state:?}", log.service());
                    heads.insert(log.service().to_owned(), head);
                }
            }
            for running in &self.running {
                for (service, source, position) in running.waiters.positions() {
                    let head = heads.get(&source).copied().unwrap_or(0);
                    ensure!(position == head, "{service} has handled {source} up to {position} of {head}");
                }
            }
            Ok(())
        })
        .await
    }

    /// Fails when a consumer gave an event up.
    pub async fn no_dead_letters(&self) -> Result<()> {
        for log in self.running.iter().flat_map(|r| &r.logs) {
            let dead = eventlog::list_dead(log.pool()).await?;
            ensure!(dead.is_empty(), "dead letters of {}: {dead:?}", log.service());
        }
        Ok(())
    }

    /// Another gateway process's worth: an assembly of its own before the same services. Its address.
    pub async fn another_gateway(&mut self) -> Result<String> {
        let mut config = self.config.clone();
        let address = |service: &str| Some(format!("http://{}", self.grpc(service)));
        config.identity_addr = address("identity");
        config.permissions_addr = address("permissions");
        config.records_addr = address("records");
        config.notification_addr = address("notification");
        let http = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", http.local_addr()?);
        let targets: Targets = "gateway".parse().map_err(anyhow::Error::msg)?;
        let listeners = Listeners {
            http: Some(http),
            grpc: TcpListener::bind("127.0.0.1:0").await?,
            admin: TcpListener::bind("127.0.0.1:0").await?,
        };
        self.running.push(assemble::start(config, &targets, listeners).await?);
        Ok(url)
    }

    /// Stops the process of one service, in a portal that is split.
    pub async fn stop_service(&mut self, service: &str) {
        let found = self.running.iter().position(|r| r.logs.iter().any(|l| l.service() == service));
        if let Some(index) = found {
            self.running.remove(index).stop().await;
        }
    }

    /// Somebody without a session.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// Makes an agent and signs in to the console.
    pub async fn agent(&self, login: &str, role: &str) -> Result<Browser> {
        self.make_agent(login, role).await?;
        let mut browser = self.browser().console();
        browser.sign_in(login, PASSWORD).await?;
        Ok(browser)
    }

    /// Makes an agent; answers the id.
    pub async fn make_agent(&self, login: &str, role: &str) -> Result<String> {
        let clients = runtime::Clients::new(&self.config, "console", self.grpc("identity"))?;
        let request = proto::identity::v1::CreateAgentRequest {
            login: login.into(),
            name: format!("Agent {login}"),
            email: login.into(),
            role: role.into(),
            locale: "en".into(),
            password: PASSWORD.into(),
            lasting: true,
            ..proto::identity::v1::CreateAgentRequest::default()
        };
        let made = clients.identity().create_agent(request).await.map_err(runtime::error_of)?;
        Ok(made.into_inner().user_id)
    }

    /// Waits for a mail to somebody whose subject contains a text.
    pub async fn mail_to(&self, address: &str, subject: &str) -> Result<CaughtMail> {
        eventually(&format!("a mail to {address} about {subject:?}"), async || {
            let all = self.mail.messages().await?;
            let seen: Vec<_> = all.iter().map(|m| format!("{:?}: {}", m.to, m.subject)).collect();
            all.into_iter()
                .find(|m| m.to.iter().any(|t| t.contains(address)) && m.subject.contains(subject))
                .with_context(|| format!("mails so far: {seen:?}"))
        })
        .await
    }

    /// Stops everything; fails when a consumer gave an event up.
    pub async fn stop(self) -> Result<()> {
        let directory = self.directory.clone();
        drop(self.stop_processes().await?);
        let _ = std::fs::remove_dir_all(directory);
        Ok(())
    }

    /// Stops everything but the bus, which goes on with what it holds; fails when a consumer gave an event up.
    pub async fn stop_processes(mut self) -> Result<Nats> {
        self.no_dead_letters().await?;
        while let Some(running) = self.running.pop() {
            running.stop().await;
        }
        Ok(self.nats)
    }
}
