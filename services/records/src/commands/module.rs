//! Defining modules.

use super::write::{ATTEMPTS, stale};
use crate::{
    codec,
    domain::module::{Command, Definitions},
    service::{Caller, Records},
};
use eventlog::{Append, Built, ClaimChange, Expected, LogError, Meta, NewEvent, StreamId, StreamWrite};
use kernel::{Actor, Aggregate, Error, derived_id, fold};
use policy::Right;
use proto::records::v1::{FieldDefinition, ModuleDefinition};

/// Numbers below are for the standard modules, which choose theirs.
const FIRST_CUSTOM: u32 = 1_001;
const MODULE: &str = "module";

/// A module that was defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefinedModule {
    /// Version of its stream.
    pub version: i64,
    /// Position of the event; of the last one before, when nothing changed.
    pub position: i64,
}

impl Records {
    /// Defines a module, or changes its definition. A number of 0 takes the next free one for a new module.
    ///
    /// # Errors
    /// Forbidden; `stale_version` when the module is at another version than expected; invalid with the place in the
    /// definition named.
    pub async fn define(
        &self,
        caller: &Caller,
        definition: ModuleDefinition,
        expected: i64,
    ) -> Result<DefinedModule, Error> {
        if !caller.plan.may(Right::Configure) {
            return Err(Error::forbidden("action_not_allowed"));
        }
        let meta = Meta::new(caller.actor.clone(), kernel::new_id(), &[]);
        self.define_as(meta, definition, expected).await
    }

    /// What a module was defined as: the position of the last event, the definitions, and the version.
    async fn definitions(&self, module: &str) -> Result<(i64, Definitions, i64), Error> {
        let stream = StreamId::new(MODULE, derived_id(MODULE, module.as_bytes()));
        let recorded = self.log.load(stream).await?;
        let (position, version) = recorded.last().map_or((0, 0), |r| (r.position, r.version));
        let mut events = Vec::with_capacity(recorded.len());
        for event in &recorded {
            let stored = codec::decode(&event.stored_type, &event.payload).map_err(Error::internal)?;
            if let Some(codec::Stored::Module(event)) = stored {
                events.push(event);
            }
        }
        Ok((position, fold(Definitions::default(), &events), version))
    }

    async fn define_as(&self, meta: Meta, definition: ModuleDefinition, expected: i64) -> Result<DefinedModule, Error> {
        let id = derived_id(MODULE, definition.name.as_bytes());
        let stream = StreamId::new(MODULE, id);
        let mut attempt = 1;
        loop {
            let (position, state, version) = self.definitions(&definition.name).await?;
            if expected != version {
                return Err(stale(expected, version));
            }
            let modules = self.catalogue.refresh().await?;
            let mut definition = definition.clone();
            if definition.number == 0 {
                let highest = modules.iter().map(|d| d.module.definition.number).max().unwrap_or_default();
                definition.number = match state.current() {
                    Some(current) => current.number,
                    None => highest.max(FIRST_CUSTOM - 1) + 1,
                };
            }
            definition.first_number = definition.first_number.max(1);
            let known = modules.iter().map(|d| d.module.name().to_owned()).collect();
            let number = definition.number.to_be_bytes().to_vec();
            let decided = state.decide(Command::Define { definition, known })?;
            if decided.is_empty() {
                return Ok(DefinedModule { version, position });
            }
            let append = Append {
                meta: meta.clone(),
                streams: vec![StreamWrite { stream, expected: Expected::Version(version) }],
                claims: vec![ClaimChange::Take { scope: "module_number", key: number, holder: id }],
                counters: Vec::new(),
                build: Box::new(move |_| {
                    let event = |e| {
                        let (stored_type, payload) = codec::encode_module(e);
                        NewEvent { stream: 0, stored_type, payload, key: None }
                    };
                    Ok(Built { events: decided.iter().map(event).collect(), result: Vec::new() })
                }),
                side_writes: Vec::new(),
                inbox: None,
            };
            match self.log.append(append).await {
                Ok(appended) => {
                    self.catalogue.refresh().await?;
                    let version = appended.versions.first().copied().unwrap_or(version);
                    return Ok(DefinedModule { version, position: appended.last });
                }
                Err(LogError::WrongExpectedVersion { .. } | LogError::ClaimTaken { .. }) if attempt < ATTEMPTS => {
                    attempt += 1;
                }
                Err(LogError::ClaimTaken { .. }) => {
                    let message = "Another module has this number.";
                    return Err(Error::invalid_field("number", "number_reused", message));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Defines a standard module for the first time, in the product's own name. The command's id follows from the module's
/// name, so that several processes that start at once define it once.
pub(crate) async fn define_seed(records: &Records, definition: ModuleDefinition) -> Result<DefinedModule, Error> {
    let name = definition.name.clone();
    let meta = Meta::new(Actor::service("records"), derived_id("seed", name.as_bytes()), name.as_bytes());
    records.define_as(meta, definition, 0).await
}

/// Gives a standard module a field that came with a later version of the product, under the next number that no field of
/// it ever had. Nothing when it has, or had, a field of that name: what an administrator took away stays away.
pub(crate) async fn define_later_field(
    records: &Records,
    module: &str,
    field: impl Fn(u32) -> FieldDefinition,
) -> Result<(), Error> {
    let (_, state, version) = records.definitions(module).await?;
    let name = field(1).name;
    let Some(mut definition) = state.current().cloned().filter(|_| !state.ever_had(&name)) else { return Ok(()) };
    definition.fields.push(field(state.next_number()));
    let seed = format!("{module}.{name}");
    let mut meta = Meta::new(Actor::service("records"), derived_id("seed", seed.as_bytes()), seed.as_bytes());
    // The version that is expected makes it happen once; a refusal must not be answered for ever.
    meta.remember = false;
    records.define_as(meta, definition, version).await.map(drop)
}
