//! The page about the API, made of the OpenAPI document.

use crate::pages::{
    answer::Answer,
    ask::{Ask, html},
};
use gateway_ui::{
    query::pairs,
    vm::{ApiAnswer, ApiDocsPage, ApiField, ApiMedia, ApiOperation, ApiParameter, ApiSchema, ApiTag},
};
use http::StatusCode;
use serde_json::Value;

/// Longest word that operations are narrowed to.
const MAX_FILTER: usize = 100;

/// The page. Open to everybody, as the document is.
pub(crate) async fn page(ask: Ask) -> Answer {
    let filter = pairs(&ask.look.query).into_iter().find(|(name, _)| name == "q").map(|(_, value)| value);
    let filter: String = filter.unwrap_or_default().trim().chars().take(MAX_FILTER).collect();
    let document = (ask.app.above.document)();
    let tags = tags(document, &filter, &ask.app.config.portal_url);
    let page = ApiDocsPage {
        chrome: ask.look.chrome(&ask.app, &ask.admitted.csrf_token),
        about: text(&document["info"]["description"]),
        document_url: "/api/openapi.json".to_owned(),
        tags,
        schemas: schemas(document),
        refusals: refusals(document),
        filter,
    };
    html(StatusCode::OK, &page)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The operations by tag, those that have every word of the filter.
pub(super) fn tags(document: &Value, filter: &str, base: &str) -> Vec<ApiTag> {
    let words: Vec<String> = filter.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let mut tags: Vec<ApiTag> = document["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|tag| ApiTag { name: text(&tag["name"]), text: text(&tag["description"]), operations: Vec::new() })
        .collect();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let found = one(document, method, path, operation, base);
            let all = format!("{} {} {} {}", found.id, found.method, found.path, found.summary).to_lowercase();
            if !words.iter().all(|word| all.contains(word)) {
                continue;
            }
            let tag = operation["tags"][0].as_str().unwrap_or_default();
            if let Some(tag) = tags.iter_mut().find(|t| t.name == tag) {
                tag.operations.push(found);
            }
        }
    }
    tags.retain(|tag| !tag.operations.is_empty());
    tags
}

fn one(document: &Value, method: &str, path: &str, operation: &Value, base: &str) -> ApiOperation {
    let parameters: Vec<ApiParameter> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|p| p["$ref"].as_str().and_then(|to| document.pointer(&to[1..])).unwrap_or(p))
        .map(|p| ApiParameter {
            name: text(&p["name"]),
            place: text(&p["in"]),
            kind: match kind(&p["schema"]) {
                (word, _) if !word.is_empty() => word,
                (_, named) => named,
            },
            required: p["required"] == true,
            text: text(&p["description"]),
            example: plain(&p["example"]),
        })
        .collect();
    let body = operation["requestBody"]["content"].as_object().and_then(|all| all.values().next()).map(media);
    let (mut answers, mut refusals) = (Vec::new(), Vec::new());
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        match answer["$ref"].as_str() {
            Some(_) => refusals.push(status.clone()),
            None => answers.push(answered(status, answer)),
        }
    }
    let ways = operation["security"].as_array().into_iter().flatten().filter_map(Value::as_object);
    ApiOperation {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        access: ways.map(|way| way.keys().cloned().collect::<Vec<_>>().join(" + ")).collect(),
        curl: curl(method, path, &parameters, body.as_ref(), operation["security"].get(0).is_some(), base),
        parameters,
        body,
        answers,
        refusals,
    }
}

