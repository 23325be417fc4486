//! The OpenAPI document: what the macros say of each operation, and, from one table each, what is true of an operation by
//! its method and path: its tag, who may call it, and the refusals that every call of its kind can meet.
//!
//! What clients see of it lies at `/api/openapi.json`. The tests validate every answer of a portal against it.

use crate::{api::examples, http::app::App, proofs};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::openapi::{OpenApi, RefOr, schema::Schema};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// Where the API lies.
pub(super) const BASE: &str = "/api/v1";

/// Tags with what they hold, and the beginnings of the paths that belong to them. The first that fits counts.
const TAGS: [(&str, &str, &[&str]); 9] = [
    (
        "Signing in",
        "Sessions: beginning one, its steps, and ending it.",
        &[
            "/auth/login",
            "/auth/session",
            "/auth/logout",
            "/auth/invitations",
            "/auth/mfa/verify",
            "/auth/step-up",
            "/auth/passkeys/login",
            "/auth/password",
            "/auth/terms",
            "/auth/link",
            "/auth/impersonation",
        ],
    ),
    ("My account", "Second factors, sessions and tokens of one's own.", &["/auth"]),
    ("Records", "Modules and their records, comments and histories.", &["/modules"]),
    ("Home", "The composed home of a portal user.", &["/portal"]),
    (
        "Portal access",
        "Who of the contacts may use the portal, and how; locked users and support access.",
        &["/admin/contacts", "/admin/portal-access", "/admin/locked-users", "/admin/trusts", "/admin/impersonate"],
    ),
    ("Companies", "Secure links of companies and their portal users.", &["/admin/companies"]),
    (
        "Agents",
        "Agents and programs, their roles, groups and tokens.",
        &["/admin/agents", "/admin/roles", "/admin/groups", "/admin/api-tokens"],
    ),
    ("Profiles", "What portal users may see and do.", &["/admin/profiles"]),
    ("Operation", "Settings and the mail log.", &["/admin"]),
];

/// What can be called without having signed in.
const PUBLIC: [(&str, &str); 10] = [
    ("post", "/auth/login"),
    ("post", "/auth/invitations/accept"),
    ("post", "/auth/passkeys/login/begin"),
    ("post", "/auth/passkeys/login/finish"),
    ("post", "/auth/password/forgot"),
    ("post", "/auth/password/reset"),
    ("post", "/auth/login-change/confirm"),
    ("get", "/auth/terms"),
    ("get", "/auth/link/{token}"),
    ("post", "/auth/link/{token}"),
];

/// Refusals by status: a name for each, and what it says.
const REFUSALS: [(u16, &str, &str); 12] = [
    (400, "Malformed", "What was sent can't be read, or a link is dead"),
    (401, "Unauthenticated", "Nobody has signed in, or what was to prove it is wrong"),
    (403, "Forbidden", "Known, but not allowed; `code` says which step or right is missing"),
    (404, "NotFound", "Unknown or not visible to this caller; the two look the same"),
    (408, "TooSlow", "The body did not come in time"),
    (409, "Conflict", "It contradicts what is there now"),
    (412, "Stale", "If-Match names another version than the one that is there"),
    (413, "TooLarge", "A body has at most 256 KiB"),
    (415, "UnsupportedMediaType", "A body is application/json"),
    (422, "Invalid", "It breaks a rule; `errors` names each field"),
    (429, "TooManyRequests", "Too many requests; Retry-After says how long to wait"),
    (503, "Unavailable", "A part of the system is away; Retry-After says how long to wait"),
];

/// Properties of answers that are sometimes not there. All others always are, null where they are empty.
const MAY_BE_ABSENT: [(&str, &str); 6] = [
    ("CommentBody", "status"),
    ("CurrentSession", "scopes"),
    ("FactorAdded", "passkey_id"),
    ("FieldBody", "values"),
    ("ListBody", "total"),
    ("Problem", "errors"),
];

