//! One change to several records of a list. Each is changed by itself, with the viewer's own rights and as it stood in the
//! list: what one record refuses keeps no other from it, and what somebody changed meanwhile stays. What was changed can be
//! taken back, as long as nobody has changed it since.

use crate::{
    backend::records,
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        links::is_local,
        module::{Module, label, may, raw, text, title_of, value_of},
        records::fetch,
        scene::Scene,
    },
};
use axum::extract::Path;
use fields::Display;
use gateway_ui::{
    query::ListQuery,
    vm::{Choice, Choosing, Chosen, Selection, Unchanged, selection_page},
};
use http::StatusCode;
use kernel::{Code, Error, derived_id};
use proto::records::v1::{FieldValue, Record, UpdateRecordRequest, Value, value::Kind};
use std::time::{Duration, Instant};

/// As many as a page of a list has.
const MOST: usize = 50;
/// After so long no further record is begun: what is done is told before the request has used up its time.
const LONGEST: Duration = Duration::from_secs(15);

/// A field's new value; empty takes it away.
struct Change {
    field: String,
    value: String,
}

/// What a list offers to do with chosen records; none where the viewer changes none of them.
pub(crate) fn choosing(scene: &Scene, module: Module<'_>, query: &ListQuery) -> Option<Choosing> {
    if !scene.console() || !module.may("edit") {
        return None;
    }
    let lang = scene.lang();
    let fields = module.definition.fields.iter().filter(|f| is_offered(module, f));
    let group = |field: &proto::records::v1::FieldDefinition| {
        let value = |v: &proto::records::v1::PicklistValue| Choice {
            value: format!("{}={}", field.name, v.key),
            label: text(&v.labels, lang),
            detail: String::new(),
            selected: false,
        };
        (label(field, lang), field.values.iter().map(value).collect())
    };
    let groups: Vec<_> = fields.map(group).collect();
    let take = !module.definition.owner_field.is_empty();
    let list = scene.ask.list_url(module.name());
    let choosing = Choosing { back: query.url(&list), action: format!("{list}/change"), take, groups };
    (take || !choosing.groups.is_empty()).then_some(choosing)
}

/// A choice among a few values, the same for every record of the module.
fn is_offered(module: Module<'_>, field: &proto::records::v1::FieldDefinition) -> bool {
    crate::pages::module::kind(field).display() == Display::Choice
        && module.definition.list_columns.contains(&field.name)
}

/// Changes what was chosen.
pub(crate) async fn change(ask: Ask, Path(module): Path<String>, body: String) -> Answer {
    let posted = Posted::parse(&body);
    let back = back(&ask, &module, &posted);
    // The page is an answer to a form: what leads back to it leads to the list.
    let list = ask.list_url(&module);
    let ask = ask.at(list);
    let scene = Scene::open(&ask).await?;
    let defined = scene.module(&module)?;
    let rows = posted.all("record");
    if rows.is_empty() {
        return ask.done(&back, "no_record_chosen");
    }
    let Some((change, what)) = wanted(&scene, defined, &posted) else { return ask.done(&back, "no_change_chosen") };
    at_most(rows.len())?;
    let mut came = Came::default();
    let mut undo = vec![("back".to_owned(), back.clone())];
    for row in rows {
        // As the list shows it: what somebody changed since is not overwritten unseen.
        let (id, version) = row.split_once(' ').unwrap_or((row.as_str(), ""));
        if let Some((record, before)) = came.one(&scene, defined, id, version, &change).await {
            undo.push(("undo".to_owned(), format!("{id} {} {} {before}", record.visible_version, change.field)));
        }
    }
    let undo = Some((format!("{}/change/undo", ask.list_url(&module)), undo));
    show(&scene, defined, came.told(back, what, undo))
}

/// Takes a change back, record by record, where nothing has happened to it since.
pub(crate) async fn undo(ask: Ask, Path(module): Path<String>, body: String) -> Answer {
    let posted = Posted::parse(&body);
    let back = back(&ask, &module, &posted);
    let list = ask.list_url(&module);
    let ask = ask.at(list);
    let scene = Scene::open(&ask).await?;
    let defined = scene.module(&module)?;
    let lines = posted.all("undo");
    at_most(lines.len())?;
    let mut came = Came::default();
    for line in lines {
        let mut parts = line.splitn(4, ' ');
        let mut part = || parts.next().unwrap_or_default().to_owned();
        let (id, version, field, value) = (part(), part(), part(), part());
        // Only what lists offer to set can have been set by one.
        let offered = field == defined.definition.owner_field
            || defined.field(&field).is_some_and(|field| is_offered(defined, field));
        if offered {
            came.one(&scene, defined, &id, &version, &Change { field, value }).await;
        }
    }
    if came.unchanged.is_empty() {
        return ask.done(&back, "selection_undone");
    }
    let what = scene.lang().t("selection-undo-lead");
    show(&scene, defined, came.told(back, what, None))
}

/// To the list, for who comes back to the address of a form.
pub(crate) async fn nothing_here(ask: Ask, Path(module): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    ask.done(&ask.list_url(&module), "")
}

/// What came of records so far.
#[derive(Default)]
struct Came {
    changed: Vec<Chosen>,
    unchanged: Vec<(Chosen, Unchanged)>,
    began: Option<Instant>,
}

