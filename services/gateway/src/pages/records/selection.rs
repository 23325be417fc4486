//! One change to several records of a list. Each is changed by itself, with the viewer's own rights and as it stood when it
//! was read: what one record refuses keeps no other from it. What was changed can be taken back, as long as nobody has
//! changed it since.

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
use kernel::{Code, Error};
use proto::records::v1::{FieldValue, Record, UpdateRecordRequest, Value, value::Kind};

/// As many as a page of a list has.
const MOST: usize = 50;

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
    let back = query.url(&scene.ask.list_url(module.name()));
    let action = format!("{}/change?back={}", scene.ask.list_url(module.name()), gateway_ui::query::encode(&back));
    (take || !groups.is_empty()).then_some(Choosing { action, take, groups })
}

/// A choice among a few values, the same for every record of the module.
fn is_offered(module: Module<'_>, field: &proto::records::v1::FieldDefinition) -> bool {
    crate::pages::module::kind(field).display() == Display::Choice
        && module.definition.list_columns.contains(&field.name)
}

/// Changes what was chosen.
pub(crate) async fn change(ask: Ask, Path(module): Path<String>, body: String) -> Answer {
    let scene = Scene::open(&ask).await?;
    let defined = scene.module(&module)?;
    let (posted, back) = (Posted::parse(&body), back(&ask, &module));
    let ids = posted.all("id");
    if ids.is_empty() {
        return ask.done(&back, "no_record_chosen");
    }
    let Some((change, what)) = wanted(&scene, defined, &posted) else { return ask.done(&back, "no_change_chosen") };
    at_most(ids.len())?;
    let (mut changed, mut unchanged, mut undo) = (Vec::new(), Vec::new(), Vec::new());
    for id in ids {
        match one(&scene, defined, &id, &change).await {
            Ok((chosen, line)) => {
                changed.push(chosen);
                undo.push(("undo".to_owned(), line));
            }
            Err(why) => unchanged.push(why),
        }
    }
    let action = format!("{}/change/undo?back={}", ask.list_url(&module), gateway_ui::query::encode(&back));
    show(&scene, defined, Selection { back_url: back, what, changed, unchanged, undo: Some((action, undo)) })
}

/// Takes a change back, record by record, where nothing has happened to it since.
pub(crate) async fn undo(ask: Ask, Path(module): Path<String>, body: String) -> Answer {
    let scene = Scene::open(&ask).await?;
    let defined = scene.module(&module)?;
    let (lines, back) = (Posted::parse(&body).all("undo"), back(&ask, &module));
    at_most(lines.len())?;
    let (mut changed, mut unchanged) = (Vec::new(), Vec::new());
    for line in lines {
        let mut parts = line.splitn(4, ' ');
        let mut part = || parts.next().unwrap_or_default().to_owned();
        let (id, version, field, value) = (part(), part(), part(), part());
        let change = Change { field, value };
        let at = version.parse().unwrap_or(0);
        match set(&scene, defined, &id, &change, Some(at)).await {
            Ok((record, _)) => changed.push(chosen(&scene, defined, &record)),
            Err(why) => unchanged.push(why),
        }
    }
    if unchanged.is_empty() {
        return ask.done(&back, "selection_undone");
    }
    let what = scene.lang().t("selection-undo-lead");
    show(&scene, defined, Selection { back_url: back, what, changed, unchanged, undo: None })
}

fn show(scene: &Scene, module: Module<'_>, came: Selection) -> Answer {
    html(StatusCode::OK, &selection_page(scene.chrome(), vec![scene.list_crumb(module)], came))
}

/// The list that the records were chosen from, with its view, filters and page.
fn back(ask: &Ask, module: &str) -> String {
    let list = ask.list_url(module);
    let back = Posted::parse(&ask.look.query).text("back");
    let is_list = is_local(&back) && back.split('?').next() == Some(list.as_str());
    if is_list { back } else { list }
}

fn at_most(many: usize) -> Result<(), Error> {
    let fits = many <= MOST;
    fits.then_some(()).ok_or_else(|| Error::invalid_field("id", "too_many", "At most 50 records are changed at once."))
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

/// Changes one record; gives what takes it back: the record, its version now, the field and the value that it had.
async fn one(
    scene: &Scene,
    module: Module<'_>,
    id: &str,
    change: &Change,
) -> Result<(Chosen, String), (Chosen, Unchanged)> {
    let (record, before) = set(scene, module, id, change, None).await?;
    let line = format!("{id} {} {} {before}", record.visible_version, change.field);
    Ok((chosen(scene, module, &record), line))
}

/// Sets one record's field, expecting a version, or that in which the record stands now. Gives the record and the value
/// that it had.
async fn set(
    scene: &Scene,
    module: Module<'_>,
    id: &str,
    change: &Change,
    expected: Option<i64>,
) -> Result<(Record, String), (Chosen, Unchanged)> {
    let ask = &scene.ask;
    let record = match fetch::get(ask, module.name(), id).await {
        Ok(record) => record,
        Err(error) => return Err((Chosen { number: id.to_owned(), title: String::new(), url: None }, why(&error))),
    };
    let named = || chosen(scene, module, &record);
    let before = raw(value_of(&record, &change.field));
    if before == change.value {
        return Err((named(), Unchanged::Same));
    }
    if !may(&record, "edit") {
        return Err((named(), Unchanged::Forbidden));
    }
    let value = (!change.value.is_empty()).then(|| Value { kind: Some(Kind::Text(change.value.clone())) });
    let request = UpdateRecordRequest {
        occurred_at_micros: 0,
        module: module.name().to_owned(),
        id: id.to_owned(),
        fields: vec![FieldValue { field: change.field.clone(), value }],
        expected_version: expected.unwrap_or(record.visible_version),
        idempotency_key: format!("{}-{id}", ask.admitted.idempotency_key),
    };
    match records::update(&ask.app, request).await {
        // Whoever gives a record away may see no more of it: then there is nothing to take back.
        Ok(changed) => Ok((changed.unwrap_or(record), before)),
        Err(error) => Err((named(), why(&error))),
    }
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