/// The routes with what they say of themselves, and what two of them say differently under one name.
pub(super) struct Described {
    router: OpenApiRouter<App>,
    schemas: BTreeMap<String, RefOr<Schema>>,
    clashes: Vec<String>,
}

impl Described {
    pub(super) fn new(begin: OpenApi) -> Described {
        Described { router: OpenApiRouter::with_openapi(begin), schemas: BTreeMap::new(), clashes: Vec::new() }
    }

    /// Adds routes. A schema whose name another one has would silently take its place: that is noted, and a test fails.
    pub(super) fn routes(mut self, routes: UtoipaMethodRouter<App>) -> Described {
        for (name, schema) in &routes.0 {
            if self.schemas.get(name).is_some_and(|known| known != schema) {
                self.clashes.push(name.clone());
            }
            self.schemas.insert(name.clone(), schema.clone());
        }
        self.router = self.router.routes(routes);
        self
    }

    /// The router, the whole document with paths as the router knows them, and the names of schemas that clash.
    pub(super) fn finish(self) -> (axum::Router<App>, Value, Vec<String>) {
        let (router, document) = self.router.split_for_parts();
        (router, complete(&document), self.clashes)
    }
}

/// Paths as clients use them.
pub(super) fn prefixed(mut document: Value) -> Value {
    if let Some(paths) = document["paths"].as_object_mut() {
        *paths = std::mem::take(paths).into_iter().map(|(path, item)| (format!("{BASE}{path}"), item)).collect();
    }
    document
}

/// Whether an operation is open to everybody; of its path, or of one with something in its places.
pub(super) fn is_public(method: &str, path: &str) -> bool {
    let fits = |template: &str| {
        let (mut parts, mut places) = (path.split('/'), template.split('/'));
        let same = places.by_ref().all(|place| parts.next().is_some_and(|p| p == place || place.starts_with('{')));
        same && parts.next().is_none()
    };
    PUBLIC.iter().any(|(of, template)| *of == method && fits(template))
}

fn complete(document: &OpenApi) -> Value {
    let mut whole = serde_json::to_value(document).unwrap_or_default();
    let Some(root) = whole.as_object_mut() else { return whole };
    root.insert("tags".into(), TAGS.iter().map(|(name, text, _)| json!({"name": name, "description": text})).collect());
    let mut paths = root.remove("paths").unwrap_or_default();
    let mut components = root.remove("components").unwrap_or_else(|| json!({}));
    if let Some(schemas) = components["schemas"].as_object_mut() {
        merge_flattened(schemas);
        let taken = taken(&paths, schemas);
        for (name, schema) in schemas.iter_mut().filter(|(name, _)| !taken.contains(*name)) {
            always_there(name, schema);
        }
    }
    components["securitySchemes"] = schemes();
    components["responses"] = REFUSALS
        .iter()
        .map(|(status, name, text)| ((*name).to_owned(), refusal(*status, text)))
        .collect::<Map<_, _>>()
        .into();
    components["parameters"] = json!({"Surface": {
        "name": "X-Portico-Surface", "in": "header", "required": false,
        "description": "Which front end's session counts when a browser has both; also whom a login is for",
        "schema": {"$ref": "#/components/schemas/Surface"},
    }});
    components["schemas"]["Surface"] =
        json!({"type": "string", "enum": ["portal", "console"], "description": "One of the two front ends"});
    for (path, item) in paths.as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if let Some(operation) = operation.as_object_mut() {
                describe(method, path, operation, &components["schemas"]);
            }
        }
    }
    root.insert("paths".into(), paths);
    root.insert("components".into(), components);
    whole
}

