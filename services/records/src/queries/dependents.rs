//! What hangs on a record: the records of every module that point to it, as far as the caller sees them.

use crate::{
    domain::{module::Module, value::FieldKind},
    queries::read::Extent,
    service::{Caller, Records},
};
use kernel::{Code, Error, parse_id};
use policy::{Action, Scope};
use proto::records::v1::{Dependents, ListRecordsRequest, PreviewDeletionRequest, PreviewDeletionResponse};
use sqlx::AssertSqlSafe;

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
            let pointing = |f: &&crate::domain::value::Field| {
                f.kind == FieldKind::Relation && f.promoted && f.target == seen.module.name()
            };
            for field in module.fields.iter().filter(pointing) {
                let asked = ListRecordsRequest {
                    module: module.name().to_owned(),
                    limit: NAMED,
                    filter: serde_json::json!({"field": field.name, "op": "eq", "value": id}).to_string(),
                    count: "capped".to_owned(),
                    ..ListRecordsRequest::default()
                };
                let page = match self.list(caller, &asked).await {
                    Ok(page) => page,
                    // What the caller may not ask for it is not told either.
                    Err(refused) if refused.code == Code::Invalid => continue,
                    Err(other) => return Err(other),
                };
                let total = page.total.unwrap_or_default();
                if total > 0 {
                    let title = |r: &proto::records::v1::Record| r.titles.get(&r.id).cloned().unwrap_or_default();
                    dependents.push(Dependents {
                        module: module.name().to_owned(),
                        field: field.name.clone(),
                        total,
                        titles: page.items.iter().map(title).collect(),
                    });
                }
            }
        }
        Ok(PreviewDeletionResponse { dependents })
    }

    /// Refuses when a company has contacts that are there: those who delete it are to know what becomes of them.
    pub(crate) async fn has_no_people(&self, module: &Module, number: i64) -> Result<(), Error> {
        let modules = self.catalogue.modules().await?;
        let Some(contacts) = modules.contacts().filter(|_| module.is_companies()) else { return Ok(()) };
        let sql = format!(
            "select count(*) from (select from m{}_v1 where company = $1 and scope_company = $1 and not deleted limit 1001) c",
            contacts.number()
        );
        let people: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(number)
            .fetch_one(&self.lists)
            .await
            .map_err(crate::error::database)?;
        if people == 0 {
            return Ok(());
        }
        let public = "This company has contacts. They stay, keep their access and show its name struck through; its \
                      secure link ends. Say that you know, or move them first.";
        Err(Error::new(Code::Conflict, "still_in_use", public).with("contacts", people))
    }
}
