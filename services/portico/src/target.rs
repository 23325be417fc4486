//! What a process runs.

use std::{collections::BTreeSet, fmt, str::FromStr};

/// One of the five services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Login, sessions, access.
    Identity,
    /// Profiles and plans.
    Permissions,
    /// Records of all modules.
    Records,
    /// Mails.
    Notification,
    /// Pages and HTTP API.
    Gateway,
}

impl Target {
    /// All, in the order in which they start.
    pub const ALL: [Target; 5] =
        [Target::Identity, Target::Permissions, Target::Records, Target::Notification, Target::Gateway];

    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Target::Identity => "identity",
            Target::Permissions => "permissions",
            Target::Records => "records",
            Target::Notification => "notification",
            Target::Gateway => "gateway",
        }
    }

    /// The schema of the target's own, if it has one.
    pub fn migrations(self) -> Option<&'static eventlog::Migrations> {
        match self {
            Target::Identity => Some(&identity::MIGRATIONS),
            Target::Permissions => Some(&permissions::MIGRATIONS),
            Target::Records => Some(&records::MIGRATIONS),
            Target::Notification => Some(&notification::MIGRATIONS),
            Target::Gateway => None,
        }
    }
}

/// What a service gets of the connections of a process, in twenty-fourths: records reads lists over a pool of its own,
/// permissions is hardly ever asked twice.
const CONNECTIONS: [(Target, u32); 4] =
    [(Target::Identity, 5), (Target::Permissions, 3), (Target::Records, 12), (Target::Notification, 4)];

impl Targets {
    /// The most connections that a service may have to Postgres, when those of the process are `each` for every service:
    /// what one leaves another may need. At least two, so that a command that waits for the log's lock stops no read.
    pub fn connections(&self, target: Target, each: u32) -> u32 {
        let here: Vec<_> = CONNECTIONS.iter().filter(|(one, _)| self.has(*one)).collect();
        let all: u32 = here.iter().map(|(_, parts)| parts).sum();
        let parts = here.iter().find(|(one, _)| *one == target).map_or(0, |(_, parts)| *parts);
        let services = u32::try_from(here.len()).unwrap_or(u32::MAX);
        (each.saturating_mul(services).saturating_mul(parts) / all.max(1)).max(2)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of targets: `all`, or names with commas between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets(pub BTreeSet<Target>);

impl Targets {
    /// Every target.
    pub fn all() -> Targets {
        Targets(Target::ALL.into_iter().collect())
    }

    /// True when the set holds a target.
    pub fn has(&self, target: Target) -> bool {
        self.0.contains(&target)
    }

    /// A name for logs and traces: `all`, or the names.
    pub fn label(&self) -> String {
        if self.0.len() == Target::ALL.len() {
            return "all".into();
        }
        self.0.iter().map(|t| t.name()).collect::<Vec<_>>().join("-")
    }
}

impl FromStr for Targets {
    type Err = String;

    fn from_str(text: &str) -> Result<Targets, String> {
        let mut set = BTreeSet::new();
        for word in text.split(',').map(str::trim).filter(|w| !w.is_empty()) {
            if word == "all" {
                return Ok(Targets::all());
            }
            let target = Target::ALL.into_iter().find(|t| t.name() == word);
            set.insert(target.ok_or_else(|| {
                format!("{word} is no target; there are all, identity, permissions, records, notification and gateway")
            })?);
        }
        if set.is_empty() { Err("name at least one target".into()) } else { Ok(Targets(set)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_every_target_and_a_wrong_word_is_named() {
        assert_eq!("all".parse::<Targets>().unwrap(), Targets::all());
        assert_eq!("records,gateway".parse::<Targets>().unwrap().label(), "records-gateway");
        assert!("records,gatway".parse::<Targets>().unwrap_err().contains("gatway"));
        assert!("".parse::<Targets>().is_err());
    }
    #[test]
    fn services_in_one_process_share_its_connections_and_one_alone_has_them_all() {
        let of = |targets: &str, each| {
            let targets: Targets = targets.parse().unwrap();
            CONNECTIONS.map(|(target, _)| targets.connections(target, each))
        };
        assert_eq!(of("all", 6), [5, 3, 12, 4]);
        assert_eq!(of("records,notification", 8), [2, 2, 12, 4]);
        for (at, (target, _)) in CONNECTIONS.iter().enumerate() {
            assert_eq!(of(target.name(), 8)[at], 8);
        }
        assert!(of("all", 1).into_iter().all(|n| n >= 2));
        assert_eq!(of("all", u32::MAX).len(), 4);
    }
}
