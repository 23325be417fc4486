//! A customer's own requests: what waits for the customer, what is on its way, what was solved lately. Over every module that
//! the profile shows, that is talked about, and whose records are closed one day.

use super::records;
use crate::http::app::App;
use futures::future::join_all;
use policy::AccessPlan;
use proto::records::v1::{ListRecordsRequest, ListRecordsResponse, ModuleView, Record, value::Kind};
use serde_json::json;
use std::{cmp::Reverse, time::Duration};

/// Open requests that are looked at, of each module.
const OPEN: i32 = 25;
/// Solved ones.
const SOLVED: i32 = 5;
/// For how long what was solved is news.
const NEWS: &str = "14d";
/// How long one list may take that is a part of a page; a slower one holds nothing up.
const PATIENCE: Duration = Duration::from_millis(1_000);

/// What was found, what happened last first.
#[derive(Default)]
pub(crate) struct Requests {
    /// Those that wait for the customer.
    pub(crate) waiting: Vec<Record>,
    /// The other open ones.
    pub(crate) open: Vec<Record>,
    /// Those that were closed in the last two weeks.
    pub(crate) solved: Vec<Record>,
    /// None of the lists could be read.
    pub(crate) unavailable: bool,
}

/// The modules that requests are of, in the order of the profile's menu.
pub(crate) fn modules<'v>(plan: &AccessPlan, views: &'v [ModuleView]) -> Vec<&'v ModuleView> {
    let named = |name: &str| views.iter().find(|v| v.definition.as_ref().is_some_and(|d| d.name == name));
    let placed = plan.menu().into_iter().filter_map(|(name, _)| named(name));
    placed.filter(|view| is_worked_off(view)).collect()
}

/// True for modules whose records are talked about and closed one day, and which the viewer sees.
pub(crate) fn is_worked_off(view: &ModuleView) -> bool {
    let talked = view.definition.as_ref().is_some_and(|d| d.comments && !d.closed_values.is_empty());
    talked && view.actions.iter().any(|action| action == "view")
}

/// The caller's requests in these modules; with `own` those alone that are tied to the caller.
pub(crate) async fn of(app: &App, modules: &[&ModuleView], own: bool) -> Requests {
    let mut asked = Vec::new();
    for view in modules {
        asked.push(of_module(app, view, own));
    }
    let found = join_all(asked).await;
    let mut requests = Requests { unavailable: found.iter().all(Option::is_none), ..Requests::default() };
    for (view, (open, solved)) in modules.iter().zip(found).filter_map(|(view, found)| Some((*view, found?))) {
        for record in open {
            let list = if awaits(view, &record) { &mut requests.waiting } else { &mut requests.open };
            list.push(record);
        }
        requests.solved.extend(solved);
    }
    for list in [&mut requests.waiting, &mut requests.open, &mut requests.solved] {
        list.sort_by_key(|record| Reverse(last(record)));
    }
    requests
}

/// The customer has the next word.
fn awaits(view: &ModuleView, record: &Record) -> bool {
    let Some(definition) = view.definition.as_ref().filter(|d| !d.awaiting_value.is_empty()) else { return false };
    let status = record.fields.iter().find(|f| f.field == definition.status_field);
    let kind = status.and_then(|f| f.value.as_ref()).and_then(|v| v.kind.as_ref());
    matches!(kind, Some(Kind::Text(key)) if *key == definition.awaiting_value)
}

fn last(record: &Record) -> i64 {
    record.conversation.as_ref().map_or(record.modified_at_micros, |talk| talk.last_activity_at_micros)
}

/// Open and lately solved ones of a module; none when they can't be read, or when the profile doesn't let the caller know
/// which are closed.
async fn of_module(app: &App, view: &ModuleView, own: bool) -> Option<(Vec<Record>, Vec<Record>)> {
    let module = view.definition.as_ref().map(|d| d.name.clone()).unwrap_or_default();
    let narrow = if own && view.scope != "all" { "mine" } else { "" };
    let request = |limit: i32, test: serde_json::Value| ListRecordsRequest {
        module: module.clone(),
        limit,
        sort: "-last_activity_at".to_owned(),
        filter: test.to_string(),
        narrow: narrow.to_owned(),
        ..ListRecordsRequest::default()
    };
    let open = request(OPEN, json!({"field": "closed_at", "op": "is_empty"}));
    let solved = request(SOLVED, json!({"field": "closed_at", "op": "within_last", "value": NEWS}));
    let (open, solved) = tokio::join!(in_time(app, open), in_time(app, solved));
    Some((open?.records(), solved.map(|page| page.records()).unwrap_or_default()))
}

/// A list that is a part of a page; none when it fails or takes too long, which is noted.
pub(crate) async fn in_time(app: &App, request: ListRecordsRequest) -> Option<ListRecordsResponse> {
    let module = request.module.clone();
    match tokio::time::timeout(PATIENCE, records::list(app, request)).await {
        Ok(Ok(page)) => Some(page),
        Ok(Err(error)) => {
            tracing::warn!(event = "home.widget_failed", module, reason = %error.reason, "a widget could not be loaded");
            None
        }
        Err(_) => {
            tracing::warn!(event = "home.widget_slow", module, "a widget took too long");
            None
        }
    }
}
