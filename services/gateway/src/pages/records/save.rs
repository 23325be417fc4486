//! What the forms do: create, change, delete, restore.

use crate::{
    backend::records,
    pages::{
        answer::Answer,
        ask::{Ask, Posted},
        module::Module,
        records::{
            comments::{self, Typed},
            conflict, fetch,
            form::{self, Draft, from_input},
            moves,
            record::{self, Extra},
        },
        scene::{Me, Scene},
    },
};
use axum::extract::Path;
use fields::FieldType;
use gateway_ui::vm::{FieldFault, FormFault, conflict::fields_to_save};
use http::StatusCode;
use kernel::{Code, Error};
use policy::Right;
use proto::records::v1::{
    AddCommentRequest, CreateRecordRequest, DeleteRecordRequest, EditCommentRequest, FieldValue, Record,
    RemoveCommentRequest, UpdateRecordRequest, Value, value::Kind,
};

/// Makes a record. The form's id makes a repeated request the same one.
pub(crate) async fn create(ask: Ask, Path(module): Path<String>, body: String) -> Answer {
    let scene = Scene::open(&ask).await?;
    let defined = scene.module(&module)?;
    let posted = Posted::parse(&body);
    if posted.get("lookup").is_some() {
        let form_id = Some(ask.admitted.idempotency_key.clone());
        let draft = Draft { typed: Some(posted), form_id, ..Draft::default() };
        return form::show(&scene, defined, None, draft, StatusCode::OK).await;
    }
    // What is left empty is left to the product: defaults, the owner.
    let fields = values(&scene, defined, &posted.0).into_iter().filter(|f| f.value.is_some()).collect();
    let request = CreateRecordRequest {
        occurred_at_micros: 0,
        module: module.clone(),
        fields,
        idempotency_key: ask.admitted.idempotency_key.clone(),
    };
    match records::create(&ask.app, request).await {
        Ok(made) => match made {
            // Whoever may only make records has nowhere to look at this one.
            Some(_) if !defined.may("view") => ask.done(ask.look.home_url(), "created"),
            Some(record) => {
                // A customer has asked for something that somebody looks after; all else is a record that was made.
                let ties = [&defined.definition.owner_field, &defined.definition.contact_field];
                let is_request = !ask.look.console() && ties.iter().all(|field| !field.is_empty());
                let said = if is_request { "received" } else { "created" };
                ask.done(&ask.record_url(&module, &record.id), said)
            }
            None => ask.done(&ask.list_url(&module), "created"),
        },
        Err(error) => refused(&scene, defined, None, posted, error).await,
    }
}

/// Changes a record: the form, a one-click change of the status, or the choice after a conflict.
pub(crate) async fn edit(ask: Ask, Path((module, id)): Path<(String, String)>, body: String) -> Answer {
    let scene = Scene::open(&ask).await?;
    let defined = scene.module(&module)?;
    let posted = Posted::parse(&body);
    let expected_version = version(&posted)?;
    if posted.get("lookup").is_some() {
        let record = fetch::get(&ask, &module, &id).await?;
        let draft = Draft { typed: Some(posted), expected_version: Some(expected_version), ..Draft::default() };
        return form::show(&scene, defined, Some(&record), draft, StatusCode::OK).await;
    }
    if let Some(page) = moves::ask_first(&scene, defined, &id, &posted).await? {
        return page;
    }
    let url = ask.record_url(&module, &id);
    let fields = values(&scene, defined, &fields_to_save(&posted.0));
    if fields.is_empty() {
        return ask.done(&url, "unchanged");
    }
    let request = UpdateRecordRequest {
        occurred_at_micros: 0,
        module: module.clone(),
        id: id.clone(),
        fields,
        expected_version,
        idempotency_key: ask.admitted.idempotency_key.clone(),
    };
    match records::update(&ask.app, request).await {
        Ok(record) => {
            let changed = record.is_none_or(|r| r.visible_version != expected_version);
            let closed = moves::close_if_chosen(&ask, &id, &posted).await;
            ask.done(&url, closed.unwrap_or(if changed { "saved" } else { "unchanged" }))
        }
        Err(error) if error.reason == "stale_version" => {
            conflict::show(&scene, defined, &id, &posted, expected_version).await
        }
        Err(error) => {
            let record = fetch::get(&ask, &module, &id).await?;
            refused(&scene, defined, Some(&record), posted, error).await
        }
    }
}

/// Deletes a record. Whoever may restore it stays on its page.
pub(crate) async fn delete(ask: Ask, Path((module, id)): Path<(String, String)>, body: String) -> Answer {
    let me = Me::of(&ask).await?;
    let posted = Posted::parse(&body);
    let expected_version = version(&posted)?;
    // The dialog said what hangs on it and what becomes of it.
    let accept_dependents = posted.get("dependents") == Some("keep");
    let request = DeleteRecordRequest { module: module.clone(), id: id.clone(), expected_version, accept_dependents };
    records::delete(&ask.app, request).await?;
    let stays = ask.look.console() && me.may(Right::Restore);
    let url = if stays { ask.record_url(&module, &id) } else { ask.list_url(&module) };
    ask.done(&url, "deleted")
}

/// Takes a delete back.
pub(crate) async fn restore(ask: Ask, Path((module, id)): Path<(String, String)>) -> Answer {
    ask.admitted.signed_in()?;
    records::restore(&ask.app, &module, &id).await?;
    ask.done(&ask.record_url(&module, &id), "restored")
}

