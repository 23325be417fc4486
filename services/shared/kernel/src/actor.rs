//! Who does something, for whom, and through what.

use crate::{Right, Rights, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What kind of subject acts. The number is stored with every event and never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A portal user: a person at a customer company.
    Contact = 1,
    /// A person who works for the operator.
    Agent = 2,
    /// One of Portico's own services, or the command line.
    Service = 3,
    /// Somebody who came by a company's secure link; the id is the company's. Nobody has proved who they are.
    Company = 4,
}

impl ActorKind {
    /// The word used in JSON and in tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            ActorKind::Contact => "contact",
            ActorKind::Agent => "agent",
            ActorKind::Service => "service",
            ActorKind::Company => "company",
        }
    }

    /// The stored number.
    pub fn number(self) -> i16 {
        self as i16
    }

    /// The kind of a stored number; an unknown one reads as [`ActorKind::Service`].
    pub fn from_number(number: i16) -> ActorKind {
        match number {
            1 => ActorKind::Contact,
            2 => ActorKind::Agent,
            4 => ActorKind::Company,
            _ => ActorKind::Service,
        }
    }

    /// True for those who look from outside: contacts, and whoever came by a company's link.
    pub fn is_customer(self) -> bool {
        matches!(self, ActorKind::Contact | ActorKind::Company)
    }
}

/// Through what a change was made. The number is stored with every event and never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The product itself: a reaction, a schedule, a seed.
    System = 0,
    /// A contact's browser.
    Portal = 1,
    /// An agent's browser.
    Console = 2,
    /// The HTTP API with a bearer token, or a session used without a page.
    Api = 3,
    /// A file that was imported.
    Import = 4,
}

impl Channel {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::System => "system",
            Channel::Portal => "portal",
            Channel::Console => "console",
            Channel::Api => "api",
            Channel::Import => "import",
        }
    }

    /// The channel of a stored number; an unknown one reads as [`Channel::System`].
    pub fn from_number(number: i16) -> Channel {
        match number {
            1 => Channel::Portal,
            2 => Channel::Console,
            3 => Channel::Api,
            4 => Channel::Import,
            _ => Channel::System,
        }
    }

    /// The channel of a JSON word.
    pub fn from_word(word: &str) -> Option<Channel> {
        [Channel::System, Channel::Portal, Channel::Console, Channel::Api, Channel::Import]
            .into_iter()
            .find(|c| c.as_str() == word)
    }
}

/// The verified subject of a request, as its actor token says, and what every event of the request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Contact, agent or service.
    pub kind: ActorKind,
    /// The subject's id: a contact's or a company's record id, an agent's user id, or an id derived from a service's name.
    pub id: Uuid,
    /// An agent's role (`administrator`, `agent`, `viewer`, or the id of an own role) or a service's name; empty for
    /// customers.
    pub role: String,
    /// What an agent may do beyond records.
    pub rights: Rights,
    /// The agent who acts for the subject, when one does.
    pub on_behalf_of: Option<Uuid>,
    /// The login session, when there is one.
    pub session: Option<Uuid>,
    /// Through what.
    pub channel: Channel,
    /// Nothing may be changed: support access without the right to write, or a token of a program that only reads.
    pub read_only: bool,
    /// When the person last proved who they are; none for programs.
    pub auth_time: Option<Timestamp>,
    /// How well the subject has proved who it is: 0 a link, 1 a password, 2 with a second factor. Services have 2.
    pub assurance: u8,
}

/// The reason of the refusal for who wants to change something in a session that only looks.
pub const READ_ONLY: &str = "read_only_session";

/// Whose doing something was: the agent's who acted for the subject, when one did, else the subject's.
pub fn doer(kind: ActorKind, subject: Uuid, on_behalf_of: Option<Uuid>) -> (ActorKind, Uuid) {
    on_behalf_of.map_or((kind, subject), |agent| (ActorKind::Agent, agent))
}

/// For how long a proof of who somebody is counts as fresh, in seconds.
pub const FRESH_SECONDS: i64 = 600;
/// The assurance of who has proved a second factor.
const SECOND_FACTOR: u8 = 2;
/// Services that act for who runs the machine: the command line and the demo data.
const OPERATORS: [&str; 2] = ["console", "demo"];

impl Actor {
    /// Somebody without role, session and rights.
    pub fn new(kind: ActorKind, id: Uuid, channel: Channel) -> Actor {
        Actor {
            kind,
            id,
            role: String::new(),
            rights: Rights::none(),
            on_behalf_of: None,
            session: None,
            channel,
            read_only: false,
            auth_time: None,
            assurance: match kind {
                ActorKind::Company => 0,
                ActorKind::Contact | ActorKind::Agent => 1,
                ActorKind::Service => SECOND_FACTOR,
            },
        }
    }

    /// An agent with a built-in role.
    pub fn agent(id: Uuid, role: &str) -> Actor {
        Actor {
            role: role.to_owned(),
            rights: Rights::of_role(role),
            ..Actor::new(ActorKind::Agent, id, Channel::Console)
        }
    }

    /// The actor for work that a service does by itself.
    pub fn service(name: &str) -> Actor {
        let id = crate::derived_id("service", name.as_bytes());
        Actor { role: name.to_owned(), ..Actor::new(ActorKind::Service, id, Channel::System) }
    }

    /// Whose doing it is: the agent's, when one acts for the subject.
    pub fn doer(&self) -> (ActorKind, Uuid) {
        doer(self.kind, self.id, self.on_behalf_of)
    }

    /// True for agents who have a right and may use it here.
    pub fn may(&self, right: Right) -> bool {
        self.kind == ActorKind::Agent && !self.read_only && self.rights.contains(right)
    }

    /// True for the command line and the demo data: they act for who runs the machine.
    pub fn is_operator(&self) -> bool {
        self.kind == ActorKind::Service && OPERATORS.contains(&self.role.as_str())
    }

    /// True for a person in a session of their own, who can prove again who they are. Not for programs, nor for an agent
    /// who looks at the portal as a contact, nor for whoever came by a company's link.
    pub fn can_step_up(&self) -> bool {
        let person = matches!(self.kind, ActorKind::Contact | ActorKind::Agent);
        person && self.session.is_some() && self.on_behalf_of.is_none()
    }

    /// True when a second factor was proved in this session, or none is asked for: of services, and of an agent who looks
    /// at the portal as a contact, who proved the own factor and can't have the contact's.
    pub fn has_second_factor(&self) -> bool {
        self.assurance >= SECOND_FACTOR || self.on_behalf_of.is_some()
    }

    /// True when the person has proved who they are within the last ten minutes. Programs never have.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.auth_time.is_some_and(|at| now.micros() - at.micros() <= FRESH_SECONDS * 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::ActorKind;

    #[test]
    fn the_stored_numbers_of_kinds_never_change() {
        let kinds = [ActorKind::Contact, ActorKind::Agent, ActorKind::Service, ActorKind::Company];
        assert_eq!(kinds.map(ActorKind::number), [1, 2, 3, 4]);
        assert_eq!([1, 2, 3, 4].map(ActorKind::from_number), kinds);
        assert_eq!(ActorKind::from_number(9), ActorKind::Service);
    }
}
