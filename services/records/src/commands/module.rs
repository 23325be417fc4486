//! Defining modules.

use crate::{
    codec,
    domain::module::{Command, Definition, Definitions, Event, FieldDefinition},
    service::{Caller, Records},
};
use eventlog::{
    Accompany, ClaimChange, DecideError, Decided, Draft, Loaded, LogError, Meta, Prompt, Prompted, Recorded, Stored,
};
use futures::future::BoxFuture;
use kernel::{Actor, Error, derived_id};
use policy::Right;
use uuid::Uuid;

/// Numbers below are for the standard modules, which choose theirs.
const FIRST_CUSTOM: u32 = 1_001;

impl Stored for Definitions {
    const CATEGORY: &'static str = "module";

    fn decode(recorded: &Recorded) -> Result<Event, LogError> {
        match codec::decode(&recorded.stored_type, &recorded.payload) {
            Ok(Some(codec::Stored::Module(event))) => Ok(event),
            Ok(Some(codec::Stored::Record { .. }) | None) => {
                Err(LogError::Broken(format!("{} in the stream of a module", recorded.stored_type)))
            }
            Err(e) => Err(LogError::Broken(e.to_string())),
        }
    }

    fn encode(_: Uuid, event: &Event) -> (&'static str, Vec<u8>) {
        codec::encode_module(event)
    }
}

/// The id of a module's stream.
pub(crate) fn module_id(name: &str) -> Uuid {
    derived_id(Definitions::CATEGORY, name.as_bytes())
}

/// A module that was defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefinedModule {
    /// Version of its stream.
    pub version: i64,
    /// Position of the event; of the last one before, when nothing changed.
    pub position: i64,
}

impl Records {
    /// Defines a module, or changes its definition: the log gets the steps that lead to it. A number of 0 takes the next
    /// free one for a new module.
    ///
    /// # Errors
    /// Forbidden; `stale_version` when the definition was changed after the version that is expected; invalid with the place
    /// in the definition named.
    pub async fn define(
        &self,
        caller: &Caller,
        definition: impl Into<Definition>,
        expected: i64,
    ) -> Result<DefinedModule, Error> {
        if !caller.plan.may(Right::Configure) {
            return Err(Error::forbidden("action_not_allowed"));
        }
        let meta = Meta::new(caller.actor.clone(), kernel::new_id(), &[]);
        self.define_as(meta, definition.into(), expected).await
    }

    async fn define_as(&self, meta: Meta, definition: Definition, seen: i64) -> Result<DefinedModule, Error> {
        let id = module_id(&definition.name);
        let wanted = Wanted { records: self, definition: &definition, seen };
        let Decided { version, position, .. } = match self.log.decide_anew(id, &meta, wanted, TakeNumber(id)).await {
            Ok(decided) => decided,
            Err(DecideError::Log(LogError::ClaimTaken { .. })) => {
                let message = "Another module has this number.";
                return Err(Error::invalid_field("number", "number_reused", message));
            }
            Err(error) => return Err(error.into()),
        };
        self.catalogue.refresh().await?;
        let position = match position {
            // There was nothing to do.
            0 => self.log.load(Definitions::stream(id)).await?.last().map_or(0, |r| r.position),
            position => position,
        };
        Ok(DefinedModule { version, position })
    }
}

/// What a module is to be, with what must be looked up for it.
struct Wanted<'a> {
    records: &'a Records,
    definition: &'a Definition,
    /// The version that it was made on.
    seen: i64,
}

impl Prompt<Definitions> for Wanted<'_> {
    fn command<'a>(
        &'a self,
        loaded: &'a Loaded<Definitions>,
    ) -> BoxFuture<'a, Result<Prompted<Definitions>, LogError>> {
        Box::pin(async move {
            let modules = self.records.catalogue.refresh().await.map_err(LogError::Refused)?;
            let mut definition = self.definition.clone();
            let chose = definition.number == 0;
            if chose {
                let highest = modules.iter().map(|d| d.module.definition.number).max().unwrap_or_default();
                definition.number = match loaded.state.current() {
                    Some(current) => current.number,
                    None => highest.max(FIRST_CUSTOM - 1) + 1,
                };
            }
            definition.first_number = definition.first_number.max(1);
            let known = modules.iter().map(|d| d.module.name().to_owned()).collect();
            Ok(Prompted { command: Command::Define { definition, known, seen: self.seen }, chose })
        })
    }
}

/// No two modules have one number.
struct TakeNumber(Uuid);

impl Accompany<Definitions> for TakeNumber {
    fn accompany<'a>(
        &'a self,
        before: &'a Definitions,
        events: &'a [Event],
        draft: &'a mut Draft,
    ) -> BoxFuture<'a, Result<(), LogError>> {
        let after = kernel::fold(before.clone(), events);
        if let Some(definition) = after.current() {
            let key = definition.number.to_be_bytes().to_vec();
            draft.claims.push(ClaimChange::Take { scope: "module_number", key, holder: self.0 });
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Defines a standard module for the first time, in the product's own name. The command's id follows from the module's
/// name, so that several processes that start at once define it once.
pub(crate) async fn define_seed(records: &Records, definition: impl Into<Definition>) -> Result<DefinedModule, Error> {
    let definition = definition.into();
    let name = definition.name.clone();
    let meta = Meta::new(Actor::service("records"), derived_id("seed", name.as_bytes()), name.as_bytes());
    records.define_as(meta, definition, 0).await
}

/// Gives a standard module a field that came with a later version of the product, under the next number that no field of
/// it ever had. Nothing when it has, or had, a field of that name: what an administrator took away stays away.
pub(crate) async fn define_later_field<F: Into<FieldDefinition>>(
    records: &Records,
    module: &str,
    field: impl Fn(u32) -> F,
) -> Result<(), Error> {
    let field = |number| -> FieldDefinition { field(number).into() };
    let Loaded { state, version, .. } = records.log.aggregate::<Definitions>(module_id(module)).await?;
    let name = field(1).name;
    let Some(mut definition) = state.current().cloned().filter(|_| !state.ever_had(&name)) else { return Ok(()) };
    definition.fields.push(field(state.next_number()));
    let seed = format!("{module}.{name}");
    let mut meta = Meta::new(Actor::service("records"), derived_id("seed", seed.as_bytes()), seed.as_bytes());
    // The version that is expected makes it happen once; a refusal must not be answered for ever.
    meta.remember = false;
    records.define_as(meta, definition, version).await.map(drop)
}
