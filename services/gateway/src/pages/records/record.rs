//! One record: fields, conversation, history, and what may be done with it.

use crate::{
    backend::{catalogue::visible, records},
    pages::{
        answer::Answer,
        ask::{Ask, html},
        module::{Module, label, may, raw, text, title_of, value_of},
        records::{
            comments::{self, Talk, Typed},
            fetch::{self, Parts},
            history, moves,
            row::row,
            rules,
            shown::{Long, Showing},
            state,
        },
        scene::{Me, Scene},
        sections::{access, activity, company},
    },
};
use axum::extract::Path;
use gateway_ui::vm::{
    Block, Dependent, Field, Person, Provenance, ReadOnlyReason, RecordPage, RelatedList, Transition, TransitionKind,
};
use http::StatusCode;
use kernel::Error;
use policy::{Action, Right, Scope};
use proto::records::v1::{Dependents, ExternalActor, FieldDefinition, FieldType, ListRecordsRequest, Record};

/// Records of another module on a record's page.
const RELATED: i32 = 5;

/// What a refused form shows on the record's page.
#[derive(Default)]
pub(crate) struct Extra {
    pub(crate) comment: Option<Typed>,
    pub(crate) access: Option<access::Refused>,
    pub(crate) company: Option<company::Refused>,
}

/// The page.
pub(crate) async fn page(ask: Ask, Path((module, id)): Path<(String, String)>) -> Answer {
    show(ask, &module, &id, Extra::default(), StatusCode::OK).await
}

/// The page, perhaps with what was refused on it.
pub(crate) async fn show(ask: Ask, module: &str, id: &str, extra: Extra, status: StatusCode) -> Answer {
    let me = Me::of(&ask).await?;
    let parts = Parts::of(&ask.look.query);
    let (views, found, access, related, happened, way_in, open, hanging) = tokio::join!(
        visible(&ask.app),
        fetch::whole(&ask, module, id, parts),
        access::fetch(&me, &ask, module, id),
        related(&ask, module, id),
        activity::fetch(&me, &ask, module, id),
        company::fetch(&ask, module, id),
        moves::fetch(&ask, module, id),
        hanging(&ask, module, id),
    );
    let (found, scene) = (found?, me.with(&ask, views?));
    let module = scene.module(module)?;
    let record = found.record.ok_or_else(Error::not_found)?;
    if record.conversation.as_ref().is_some_and(|talk| talk.unread) && may_mark(&scene) {
        // That a page can't note it is no reason not to show it.
        let _ = records::mark_read(&ask.app, module.name(), &record.id, false).await;
    }
    let comments = found.comments.map(|part| {
        let history = found.history.as_ref();
        let talk = Talk { record: &record, part, history, before: parts.comments };
        comments::view(&scene, module, talk, extra.comment)
    });
    let past = found.history.map(|past| history::view(&scene, module, &record, past, parts.history));
    let access = access?.map(|facts| access::view(&scene, &record, facts, extra.access));
    let dependents = hanging.iter().filter_map(|d| dependents(&scene, d)).collect();
    let ways_in = way_in.as_ref().map(company::ways_in);
    let way_in = way_in.map(|known| company::section(&scene, &record, known, extra.company));
    let open = open.and_then(|open| moves::section(&scene, &record, open));
    let happened = happened.map(|entries| activity::section(&scene, &record.id, entries));
    let page = RecordPage {
        chrome: scene.chrome(),
        module: module.vm(scene.lang()),
        crumbs: vec![scene.list_crumb(module)],
        number: record.number.clone(),
        title: title_of(&record),
        status: scene.status(module, &record),
        state: state::sentence(&scene, module, &record),
        unread_url: (scene.console() && may_mark(&scene) && comments.is_some() && !record.deleted)
            .then(|| format!("{}/unread", scene.ask.record_url(module.name(), &record.id))),
        version: record.visible_version,
        read_only: read_only(&scene, module, &record),
        pending: false,
        edit_url: may(&record, "edit").then(|| fetch::edit_url(&scene, module, &record)),
        transitions: transitions(&scene, module, &record),
        delete_url: may(&record, "delete")
            .then(|| format!("{}/delete", scene.ask.record_url(module.name(), &record.id))),
        dependents,
        ways_in,
        restore_url: (record.deleted && scene.me.may(Right::Restore))
            .then(|| format!("{}/restore", scene.ask.record_url(module.name(), &record.id))),
        blocks: blocks(&scene, module, &record, comments.is_some()),
        provenance: provenance(&scene, &record),
        comments,
        history: past,
        access,
        sections: way_in.into_iter().chain(open).chain(happened).collect(),
        related: related.into_iter().filter_map(|list| related_list(&scene, module, &record, list)).collect(),
    };
    html(status, &page)
}

/// What points to a company or a contact, for the dialog that deletes it; nothing where it can't be told.
async fn hanging(ask: &Ask, module: &str, id: &str) -> Vec<Dependents> {
    if !ask.look.console() || !matches!(module, policy::COMPANIES | policy::CONTACTS) {
        return Vec::new();
    }
    records::dependents(&ask.app, module, id).await.unwrap_or_default()
}

fn dependents(scene: &Scene, found: &Dependents) -> Option<Dependent> {
    Some(Dependent {
        module: scene.find(&found.module)?.vm(scene.lang()),
        total: found.total,
        titles: found.titles.clone(),
    })
}

/// Whether what this person looks at counts as seen: not when somebody looks through another one's eyes.
fn may_mark(scene: &Scene) -> bool {
    !scene.me.session.support() && !scene.me.session.answer.read_only
}

