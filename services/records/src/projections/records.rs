//! The read model of modules, records and comments, in the shape that ARCHITECTURE.md, "The read model of records",
//! describes: a table per module, made when the module is defined.

use super::{
    columns::field_numbers,
    rows::{Contacts, Row, doer_of},
    shape,
    store::{self, CommentChange, CommentRow, Kept},
};
use crate::{
    codec::{self, Stored},
    domain::{
        module::{self, Amendment, CONTACTS, Module, Standing},
        record::Event,
        value::Field,
    },
};
use eventlog::{Projection, Recorded};
use futures::future::BoxFuture;
use prost::Message;
use proto::records::v1::ModuleDefinition;
use sqlx::PgConnection;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;

/// The inline projection of the whole service.
#[derive(Default)]
pub struct RecordsProjection {
    /// Modules by name and version: the same in the live tables and in a rebuild, since both come from one log.
    known: Mutex<HashMap<(String, i64), Arc<Module>>>,
}

impl Projection for RecordsProjection {
    fn name(&self) -> &'static str {
        "records_v1"
    }

    fn tables<'a>(&'a self, connection: &'a mut PgConnection) -> BoxFuture<'a, Result<Vec<String>, sqlx::Error>> {
        Box::pin(async move {
            let numbers: Vec<i16> =
                sqlx::query_scalar("select number from modules_v1 order by number").fetch_all(connection).await?;
            let fixed = ["modules_v1".to_owned(), "comments_v1".to_owned()];
            let own = numbers.iter().flat_map(|n| [format!("m{n}_v1"), format!("m{n}_text_v1")]);
            Ok(fixed.into_iter().chain(own).collect())
        })
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Recorded],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            let mut decoded = Vec::with_capacity(events.len());
            for recorded in events {
                let stored = codec::decode(&recorded.stored_type, &recorded.payload)
                    .map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
                decoded.extend(stored.map(|s| (recorded, s)));
            }
            let mut batch = Batch {
                projection: self,
                connection,
                modules: HashMap::new(),
                rows: BTreeMap::new(),
                contacts: Contacts::default(),
                comments: Vec::new(),
                comment_changes: Vec::new(),
            };
            batch.gather(&decoded).await?;
            for (recorded, stored) in &decoded {
                batch.apply(recorded, stored).await?;
            }
            batch.flush().await
        })
    }
}

impl RecordsProjection {
    /// A module as it is kept; made once per version and shape of its table.
    fn module(&self, kept: &Kept) -> Result<Arc<Module>, sqlx::Error> {
        let columns = field_numbers(&kept.columns);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (kept.name.clone(), kept.version);
        if let Some(module) = known.get(&place).filter(|module| module.columns == columns) {
            return Ok(Arc::clone(module));
        }
        let module = Arc::new(Module::with_columns(standing(kept)?, &columns));
        known.insert(place, Arc::clone(&module));
        Ok(module)
    }
}

/// A definition as it is kept, and how far its columns are.
fn standing(kept: &Kept) -> Result<Standing, sqlx::Error> {
    let definition = ModuleDefinition::decode(kept.definition.as_slice()).map_err(store::broken)?;
    Ok(Standing { definition: codec::definition(definition), sortable: field_numbers(&kept.sortable) })
}

/// Events that are applied together: rows are read once, folded in memory and written once.
struct Batch<'a> {
    projection: &'a RecordsProjection,
    connection: &'a mut PgConnection,
    modules: HashMap<String, Arc<Module>>,
    /// By module and id.
    rows: BTreeMap<(String, Uuid), Row>,
    contacts: Contacts,
    comments: Vec<CommentRow>,
    comment_changes: Vec<CommentChange>,
}

