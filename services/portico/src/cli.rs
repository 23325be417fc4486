//! The command line. Exit codes: 0 done, 1 failed, 2 wrong usage.
#![expect(clippy::print_stderr, reason = "this is the command line")]

use crate::{
    assemble::{self, Listeners},
    bus_access, demo, dev, doctor, operate,
    out::say,
    programs::Grant,
    provision,
    target::Targets,
};
use anyhow::{Context, Result};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use runtime::Config;
use std::{path::PathBuf, process::ExitCode};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Parser)]
#[command(name = "portico", version, about = "Customer portal: pages, API, events", propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run services: all of them, or those named by --target.
    Serve(Settings),
    /// Bring the database to this version's schema. Safe to repeat.
    Migrate(Settings),
    /// Run everything with private Postgres, NATS and mail catcher, and demo data.
    Dev(Dev),
    /// Load demo data into an installation that runs.
    Demo(Settings),
    /// Operators' accounts.
    #[command(subcommand)]
    Admin(Admin),
    /// The event logs.
    #[command(subcommand)]
    Events(Events),
    /// Read models that are filled from the logs.
    #[command(subcommand)]
    Projections(Projections),
    /// Events that a consumer could not handle.
    #[command(subcommand, name = "dead-letters")]
    DeadLetters(DeadLetters),
    /// Check settings, database, bus and services; one line per check.
    Doctor(Settings),
    /// Print the reference of all settings.
    Settings,
}

/// Settings as flags: `--database-url …` is `PORTICO_DATABASE_URL`. `portico settings` lists them.
#[derive(clap::Args, Clone)]
struct Settings {
    /// `all`, or any of identity, permissions, records, notification, gateway with commas between.
    #[arg(long, default_value = "all")]
    target: Targets,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Settings.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "SETTINGS")]
    flags: Vec<String>,
}

#[derive(clap::Args)]
struct Dev {
    /// Where the private servers keep their data.
    #[arg(long, default_value = ".portico")]
    directory: PathBuf,
    /// Settings over those of dev.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "SETTINGS")]
    flags: Vec<String>,
}

