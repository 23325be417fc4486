//! What hangs on a record: the records of every module that point to it, as far as the caller sees them.

use crate::{
    domain::{
        module::Module,
        value::{Field, PointsTo},
    },
    error::database,
    found::{COLUMNS, Found},
    queries::read::Extent,
    service::{Caller, Records},
};
use kernel::{Code, Error, parse_id};
use policy::{Action, Scope};
use proto::records::v1::{Dependents, ListRecordsRequest, PreviewDeletionRequest, PreviewDeletionResponse};
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

/// How many of them are named.
const NAMED: i32 = 3;

impl Records {
    /// What points to a record that the caller may delete. What stays keeps its value, and shows the deleted record's
    /// name struck through.
    ///
    /// # Errors
    /// Not found; forbidden when the caller may not delete it.
    pub async fn preview_deletion(
        &self,
        caller: &Caller,
        request: &PreviewDeletionRequest,
    ) -> Result<PreviewDeletionResponse, Error> {
        let id = parse_id(&request.id)?;
        let seen = self.seen(caller, &request.module, id, false, Extent::Row).await?;
        seen.require(caller, Action::Delete)?;
        let mut dependents = Vec::new();
        for defined in seen.modules.iter() {
            let module = &defined.module;
            if caller.plan.scope(module.name(), Action::View) == Scope::None {
                continue;
            }
            for field in module
                .fields
                .iter()
                .filter(|f| f.kind.points_to() == Some(PointsTo::Record) && f.target == seen.module.name())
            {
                let (total, titles) = self.pointing(caller, module, field, id, seen.row.number).await?;
                if total > 0 {
                    let (module, field) = (module.name().to_owned(), field.name.clone());
                    dependents.push(Dependents { module, field, total, titles });
                }
            }
        }
        Ok(PreviewDeletionResponse { dependents })
    }

    /// How many records point to one with a field, and the names of the first. A field that has no column, and ties no
    /// record to a contact or company, can't be asked for without reading every record: it is left out.
    async fn pointing(
        &self,
        caller: &Caller,
        module: &Module,
        field: &Field,
        id: Uuid,
        number: i64,
    ) -> Result<(i64, Vec<String>), Error> {
        let tie = |of: Option<&Field>| of.is_some_and(|f| f.name == field.name);
        // Agents only: no rule, condition or mask of a profile is asked on this way.
        let all = caller.plan.is_internal() && caller.plan.scope(module.name(), Action::View) == Scope::All;
        if !field.sortable && all {
            let tied = match (tie(module.company_field()), tie(module.contact_field())) {
                (true, _) => "r.scope_company = $1 and r.company = $1",
                (_, true) => "r.contact = $1",
                _ => return Ok((0, Vec::new())),
            };
            let sql = format!(
                "select {COLUMNS}, count(*) over () from (
                     select * from m{}_v1 r where not r.deleted and {tied} order by r.modified_at desc limit 1001) r
                 limit {NAMED}",
                module.number()
            );
            let rows = sqlx::query(AssertSqlSafe(sql)).bind(number).fetch_all(&self.lists).await.map_err(database)?;
            let total = rows.first().map_or(Ok(0), |r| r.try_get("count")).map_err(database)?;
            let title = |row| Found::read(row, 0).map(|found| found.title(module));
            return Ok((total, rows.iter().map(title).collect::<Result<_, _>>().map_err(database)?));
        }
        let asked = ListRecordsRequest {
            module: module.name().to_owned(),
            limit: NAMED,
            filter: serde_json::json!({"field": field.name, "op": "eq", "value": id}).to_string(),
            count: "capped".to_owned(),
            ..ListRecordsRequest::default()
        };
        match self.list(caller, &asked).await {
            Ok(page) => Ok((page.total.unwrap_or_default(), page.rows.into_iter().map(|row| row.title).collect())),
            // What the caller may not ask for it is not told either.
            Err(refused) if refused.code == Code::Invalid => Ok((0, Vec::new())),
            Err(other) => Err(other),
        }
    }

    /// Refuses when a company has contacts that are there: those who delete it are to know what becomes of them.
    pub(crate) async fn has_no_people(&self, module: &Module, number: i64) -> Result<(), Error> {
        let modules = self.catalogue.modules().await?;
        let Some(contacts) = modules.contacts().filter(|_| module.is_companies()) else { return Ok(()) };
        let sql = format!(
            "select count(*) from (select from m{}_v1 where company = $1 and scope_company = $1 and not deleted limit 1001) c",
            contacts.number()
        );
        let people: i64 =
            sqlx::query_scalar(AssertSqlSafe(sql)).bind(number).fetch_one(&self.lists).await.map_err(database)?;
        if people == 0 {
            return Ok(());
        }
        let public = "This company has contacts. They stay, keep their access and show its name struck through; its \
                      secure link ends. Say that you know, or move them first.";
        Err(Error::new(Code::Conflict, "still_in_use", public).with("contacts", people))
    }
}