/// The same form again with what was typed and what is wrong; the page of the error when no form can help.
async fn refused(scene: &Scene, module: Module<'_>, record: Option<&Record>, posted: Posted, error: Error) -> Answer {
    let expected_version = posted.get("expected_version").and_then(|v| v.parse().ok());
    let mut draft = Draft { typed: Some(posted), expected_version, ..Draft::default() };
    let status = match (error.code, &*error.reason) {
        (_, "idempotency_key_reused") => {
            draft.faults.push(FormFault::AlreadySent);
            StatusCode::CONFLICT
        }
        (Code::Invalid, _) if !error.fields.is_empty() => {
            draft.fields = error.fields;
            StatusCode::UNPROCESSABLE_ENTITY
        }
        (Code::Unavailable | Code::Timeout, _) => {
            draft.faults.push(FormFault::Unavailable);
            // Perhaps it was done: only the same key makes sending it again harmless.
            draft.form_id = Some(scene.ask.admitted.idempotency_key.clone());
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => return Err(error.into()),
    };
    form::show(scene, module, record, draft, status).await
}

/// Of what was posted, the fields that the module has for this viewer; of several values of one name the last.
fn values(scene: &Scene, module: Module<'_>, pairs: &[(String, String)]) -> Vec<FieldValue> {
    let posted = Posted(pairs.to_vec());
    let fields = module.definition.fields.iter();
    let value = |typed: String| (!typed.trim().is_empty()).then_some(Value { kind: Some(Kind::Text(typed)) });
    fields
        .filter_map(|field| {
            let typed = posted.get(&field.name)?;
            Some(FieldValue { field: field.name.clone(), value: value(from_input(scene, field, typed)) })
        })
        .collect()
}

fn version(posted: &Posted) -> Result<i64, Error> {
    let version = posted.get("expected_version").and_then(|v| v.parse().ok());
    version.ok_or_else(|| Error::new(Code::Invalid, "malformed", "The form does not say which version it was made of."))
}

/// Says something; in the console perhaps among agents only.
pub(crate) async fn comment(ask: Ask, Path((module, id)): Path<(String, String)>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let posted = Posted::parse(&body);
    let internal = ask.look.console() && posted.get("internal") == Some("true");
    let request = AddCommentRequest {
        occurred_at_micros: 0,
        module: module.clone(),
        id: id.clone(),
        body: posted.text("body"),
        internal,
        idempotency_key: ask.admitted.idempotency_key.clone(),
        // The buttons for it are not there for a note; what is left of one is no reason to refuse the note.
        set_status: if internal { String::new() } else { posted.text("set_status") },
    };
    let (body, sets) = (request.body.clone(), !request.set_status.is_empty());
    let url = ask.record_url(&module, &id);
    if posted.get("preview").is_some() {
        let extra = Extra { comment: Some(Typed::New { body, internal, fault: None }), ..Extra::default() };
        return record::show(ask.at(url), &module, &id, extra, StatusCode::OK).await;
    }
    match records::comment(&ask.app, request).await {
        Ok(_) if internal => ask.done(&url, "noted"),
        Ok(_) => ask.done(&url, if sets { "commented_and_set" } else { "commented" }),
        Err(error) if error.code == Code::Invalid => {
            let fault = body_fault(&error);
            let extra = Extra { comment: Some(Typed::New { body, internal, fault: Some(fault) }), ..Extra::default() };
            record::show(ask.at(url), &module, &id, extra, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

fn body_fault(error: &Error) -> FieldFault {
    let code = error.fields.first().map(|f| f.code.clone()).unwrap_or_default();
    FieldFault::of_code(&code, FieldType::LongText, comments::MAX)
}

/// Writes one's own comment anew.
pub(crate) async fn edit_comment(
    ask: Ask,
    Path((module, id, comment)): Path<(String, String, String)>,
    body: String,
) -> Answer {
    ask.admitted.signed_in()?;
    let body = Posted::parse(&body).text("body");
    let (comment_id, url) = (comment.clone(), ask.record_url(&module, &id));
    let request = EditCommentRequest { module: module.clone(), id: id.clone(), comment_id, body: body.clone() };
    match records::edit_comment(&ask.app, request).await {
        Ok(_) => ask.done(&url, "comment_changed"),
        Err(error) if error.reason == "comment_settled" => ask.done(&url, "comment_settled"),
        Err(error) if error.code == Code::Invalid => {
            let typed = Typed::Edited { id: comment, body, fault: body_fault(&error) };
            let extra = Extra { comment: Some(typed), ..Extra::default() };
            record::show(ask.at(url), &module, &id, extra, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Takes one's own comment back.
pub(crate) async fn remove_comment(ask: Ask, Path((module, id, comment)): Path<(String, String, String)>) -> Answer {
    ask.admitted.signed_in()?;
    let url = ask.record_url(&module, &id);
    match records::remove_comment(&ask.app, RemoveCommentRequest { module, id, comment_id: comment }).await {
        Ok(()) => ask.done(&url, "comment_removed"),
        Err(error) if error.reason == "comment_settled" => ask.done(&url, "comment_settled"),
        Err(error) => Err(error.into()),
    }
}

/// Lets a record count as not seen, and goes back to the list, where it stands out again.
pub(crate) async fn unread(ask: Ask, Path((module, id)): Path<(String, String)>) -> Answer {
    ask.admitted.signed_in()?;
    records::mark_read(&ask.app, &module, &id, true).await?;
    ask.done(&ask.list_url(&module), "marked_unread")
}
