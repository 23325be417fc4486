//! Configuration: environment variables and flags are one thing. `PORTICO_HTTP_LISTEN` is `--http-listen`; a variable with
//! `_FILE` behind it names a file that holds the value. Flags win over variables.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use clap::{CommandFactory, FromArgMatches, Parser, builder::PossibleValuesParser};
use kernel::{Language, Secret};
use std::{collections::BTreeMap, net::SocketAddr};

/// The services that own data, in the order in which they start.
pub const SERVICES: [&str; 4] = ["identity", "permissions", "records", "notification"];

/// Variables that belong to scripts and tests, not to the program.
const FOREIGN: [&str; 3] = ["PORTICO_CACHE", "PORTICO_CHROMIUM", "PORTICO_TEST_"];

/// A setting that is wrong, in one line.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// Whether limits and costs are those of production.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// Real costs.
    Production,
    /// Cheap password hashes and short pauses, for tests only; /readyz says so.
    Test,
}

/// Settings of a process. See `portico serve --help`.
#[derive(Debug, Clone, Parser)]
#[command(args_override_self = true, disable_help_flag = true, no_binary_name = true)]
pub struct Config {
    /// Postgres, as the owner of the schemas: `portico migrate` uses it, and services without a URL of their own.
    #[arg(long, default_value = "")]
    pub database_url: String,
    /// Postgres for identity, as the role `portico_identity`.
    #[arg(long)]
    pub identity_database_url: Option<String>,
    /// Postgres for permissions, as the role `portico_permissions`.
    #[arg(long)]
    pub permissions_database_url: Option<String>,
    /// Postgres for records, as the role `portico_records`.
    #[arg(long)]
    pub records_database_url: Option<String>,
    /// Postgres for notification, as the role `portico_notification`.
    #[arg(long)]
    pub notification_database_url: Option<String>,
    /// A streaming replica of the database of records, as the role `portico_records`. Lists and pages are read there as long
    /// as it shows what was committed before they were asked for; else the primary answers. It has connections of its own.
    #[arg(long)]
    pub records_read_url: Option<String>,
    /// Connections to Postgres for each service, at most; services in one process share theirs out by what they need.
    #[arg(long, default_value_t = 6)]
    pub database_connections: u32,
    /// NATS with JetStream, `nats://user:password@host:port`.
    #[arg(long, default_value = "nats://127.0.0.1:4222")]
    pub nats_url: String,
    /// NATS for identity, as its own user.
    #[arg(long)]
    pub identity_nats_url: Option<String>,
    /// NATS for permissions, as its own user.
    #[arg(long)]
    pub permissions_nats_url: Option<String>,
    /// NATS for records, as its own user.
    #[arg(long)]
    pub records_nats_url: Option<String>,
    /// NATS for notification, as its own user.
    #[arg(long)]
    pub notification_nats_url: Option<String>,
    /// NATS for the gateway, as its own user.
    #[arg(long)]
    pub gateway_nats_url: Option<String>,
    /// File with the NATS accounts of other people's programs, which the server includes: `portico events grant` and
    /// `revoke` write it. Without it, they print what belongs into the server's configuration.
    #[arg(long)]
    pub nats_programs: Option<String>,
    /// Copies that JetStream keeps of each message: 1, or 3 in a cluster.
    #[arg(long, default_value_t = 1)]
    pub nats_replicas: usize,
    /// Where the gateway listens.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub http_listen: SocketAddr,
    /// Where the services of this process listen for gRPC.
    #[arg(long, default_value = "127.0.0.1:7070")]
    pub grpc_listen: SocketAddr,
    /// Where health and metrics are served: /livez, /readyz, /startupz, /metrics.
    #[arg(long, default_value = "127.0.0.1:9090")]
    pub admin_listen: SocketAddr,
    /// Where identity is, `http://host:port`; without it, in this process. Calls are spread over all addresses that the name
    /// has, and over several names with commas between them.
    #[arg(long)]
    pub identity_addr: Option<String>,
    /// Where permissions is.
    #[arg(long)]
    pub permissions_addr: Option<String>,
    /// Where records is.
    #[arg(long)]
    pub records_addr: Option<String>,
    /// Where notification is.
    #[arg(long)]
    pub notification_addr: Option<String>,
    /// The portal's address as its users see it; links in mails begin with it.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub portal_url: String,
    /// Name of the operating company, in titles and mails.
    #[arg(long, default_value = "Portico")]
    pub portal_company_name: String,
    /// Mail server, `smtp://user:password@host:port` or `smtps://…`. Without it, mails wait.
    #[arg(long)]
    pub smtp_url: Option<String>,
    /// Sender of mails.
    #[arg(long, default_value = "Portico <portal@localhost.localdomain>")]
    pub smtp_from: String,
    /// The operator's own address for what would reach nobody: mails to an owner who is disabled or may not see the record
    /// any more, and of records without an owner. Without it, the mail log says why nobody was told.
    #[arg(long, default_value = "")]
    pub fallback_email: String,
    /// True when contacts without portal access, or outside of their support dates, get answers by mail too: the text
    /// alone, without a link.
    #[arg(long, default_value_t = false, action = clap::ArgAction::Set)]
    pub mail_without_access: bool,
    /// OTLP/gRPC endpoint for traces, `http://host:port`. Without it, no traces.
    #[arg(long)]
    pub otlp_endpoint: Option<String>,
    /// Share of requests that are traced, 0 to 1.
    #[arg(long, default_value_t = 1.0)]
    pub otlp_ratio: f64,
    /// `json` or `text`.
    #[arg(long, default_value = "json", value_parser = ["json", "text"])]
    pub log_format: String,
    /// Level or filter, for example `info` or `info,records=debug`.
    #[arg(long, default_value = "info")]
    pub log_level: String,
    /// The master key from which all others are derived: 32 bytes, base64.
    #[arg(long, default_value = "")]
    pub master_key: String,
    /// Time zone of the installation, in which support dates are read.
    #[arg(long, default_value = "UTC")]
    pub time_zone: String,
    /// Default language of the installation.
    #[arg(long, default_value = Language::ENGLISH.tag(), value_parser = languages())]
    pub language: String,
    /// Short id of the installation, in event sources and tokens.
    #[arg(long, default_value = "portico")]
    pub installation: String,
    /// Seconds that requests under way may take at shutdown.
    #[arg(long, default_value_t = 10)]
    pub drain_seconds: u64,
    /// `production` or `test`.
    #[arg(long, default_value = "production", value_enum)]
    pub profile: Profile,
    /// Networks of proxies whose `X-Forwarded-For` is believed, comma separated.
    #[arg(long, default_value = "")]
    pub trusted_proxies: String,
    /// Seconds within which the head of a request must have come. Trusted proxies, which keep connections open, have longer.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=120))]
    pub http_header_seconds: u64,
    /// Seconds within which the body of a request must have come.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=25))]
    pub http_body_seconds: u64,
    /// Most open connections to the gateway.
    #[arg(long, default_value_t = 4000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub http_connections: u32,
    /// Most open connections from one address (IPv6: one /64); offices have ten times as many, trusted proxies are not counted.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub http_connections_per_address: u32,
    /// Seconds of the first lock after failed logins; each further one within a day lasts twice as long.
    #[arg(long, default_value_t = 900, value_parser = clap::value_parser!(i64).range(1..=86_400))]
    pub lock_seconds: i64,
    /// Failures in a row after which only an agent or a reset link unlocks.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i32).range(10..=1_000))]
    pub lock_hold_failures: i32,
    /// Failed logins from one address (IPv6: /64) within five minutes, and five times as many within an hour; beyond, 429.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(5..=10_000))]
    pub source_failures: u32,
    /// Logins of any outcome from one address at once; twice as many a minute.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(5..=10_000))]
    pub source_logins: u32,
    /// Different wrong pairs of login and password from one address within ten minutes after which it is blocked for an hour.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(5..=10_000))]
    pub source_pairs: u32,
    /// Networks of offices behind one address, comma separated: ten times the limits per address.
    #[arg(long, default_value = "")]
    pub office_networks: String,
    /// True while demo data is loaded: the demo password is accepted.
    #[arg(long, default_value_t = false, action = clap::ArgAction::Set)]
    pub demo: bool,
}