/// A flattened struct comes as `allOf` of closed parts, which no answer fits: one object with all properties instead.
fn merge_flattened(schemas: &mut Map<String, Value>) {
    let before = schemas.clone();
    for schema in schemas.values_mut() {
        let Some(parts) = schema.get("allOf").and_then(Value::as_array).cloned() else { continue };
        let mut merged = json!({"type": "object", "properties": {}, "required": []});
        for key in ["description"] {
            if let Some(text) = schema.get(key) {
                merged[key] = text.clone();
            }
        }
        for part in &parts {
            let part = referenced(part, &before);
            for (name, property) in part["properties"].as_object().into_iter().flatten() {
                merged["properties"][name] = property.clone();
            }
            if let Some(required) = merged["required"].as_array_mut() {
                required.extend(part["required"].as_array().into_iter().flatten().cloned());
            }
            // A flattened map.
            if let Some(rest) = part.get("additionalProperties").filter(|r| r.is_object()) {
                merged["additionalProperties"] = rest.clone();
            }
        }
        *schema = merged;
    }
}

/// The schemas that bodies of requests are made of.
fn taken(paths: &Value, schemas: &Map<String, Value>) -> BTreeSet<String> {
    let operations = paths.as_object().into_iter().flat_map(Map::values).filter_map(Value::as_object);
    let bodies = operations.flat_map(Map::values).map(|operation| &operation["requestBody"]);
    let (mut left, mut taken): (Vec<String>, _) = (bodies.flat_map(references).collect(), BTreeSet::new());
    while let Some(name) = left.pop() {
        if !taken.contains(&name) {
            left.extend(schemas.get(&name).map(references).unwrap_or_default());
            taken.insert(name);
        }
    }
    taken
}

/// The schemas that a value names.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, value)| match (key.as_str(), value.as_str()) {
                ("$ref", Some(to)) => vec![to.rsplit('/').next().unwrap_or_default().to_owned()],
                _ => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// An answer has all of its properties.
fn always_there(name: &str, schema: &mut Value) {
    let Some(properties) = schema["properties"].as_object() else { return };
    let may_be_absent = |property: &str| MAY_BE_ABSENT.contains(&(name, property));
    let required: Vec<Value> = properties.keys().filter(|p| !may_be_absent(p)).map(|p| json!(p)).collect();
    schema["required"] = required.into();
}

/// The schema that a reference names; the schema itself when it is none.
fn referenced(schema: &Value, schemas: &Map<String, Value>) -> Value {
    let name = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next());
    name.and_then(|name| schemas.get(name)).unwrap_or(schema).clone()
}

fn schemes() -> Value {
    json!({
        "apiToken": {
            "type": "http", "scheme": "bearer", "bearerFormat": "pat_…",
            "description": "A program's token, made under /auth/api-tokens or by an administrator. Needs no X-CSRF-Token.",
        },
        "portalSession": {
            "type": "apiKey", "in": "cookie", "name": "portico_session",
            "description": "Session of the portal, set by /auth/login. Over TLS its name is __Host-portico_session; support access comes as portico_imp.",
        },
        "consoleSession": {
            "type": "apiKey", "in": "cookie", "name": "portico_console",
            "description": "Session of the console, set by /auth/login with X-Portico-Surface: console. Over TLS its name is __Host-portico_console.",
        },
        "csrfToken": {
            "type": "apiKey", "in": "header", "name": "X-CSRF-Token",
            "description": "`csrf_token` of /auth/session: goes along with every call that changes something in a session.",
        },
    })
}

/// Who may call: any one of these.
fn security(method: &str, path: &str) -> Value {
    if is_public(method, path) {
        return json!([]);
    }
    let with = |session: &str| match method {
        "get" => json!({session: []}),
        _ => json!({session: [], "csrfToken": []}),
    };
    let (portal, console, token) = (with("portalSession"), with("consoleSession"), json!({"apiToken": []}));
    match path {
        "/auth/session" => json!([token, portal, console]),
        p if p.starts_with("/auth/") => json!([portal, console]),
        p if p.starts_with("/admin/") => json!([token, console]),
        p if p.starts_with("/portal/") => json!([token, portal]),
        _ => json!([token, portal, console]),
    }
}

fn refusal(status: u16, text: &str) -> Value {
    let mut answer = json!({
        "description": text,
        "content": {"application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": examples::problem(status),
        }},
    });
    if matches!(status, 429 | 503) {
        answer["headers"] = retry_after();
    }
    answer
}

