//! One command for a whole portal: private servers, schemas, services, demo data.

use super::{
    mail::{MailCatcher, MailOptions},
    nats::{Nats, NatsOptions, NatsUser, portico_users},
    postgres::{Postgres, PostgresOptions},
    servers::Tools,
};
use crate::{
    assemble::{self, Listeners},
    demo,
    host::{create_private_directory, own_user},
    provision,
    target::Targets,
};
use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use ring::rand::{SecureRandom, SystemRandom};
use runtime::{Config, SERVICES};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::signal::unix::{SignalKind, signal};

/// What `portico dev` is told.
pub struct DevOptions {
    /// Where data is kept.
    pub directory: PathBuf,
    /// Settings over those of dev.
    pub flags: Vec<String>,
}

/// Secrets of a private installation, kept beside its data, mode 0600.
#[derive(Serialize, Deserialize)]
struct Secrets {
    master_key: String,
    database: BTreeMap<String, String>,
    nats: BTreeMap<String, String>,
}

impl Secrets {
    fn load_or_make(directory: &Path) -> Result<Secrets> {
        let path = directory.join("secrets.json");
        if let Ok(text) = fs::read_to_string(&path) {
            return serde_json::from_str(&text).with_context(|| {
                format!("{} is damaged; remove {} to start anew", path.display(), directory.display())
            });
        }
        let users = portico_users()?;
        let secrets = Secrets {
            master_key: BASE64.encode(random::<32>()?),
            database: SERVICES.iter().map(|s| Ok(((*s).to_owned(), hex(&random::<16>()?)))).collect::<Result<_>>()?,
            nats: users.into_iter().map(|u| (u.name, u.password)).collect(),
        };
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(serde_json::to_string_pretty(&secrets)?.as_bytes())?;
        Ok(secrets)
    }

