//! Who does something, for whom, and through what.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What kind of subject acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A portal user: a person at a customer company.
    Contact,
    /// A person who works for the operator.
    Agent,
    /// One of Portico's own services, or the command line.
    Service,
}

impl ActorKind {
    /// The word used in JSON and in tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            ActorKind::Contact => "contact",
            ActorKind::Agent => "agent",
            ActorKind::Service => "service",
        }
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
    /// The subject's id: a contact's record id, an agent's user id, or an id derived from a service's name.
    pub id: Uuid,
    /// An agent's role (`administrator`, `agent`, `viewer`) or a service's name; empty for contacts.
    pub role: String,
    /// The agent who acts for the subject, when one does.
    pub on_behalf_of: Option<Uuid>,
    /// The login session, when there is one.
    pub session: Option<Uuid>,
    /// Through what.
    pub channel: Channel,
}

impl Actor {
    /// The actor for work that a service does by itself.
    pub fn service(name: &str) -> Actor {
        Actor {
            kind: ActorKind::Service,
            id: crate::derived_id("service", name.as_bytes()),
            role: name.to_owned(),
            on_behalf_of: None,
            session: None,
            channel: Channel::System,
        }
    }

    /// True for agents whose role may change configuration and access.
    pub fn is_administrator(&self) -> bool {
        self.kind == ActorKind::Agent && self.role == "administrator"
    }

    /// True for agents of any role that may change something.
    pub fn is_working_agent(&self) -> bool {
        self.kind == ActorKind::Agent && (self.role == "administrator" || self.role == "agent")
    }
}
