//! Every answer of the API that a test gets is held against the OpenAPI document: its status is declared, its headers are
//! there, its body fits the schema and has no property that the schema doesn't name. What does not is a panic, whatever
//! the test is about.

use http::{HeaderMap, Method, StatusCode, header};
use jsonschema::Validator;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

const BASE: &str = "/api/v1/";

/// The document with every object closed: a property that no schema names is no answer of ours. Clients see it open, so
/// that a later version may say more.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = gateway::openapi();
    for schema in document["components"]["schemas"].as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
        close(schema);
    }
    document
});

/// One validator per schema that was needed, made once per process.
static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".into(), false.into());
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Panics when an answer is not as the document says. Every answer that a [`crate::Browser`] gets comes by here.
pub fn check_answer(method: &Method, path: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) {
    if !path.starts_with(BASE) || *method == Method::HEAD {
        return;
    }
    let at = format!("{method} {path} → {status}");
    let known = operation(method, path);
    // What is refused before an operation is chosen, or for any of them alike.
    let anywhere = [StatusCode::METHOD_NOT_ALLOWED, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE].contains(&status);
    let Some((name, operation)) = known.filter(|_| !anywhere) else {
        assert!(status.is_client_error(), "{at}: there is no such operation");
        return fits(&at, headers, body, "application/problem+json", &json!({"$ref": "#/components/schemas/Problem"}));
    };
    let declared = &operation["responses"][status.as_str()];
    let declared = match declared["$ref"].as_str() {
        Some(to) => DOCUMENT.pointer(&to[1..]).unwrap_or(&Value::Null),
        None => declared,
    };
    let said = String::from_utf8_lossy(body);
    assert!(!declared.is_null(), "{name} ({at}): this status is not declared; it says {said}");
    for header in declared["headers"].as_object().into_iter().flat_map(|all| all.keys()) {
        assert!(headers.contains_key(header.as_str()), "{name} ({at}): the header {header} is declared and missing");
    }
    match declared["content"].as_object().and_then(|all| all.iter().next()) {
        Some((kind, media)) => fits(&format!("{name} ({at})"), headers, body, kind, &media["schema"]),
        None => assert!(body.is_empty(), "{name} ({at}): no body is declared; it says {said}"),
    }
}

/// The operation's name and what is declared of it.
fn operation(method: &Method, path: &str) -> Option<(&'static str, &'static Value)> {
    let parts: Vec<&str> = path.strip_prefix("/api/v1")?.split('/').collect();
    let fitting = DOCUMENT["paths"].as_object()?.iter().filter(|(template, _)| {
        let template: Vec<&str> = template.split('/').collect();
        template.len() == parts.len()
            && template.iter().zip(&parts).all(|(t, p)| t == p || (t.starts_with('{') && !p.is_empty()))
    });
    // A word of the path's own wins over a place.
    let (_, item) = fitting.min_by_key(|(template, _)| template.matches('{').count())?;
    let operation = item.get(method.as_str().to_lowercase())?;
    Some((operation["operationId"].as_str().unwrap_or("?"), operation))
}

fn fits(at: &str, headers: &HeaderMap, body: &[u8], kind: &str, schema: &Value) {
    let given = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let said = String::from_utf8_lossy(body);
    assert_eq!(given, kind, "{at}: it says {said}");
    let value: Value = serde_json::from_slice(body).unwrap_or_else(|e| panic!("{at}: no JSON ({e}): {said}"));
    let errors: Vec<String> =
        validator(schema).iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{at}: the answer differs from its schema: {}; it says {said}", errors.join("; "));
}

fn validator(schema: &Value) -> Arc<Validator> {
    let mut known = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let made = known.entry(schema.to_string()).or_insert_with(|| {
        let whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": {"schemas": DOCUMENT["components"]["schemas"]},
            "allOf": [schema],
        });
        Arc::new(jsonschema::validator_for(&whole).unwrap_or_else(|e| panic!("the schema {schema} is none: {e}")))
    });
    Arc::clone(made)
}
