//! A records service on a database of its own, with two companies, their contacts and two agents.

use anyhow::Result;
use eventlog::{Log, LogOptions, Projection};
use kernel::{Actor, ActorKind, Channel};
use policy::{
    AccessPlan, AgentGrant, AgentRole, ChosenBecause, ChosenProfile, CompanyGrant, ContactGrant, Profile, Scope,
};
use proto::records::v1::{
    CreateRecordRequest, FieldValue, GetRecordRequest, Record, UpdateRecordRequest, Value, value::Kind,
};
use records::{Caller, Records, projections::RecordsProjection};
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

/// The service, its database, and who is there.
pub(crate) struct World {
    pub(crate) database: kit::Database,
    pub(crate) records: Records,
    pub(crate) projection: Arc<dyn Projection>,
    pub(crate) administrator: Caller,
    pub(crate) agent: Caller,
    pub(crate) acme: Record,
    pub(crate) globex: Record,
    pub(crate) emma: Record,
    pub(crate) marco: Record,
    pub(crate) nina: Record,
}

pub(crate) fn agent(id: Uuid, role: AgentRole) -> Caller {
    let plan = AccessPlan::for_agent(AgentGrant {
        id: id.to_string(),
        role: role.into(),
        groups: Vec::new(),
        fields: BTreeMap::new(),
        policy_version: 1,
    });
    let actor = Actor::agent(id, role.as_str());
    Caller { actor, plan: Arc::new(plan) }
}

pub(crate) fn text(value: impl Into<String>) -> Option<Value> {
    Some(Value { kind: Some(Kind::Text(value.into())) })
}

pub(crate) fn fields(pairs: &[(&str, &str)]) -> Vec<FieldValue> {
    pairs.iter().map(|(f, v)| FieldValue { field: (*f).to_owned(), value: text(*v) }).collect()
}

pub(crate) fn value(record: &Record, field: &str) -> Option<String> {
    match record.fields.iter().find(|f| f.field == field)?.value.clone()?.kind? {
        Kind::Text(t) => Some(t),
        Kind::Integer(i) => Some(i.to_string()),
        Kind::Boolean(b) => Some(b.to_string()),
    }
}

/// The number without its prefix.
pub(crate) fn number(record: &Record) -> u64 {
    record.number.trim_start_matches(|c: char| c.is_ascii_uppercase()).parse().unwrap()
}

impl World {
    pub(crate) async fn new() -> Result<World> {
        let database = kit::Database::new().await?;
        let projection: Arc<dyn Projection> = Arc::new(RecordsProjection::default());
        let log = database.log("records", vec![Arc::clone(&projection)], LogOptions::default())?;
        let records = Records::new(log, "Europe/Rome");
        records::seed(&records).await?;
        let administrator = agent(kernel::new_id(), AgentRole::Administrator);
        let colleague = agent(kernel::new_id(), AgentRole::Agent);
        for (caller, name) in [(&administrator, "Ada"), (&colleague, "Ben")] {
            sqlx::query("insert into agents_v1 (id, name, role) values ($1, $2, $3)")
                .bind(caller.actor.id)
                .bind(name)
                .bind(&caller.actor.role)
                .execute(records.log().pool())
                .await?;
        }
        let company = |name: &'static str| fields(&[("name", name), ("country", "IT")]);
        let acme = make(&records, &administrator, "companies", company("Acme")).await?;
        let globex = make(&records, &administrator, "companies", company("Globex")).await?;
        let person = |first: &str, last: &str, email: &str, company: &Record| {
            fields(&[("first_name", first), ("last_name", last), ("email", email), ("company_id", &company.id)])
        };
        let emma = make(&records, &administrator, "contacts", person("Emma", "Rossi", "emma@acme.test", &acme)).await?;
        let marco =
            make(&records, &administrator, "contacts", person("Marco", "Bianchi", "marco@acme.test", &acme)).await?;
        let nina =
            make(&records, &administrator, "contacts", person("Nina", "Weber", "nina@globex.test", &globex)).await?;
        Ok(World { database, records, projection, administrator, agent: colleague, acme, globex, emma, marco, nina })
    }

    /// Records as an older version had seeded it: contacts without the mark, and a field of the installation's own.
    pub(crate) async fn before_the_mark() -> Result<Records> {
        let database = kit::Database::new().await?;
        let log = database.log("records", vec![Arc::new(RecordsProjection::default())], LogOptions::default())?;
        let records = Records::new(log, "Europe/Rome");
        let administrator = agent(kernel::new_id(), AgentRole::Administrator);
        let standard = records::standard_modules();
        for mut definition in standard.into_iter().take(2) {
            if let Some(mark) = definition.fields.iter_mut().find(|f| f.name == policy::PRIMARY) {
                mark.name = "vip".into();
            }
            records.define(&administrator, definition, 0).await?;
        }
        Ok(records)
    }

    pub(crate) fn log(&self) -> &Log {
        self.records.log()
    }

    /// A contact under a profile.
    pub(crate) async fn contact(&self, contact: &Record, company: &Record, profile: &Profile) -> Result<Caller> {
        let modules = self.records.catalogue().modules().await?;
        let grant = ContactGrant {
            id: contact.id.clone(),
            contact_number: Some(number(contact)),
            companies: vec![(company.id.clone(), number(company))],
            fields: BTreeMap::new(),
            stands_for_company: false,
            profile: ChosenProfile {
                id: kernel::new_id().to_string(),
                version: 1,
                chosen_because: ChosenBecause::Default,
            },
            policy_version: 1,
        };
        let plan = AccessPlan::for_contact(profile, grant, &modules.shapes, Scope::Mine);
        let actor = Actor {
            session: Some(kernel::new_id()),
            ..Actor::new(ActorKind::Contact, contact.id.parse()?, Channel::Portal)
        };
        Ok(Caller { actor, plan: Arc::new(plan) })
    }