#[derive(Subcommand)]
enum Admin {
    /// Make an administrator, agent or viewer. The password is read from standard input; without
    /// `--lasting` it must be changed at the first sign-in, within 72 hours.
    Create {
        /// User name; an e-mail address.
        #[arg(long)]
        login: String,
        /// Name that others see.
        #[arg(long)]
        name: String,
        /// administrator, agent or viewer.
        #[arg(long, default_value = "administrator")]
        role: String,
        /// Language of the agent's pages and mails, as a tag such as en.
        #[arg(long, default_value = kernel::Language::ENGLISH.tag())]
        locale: String,
        /// The password is your own and stays: don't ask for another one at the first sign-in.
        #[arg(long)]
        lasting: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// Set a one-time password for an agent, read from standard input; an empty line makes one and prints it. All sessions
    /// of the agent end.
    OneTimePassword {
        /// What the agent signs in with.
        #[arg(long)]
        login: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// Unlock a user.
    Unlock {
        /// User id.
        user: String,
        /// Why; goes into the log.
        #[arg(long, default_value = "")]
        note: String,
        #[command(flatten)]
        settings: Settings,
    },
}

#[derive(Subcommand)]
enum Events {
    /// Print events as they happen.
    Tail {
        /// Whose log.
        #[arg(long, default_value = "records")]
        service: String,
        /// Begin here instead of at the end.
        #[arg(long)]
        from: Option<i64>,
        /// End when nothing more is there.
        #[arg(long)]
        once: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// Write a log as JSON lines.
    Export {
        /// Whose log.
        #[arg(long, default_value = "records")]
        service: String,
        /// First position.
        #[arg(long, default_value_t = 1)]
        from: i64,
        /// Last position; the end without it.
        #[arg(long)]
        to: Option<i64>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Check every hash, and nothing missing; name the first bad event.
    Verify {
        /// Whose log; all without it.
        #[arg(long)]
        service: Option<String>,
        /// A checkpoint that was kept elsewhere.
        #[arg(long)]
        checkpoint: Option<PathBuf>,
        /// Write a new checkpoint here when all is well.
        #[arg(long)]
        write_checkpoint: Option<PathBuf>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Let a program of other people hear events: a consumer of its own on each stream, and a login of its own. Repeated
    /// with other subjects it replaces the grant; the program goes on where it stood.
    Grant {
        /// Name of the program: of its user, and of its consumers.
        name: String,
        /// What it hears, each within one aggregate: portico.v1.records.tickets.>; commas between, or given again.
        #[arg(long, required = true, value_delimiter = ',')]
        subjects: Vec<String>,
        /// Messages that may be out and not acknowledged. Only one keeps the order whatever comes again.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=256))]
        in_flight: i32,
        /// Seconds after which a message that was not acknowledged comes again.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(i32).range(1..=3600))]
        ack_wait: i32,
        /// Replace its password.
        #[arg(long)]
        new_password: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// Take a program's access away. What it has not fetched yet it doesn't get.
    Revoke {
        /// Name of the program.
        name: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// The programs that hear events, and how far each has come.
    #[command(alias = "list")]
    Programs {
        #[command(flatten)]
        settings: Settings,
    },
    /// Print the accounts and users of a NATS server for Portico, for its configuration file.
    Accounts {
        /// A file with the passwords that it includes; otherwise they come from the server's environment.
        #[arg(long)]
        include: Option<String>,
    },
    /// Begin a new epoch after the bus and the log went apart: the stream is made anew from the log.
    NewEpoch {
        /// Whose log.
        #[arg(long)]
        service: String,
        #[command(flatten)]
        settings: Settings,
    },
}

#[derive(Subcommand)]
enum Projections {
    /// Names, and where their rebuilds stand.
    List {
        #[command(flatten)]
        settings: Settings,
    },
    /// Fill a projection anew from the log while the service runs.
    Rebuild {
        /// Its name.
        name: String,
        #[command(flatten)]
        settings: Settings,
    },
}

#[derive(Subcommand)]
enum DeadLetters {
    /// All.
    List {
        #[command(flatten)]
        settings: Settings,
    },
    /// One, with its event.
    Show {
        /// The service that consumes.
        #[arg(long)]
        service: String,
        /// The service whose event it is.
        #[arg(long)]
        source: String,
        /// Position of the event.
        position: i64,
        #[command(flatten)]
        settings: Settings,
    },
    /// Ask the running service to handle it again.
    Replay {
        /// The service that consumes.
        #[arg(long)]
        service: String,
        /// The service whose event it is.
        #[arg(long)]
        source: String,
        /// Position of the event.
        position: i64,
        #[command(flatten)]
        settings: Settings,
    },
    /// Give it up.
    Drop {
        /// The service that consumes.
        #[arg(long)]
        service: String,
        /// The service whose event it is.
        #[arg(long)]
        source: String,
        /// Position of the event.
        position: i64,
        #[command(flatten)]
        settings: Settings,
    },
}

/// Parses, runs, and turns the outcome into an exit code.
pub fn main() -> ExitCode {
    let reference =
        format!("Settings, as flags or variables (a `_FILE` variable names a file):\n{}", Config::reference());
    let command = Cli::command().mut_subcommand("serve", |s| s.after_long_help(reference));
    let cli = match command.try_get_matches().and_then(|m| Cli::from_arg_matches(&m)) {
        Ok(cli) => cli,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(if e.use_stderr() { 2 } else { 0 });
        }
    };
    // Two providers could come with dependencies; there is one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("portico: no runtime: {e}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) if e.downcast_ref::<runtime::ConfigError>().is_some() => {
            eprintln!("portico: {e}");
            ExitCode::from(2)
        }
        Err(e) => {
            eprintln!("portico: {e:#}");
            ExitCode::FAILURE
        }
    }
}

impl Settings {
    fn config(&self) -> Result<Config> {
        Ok(Config::load(&self.flags)?)
    }
}

async fn run(command: Command) -> Result<()> {
    match command {
        Command::Serve(settings) => serve(&settings).await,
        Command::Migrate(settings) => {
            let config = settings.config()?;
            anyhow::ensure!(!config.database_url.is_empty(), "PORTICO_DATABASE_URL is not set");
            provision::migrate(&config.database_url).await?;
            say!("the database is at this version's schema");
            Ok(())
        }
        Command::Dev(options) => dev::run(dev::DevOptions { directory: options.directory, flags: options.flags }).await,
        Command::Demo(settings) => {
            let config = settings.config()?;
            let loaded = demo::load(&config, config.grpc_listen).await?;
            say!("{loaded}");
            Ok(())
        }
        Command::Settings => {
            say!("{}", Config::reference());
            Ok(())
        }
        Command::Doctor(settings) => doctor::run(&settings.config()?, settings.json).await,
        Command::Admin(Admin::Create { login, name, role, locale, lasting, settings }) => {
            let password = typed_password()?;
            let config = settings.config()?;
            let id = operate::create_agent(&config, &login, &name, &role, &locale, &password, lasting).await?;
            say!("{id}");
            Ok(())
        }
        Command::Admin(Admin::OneTimePassword { login, settings }) => {
            let typed = typed_password()?;
            let set = operate::one_time_password(&settings.config()?, &login, &typed).await?;
            say!("{}", if typed.is_empty() { set.as_str() } else { "set" });
            Ok(())
        }
        Command::Admin(Admin::Unlock { user, note, settings }) => {
            operate::unlock(&settings.config()?, &user, &note).await?;
            say!("unlocked");
            Ok(())
        }
        Command::Events(command) => events(command).await,
        Command::Projections(Projections::List { settings }) => {
            operate::list_projections(&settings.config()?, settings.json).await
        }
        Command::Projections(Projections::Rebuild { name, settings }) => {
            operate::rebuild(&settings.config()?, &name).await
        }
        Command::DeadLetters(command) => dead_letters(command).await,
    }
}

async fn events(command: Events) -> Result<()> {
    match command {
        Events::Tail { service, from, once, settings } => {
            operate::tail(&settings.config()?, &service, from, once).await
        }
        Events::Export { service, from, to, settings } => {
            operate::export(&settings.config()?, &service, from, to).await
        }
        Events::Verify { service, checkpoint, write_checkpoint, settings } => {
            let (old, new) = (checkpoint.as_deref(), write_checkpoint.as_deref());
            operate::verify(&settings.config()?, service.as_deref(), old, new, settings.json).await
        }
        Events::Grant { name, subjects, in_flight, ack_wait, new_password, settings } => {
            let grant = Grant { name, subjects, in_flight, ack_seconds: ack_wait, new_password };
            operate::grant(&settings.config()?, &grant, settings.json).await
        }
        Events::Revoke { name, settings } => operate::revoke(&settings.config()?, &name, settings.json).await,
        Events::Programs { settings } => operate::list_programs(&settings.config()?, settings.json).await,
        Events::Accounts { include } => {
            say!("{}", bus_access::accounts_file(include.as_deref()).trim_end());
            Ok(())
        }
        Events::NewEpoch { service, settings } => operate::new_epoch(&settings.config()?, &service).await,
    }
}

async fn dead_letters(command: DeadLetters) -> Result<()> {
    match command {
        DeadLetters::List { settings } => operate::list_dead(&settings.config()?, settings.json).await,
        DeadLetters::Show { service, source, position, settings } => {
            operate::show_dead(&settings.config()?, &service, &source, position).await
        }
        DeadLetters::Replay { service, source, position, settings } => {
            operate::replay_dead(&settings.config()?, &service, &source, position).await
        }
        DeadLetters::Drop { service, source, position, settings } => {
            operate::drop_dead(&settings.config()?, &service, &source, position).await
        }
    }
}

async fn serve(settings: &Settings) -> Result<()> {
    let config = settings.config()?;
    let telemetry = runtime::init_telemetry(&config, &settings.target.label())?;
    let listeners = Listeners::bind(&config, &settings.target).await?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut stopping = async || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    let started = assemble::start(config, &settings.target, listeners);
    let mut running = tokio::select! {
        running = started => running?,
        () = stopping() => return Ok(()),
    };
    let failed = tokio::select! {
        what = running.failed() => Some(what),
        () = stopping() => None,
    };
    running.stop().await;
    telemetry.shutdown().await;
    match failed {
        Some(what) => Err(anyhow::anyhow!("{what}; the process ends, so that it is started anew")),
        None => Ok(()),
    }
}

/// A password, as the first line of standard input.
fn typed_password() -> Result<String> {
    let mut password = String::new();
    std::io::stdin().read_line(&mut password).context("reading the password from standard input")?;
    Ok(password.trim_end_matches(['\r', '\n']).to_owned())
}