impl Came {
    /// Changes one more. After a service was away, or after too long, no further one is tried.
    async fn one(
        &mut self,
        scene: &Scene,
        module: Module<'_>,
        id: &str,
        version: &str,
        change: &Change,
    ) -> Option<(Record, String)> {
        let began = *self.began.get_or_insert_with(Instant::now);
        let away = self.unchanged.iter().any(|(_, why)| *why == Unchanged::Unavailable);
        let result = match away || began.elapsed() > LONGEST {
            true => Err((unknown(id), Unchanged::Unavailable)),
            false => set(scene, module, id, version.parse().unwrap_or(0), change).await,
        };
        match result {
            Ok((record, before)) => {
                self.changed.push(chosen(scene, module, &record));
                Some((record, before))
            }
            Err(why) => {
                self.unchanged.push(why);
                None
            }
        }
    }

    fn told(self, back_url: String, what: String, undo: Option<(String, Vec<(String, String)>)>) -> Selection {
        Selection { back_url, what, changed: self.changed, unchanged: self.unchanged, undo }
    }
}

fn show(scene: &Scene, module: Module<'_>, came: Selection) -> Answer {
    html(StatusCode::OK, &selection_page(scene.chrome(), vec![scene.list_crumb(module)], came))
}

/// The list that the records were chosen from, with its view, filters and page.
fn back(ask: &Ask, module: &str, posted: &Posted) -> String {
    let list = ask.list_url(module);
    let back = posted.text("back");
    let is_list = is_local(&back) && back.split('?').next() == Some(list.as_str());
    if is_list { back } else { list }
}

fn at_most(many: usize) -> Result<(), Error> {
    let fits = many <= MOST;
    fits.then_some(())
        .ok_or_else(|| Error::invalid_field("record", "too_many", "At most 50 records are changed at once."))
}

/// What is to be changed, and in words.
fn wanted(scene: &Scene, module: Module<'_>, posted: &Posted) -> Option<(Change, String)> {
    let lang = scene.lang();
    if posted.get("do") == Some("take") {
        let field = module.definition.owner_field.clone();
        let what = lang.t1("selection-what-take", "name", scene.me.subject.name.as_str());
        return (!field.is_empty()).then(|| (Change { field, value: scene.me.subject.id.clone() }, what));
    }
    let (field, value) = posted.get("value")?.split_once('=')?;
    let field = module.field(field).filter(|f| is_offered(module, f))?;
    let chosen = field.values.iter().find(|v| v.key == value)?;
    let what = lang.t2("selection-what", "field", label(field, lang), "value", text(&chosen.labels, lang));
    Some((Change { field: field.name.clone(), value: value.to_owned() }, what))
}

/// Sets one record's field, expecting a version. Gives the record and the value that it had.
async fn set(
    scene: &Scene,
    module: Module<'_>,
    id: &str,
    expected_version: i64,
    change: &Change,
) -> Result<(Record, String), (Chosen, Unchanged)> {
    let ask = &scene.ask;
    let record = fetch::get(ask, module.name(), id).await.map_err(|error| (unknown(id), why(&error)))?;
    let named = || chosen(scene, module, &record);
    let before = raw(value_of(&record, &change.field));
    if record.deleted {
        return Err((named(), Unchanged::Gone));
    }
    if before == change.value {
        return Err((named(), Unchanged::Same));
    }
    if !may(&record, "edit") {
        return Err((named(), Unchanged::Forbidden));
    }
    let value = (!change.value.is_empty()).then(|| Value { kind: Some(Kind::Text(change.value.clone())) });
    // The same form may be sent again with another value: only the same change of the same record is the same command.
    let what = format!("{id} {expected_version} {}={}", change.field, change.value);
    let key = derived_id(&ask.admitted.idempotency_key, what.as_bytes());
    let request = UpdateRecordRequest {
        occurred_at_micros: 0,
        module: module.name().to_owned(),
        id: id.to_owned(),
        fields: vec![FieldValue { field: change.field.clone(), value }],
        expected_version,
        idempotency_key: key.to_string(),
    };
    let mut answer = records::update(&ask.app, request.clone()).await;
    if answer.as_ref().is_err_and(|error| !error.is_refusal()) {
        // Perhaps it was done and only the answer is lost: the same key makes asking again harmless.
        answer = records::update(&ask.app, request).await;
    }
    match answer {
        // An answer that was given before says what was so then.
        Ok(Some(now)) if raw(value_of(&now, &change.field)) != change.value => Err((named(), Unchanged::Stale)),
        // Whoever gives a record away may see no more of it.
        Ok(now) => Ok((now.unwrap_or(record), before)),
        Err(error) => Err((named(), why(&error))),
    }
}

/// A record of which nothing more is known.
fn unknown(id: &str) -> Chosen {
    Chosen { number: id.to_owned(), title: String::new(), url: None }
}

fn why(error: &Error) -> Unchanged {
    match (error.code, &*error.reason) {
        (_, "stale_version") => Unchanged::Stale,
        (Code::Forbidden | Code::Unauthenticated, _) => Unchanged::Forbidden,
        (Code::NotFound, _) => Unchanged::Gone,
        (Code::Unavailable | Code::Timeout | Code::RateLimited | Code::Internal, _) => Unchanged::Unavailable,
        (Code::Invalid | Code::Conflict | Code::Precondition, _) => Unchanged::Refused,
    }
}

fn chosen(scene: &Scene, module: Module<'_>, record: &Record) -> Chosen {
    let title = title_of(record);
    let title = if title == record.number { String::new() } else { title };
    Chosen { number: record.number.clone(), title, url: Some(scene.ask.record_url(module.name(), &record.id)) }
}