/// The languages that can be set.
fn languages() -> PossibleValuesParser {
    PossibleValuesParser::new(Language::ALL.iter().map(|language| language.tag()))
}

impl Config {
    /// From the environment and flags.
    pub fn load(flags: &[String]) -> Result<Config, ConfigError> {
        Config::from_settings(std::env::vars(), flags)
    }

    /// From given variables and flags; what tests use.
    pub fn from_settings(
        variables: impl IntoIterator<Item = (String, String)>,
        flags: &[String],
    ) -> Result<Config, ConfigError> {
        let known: Vec<String> = Config::names();
        let mut settings = BTreeMap::new();
        for (name, value) in variables {
            if !name.starts_with("PORTICO_") || FOREIGN.iter().any(|f| name.starts_with(f)) {
                continue;
            }
            if known.contains(&name) {
                settings.insert(name, value);
            } else if let Some(base) = name.strip_suffix("_FILE").filter(|b| known.iter().any(|k| k == b)) {
                let content = std::fs::read_to_string(&value)
                    .map_err(|e| ConfigError(format!("{name}: the file {value} can't be read: {e}")))?;
                settings.insert(base.to_owned(), content.trim_end_matches(['\r', '\n']).to_owned());
            } else {
                return Err(ConfigError(format!("{name} is not a setting; `portico serve --help` lists them")));
            }
        }
        let mut args: Vec<String> = Vec::new();
        for (name, value) in settings {
            let flag = name.trim_start_matches("PORTICO_").to_lowercase().replace('_', "-");
            args.push(format!("--{flag}={value}"));
        }
        args.extend_from_slice(flags);
        let matches =
            Config::command().try_get_matches_from(args).map_err(|e| ConfigError(one_line(&e.to_string())))?;
        let config = Config::from_arg_matches(&matches).map_err(|e| ConfigError(one_line(&e.to_string())))?;
        config.checked()
    }