    /// The users, with the passwords that were given before.
    fn users(&self) -> Result<Vec<NatsUser>> {
        let mut users = portico_users()?;
        for user in &mut users {
            if let Some(password) = self.nats.get(&user.name) {
                user.password.clone_from(password);
            }
        }
        Ok(users)
    }
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| anyhow::anyhow!("the system gives no randomness"))?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Runs until Ctrl-C or SIGTERM.
pub async fn run(options: DevOptions) -> Result<()> {
    let started = Instant::now();
    let directory = options.directory;
    // Everything below has private modes of its own. A server that runs as another user must be able to pass through to
    // what is its.
    create_private_directory(&directory, own_user()? == 0)?;
    let directory = directory.canonicalize()?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let tools = Tools::locate()?;
    let secrets = Secrets::load_or_make(&directory)?;
    let given: BTreeMap<String, String> = std::env::vars().filter(|(k, _)| k.starts_with("PORTICO_")).collect();
    let mut settings: BTreeMap<String, String> = BTreeMap::new();
    let mut set = |name: &str, value: String| drop(settings.insert(name.to_owned(), value));

    // Existing servers are used as they are; what is missing is started.
    let postgres = match given.get("PORTICO_DATABASE_URL") {
        Some(_) => None,
        None => {
            let options = PostgresOptions {
                tools: tools.clone(),
                directory: directory.join("postgres"),
                port: None,
                settings: Vec::new(),
                durable: true,
            };
            let postgres = Postgres::start(options).await.context("Postgres")?;
            provision::create_database(&postgres.url(), "portico").await?;
            provision::set_passwords(&postgres.url(), |s| secrets.database[s].clone()).await?;
            set("PORTICO_DATABASE_URL", postgres.url_of(super::postgres::OWNER, postgres.password(), "portico"));
            for service in SERVICES {
                let role = format!("portico_{service}");
                let url = postgres.url_of(&role, &secrets.database[service], "portico");
                set(&format!("PORTICO_{}_DATABASE_URL", service.to_uppercase()), url);
            }
            Some(postgres)
        }
    };
    let nats = match given.get("PORTICO_NATS_URL") {
        Some(_) => None,
        None => {
            let options = NatsOptions {
                tools: tools.clone(),
                directory: directory.join("nats"),
                port: None,
                users: secrets.users()?,
                sync_always: false,
            };
            let nats = Nats::start(options).await.context("NATS")?;
            for name in SERVICES.into_iter().chain(["gateway"]) {
                let url = nats.url_for(name).context("a NATS user is missing")?;
                set(&format!("PORTICO_{}_NATS_URL", name.to_uppercase()), url);
            }
            set("PORTICO_NATS_PROGRAMS", nats.programs_file().to_string_lossy().into_owned());
            set("PORTICO_NATS_URL", nats.url_for("operator").context("a NATS user is missing")?);
            Some(nats)
        }
    };
    let mail = match given.get("PORTICO_SMTP_URL") {
        Some(_) => None,
        None => {
            let options = MailOptions { tools, directory: directory.join("mail"), smtp_port: None, web_port: None };
            let mail = MailCatcher::start(options).await.context("the mail catcher")?;
            set("PORTICO_SMTP_URL", mail.smtp_url());
            Some(mail)
        }
    };
    set("PORTICO_MASTER_KEY", secrets.master_key.clone());
    set("PORTICO_LOG_FORMAT", "text".into());
    set("PORTICO_LOG_LEVEL", "warn".into());
    set("PORTICO_DEMO", "true".into());
    set("PORTICO_PORTAL_COMPANY_NAME", "Portico Demo".into());
    set("PORTICO_TIME_ZONE", "Europe/Rome".into());
    set("PORTICO_SMTP_FROM", "Portico Demo <portal@demo.test>".into());
    set("PORTICO_GRPC_LISTEN", "127.0.0.1:0".into());
    set("PORTICO_ADMIN_LISTEN", "127.0.0.1:0".into());
    settings.extend(given);
    if !settings.contains_key("PORTICO_PORTAL_URL") {
        let listen = settings.get("PORTICO_HTTP_LISTEN").map_or("127.0.0.1:8080", String::as_str);
        settings.insert("PORTICO_PORTAL_URL".into(), format!("http://{listen}"));
    }
    let config = Config::from_settings(settings.clone(), &options.flags)?;
    let telemetry = runtime::init_telemetry(&config, "all")?;
    provision::migrate(&config.database_url).await?;
    let listeners = Listeners::bind(&config, &Targets::all()).await?;
    let mut running = assemble::start(config.clone(), &Targets::all(), listeners).await?;
    write_environment(&directory, &settings, running.grpc)?;
    let loaded = demo::load(&config, running.grpc);
    tokio::select! {
        loaded = loaded => drop(loaded.context("demo data")?),
        _ = interrupt.recv() => return stop(running, telemetry, mail, nats, postgres).await,
        _ = terminate.recv() => return stop(running, telemetry, mail, nats, postgres).await,
    }
    let mut said = String::new();
    writeln!(said, "\nPortico is ready after {:.1} s\n", started.elapsed().as_secs_f64())?;
    writeln!(said, "  portal    {}/           emma@acme.test, marco@acme.test, nina@globex.test", config.portal_url)?;
    writeln!(said, "  console   {}/console    admin@demo.test, agent@demo.test", config.portal_url)?;
    writeln!(said, "  password  {}  (for all of them)", demo::PASSWORD)?;
    if let Some(mail) = &mail {
        writeln!(said, "  mails     {}", mail.web_url())?;
    }
    writeln!(said, "  API       {}/api/docs", config.portal_url)?;
    if nats.is_some() {
        writeln!(
            said,
            "  events    portico events grant my-program --subjects 'portico.v1.records.tickets.>'   lets a program in"
        )?;
    }
    writeln!(said, "  health    http://{}/readyz", running.admin)?;
    writeln!(said, "  settings  {}   (for `portico events tail` and friends)", directory.join("env").display())?;
    writeln!(said, "\nCtrl-C stops everything.")?;
    // Nobody has to read it.
    let _ = std::io::stdout().write_all(said.as_bytes());
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        what = running.failed() => {
            stop(running, telemetry, mail, nats, postgres).await?;
            anyhow::bail!(what);
        }
    }
    stop(running, telemetry, mail, nats, postgres).await
}

async fn stop(
    running: assemble::Running,
    telemetry: runtime::Telemetry,
    mail: Option<MailCatcher>,
    nats: Option<Nats>,
    postgres: Option<Postgres>,
) -> Result<()> {
    let _ = tokio::time::timeout(Duration::from_secs(15), running.stop()).await;
    telemetry.shutdown().await;
    drop(mail);
    if let Some(mut nats) = nats {
        nats.stop().await;
    }
    if let Some(mut postgres) = postgres {
        postgres.stop().await;
    }
    Ok(())
}

/// The settings of this installation, to be sourced by a shell that wants to use the command line beside it.
fn write_environment(directory: &Path, settings: &BTreeMap<String, String>, grpc: std::net::SocketAddr) -> Result<()> {
    let path = directory.join("env");
    let mut text = String::new();
    for (name, value) in settings {
        let value = if name == "PORTICO_GRPC_LISTEN" { grpc.to_string() } else { value.clone() };
        text.push_str(&format!("export {name}='{}'\n", value.replace('\'', "'\\''")));
    }
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    Ok(())
}
