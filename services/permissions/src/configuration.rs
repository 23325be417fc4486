//! Everything that is the same for all contacts when plans are compiled: the published profiles and the installation.

use crate::{catalogue::Installation, domain::profile::BuiltIn};
use kernel::{ActorKind, Error, Timestamp};
use policy::{
    COMPANIES, CONTACTS, ChosenBecause, ChosenProfile, Clock, CompiledCondition, Fact, Facts, PRIMARY, Profile, Tie,
    Truth, ValueRef, Viewer,
};
use proto::records::v1::ModuleDefinition;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use sqlx::PgPool;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;

/// A published profile.
#[derive(Debug)]
pub(crate) struct Published {
    /// Version number.
    pub(crate) number: u32,
    /// What it says.
    pub(crate) profile: Profile,
    matching: Option<(i32, CompiledCondition)>,
}

/// All published profiles and what they are compiled against, as of one policy position.
#[derive(Debug, Default)]
pub(crate) struct Configuration {
    /// The policy position of the last change in it.
    pub(crate) position: i64,
    /// Modules, fields, agents.
    pub(crate) installation: Installation,
    /// By id. None for a document that this version can't read: whoever has it gets no plan, never another profile.
    profiles: BTreeMap<Uuid, Option<Published>>,
    /// Those with a match condition: smallest priority first, then by id.
    matching: Vec<Uuid>,
    default: Option<Uuid>,
}

#[derive(Deserialize)]
struct StoredProfile {
    id: Uuid,
    number: u32,
    is_default: bool,
    document: String,
}

impl Configuration {
    fn new(position: i64, installation: Installation, stored: Vec<StoredProfile>) -> Configuration {
        let default = stored.iter().find(|p| p.is_default).map(|p| p.id);
        let mut profiles = BTreeMap::new();
        for row in stored {
            let published = match serde_json::from_str::<Profile>(&row.document) {
                Ok(profile) => {
                    let matching = profile.matching.as_ref();
                    let matching = matching.map(|m| (m.priority, m.compile(&installation.catalogue)));
                    Some(Published { number: row.number, profile, matching })
                }
                Err(e) => {
                    tracing::error!(event = "profile.unreadable", profile = %row.id, error = %e,
                                    "a published profile can't be read; whoever has it gets no plan");
                    None
                }
            };
            profiles.insert(row.id, published);
        }
        let mut order: Vec<(i32, Uuid)> =
            (profiles.iter()).filter_map(|(id, p)| Some((p.as_ref()?.matching.as_ref()?.0, *id))).collect();
        order.sort_unstable();
        let matching = order.into_iter().map(|(_, id)| id).collect();
        Configuration { position, installation, profiles, matching, default }
    }

    /// The profile of a contact: the one given by hand, else the first whose condition holds, else the default.
    ///
    /// # Errors
    /// Unavailable while no default was chosen yet, internal when the profile can't be read.
    pub(crate) fn choose(&self, contact: &Contact, now: Timestamp) -> Result<(ChosenProfile, &Published), Error> {
        let (id, because) = match contact.explicit {
            Some(id) => (id, ChosenBecause::Explicit),
            None => match self.matching.iter().find(|id| self.matches(**id, contact, now)) {
                Some(id) => (*id, ChosenBecause::Matched),
                None => (self.default.ok_or_else(crate::error::not_seeded)?, ChosenBecause::Default),
            },
        };
        self.published(id, because)
    }

    /// The profile of whoever comes by a company's secure link.
    ///
    /// # Errors
    /// Unavailable in the first moments of an installation, internal when the profile can't be read.
    pub(crate) fn for_links(&self) -> Result<(ChosenProfile, &Published), Error> {
        let id = BuiltIn::NonPortalUsers.id();
        if !self.profiles.contains_key(&id) {
            return Err(crate::error::not_seeded());
        }
        self.published(id, ChosenBecause::SecureLink)
    }

    fn published(&self, id: Uuid, because: ChosenBecause) -> Result<(ChosenProfile, &Published), Error> {
        let published = (self.profiles.get(&id).and_then(Option::as_ref))
            .ok_or_else(|| Error::internal(format!("the profile {id} is not published or can't be read")))?;
        let chosen = ChosenProfile { id: id.to_string(), version: published.number, chosen_because: because };
        Ok((chosen, published))
    }

    fn matches(&self, id: Uuid, contact: &Contact, now: Timestamp) -> bool {
        let condition = (self.profiles.get(&id).and_then(Option::as_ref)).and_then(|p| p.matching.as_ref());
        condition.is_some_and(|(_, condition)| {
            let facts = Known { contact, configuration: self };
            let viewer = Viewer::new(ActorKind::Contact, contact.id.to_string());
            // Conditions on the time are refused when they are published.
            condition.evaluate(&facts, &viewer, &Clock::utc(now)) == Truth::True
        })
    }
}

