//! A contact goes to another company: what stays, what goes along, and closing to it what stays.
//!
//! A record that names a company stays with it, and with the contact that it is tied to. To close it to the contact is to
//! take that tie away, by the ordinary change of the field: it stands in the record's history, mails of the record no
//! longer go to the contact, and an agent ties the record to somebody else, or to the contact again, in the record's form.
//! A list of exclusions would have had to be asked by every branch of every list, and would have left the contact the
//! one whom answers go to.

use crate::{
    domain::module::Module,
    error::database,
    queries::{
        read::{Extent, Seen},
        versions::Versions,
    },
    service::{Caller, Records},
};
use kernel::{Code, Error, parse_id};
use policy::Action;
use proto::records::v1::{
    CloseToContactRequest, CloseToContactResponse, FieldValue, PreviewMoveRequest, PreviewMoveResponse, TiedRecords,
    UpdateRecordRequest,
};
use sqlx::{AssertSqlSafe, Row};
use std::sync::Arc;
use uuid::Uuid;

/// Most records that one call closes.
const MOST: i64 = 200;

/// The contact of a request, and the modules whose records can be tied to one.
struct Moving {
    seen: Seen,
    tied: Vec<Arc<Module>>,
}

impl Records {
    /// What becomes of a contact's records when its company becomes another one: by module how many stay, since they name
    /// a company that is not this one, and how many go along, since they name none. Two statements and one for the
    /// company; nothing is changed.
    ///
    /// # Errors
    /// Not found, as for every record; forbidden to whoever looks from outside; invalid when there is no such company.
    pub async fn preview_move(
        &self,
        caller: &Caller,
        request: &PreviewMoveRequest,
    ) -> Result<PreviewMoveResponse, Error> {
        let moving = self.moving(caller, &request.contact_id, Action::View).await?;
        let company = match request.company_id.as_deref() {
            None => moving.seen.row.scope_company,
            Some("") => None,
            Some(id) => Some(self.company_number(caller, id).await?),
        };
        let counts = "count(*) filter (where r.company is distinct from $2 and r.company is not null),
                      count(*) filter (where r.company is null)";
        let branch = |module: &Arc<Module>| {
            let m = module.number();
            format!("select {m}::int, {counts} from m{m}_v1 r where r.contact = $1 and not r.deleted")
        };
        let sql = moving.tied.iter().map(branch).collect::<Vec<_>>().join(" union all ");
        if sql.is_empty() {
            return Ok(PreviewMoveResponse::default());
        }
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(moving.seen.row.number)
            .bind(company)
            .fetch_all(&self.lists)
            .await
            .map_err(database)?;
        let mut modules = Vec::new();
        for row in rows {
            let number: i32 = row.try_get(0).map_err(database)?;
            let Some(module) = moving.tied.iter().find(|m| i32::from(m.number()) == number) else { continue };
            let tied = TiedRecords {
                module: module.name().to_owned(),
                stay: row.try_get(1).map_err(database)?,
                r#move: row.try_get(2).map_err(database)?,
            };
            if tied.stay + tied.r#move > 0 {
                modules.push(tied);
            }
        }
        Ok(PreviewMoveResponse { modules })
    }

    /// Takes a contact's tie off records that name another company than the contact's: at most 200 at a time. Each is a
    /// change of its own, under the caller's rights and the module's rules; what can't be changed stays and is counted.
    ///
    /// # Errors
    /// As [`Records::preview_move`]; forbidden too when the caller may not change the contact.
    pub async fn close_to_contact(
        &self,
        caller: &Caller,
        request: &CloseToContactRequest,
    ) -> Result<CloseToContactResponse, Error> {
        let moving = self.moving(caller, &request.contact_id, Action::Edit).await?;
        let (mut closed, mut left) = (0, 0);
        for module in &moving.tied {
            let Some(field) = module.contact_field() else { continue };
            let m = module.number();
            let sql = format!(
                "select r.id, count(*) over () from m{m}_v1 r
                 where r.contact = $1 and not r.deleted and r.company is not null and r.company is distinct from $2
                 order by r.modified_at, r.number limit $3"
            );
            let found: Vec<(Uuid, i64)> = sqlx::query_as(AssertSqlSafe(sql))
                .bind(moving.seen.row.number)
                .bind(moving.seen.row.scope_company)
                .bind(MOST)
                .fetch_all(&self.lists)
                .await
                .map_err(database)?;
            left += found.first().map_or(0, |(_, all)| *all);
            for (id, _) in found {
                if closed < MOST && self.untie(caller, module, id, &field.name).await? {
                    closed += 1;
                    left -= 1;
                }
            }
        }
        Ok(CloseToContactResponse { closed, left })
    }

    /// Empties the field that ties a record to its contact. False when that is refused, or others were faster.
    async fn untie(&self, caller: &Caller, module: &Module, id: Uuid, field: &str) -> Result<bool, Error> {
        let expected_version = match self.seen(caller, module.name(), id, false, Extent::Row).await {
            Ok(seen) => {
                let access = seen.access(caller)?;
                Versions::new(&seen.module, &seen.row, &access, caller.plan.is_internal()).of_fields()
            }
            Err(error) if error.code == Code::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let request = UpdateRecordRequest {
            occurred_at_micros: 0,
            module: module.name().to_owned(),
            id: id.to_string(),
            fields: vec![FieldValue { field: field.to_owned(), value: None }],
            expected_version,
            idempotency_key: String::new(),
        };
        match self.update(caller, &request).await {
            Ok(_) => Ok(true),
            Err(error) => match error.code {
                Code::Invalid | Code::Forbidden | Code::NotFound | Code::Precondition | Code::Conflict => Ok(false),
                _ => Err(error),
            },
        }
    }

    /// What belongs to which company is the operator's affair.
    async fn moving(&self, caller: &Caller, contact: &str, action: Action) -> Result<Moving, Error> {
        let id = parse_id(contact)?;
        let seen = self.seen(caller, policy::CONTACTS, id, false, Extent::Row).await?;
        if !caller.plan.is_internal() {
            return Err(Error::forbidden("action_not_allowed"));
        }
        seen.require(caller, action)?;
        let all = seen.modules.iter().map(|defined| &defined.module);
        let tied = all.filter(|m| !m.is_contacts() && m.contact_field().is_some()).cloned().collect();
        Ok(Moving { seen, tied })
    }

    async fn company_number(&self, caller: &Caller, id: &str) -> Result<i64, Error> {
        let unknown = || Error::invalid_field("company_id", "unknown_record", "There is no such record.");
        let id = Uuid::try_parse(id).map_err(|_| unknown())?;
        match self.seen(caller, policy::COMPANIES, id, false, Extent::Row).await {
            Ok(seen) => Ok(seen.row.number),
            Err(error) if error.code == Code::NotFound => Err(unknown()),
            Err(error) => Err(error),
        }
    }
}