/// What a parameter's example looks like in an address.
fn plain(example: &Value) -> String {
    match example {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn media(media: &Value) -> ApiMedia {
    let example = match &media["example"] {
        Value::Null => String::new(),
        example => serde_json::to_string_pretty(example).unwrap_or_default(),
    };
    ApiMedia { schema: schema_of(&media["schema"]), example }
}

fn answered(status: &str, answer: &Value) -> ApiAnswer {
    // What a refusal looks like is said once.
    let held = answer["content"].as_object().and_then(|all| all.values().next()).map(media);
    let held = held.map(|m| if status.starts_with('2') { m } else { ApiMedia { example: String::new(), ..m } });
    ApiAnswer {
        status: status.to_owned(),
        text: text(&answer["description"]),
        headers: answer["headers"].as_object().into_iter().flat_map(|all| all.keys().cloned()).collect(),
        media: held,
    }
}

fn refusals(document: &Value) -> Vec<ApiAnswer> {
    let all = document["components"]["responses"].as_object().into_iter().flat_map(|all| all.values());
    let mut refusals: Vec<ApiAnswer> = all
        .map(|answer| {
            let content = answer["content"].as_object().and_then(|all| all.values().next());
            let status = content.map(|c| c["example"]["status"].to_string()).unwrap_or_default();
            answered(&status, answer)
        })
        .collect();
    refusals.sort_by(|a, b| a.status.cmp(&b.status));
    refusals
}

/// A call for a terminal; the token comes from the environment, so that it stands in no history.
fn curl(
    method: &str,
    path: &str,
    parameters: &[ApiParameter],
    body: Option<&ApiMedia>,
    secured: bool,
    base: &str,
) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    let mut url = format!("{}{path}", base.trim_end_matches('/'));
    let mut lines = Vec::new();
    if secured {
        lines.push("-H \"Authorization: Bearer $PORTICO_TOKEN\"".to_owned());
    }
    for parameter in parameters.iter().filter(|p| p.required) {
        match parameter.place.as_str() {
            "path" => url = url.replace(&format!("{{{}}}", parameter.name), &parameter.example),
            _ => lines.push(format!("-H {}", quoted(&format!("{}: {}", parameter.name, parameter.example)))),
        }
    }
    if let Some(body) = body {
        lines.push("-H 'Content-Type: application/json'".to_owned());
        lines.push(format!("--data {}", quoted(&body.example)));
    }
    let first = format!("curl -X {} {}", method.to_uppercase(), quoted(&url));
    std::iter::once(first).chain(lines).collect::<Vec<_>>().join(" \\\n  ")
}

fn schema_of(schema: &Value) -> String {
    schema["$ref"].as_str().and_then(|to| to.rsplit('/').next()).unwrap_or_default().to_owned()
}

/// The type of a schema in a word or two, and the schema that it is made of.
fn kind(schema: &Value) -> (String, String) {
    let named = schema_of(schema);
    if !named.is_empty() {
        return (String::new(), named);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let all: Vec<_> = choices.iter().map(kind).collect();
        let named = all.iter().map(|(_, name)| name.clone()).find(|name| !name.is_empty()).unwrap_or_default();
        let words: Vec<String> = all.into_iter().map(|(word, _)| word).filter(|word| !word.is_empty()).collect();
        return (words.join(" | "), named);
    }
    if let Some(words) = schema["enum"].as_array() {
        return (words.iter().map(plain).collect::<Vec<_>>().join(" | "), String::new());
    }
    if let Some(kinds) = schema["type"].as_array() {
        return (kinds.iter().map(plain).collect::<Vec<_>>().join(" | "), String::new());
    }
    let (inner, list) = match schema["type"].as_str() {
        Some("array") => (&schema["items"], "[]"),
        Some("object") if schema["additionalProperties"].is_object() => (&schema["additionalProperties"], "{}"),
        word => return (word.unwrap_or("any").to_owned(), String::new()),
    };
    let (word, named) = kind(inner);
    (format!("{word}{list}"), named)
}

fn schemas(document: &Value) -> Vec<ApiSchema> {
    let all = document["components"]["schemas"].as_object().into_iter().flatten();
    all.map(|(name, schema)| {
        let required = |field: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|r| r == field));
        let fields = schema["properties"].as_object().into_iter().flatten().map(|(field, of)| {
            let (kind, schema) = kind(of);
            ApiField { name: field.clone(), kind, schema, required: required(field), text: text(&of["description"]) }
        });
        ApiSchema { name: name.clone(), text: text(&schema["description"]), fields: fields.collect() }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::served;

    #[test]
    fn the_page_shows_every_operation_of_the_document_and_a_filter_narrows_them() {
        let operations = served()["paths"].as_object().unwrap().values();
        let all: usize = operations.map(|item| item.as_object().unwrap().len()).sum();
        let count = |filter: &str| tags(served(), filter, "http://portal").iter().map(|t| t.operations.len()).sum();
        assert!(all > 100);
        let shown: usize = count("");
        assert_eq!(shown, all);
        let few: usize = count("post RECORDS comments");
        assert_eq!(few, 1);
        let none: usize = count("no-such-word");
        assert_eq!(none, 0);
    }

    #[test]
    fn a_call_for_a_terminal_has_the_token_from_the_environment_and_everything_that_is_needed() {
        let tags = tags(served(), "updateRecord", "http://portal/");
        let update = &tags[0].operations[0];
        let id = "01990000-0000-7000-8000-000000000001";
        assert!(update.curl.starts_with(&format!("curl -X PATCH 'http://portal/api/v1/modules/tickets/records/{id}'")));
        for part in ["$PORTICO_TOKEN", "-H 'If-Match: \"3\"'", "Content-Type: application/json", "--data '{"] {
            assert!(update.curl.contains(part), "{part} is missing in {}", update.curl);
        }
        assert!(!update.curl.contains("Idempotency-Key"), "{}", update.curl);
        assert!(update.refusals.contains(&"404".to_owned()) && update.answers.iter().any(|a| a.status == "428"));
    }
}
