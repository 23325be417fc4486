//! What identity needs to know of its installation.

mod current;
mod relying_party;

pub(crate) use current::{Current, CurrentSettings};
pub(crate) use relying_party::relying_party;

use crate::guard::{hashing::Cost, sources::SourceRules};
use runtime::{Config, Networks, Profile};

/// The settings of an installation, as identity uses them.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Short id of the installation; the audience of actor tokens.
    pub installation: String,
    /// The portal's address; links in mails begin with it.
    pub portal_url: String,
    /// Name of the operating company: no password may be made of it.
    pub company: String,
    /// IANA time zone in which support dates are read.
    pub time_zone: String,
    /// True while demo data is loaded: only then the demo password is accepted.
    pub demo: bool,
    /// What a password hash costs.
    pub cost: Cost,
    /// Threads that hash passwords.
    pub hash_threads: usize,
    /// Seconds of the first lock.
    pub lock_seconds: i64,
    /// Failures in a row after which only an agent or a reset link unlocks.
    pub lock_hold_failures: i32,
    /// How much one source address may do.
    pub sources: SourceRules,
}

impl Settings {
    /// From the process's configuration.
    pub(crate) fn of(config: &Config) -> Settings {
        Settings {
            installation: config.installation.clone(),
            portal_url: config.portal_url.clone(),
            company: config.portal_company_name.clone(),
            time_zone: config.time_zone.clone(),
            demo: config.demo,
            cost: match config.profile {
                Profile::Production => Cost::Production,
                Profile::Test => Cost::Test,
            },
            hash_threads: std::thread::available_parallelism().map_or(1, usize::from),
            lock_seconds: config.lock_seconds,
            lock_hold_failures: config.lock_hold_failures,
            sources: SourceRules {
                failures: config.source_failures,
                logins: config.source_logins,
                pairs: config.source_pairs,
                // The configuration was checked when it was loaded.
                offices: Networks::parse(&config.office_networks).unwrap_or_default(),
            },
        }
    }
}
