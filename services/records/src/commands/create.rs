//! Making a record.

use super::{
    links::{foreign, links, person, proposed, touches_personal},
    write::{given, meta, owned, refusal, request_bytes, told, with_foreign},
};
use crate::{
    catalogue::Modules,
    domain::{
        module::Module,
        record::{Command, Links, Record},
        value::Value,
    },
    error::database,
    found::{Found, RowFacts},
    service::{Caller, Records},
};
use eventlog::Expected;
use kernel::{ActorKind, Aggregate, Error};
use policy::{Action, Scope, Tie, Write, check_write};
use proto::records::v1::{CreateRecordRequest, CreateRecordResponse};
use std::sync::Arc;
use uuid::Uuid;

impl Records {
    /// Makes a record. Its number is taken in the append; a refused request uses none. A repeated key answers the first
    /// request's record.
    ///
    /// # Errors
    /// Not found or forbidden when the caller may not make one; invalid with each field named.
    pub async fn create(&self, caller: &Caller, request: &CreateRecordRequest) -> Result<CreateRecordResponse, Error> {
        let (modules, module) = self.module_for(caller, &request.module).await?;
        may_create(caller, &module)?;
        let occurred_at = self.occurred(request.occurred_at_micros)?;
        let sent = given(&request.fields);
        let route = format!("create/{}", module.name());
        let meta = meta(caller, &route, &request.idempotency_key, &request_bytes(module.name(), None, 0, &sent));
        let id = kernel::new_id();
        let chosen = self.chosen(caller, &module, &sent).await?;
        let decided = self.decide_create(caller, &modules, &module, id, &sent, &chosen).await?;
        let appended = match decided {
            Err(refused) => self.refuse(meta, &request.idempotency_key, refused).await?,
            Ok((values, links)) => {
                let key = match touches_personal(&module, values.iter().map(|(n, _)| n)) {
                    true => {
                        let all = proposed(&module, true, &values);
                        Some(self.log.keys().key_for(person(&module, id, None, &all)).await?)
                    }
                    false => None,
                };
                let counter = format!("record_number.{}", module.name());
                let first = i64::try_from(module.definition.first_number).unwrap_or(1);
                let fields = values;
                let made = Arc::clone(&module);
                let build = move |reserved: &eventlog::Reserved| {
                    let number = reserved.counters.first().and_then(|n| u64::try_from(*n).ok()).unwrap_or_default();
                    let command = Command::Create {
                        id,
                        number,
                        module: Arc::clone(&made),
                        fields: fields.clone(),
                        links: links.clone(),
                    };
                    let events = Record::default().decide(command)?;
                    Ok(told(id, made.name(), &events, occurred_at, key.as_ref(), id.as_bytes().to_vec()))
                };
                self.append(meta, id, Expected::Version(0), vec![(counter, first)], build).await?
            }
        };
        let id = Uuid::from_slice(&appended.result).unwrap_or(id);
        let record = self.own_record(caller, module.name(), id).await?;
        Ok(CreateRecordResponse { record: Some(record), position: appended.last })
    }

    /// What the product puts into a new record where the caller gave nothing.
    async fn chosen(
        &self,
        caller: &Caller,
        module: &Module,
        sent: &[(String, Value)],
    ) -> Result<Vec<(String, Value)>, Error> {
        let given = |name: &str| sent.iter().any(|(n, _)| n == name);
        let mut chosen = Vec::new();
        if caller.actor.kind.is_customer() && !module.is_contacts() {
            // A visitor by a company's link has no contact of their own: the record names the company alone.
            let contact = module.contact_field().filter(|_| caller.actor.kind == ActorKind::Contact);
            if let Some(field) = contact.filter(|f| !given(&f.name)) {
                chosen.push((field.name.clone(), Value::Text(caller.actor.id.to_string())));
            }
            let company = caller.plan.viewer.companies.first();
            if let (Some(field), Some(company)) = (module.company_field().filter(|f| !given(&f.name)), company) {
                chosen.push((field.name.clone(), Value::text(company.as_str())));
            }
        }
        if let Some(field) = module.owner_field().filter(|f| !given(&f.name)) {
            let owner = match caller.actor.kind {
                ActorKind::Agent => Some(caller.actor.id),
                ActorKind::Contact | ActorKind::Company => {
                    match caller.plan.owner.as_deref().and_then(|o| Uuid::try_parse(o).ok()) {
                        Some(owner) => Some(owner),
                        None => self.first_administrator().await?,
                    }
                }
                ActorKind::Service => None,
            };
            chosen.extend(owner.map(|o| (field.name.clone(), Value::Text(o.to_string()))));
        }
        Ok(chosen)
    }