impl Batch<'_> {
    /// Reads what the events need: definitions, rows that exist, companies of contacts. One statement each, and one per
    /// module for rows.
    async fn gather(&mut self, decoded: &[(&Recorded, Stored)]) -> Result<(), sqlx::Error> {
        let mut created = HashSet::new();
        let mut wanted: BTreeMap<&str, BTreeSet<Uuid>> = BTreeMap::new();
        for (_, stored) in decoded {
            let Stored::Record { id, module, event, .. } = stored else { continue };
            let ids = wanted.entry(module).or_default();
            match event {
                Event::Created { .. } => drop(created.insert(*id)),
                _ => drop(ids.insert(*id)),
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = wanted.keys().copied().chain([CONTACTS]).collect();
        self.load_modules(Some(&names)).await?;
        for (name, ids) in wanted {
            let ids: Vec<Uuid> = ids.into_iter().filter(|id| !created.contains(id)).collect();
            let Some(module) = self.modules.get(name).filter(|_| !ids.is_empty()) else { continue };
            for row in store::load(self.connection, module, &ids).await? {
                self.rows.insert((name.to_owned(), row.id), row);
            }
        }
        self.gather_contacts(decoded).await
    }

    /// Reads the companies of contacts that records are newly tied to. A record whose ties stay is in the right lists
    /// already.
    async fn gather_contacts(&mut self, decoded: &[(&Recorded, Stored)]) -> Result<(), sqlx::Error> {
        let mut contacts = BTreeSet::new();
        for (_, stored) in decoded {
            let Stored::Record { id, module, event, .. } = stored else { continue };
            let (Event::Created { ties, .. } | Event::Updated { ties, .. }) = event else { continue };
            if module == CONTACTS {
                continue;
            }
            match self.rows.get(&(module.clone(), *id)) {
                Some(row) if !row.is_tied_elsewhere(*ties) => {}
                row => {
                    contacts.insert(ties.contact);
                    contacts.extend(row.and_then(|r| r.contact).and_then(|c| u64::try_from(c).ok()));
                }
            }
        }
        let numbers: Vec<i64> = contacts.into_iter().filter_map(|n| i64::try_from(n).ok()).filter(|n| *n > 0).collect();
        if let Some(module) = self.modules.get(CONTACTS).filter(|_| !numbers.is_empty()) {
            for (number, company, deleted) in store::contacts(self.connection, module, &numbers).await? {
                self.contacts.set(number, company.filter(|_| !deleted));
            }
        }
        Ok(())
    }

    async fn load_modules(&mut self, names: Option<&[&str]>) -> Result<(), sqlx::Error> {
        for kept in store::modules(self.connection, names).await? {
            let module = self.projection.module(&kept)?;
            self.modules.insert(kept.name, module);
        }
        Ok(())
    }

    async fn apply(&mut self, recorded: &Recorded, stored: &Stored) -> Result<(), sqlx::Error> {
        match stored {
            Stored::Module(event) => self.amend(recorded, event).await,
            Stored::Record { id, module, event, occurred_at: None } => {
                self.apply_record(recorded, *id, module, event).await
            }
            // The read model shows when things happened; the log knows when they were told.
            Stored::Record { id, module, event, occurred_at: Some(at) } => {
                let happened = Recorded { recorded_at: *at, ..recorded.clone() };
                self.apply_record(&happened, *id, module, event).await
            }
        }
    }

    /// A module is a step further. What its table lacks for that is made outside of the append; only a new module's tables
    /// are made here, and those of a rebuild, which nobody else uses.
    async fn amend(&mut self, recorded: &Recorded, event: &module::Event) -> Result<(), sqlx::Error> {
        // Rows that wait were made under the old definition.
        self.flush().await?;
        let kept = store::modules(self.connection, Some(&[&event.module])).await?.pop();
        if kept.as_ref().is_some_and(|kept| kept.version >= recorded.version) {
            return Ok(());
        }
        let standing = match (&event.amendment, &kept) {
            (Amendment::Defined(definition), _) => Standing::defined(definition.clone()),
            (amendment, Some(kept)) => standing(kept)?.after(amendment),
            (_, None) => return Ok(()),
        };
        let has = kept.as_ref().map(|kept| field_numbers(&kept.columns)).unwrap_or_default();
        let mut module = Module::with_columns(standing.clone(), &has);
        let made = match &kept {
            None => {
                module = Module::with_columns(standing.clone(), &module.promoted());
                store::make(self.connection, &module).await?;
                true
            }
            Some(kept) if store::is_beside(self.connection).await? => {
                let before = self.projection.module(kept)?;
                let status = |m: &Module| m.status_field().map(|f| f.number);
                let moved = status(&before) != status(&module);
                module = Module::with_columns(standing.clone(), &module.promoted());
                if moved || module.columns != has {
                    reshape(self.connection, &module, &has).await?;
                }
                true
            }
            Some(_) => false,
        };
        let at = (recorded.version, recorded.position);
        let columns = store::keep(self.connection, &module, at, &standing.sortable, made).await?;
        self.modules.insert(event.module.clone(), Arc::new(Module::with_columns(standing, &columns)));
        Ok(())
    }

    async fn apply_record(
        &mut self,
        recorded: &Recorded,
        id: Uuid,
        name: &str,
        event: &Event,
    ) -> Result<(), sqlx::Error> {
        let Some(module) = self.modules.get(name).cloned() else { return Ok(()) };
        let place = (name.to_owned(), id);
        let (mut moved, mut tied) = (false, true);
        if let Some(row) = Row::created(&module, recorded, event) {
            if module.is_contacts() {
                self.contacts.set(row.number, row.gives_company());
            }
            self.rows.insert(place.clone(), row);
        } else if let Some(row) = self.rows.get_mut(&place) {
            let company = row.gives_company();
            tied = row.apply(&module, recorded, event);
            moved = module.is_contacts() && company != row.gives_company();
        }
        let Some(row) = self.rows.get_mut(&place) else { return Ok(()) };
        if tied {
            row.scope(&module, &self.contacts);
        }
        let (number, company) = (row.number, row.gives_company());
        self.comments.extend(comment(recorded, id, event));
        self.comment_changes.extend(comment_change(recorded, event));
        if moved {
            self.move_contact(number, company).await?;
        }
        Ok(())
    }

    /// Records that are tied to a contact follow it to its new company.
    async fn move_contact(&mut self, contact: i64, company: Option<i64>) -> Result<(), sqlx::Error> {
        self.contacts.set(contact, company);
        for ((name, _), row) in &mut self.rows {
            if row.contact == Some(contact)
                && let Some(module) = self.modules.get(name)
            {
                row.scope(module, &self.contacts);
            }
        }
        self.flush().await?;
        self.load_modules(None).await?;
        let tied: Vec<Arc<Module>> =
            self.modules.values().filter(|m| m.contact_field().is_some() && !m.is_contacts()).cloned().collect();
        for module in tied {
            store::move_contact(self.connection, &module, contact, company).await?;
        }
        Ok(())
    }

    /// Writes what waits; rows stay known.
    async fn flush(&mut self) -> Result<(), sqlx::Error> {
        let names: BTreeSet<String> =
            self.rows.iter().filter(|(_, row)| row.dirty).map(|((name, _), _)| name.clone()).collect();
        for name in names {
            let Some(module) = self.modules.get(&name) else { continue };
            let rows: Vec<&Row> =
                self.rows.iter().filter(|((n, _), r)| *n == name && r.dirty).map(|(_, r)| r).collect();
            store::save(self.connection, module, &rows).await?;
        }
        for row in self.rows.values_mut() {
            (row.dirty, row.text_dirty) = (false, false);
        }
        if !self.comments.is_empty() {
            store::save_comments(self.connection, &self.comments).await?;
            self.comments.clear();
        }
        if !self.comment_changes.is_empty() {
            store::change_comments(self.connection, &self.comment_changes).await?;
            self.comment_changes.clear();
        }
        Ok(())
    }
}

/// Brings a table of a rebuild to the columns of its module from those that it has.
async fn reshape(connection: &mut PgConnection, module: &Module, has: &BTreeSet<u32>) -> Result<(), sqlx::Error> {
    let lacking: Vec<&Field> = module.with_column().filter(|f| !has.contains(&f.number)).collect();
    if !lacking.is_empty() {
        shape::as_owner(connection, &shape::add_columns(module, &lacking)).await?;
        shape::fill(connection, module, &lacking).await?;
    }
    shape::bring_indexes(connection, module, false).await?;
    let gone: BTreeSet<u32> = has.difference(&module.columns).copied().collect();
    if !gone.is_empty() {
        shape::as_owner(connection, &shape::drop_columns(module, &gone)).await?;
    }
    Ok(())
}

fn comment_change(recorded: &Recorded, event: &Event) -> Option<CommentChange> {
    let (id, body) = match event {
        Event::CommentEdited { comment_id, body, .. } => (*comment_id, Some(body.clone())),
        Event::CommentRemoved { comment_id, .. } => (*comment_id, None),
        _ => return None,
    };
    Some(CommentChange { id, at: recorded.recorded_at, body, redacted: recorded.redacted })
}

fn comment(recorded: &Recorded, record: Uuid, event: &Event) -> Option<CommentRow> {
    let (id, body, internal) = match event {
        Event::Commented { comment_id, body, .. } => (*comment_id, body, false),
        Event::InternalNoted { comment_id, body } => (*comment_id, body, true),
        _ => return None,
    };
    Some(CommentRow {
        id,
        record,
        version: recorded.version,
        internal,
        author: doer_of(recorded).1,
        author_kind: doer_of(recorded).0.number(),
        on_behalf_of: recorded.on_behalf_of.map(|_| recorded.actor_id),
        at: recorded.recorded_at,
        body: body.clone(),
        redacted: recorded.redacted,
    })
}
