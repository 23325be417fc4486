//! The modules that exist, in memory: read when first needed, and again when another process may have changed them.

use crate::{
    codec,
    domain::module::{CONTACTS, Module, Standing},
    projections::columns::field_numbers,
};
use kernel::Error;
use policy::{Catalogue, FieldShape, ModuleShape};
use prost::Message;
use proto::records::v1::ModuleDefinition;
use sqlx::PgPool;
use std::{
    cmp::Ordering,
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

pub(crate) mod tags;

/// How often another process's modules are looked for.
const FOLLOW: Duration = Duration::from_secs(1);

/// All modules at one moment.
#[derive(Debug, Default)]
pub struct Modules {
    by_name: BTreeMap<String, Defined>,
    by_number: BTreeMap<i16, Arc<Module>>,
    /// What policy needs to know of them.
    pub shapes: Catalogue,
    position: i64,
}

/// A module and the version of its definition.
#[derive(Debug, Clone)]
pub struct Defined {
    /// The module.
    pub module: Arc<Module>,
    /// Version of its stream.
    pub version: i64,
}

impl Modules {
    /// A module by name.
    pub fn get(&self, name: &str) -> Option<&Arc<Module>> {
        self.by_name.get(name).map(|d| &d.module)
    }

    /// A module by its table's number.
    pub fn numbered(&self, number: i16) -> Option<&Arc<Module>> {
        self.by_number.get(&number)
    }

    /// The module of contacts, once it is defined.
    pub fn contacts(&self) -> Option<&Arc<Module>> {
        self.get(CONTACTS)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Defined> {
        self.by_name.values()
    }

    /// True for a later version, and for the same one when the columns of its table are others.
    fn is_news(&self, module: &Module, version: i64) -> bool {
        self.by_name.get(module.name()).is_none_or(|known| match known.version.cmp(&version) {
            Ordering::Less => true,
            Ordering::Equal => *known.module != *module,
            Ordering::Greater => false,
        })
    }

    fn with(&self, changed: Vec<(Module, i64, i64)>) -> Modules {
        let mut next = Modules {
            by_name: self.by_name.clone(),
            by_number: self.by_number.clone(),
            shapes: self.shapes.clone(),
            position: self.position,
        };
        for (module, version, position) in changed {
            let module = Arc::new(module);
            next.position = next.position.max(position);
            next.shapes.modules.insert(module.name().to_owned(), shape(&module));
            next.by_number.insert(module.number(), Arc::clone(&module));
            next.by_name.insert(module.name().to_owned(), Defined { module, version });
        }
        next
    }
}

/// Keeps [`Modules`].
#[derive(Clone)]
pub struct ModuleCatalogue {
    pool: PgPool,
    current: Arc<RwLock<Arc<Modules>>>,
}

impl ModuleCatalogue {
    /// Reads nothing yet.
    pub fn new(pool: PgPool) -> ModuleCatalogue {
        ModuleCatalogue { pool, current: Arc::default() }
    }

    /// The modules that are known; read when there are none yet.
    pub async fn modules(&self) -> Result<Arc<Modules>, Error> {
        let current = self.known();
        if current.by_name.is_empty() { self.refresh().await } else { Ok(current) }
    }

    /// All modules and one of them. A name that isn't known is looked up once more.
    ///
    /// # Errors
    /// Not found, when there is no such module.
    pub async fn module(&self, name: &str) -> Result<(Arc<Modules>, Arc<Module>), Error> {
        let mut modules = self.modules().await?;
        if modules.get(name).is_none() {
            modules = self.refresh().await?;
        }
        let module = modules.get(name).cloned().ok_or_else(Error::not_found)?;
        Ok((modules, module))
    }

    /// Reads definitions that are newer than those known: one statement.
    pub async fn refresh(&self) -> Result<Arc<Modules>, Error> {
        self.read(self.known().position).await
    }

    /// Reads all of them, for what changed without an event: the columns that tables have.
    pub(crate) async fn reload(&self) -> Result<Arc<Modules>, Error> {
        self.read(0).await
    }

    async fn read(&self, after: i64) -> Result<Arc<Modules>, Error> {
        type Row = (i64, i64, Vec<u8>, Vec<i32>, Vec<i32>);
        let rows: Vec<Row> =
            sqlx::query_as("select version, pos, definition, columns, sortable from modules_v1 where pos > $1")
                .bind(after)
                .fetch_all(&self.pool)
                .await
                .map_err(crate::error::database)?;
        if rows.is_empty() {
            return Ok(self.known());
        }
        let mut changed = Vec::with_capacity(rows.len());
        for (version, position, bytes, columns, sortable) in rows {
            let definition = ModuleDefinition::decode(bytes.as_slice()).map_err(Error::internal)?;
            let standing = Standing { definition: codec::definition(definition), sortable: field_numbers(&sortable) };
            changed.push((Module::with_columns(standing, &field_numbers(&columns)), version, position));
        }
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        // Another task may have read further meanwhile; what is older than that changes nothing.
        changed.retain(|(m, version, _)| current.is_news(m, *version));
        if !changed.is_empty() {
            *current = Arc::new(current.with(changed));
        }
        Ok(Arc::clone(&current))
    }

    /// Keeps what is known true until shutdown: another process may define modules. While the database is away, what is
    /// known stays.
    pub(crate) async fn follow(self, shutdown: CancellationToken) {
        while tokio::time::timeout(FOLLOW, shutdown.cancelled()).await.is_err() {
            if let Err(error) = self.refresh().await {
                tracing::debug!(event = "catalogue.stale", error = %error, "the modules can't be read");
            }
        }
    }

    fn known(&self) -> Arc<Modules> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn shape(module: &Module) -> ModuleShape {
    let tied = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    let customers = module.is_contacts()
        || module.is_companies()
        || module.contact_field().is_some()
        || module.company_field().is_some();
    ModuleShape {
        fields: module
            .fields
            .iter()
            .zip(&module.definition.fields)
            .map(|(field, definition)| {
                let shape = FieldShape {
                    kind: field.kind,
                    values: field.keys.iter().map(|k| k.key.clone()).collect(),
                    target: tied(&field.target),
                    mandatory: field.mandatory,
                    block: definition.block.clone(),
                };
                (field.name.clone(), shape)
            })
            .collect(),
        without_customer_data: !customers,
        contact_field: tied(&module.definition.contact_field),
        company_field: tied(&module.definition.company_field),
        status_field: tied(&module.definition.status_field),
        related: Vec::new(),
    }
}
