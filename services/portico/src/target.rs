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
}