    /// The values and links to create with, or why not.
    async fn decide_create(
        &self,
        caller: &Caller,
        modules: &Modules,
        module: &Arc<Module>,
        id: Uuid,
        sent: &[(String, Value)],
        chosen: &[(String, Value)],
    ) -> Result<Result<(Vec<(String, Value)>, Links), Error>, Error> {
        let clock = self.clock();
        let mut values: Vec<(String, Value)> = sent.iter().chain(chosen).cloned().collect();
        let around = self.around_values(caller, modules, module, None, &values).await?;
        // A chosen owner or contact that is gone would stop every creation: it is left out instead.
        values.retain(|(name, value)| {
            let by_us = chosen.iter().any(|(n, _)| n == name);
            let there = value.as_id().is_some_and(|i| around.agents.contains_key(&i) || around.any(i).is_some());
            !by_us || there
        });
        let by_us: Vec<Uuid> = chosen.iter().filter_map(|(_, v)| v.as_id()).collect();
        let links = links(caller, modules, &around, &by_us, &clock);
        let row = Found::proposed(id, &caller.actor, clock.now);
        let proposal = proposed(module, true, &values);
        let facts =
            RowFacts::new(modules, module, &row, &around, Tie { mine: true, company: true }).proposing(&proposal);
        let names: Vec<&str> = sent.iter().map(|(n, _)| n.as_str()).collect();
        let write = Write { saved: None, proposed: &facts, sent: &names, clock: &clock };
        let judged = check_write(&caller.plan, module.name(), &write);
        if let Ok(accepted) = &judged {
            for (name, value) in &accepted.set {
                values.retain(|(n, _)| n != name);
                values.push((name.clone(), owned(value)));
            }
        }
        let command =
            Command::Create { id, number: 1, module: Arc::clone(module), fields: values.clone(), links: links.clone() };
        let own = with_foreign(Record::default().decide(command).err(), foreign(caller, module, &around, None, sent));
        Ok(match refusal(judged.as_ref().err(), own, caller.language()) {
            Some(error) => Err(error),
            None => Ok((values, links)),
        })
    }

    /// Who owns records when nothing says who: the administrator who was there first.
    async fn first_administrator(&self) -> Result<Option<Uuid>, Error> {
        sqlx::query_scalar("select id from agents_v1 where role = 'administrator' and not disabled order by id limit 1")
            .fetch_optional(&self.lists)
            .await
            .map_err(database)
    }

    /// The answer to a change: the record as its maker sees it. Of one that its maker may not see, id and number.
    pub(crate) async fn own_record(
        &self,
        caller: &Caller,
        module: &str,
        id: Uuid,
    ) -> Result<proto::records::v1::Record, Error> {
        match self.record(caller, module, id, true).await {
            Err(e) if e.code == kernel::Code::NotFound => {
                let (_, module) = self.catalogue.module(module).await?;
                let (row, _) = self.find(caller, &module, id).await?.ok_or_else(Error::not_found)?;
                Ok(proto::records::v1::Record {
                    id: id.to_string(),
                    module: module.name().to_owned(),
                    number: module.shown_number(u64::try_from(row.number).unwrap_or_default()),
                    ..proto::records::v1::Record::default()
                })
            }
            other => other,
        }
    }
}

fn may_create(caller: &Caller, module: &Module) -> Result<(), Error> {
    let creates = caller.plan.scope(module.name(), Action::Create) != Scope::None;
    let views = caller.plan.scope(module.name(), Action::View) != Scope::None;
    // Whatever a profile says: companies are made by the operator.
    let portal = caller.actor.kind.is_customer() && module.is_companies();
    match (creates && !portal, views || creates) {
        (true, _) => Ok(()),
        (false, true) => Err(Error::forbidden("action_not_allowed")),
        (false, false) => Err(Error::not_found()),
    }
}