/// What is known of a contact.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contact {
    /// Its id.
    pub(crate) id: Uuid,
    /// Its number in records' read model.
    pub(crate) number: i64,
    /// Its values.
    pub(crate) fields: Map<String, Json>,
    /// Its company, unless deleted.
    pub(crate) company: Option<Company>,
    /// The profile that it was given by hand.
    pub(crate) explicit: Option<Uuid>,
}

impl Contact {
    /// True for the one who is the company's own portal user.
    pub(crate) fn is_primary(&self) -> bool {
        self.fields.get(PRIMARY) == Some(&Json::Bool(true))
    }
}

/// What is known of a company.
#[derive(Debug, Clone, Default)]
pub(crate) struct Company {
    /// Its id.
    pub(crate) id: Uuid,
    /// Its number in records' read model.
    pub(crate) number: i64,
    /// Its values.
    pub(crate) fields: Map<String, Json>,
}

/// A contact as match conditions see it.
struct Known<'a> {
    contact: &'a Contact,
    configuration: &'a Configuration,
}

impl Facts for Known<'_> {
    fn fact(&self, field: &str) -> Fact<'_> {
        let (module, name, fields) = match field.split_once('.') {
            Some(("contact", name)) => (CONTACTS, name, Some(&self.contact.fields)),
            Some(("company", name)) => (COMPANIES, name, self.contact.company.as_ref().map(|c| &c.fields)),
            _ => return Fact::NoSuchField,
        };
        let installation = &self.configuration.installation;
        let exists = installation.catalogue.module(module).is_some_and(|m| m.fields.contains_key(name));
        if !exists {
            return Fact::NoSuchField;
        }
        // What is not kept must not look empty.
        if installation.is_personal(module, name) {
            return Fact::Unknown;
        }
        Fact::Known(match fields.and_then(|f| f.get(name)) {
            None | Some(Json::Null) => ValueRef::Empty,
            Some(Json::String(text)) => ValueRef::Text(text),
            Some(Json::Bool(flag)) => ValueRef::Boolean(*flag),
            Some(Json::Number(number)) => match number.as_i64() {
                Some(number) => ValueRef::Integer(number),
                None => return Fact::Unknown,
            },
            Some(Json::Array(_) | Json::Object(_)) => return Fact::Unknown,
        })
    }

    fn tie(&self) -> Tie {
        Tie::default()
    }
}

/// Keeps the configuration in memory as long as its position is the database's.
#[derive(Clone)]
pub(crate) struct Configurations {
    pool: PgPool,
    kept: Arc<Mutex<Arc<Configuration>>>,
}

impl Configurations {
    /// Empty: the first use reads it.
    pub(crate) fn new(pool: PgPool) -> Configurations {
        let nothing = Configuration { position: -1, ..Configuration::default() };
        Configurations { pool, kept: Arc::new(Mutex::new(Arc::new(nothing))) }
    }

    /// The configuration as of a policy position that the caller has just read.
    pub(crate) async fn at(&self, position: i64) -> Result<Arc<Configuration>, sqlx::Error> {
        let kept = Arc::clone(&self.kept.lock().unwrap_or_else(PoisonError::into_inner));
        if kept.position == position {
            return Ok(kept);
        }
        self.read().await
    }

    /// The configuration as it is now.
    pub(crate) async fn read(&self) -> Result<Arc<Configuration>, sqlx::Error> {
        type Row = (i64, sqlx::types::Json<Vec<ModuleDefinition>>, sqlx::types::Json<Vec<StoredProfile>>, Vec<Uuid>);
        // One statement, so that all of it is of one moment.
        let (position, definitions, profiles, agents): Row = sqlx::query_as(
            "select s.configuration,
                    (select coalesce(jsonb_agg(m.definition order by m.name), '[]') from known_modules m),
                    (select coalesce(jsonb_agg(jsonb_build_object('id', p.profile_id, 'number', p.published_number,
                        'is_default', p.is_default, 'document', p.published)), '[]')
                     from profiles_v1 p where p.published is not null),
                    array(select a.agent_id from known_agents a)
             from plan_state s",
        )
        .fetch_one(&self.pool)
        .await?;
        let installation = Installation::new(&definitions, agents.into_iter().collect());
        let fresh = Arc::new(Configuration::new(position, installation, profiles.0));
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        Ok(fresh)
    }
}

#[cfg(test)]
mod tests;