    /// Somebody who came by the link of a company, under a profile.
    pub(crate) async fn visitor(&self, company: &Record, profile: &Profile) -> Result<Caller> {
        let modules = self.records.catalogue().modules().await?;
        let grant = CompanyGrant {
            id: company.id.clone(),
            number: number(company),
            profile: ChosenProfile {
                id: kernel::new_id().to_string(),
                version: 1,
                chosen_because: ChosenBecause::SecureLink,
            },
            policy_version: 1,
        };
        let plan = AccessPlan::for_company(profile, grant, &modules.shapes, Scope::Mine);
        let actor = Actor {
            session: Some(kernel::new_id()),
            ..Actor::new(ActorKind::Company, company.id.parse()?, Channel::Portal)
        };
        Ok(Caller { actor, plan: Arc::new(plan) })
    }

    /// The agent, who looks at the portal as a contact.
    pub(crate) fn as_contact(&self, contact: &Caller) -> Caller {
        let actor = Actor { on_behalf_of: Some(self.agent.actor.id), ..contact.actor.clone() };
        Caller { actor, plan: Arc::clone(&contact.plan) }
    }

    pub(crate) async fn emma(&self) -> Result<Caller> {
        self.contact(&self.emma, &self.acme, &Profile::standard_demo()).await
    }

    pub(crate) async fn marco(&self) -> Result<Caller> {
        self.contact(&self.marco, &self.acme, &Profile::standard_demo()).await
    }

    pub(crate) async fn nina(&self) -> Result<Caller> {
        self.contact(&self.nina, &self.globex, &Profile::default_profile()).await
    }

    /// A ticket made by an agent for a contact of a company.
    pub(crate) async fn ticket(&self, title: &str, contact: &Record, company: Option<&Record>) -> Result<Record> {
        let mut given = fields(&[("title", title), ("contact_id", &contact.id)]);
        if let Some(company) = company {
            given.extend(fields(&[("company_id", &company.id)]));
        }
        make(&self.records, &self.agent, "tickets", given).await
    }

    pub(crate) async fn make(&self, caller: &Caller, module: &str, fields: Vec<FieldValue>) -> Result<Record> {
        let made = make(&self.records, caller, module, fields).await?;
        self.row_is_stream(&made).await?;
        Ok(made)
    }

    /// The same for many: without a look at the stream.
    pub(crate) async fn make_unchecked(
        &self,
        caller: &Caller,
        module: &str,
        fields: Vec<FieldValue>,
    ) -> Result<Record> {
        make(&self.records, caller, module, fields).await
    }

    /// Changes a record whatever it is like now.
    pub(crate) async fn change_unchecked(
        &self,
        caller: &Caller,
        record: &Record,
        pairs: &[(&str, &str)],
    ) -> Result<(), kernel::Error> {
        let request = UpdateRecordRequest {
            occurred_at_micros: 0,
            module: record.module.clone(),
            id: record.id.clone(),
            fields: fields(pairs),
            expected_version: self.get(caller, record).await?.visible_version,
            idempotency_key: String::new(),
        };
        self.records.update(caller, &request).await.map(drop)
    }

    pub(crate) async fn change(
        &self,
        caller: &Caller,
        record: &Record,
        pairs: &[(&str, &str)],
    ) -> Result<Record, kernel::Error> {
        let expected = self.get(caller, record).await?.visible_version;
        self.change_at(caller, record, expected, pairs).await
    }

    pub(crate) async fn change_at(
        &self,
        caller: &Caller,
        record: &Record,
        expected_version: i64,
        pairs: &[(&str, &str)],
    ) -> Result<Record, kernel::Error> {
        let request = UpdateRecordRequest {
            occurred_at_micros: 0,
            module: record.module.clone(),
            id: record.id.clone(),
            fields: fields(pairs),
            expected_version,
            idempotency_key: String::new(),
        };
        let changed = self.records.update(caller, &request).await?.record.unwrap();
        self.row_is_stream(record).await?;
        Ok(changed)
    }

    /// Commands decide on a record's row, so it must hold what its stream folds to.
    pub(crate) async fn row_is_stream(&self, record: &Record) -> Result<(), kernel::Error> {
        let id = kernel::parse_id(&record.id)?;
        let (row, stream) = self.records.row_and_stream(&self.administrator, &record.module, id).await?;
        assert_eq!(row, stream, "the row of {}", record.number);
        Ok(())
    }

    pub(crate) async fn get(&self, caller: &Caller, record: &Record) -> Result<Record, kernel::Error> {
        self.found(caller, record, true).await
    }

    /// The same, of records that are deleted only when it is asked for.
    pub(crate) async fn found(
        &self,
        caller: &Caller,
        record: &Record,
        with_deleted: bool,
    ) -> Result<Record, kernel::Error> {
        let (module, id) = (record.module.clone(), record.id.clone());
        let request = GetRecordRequest { module, id, with_deleted, ..GetRecordRequest::default() };
        Ok(self.records.get(caller, &request).await?.record.unwrap())
    }
}

async fn make(records: &Records, caller: &Caller, module: &str, fields: Vec<FieldValue>) -> Result<Record> {
    let request = CreateRecordRequest {
        occurred_at_micros: 0,
        module: module.to_owned(),
        fields,
        idempotency_key: String::new(),
    };
    Ok(records.create(caller, &request).await?.record.unwrap())
}
