//! Changing a record's fields.

use super::{
    links::{foreign, links, person, proposed, touches_personal},
    write::{ATTEMPTS, given, meta, owned, refusal, request_bytes, stale, told, with_foreign},
};
use crate::{
    domain::{
        record::{Command, Links, Record},
        value::Value,
    },
    found::{Around, RowFacts},
    queries::{
        read::{Extent, Seen},
        versions::Versions,
    },
    service::{Caller, Records},
};
use eventlog::{Expected, LogError};
use kernel::{Aggregate, Error, parse_id};
use policy::{Write, WriteRefusal, check_write};
use proto::records::v1::{UpdateRecordRequest, UpdateRecordResponse};
use std::sync::Arc;
use uuid::Uuid;

/// A change that may be made.
struct Change {
    values: Vec<(String, Value)>,
    links: Links,
    record: Record,
    /// Of the record as it was judged.
    version: i64,
    person: Option<Uuid>,
}

impl Records {
    /// Changes fields. A request that changes nothing makes no event.
    ///
    /// # Errors
    /// Not found; forbidden; `stale_version` with both versions when the caller saw an older state; invalid with each
    /// field named; conflict when others were faster each of several times.
    pub async fn update(&self, caller: &Caller, request: &UpdateRecordRequest) -> Result<UpdateRecordResponse, Error> {
        let id = parse_id(&request.id)?;
        let occurred_at = self.occurred(request.occurred_at_micros)?;
        let sent = given(&request.fields);
        let bytes = request_bytes(&request.module, Some(id), request.expected_version, &sent);
        let route = format!("update/{id}");
        let meta = meta(caller, &route, &request.idempotency_key, &bytes);
        let mut attempt = 1;
        let appended = loop {
            let change = match self.decide_update(caller, request, id, &sent).await {
                Ok(change) => change,
                Err(refused) => break self.refuse(meta, &request.idempotency_key, refused).await?,
            };
            let key = match change.person {
                Some(person) => match self.log.keys().key_for(person).await {
                    Ok(key) => Some(key),
                    Err(e) => break self.refuse(meta, &request.idempotency_key, e.into()).await?,
                },
                None => None,
            };
            let (_, module) = self.catalogue.module(&request.module).await?;
            let (record, version) = (change.record, Expected::Version(change.version));
            let build = move |_: &eventlog::Reserved| {
                let command = Command::Update {
                    module: Arc::clone(&module),
                    fields: change.values.clone(),
                    links: change.links.clone(),
                };
                let events = record.decide(command)?;
                Ok(told(id, module.name(), &events, occurred_at, key.as_ref(), id.as_bytes().to_vec()))
            };
            match self.append(meta.clone(), id, version, Vec::new(), build).await {
                Err(LogError::WrongExpectedVersion { .. }) if attempt < ATTEMPTS => attempt += 1,
                other => break other?,
            }
        };
        let record = self.own_record(caller, &request.module, id).await?;
        Ok(UpdateRecordResponse { record: Some(record), position: appended.last })
    }

    /// The change, unless it is refused.
    async fn decide_update(
        &self,
        caller: &Caller,
        request: &UpdateRecordRequest,
        id: Uuid,
        sent: &[(String, Value)],
    ) -> Result<Change, Error> {
        let seen = self.seen(caller, &request.module, id, false, Extent::Row).await?;
        let around = self.around_values(caller, &seen.modules, &seen.module, Some(&seen.row), sent).await?;
        let access = seen.access(caller)?;
        let actual = Versions::new(&seen.module, &seen.row, &access, caller.plan.is_internal()).of_fields();
        if request.expected_version != actual {
            return Err(stale(request.expected_version, actual));
        }
        let (values, judged) = judged(caller, &seen, &around, sent);
        let links = links(caller, &seen.modules, &around, &[], &seen.clock);
        // What was judged is what the events are decided on.
        let record = seen.row.record(&seen.module);
        let command =
            Command::Update { module: Arc::clone(&seen.module), fields: values.clone(), links: links.clone() };
        let foreign = foreign(caller, &seen.module, &around, Some(&seen.row), sent);
        let own = with_foreign(record.decide(command).err(), foreign);
        if let Some(error) = refusal(judged.as_ref(), own, caller.language()) {
            return Err(error);
        }
        let personal = touches_personal(&seen.module, values.iter().map(|(n, _)| n));
        let after = proposed(&seen.module, false, &values);
        let person = personal.then(|| person(&seen.module, id, Some(&seen.row), &after));
        Ok(Change { values, links, record, version: seen.row.version, person })
    }
}

/// What policy says about the change, and the values with what its rules put on top.
pub(super) fn judged(
    caller: &Caller,
    seen: &Seen,
    around: &Around,
    sent: &[(String, Value)],
) -> (Vec<(String, Value)>, Option<WriteRefusal>) {
    let tie = seen.around.tie(&caller.plan, &seen.row);
    let saved = RowFacts::new(&seen.modules, &seen.module, &seen.row, around, tie);
    let proposal = proposed(&seen.module, false, sent);
    let next = RowFacts::new(&seen.modules, &seen.module, &seen.row, around, tie).proposing(&proposal);
    let names: Vec<&str> = sent.iter().map(|(n, _)| n.as_str()).collect();
    let write = Write { saved: Some(&saved), proposed: &next, sent: &names, clock: &seen.clock };
    let mut values = sent.to_vec();
    match check_write(&caller.plan, seen.module.name(), &write) {
        Ok(accepted) => {
            for (name, value) in &accepted.set {
                values.retain(|(n, _)| n != name);
                values.push((name.clone(), owned(value)));
            }
            (values, None)
        }
        Err(refused) => (values, Some(refused)),
    }
}
