//! What identity needs to know of its installation.

mod current;

pub(crate) use current::{Current, CurrentSettings};

use crate::hashing::Cost;
use runtime::{Config, Profile};

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
        }
    }
}