fn retry_after() -> Value {
    json!({"Retry-After": {"description": "Seconds to wait", "required": true, "schema": {"type": "integer"}}})
}

/// The refusals that a call of this kind can meet, whatever it is about.
fn refusals(method: &str, path: &str, operation: &Map<String, Value>) -> Vec<u16> {
    let named = |name: &str| {
        let all = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
        all.filter(|p| p["name"] == name || p["in"] == name).count() > 0
    };
    let changes = method != "get";
    let mut all = vec![429, 503];
    if !is_public(method, path) {
        all.extend([401, 403]);
    }
    if changes {
        all.extend([400, 403, 408, 409, 413, 415, 422]);
    }
    if named("query") || !changes {
        all.extend([400, 422]);
    }
    if named("path") || path.starts_with("/admin/") {
        all.extend([400, 404]);
    }
    if named("If-Match") {
        all.push(412);
    }
    all
}

fn describe(method: &str, path: &str, operation: &mut Map<String, Value>, schemas: &Value) {
    let tag = TAGS.iter().find(|(_, _, paths)| paths.iter().any(|begin| path.starts_with(begin)));
    operation.insert("tags".into(), tag.map(|(name, ..)| json!([name])).unwrap_or_else(|| json!([])));
    operation.insert("security".into(), security(method, path));
    // `fresh` where a person must have proved within ten minutes who is there, and no program can.
    if let Some(proof) = proofs::of_call(&method.to_uppercase(), path) {
        operation.insert("x-portico-proof".into(), proofs::word(proof).into());
    }
    let refused = refusals(method, path, operation);
    let answers = operation.entry("responses").or_insert_with(|| json!({}));
    for status in refused {
        if let Some((_, name, _)) = REFUSALS.iter().find(|(s, ..)| *s == status)
            && answers.get(status.to_string()).is_none()
        {
            answers[status.to_string()] = json!({"$ref": format!("#/components/responses/{name}")});
        }
    }
    for (status, answer) in answers.as_object_mut().into_iter().flatten() {
        answered(status, answer, schemas);
    }
    if let Some(content) = operation.get_mut("requestBody").and_then(|b| b["content"].as_object_mut()) {
        for media in content.values_mut() {
            with_example(media, schemas);
        }
    }
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    for parameter in parameters.as_array_mut().into_iter().flatten() {
        parameter_of(parameter);
    }
    let shared = !path.starts_with("/admin/") && !path.starts_with("/portal/");
    if let Some(all) = parameters.as_array_mut().filter(|_| shared) {
        all.push(json!({"$ref": "#/components/parameters/Surface"}));
    }
}

fn answered(status: &str, answer: &mut Value, schemas: &Value) {
    let failed = status.starts_with(['4', '5']);
    if let Some(content) = answer.get_mut("content").and_then(Value::as_object_mut) {
        // Written as problems, so they come as such.
        if failed && let Some(media) = content.remove("application/json") {
            content.insert("application/problem+json".into(), media);
        }
        for media in content.values_mut() {
            if failed {
                media["example"] = examples::problem(status.parse().unwrap_or_default());
            } else {
                with_example(media, schemas);
            }
        }
    }
    if matches!(status, "429" | "503") && answer.get("content").is_some() {
        answer["headers"] = retry_after();
    }
    for header in answer.get_mut("headers").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        header["required"] = true.into();
    }
}

fn with_example(media: &mut Value, schemas: &Value) {
    if media.get("example").is_none() {
        media["example"] = examples::of(&media["schema"], schemas);
    }
}

/// A parameter is left out or has a value; null is no text that an address could hold.
fn parameter_of(parameter: &mut Value) {
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    if let Some(kinds) = parameter["schema"]["type"].as_array_mut() {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            parameter["schema"]["type"] = only.clone();
        }
    }
    if let Some(example) = examples::parameter(&name) {
        parameter["example"] = example;
    }
}