/// The fields that the answer holds, in the module's blocks. What names the record stands in the heading, and what a
/// conversation begins with stands there.
fn blocks(scene: &Scene, module: Module<'_>, record: &Record, talks: bool) -> Vec<Block> {
    let showing = Showing { scene, titles: &record.titles, gone: &record.deleted_titles, long: Long::Formatted };
    let field =
        |field: &FieldDefinition| Field { label: label(field, scene.lang()), value: showing.of_record(record, field) };
    let first = comments::first_field(module).filter(|_| talks).map(|f| f.number);
    let shown =
        |f: &&FieldDefinition| record.access(&f.name).is_some() && !module.is_title(&f.name) && Some(f.number) != first;
    // Customers are shown what there is. Agents see what nobody has filled in yet.
    let told = |field: &Field| scene.console() || !field.value.is_empty();
    let of = |block: &str| -> Vec<Field> {
        module.definition.fields.iter().filter(|f| f.block == block).filter(shown).map(field).filter(told).collect()
    };
    let named = module.definition.blocks.iter().enumerate().map(|(at, block)| Block {
        id: format!("b{at}"),
        label: text(&block.labels, scene.lang()),
        fields: of(&block.name),
    });
    named.filter(|b| !b.fields.is_empty()).collect()
}

fn provenance(scene: &Scene, record: &Record) -> Provenance {
    let outside = |actor: &ExternalActor| Person { name: actor.name.clone(), deleted: actor.deleted };
    let by_contact = record.created_by_ext.is_some();
    Provenance {
        created_by: (!by_contact && !record.created_by_name.is_empty())
            .then(|| Person { name: record.created_by_name.clone(), deleted: false }),
        created_by_ext: record.created_by_ext.as_ref().map(outside),
        modified_by_ext: record.modified_by_ext.as_ref().map(outside),
        created_at: scene.stamp_of(record.created_at_micros),
        modified_at: scene.stamp_of(record.modified_at_micros),
    }
}

/// Why there is no edit button, where the viewer might expect one.
fn read_only(scene: &Scene, module: Module<'_>, record: &Record) -> Option<ReadOnlyReason> {
    if record.deleted {
        return Some(ReadOnlyReason::Deleted);
    }
    if may(record, "edit") {
        return None;
    }
    match scene.me.plan.scope(module.name(), Action::Edit) {
        // Who may answer doesn't only look.
        Scope::None => (!may(record, "comment")).then_some(ReadOnlyReason::Profile),
        Scope::Mine if !is_mine(scene, module, record) => Some(ReadOnlyReason::NotMine),
        _ => Some(ReadOnlyReason::Rule),
    }
}

fn is_mine(scene: &Scene, module: Module<'_>, record: &Record) -> bool {
    let me = &scene.me.subject.id;
    record.id == *me || raw(value_of(record, &module.definition.contact_field)) == *me
}

/// Close or reopen in one click, where the viewer may choose that value.
fn transitions(scene: &Scene, module: Module<'_>, record: &Record) -> Vec<Transition> {
    let Some(field) = module.status_field().filter(|f| f.r#type() == FieldType::Picklist) else { return Vec::new() };
    let closed = &module.definition.closed_values;
    let writable = record.access(&field.name).is_some_and(|a| a == "write");
    if !writable || closed.is_empty() || !may(record, "edit") {
        return Vec::new();
    }
    let now = raw(value_of(record, &field.name));
    let allowed = rules::options(scene, module, record, &field.name);
    let chosen = |key: &&str| allowed.as_ref().is_none_or(|keys| keys.iter().any(|k| k == key));
    let (kind, value) = if closed.contains(&now) {
        let first = std::iter::once(field.default_value.as_str()).filter(|v| !v.is_empty());
        let open =
            first.chain(field.values.iter().map(|v| v.key.as_str()).filter(|key| !closed.iter().any(|c| c == key)));
        (TransitionKind::Reopen, open.into_iter().find(chosen))
    } else {
        (TransitionKind::Close, closed.iter().map(String::as_str).find(chosen))
    };
    let action = fetch::edit_url(scene, module, record);
    let transition = |value: &str| Transition { kind, action, field: field.name.clone(), value: value.to_owned() };
    value.map(transition).into_iter().collect()
}

/// Records of another module that point to this one.
pub(crate) struct Related {
    module: &'static str,
    field: &'static str,
    records: Vec<Record>,
}

/// A company's page shows its people. Only relations that lists can filter by in the database are followed.
async fn related(ask: &Ask, module: &str, id: &str) -> Vec<Related> {
    if !ask.look.console() || module != policy::COMPANIES {
        return Vec::new();
    }
    let (module, field) = (policy::CONTACTS, "company_id");
    let request = ListRecordsRequest {
        module: module.to_owned(),
        limit: RELATED + 1,
        filter: serde_json::json!({"field": field, "op": "eq", "value": id}).to_string(),
        ..ListRecordsRequest::default()
    };
    match records::list(&ask.app, request).await {
        Ok(page) => vec![Related { module, field, records: page.records() }],
        Err(_) => Vec::new(),
    }
}

fn related_list(scene: &Scene, of: Module<'_>, record: &Record, list: Related) -> Option<RelatedList> {
    let module = scene.find(list.module)?;
    let more = list.records.len() > RELATED as usize;
    let url = scene.ask.list_url(module.name());
    let query = |name: &str| format!("{name}={}", gateway_ui::query::encode(&record.id));
    Some(RelatedList {
        module: module.vm(scene.lang()),
        rows: list.records.iter().take(RELATED as usize).map(|r| row(scene, module, r)).collect(),
        all_url: more.then(|| format!("{url}?{}", query(&format!("f.{}", list.field)))),
        create_url: (module.may("create") && !record.deleted && of.may("view"))
            .then(|| format!("{url}/new?{}", query(list.field))),
    })
}