    fn checked(self) -> Result<Config, ConfigError> {
        if !(self.portal_url.starts_with("http://") || self.portal_url.starts_with("https://"))
            || self.portal_url.ends_with('/')
        {
            return Err(ConfigError(
                "PORTICO_PORTAL_URL must begin with http:// or https:// and not end with /".into(),
            ));
        }
        if !is_one_address(self.fallback_email.trim()) {
            return Err(ConfigError("PORTICO_FALLBACK_EMAIL must be one address: helpdesk@example.org".into()));
        }
        if jiff::tz::TimeZone::get(&self.time_zone).is_err() {
            return Err(ConfigError(format!("PORTICO_TIME_ZONE: {} is not a time zone", self.time_zone)));
        }
        for (name, text) in
            [("PORTICO_TRUSTED_PROXIES", &self.trusted_proxies), ("PORTICO_OFFICE_NETWORKS", &self.office_networks)]
        {
            crate::Networks::parse(text).map_err(|e| ConfigError(format!("{name}: {e}")))?;
        }
        if !(0.0..=1.0).contains(&self.otlp_ratio) {
            return Err(ConfigError("PORTICO_OTLP_RATIO must be from 0 to 1".into()));
        }
        Ok(self)
    }

    /// The master key; every target needs it.
    pub fn master_key(&self) -> Result<Secret<[u8; 32]>, ConfigError> {
        let wrong = || {
            ConfigError(
                "PORTICO_MASTER_KEY must be 32 bytes in base64; `openssl rand -base64 32` makes one. Keep it safe: \
                 without it personal data can't be read"
                    .into(),
            )
        };
        let bytes = BASE64.decode(self.master_key.trim()).map_err(|_| wrong())?;
        Ok(Secret::new(bytes.try_into().map_err(|_| wrong())?))
    }

    /// Postgres of a service, as its own role if one is configured.
    pub fn database_url(&self, service: &str) -> &str {
        let own = match service {
            "identity" => &self.identity_database_url,
            "permissions" => &self.permissions_database_url,
            "records" => &self.records_database_url,
            "notification" => &self.notification_database_url,
            _ => &None,
        };
        own.as_deref().unwrap_or(&self.database_url)
    }

    /// A replica of a service's Postgres for its queries, where one is configured.
    pub fn read_url(&self, service: &str) -> Option<&str> {
        let own = match service {
            "records" => &self.records_read_url,
            _ => &None,
        };
        own.as_deref().filter(|url| !url.is_empty())
    }

    /// NATS of a service, as its own user if one is configured.
    pub fn nats_url(&self, service: &str) -> &str {
        let own = match service {
            "identity" => &self.identity_nats_url,
            "permissions" => &self.permissions_nats_url,
            "records" => &self.records_nats_url,
            "notification" => &self.notification_nats_url,
            "gateway" => &self.gateway_nats_url,
            _ => &None,
        };
        own.as_deref().unwrap_or(&self.nats_url)
    }

    /// Configured address of a service, if it is not in this process.
    pub fn service_addr(&self, service: &str) -> Option<&str> {
        match service {
            "identity" => self.identity_addr.as_deref(),
            "permissions" => self.permissions_addr.as_deref(),
            "records" => self.records_addr.as_deref(),
            "notification" => self.notification_addr.as_deref(),
            _ => None,
        }
    }

    /// All names of variables.
    pub fn names() -> Vec<String> {
        Config::command()
            .get_arguments()
            .filter_map(|a| a.get_long())
            .map(|l| format!("PORTICO_{}", l.to_uppercase().replace('-', "_")))
            .collect()
    }

    /// The reference: each variable, what it means, and its default.
    pub fn reference() -> String {
        let mut text = String::new();
        for argument in Config::command().get_arguments() {
            let Some(long) = argument.get_long() else {
                continue;
            };
            let name = format!("PORTICO_{}", long.to_uppercase().replace('-', "_"));
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            let default = argument.get_default_values().first().and_then(|d| d.to_str()).unwrap_or_default();
            let default = if default.is_empty() { String::new() } else { format!(" [default: {default}]") };
            text.push_str(&format!("  --{long}, {name}\n        {help}{default}\n"));
        }
        text
    }
}

/// True for an empty text, and for what looks like an address without a display name. A first check only: the mail
/// sender parses the address.
fn is_one_address(text: &str) -> bool {
    let sides = text.split_once('@');
    let whole = |part: &str| !part.is_empty() && !part.contains(['@', '<', '>', ',', ';']);
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    text.is_empty() || (plain && sides.is_some_and(|(local, domain)| whole(local) && whole(domain)))
}

fn one_line(text: &str) -> String {
    let first = text.lines().find(|l| !l.trim().is_empty()).unwrap_or("wrong settings");
    first.trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests;
