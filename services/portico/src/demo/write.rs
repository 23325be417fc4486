//! Records and comments, written in somebody's name at the time at which they are said to have come about.

use super::session::As;
use crate::refusal::refused;
use anyhow::{Context, Result};
use kernel::Timestamp;
use proto::records::v1::{
    AddCommentRequest, CreateRecordRequest, FieldValue, Record, UpdateRecordRequest, Value, value::Kind,
};

/// A text for a field, or a key, a date, an id.
pub(super) fn text(field: &str, value: &str) -> FieldValue {
    FieldValue { field: field.into(), value: Some(Value { kind: Some(Kind::Text(value.into())) }) }
}

/// A number for a field.
pub(super) fn number(field: &str, value: i64) -> FieldValue {
    FieldValue { field: field.into(), value: Some(Value { kind: Some(Kind::Integer(value)) }) }
}

/// Nothing for a field, also where something would be put into it otherwise.
pub(super) fn nothing(field: &str) -> FieldValue {
    FieldValue { field: field.into(), value: None }
}

/// Texts for fields, but for those that are empty.
pub(super) fn texts(fields: &[(&str, &str)]) -> Vec<FieldValue> {
    fields.iter().filter(|(_, value)| !value.is_empty()).map(|(field, value)| text(field, value)).collect()
}

/// Makes a record; none for the time is now.
pub(super) async fn create(
    who: &As,
    module: &str,
    fields: Vec<FieldValue>,
    key: &str,
    at: Option<Timestamp>,
) -> Result<Record> {
    let request = CreateRecordRequest {
        module: module.into(),
        fields,
        idempotency_key: key.into(),
        occurred_at_micros: at.map_or(0, Timestamp::micros),
    };
    let made = who.call(|c| {
        let request = request.clone();
        async move { c.records().create_record(request).await }
    });
    let made = made.await.map_err(|s| refused(s, "records")).with_context(|| key.to_owned())?;
    made.into_inner().record.context("an answer without its record")
}

/// Changes a record that is as it was seen; answers it so when a load that broke off has changed it already.
pub(super) async fn update(
    who: &As,
    seen: &Record,
    fields: Vec<FieldValue>,
    key: &str,
    at: Timestamp,
) -> Result<Record> {
    let request = UpdateRecordRequest {
        module: seen.module.clone(),
        id: seen.id.clone(),
        fields,
        expected_version: seen.visible_version,
        idempotency_key: key.into(),
        occurred_at_micros: at.micros(),
    };
    let changed = who.call(|c| {
        let request = request.clone();
        async move { c.records().update_record(request).await }
    });
    match changed.await {
        Ok(changed) => changed.into_inner().record.context("an answer without its record"),
        // The same change, of the record as it was then: what has come after it is not to be undone.
        Err(status) if runtime::error_of(status.clone()).reason == "idempotency_key_reused" => Ok(seen.clone()),
        Err(status) => Err(refused(status, "records")).with_context(|| key.to_owned()),
    }
}

/// Adds a comment.
pub(super) async fn comment(who: &As, request: AddCommentRequest) -> Result<()> {
    let said = who.call(|c| {
        let request = request.clone();
        async move { c.records().add_comment(request).await }
    });
    said.await.map(drop).map_err(|s| refused(s, "records")).with_context(|| request.idempotency_key.clone())
}
