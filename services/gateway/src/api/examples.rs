//! Examples for bodies and answers, made from their schemas: a word for each name of a property, and whole values where
//! a name alone says too little. A test holds that none is missing and that each fits its schema.

use serde_json::{Value, json};

const ID: &str = "01990000-0000-7000-8000-000000000001";
const TIME: &str = "2026-03-01T09:30:00.000000Z";

/// What a property holds for the sake of an example, by schema and name.
fn whole(schema: &str, name: &str) -> Option<Value> {
    Some(match (schema, name) {
        ("Fields", "fields") => json!({"title": "The printer is on fire", "priority": "high"}),
        ("RecordBody", "fields") => {
            json!({"title": "The printer is on fire", "status": "open", "priority": "high", "category": null})
        }
        ("RecordBody", "access") => json!({"title": "write", "status": "read"}),
        ("DependentBody", "titles") => json!(["Emma Rossi"]),
        ("RecordBody", "titles") => json!({(ID): "Emma Rossi"}),
        ("ModuleBody" | "MenuEntry" | "FieldBody" | "PicklistBody", "labels" | "singular" | "plural") => {
            json!({"en": "Tickets", "it": "Ticket"})
        }
        ("Terms", "text") | ("SettingsBody" | "SettingsWholeBody", "terms") => {
            json!({"en": "Be kind.", "it": "Sii gentile."})
        }
        ("SettingsWholeBody", "effective") => json!({"session_hours": "12"}),
        ("ActivityItem" | "ActivityBody", "facts") => json!({"method": "password"}),
        ("PlanBody", "outcomes") => json!({"enable": 2}),
        ("ChangeBody", "old") => json!("normal"),
        ("ChangeBody", "new") => json!("high"),
        ("ModuleBody" | "RecordBody", "actions") => json!(["view", "create", "edit"]),
        ("ModuleBody", "list_columns") => json!(["title", "status"]),
        ("RequestBody", "title") => json!("The printer is on fire"),
        ("HomeBody", "greeting") => json!("Welcome to Acme"),
        ("ActivityItem" | "ActivityBody" | "EntryBody" | "FieldBody", "type") => match schema {
            "FieldBody" => json!("text"),
            "EntryBody" => json!("updated"),
            _ => json!("logged_in"),
        },
        ("Problem", "status") => json!(422),
        ("LoginState" | "FactorAdded" | "CurrentSession", "status") => json!("authenticated"),
        ("AccessBody" | "EnabledBody", "state") => json!("active"),
        ("DeliveryBody", "state") => json!("sent"),
        ("JobBody", "state") => json!("running"),
        ("RowBody", "state") => json!("enabled"),
        ("ShortcutBody", "action") => json!("create"),
        ("ActivityItem", "actor") => json!("Ada Blum"),
        ("NewComment" | "CommentChange" | "CommentBody", "body") => json!("It is out. *Thank you.*"),
        ("CommentBody", "status") | ("NewComment", "set_status") => json!("closed"),
        ("GroupBody" | "GroupDefinition", "name") => json!("Second line"),
        ("RoleBody" | "RoleDefinition", "name") => json!("Team lead"),
        ("ProfileSummaryBody" | "ProfileWholeBody", "name") => json!("Standard"),
        (
            "NewOwnApiToken" | "NewApiToken" | "OwnApiToken" | "MadeOwnApiToken" | "ApiToken" | "MadeApiToken",
            "name",
        ) => {
            json!("Nightly report")
        }
        ("PicklistBody", "key") => json!("high"),
        ("FieldBody" | "ModuleBody", "name") => json!(if schema == "FieldBody" { "title" } else { "tickets" }),
        ("RoleBody" | "RoleDefinition", "records") => json!("write"),
        ("Ceremony", "options") => json!({"publicKey": {"challenge": "AAAA"}}),
        ("NewPasskey" | "Assertion", "credential") => json!({"id": "AAAA", "type": "public-key"}),
        ("ProfileWholeBody", "published" | "draft") => json!({"name": "Standard"}),
        ("ProfileBody", "chosen_because") => json!("default"),
        ("ImpersonationBody", "url") => json!("https://portal.example.com/"),
        ("IssuedBody", "url") => json!("https://portal.example.com/link/plnk_…"),
        ("Subject" | "SubjectBody" | "AuthorBody" | "Actor" | "LockedBody", "kind") => json!("contact"),
        _ => return None,
    })
}

/// What a text holds, by the name of its property.
fn word(name: &str) -> Option<&'static str> {
    Some(match name {
        _ if name == "id" || name.ends_with("_id") || name.ends_with("_ids") => ID,
        _ if name.ends_with("_at") || name.ends_with("_until") => TIME,
        "at" | "until" | "since" | "waiting_since" => TIME,
        "last_word" => "support",
        "support_start" => "2026-01-01",
        "support_end" => "2026-12-31",
        "login" | "email" | "new_email" | "pending_email" | "recipient" | "contact_email" | "pending_login"
        | "redirected" => "emma@acme.example",
        "password" | "new_password" | "current_password" | "first_password" => "a long sentence nobody guesses",
        "token" | "secret" => "pat_…",
        "csrf_token" | "hash" => "5f3a…",
        "name" | "owner_name" | "contact_name" | "started_by_name" => "Emma Rossi",
        "started_by" | "deleted_titles" | "comment" => ID,
        "unlocked" => ID,
        "locale" => "en",
        "code" => "123456",
        "recovery_code" | "recovery_codes" => "abcde-fghij",
        "otpauth_uri" => "otpauth://totp/Acme:emma?secret=JBSWY3DPEHPK3PXP",
        "qr_svg" => "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        "network" | "networks" => "192.0.2.0/24",
        "browser" => "Firefox on Linux",
        "method" => "password",
        "factors" => "totp",
        "touchpoint" => "sign_in",
        "module" | "target_module" => "tickets",
        "number" => "TT1042",
        "prefix" => "TT",
        "icon" => "ticket",
        "color" => "red",
        "access" => "write",
        "scope" => "company",
        "scopes" => "read",
        "channel" => "api",
        "field" => "title",
        "role" => "agent",
        "role_name" => "Agent",
        "rights" => "unlock",
        "description" => "What it is for",
        "reason" => "Asked for by telephone",
        "note" => "Called from the hotel",
        "not_sent_reason" => "support_ended",
        "error" => "mailbox unavailable",
        "template" => "invitation",
        "message" => "This field is needed.",
        "hint" => "9f2c",
        "require_mfa" => "agents",
        "lock_mode" => "timed",
        "help_contact" => "support@acme.example",
        "next_cursor" => "eyJ…",
        "kind" => "contact",
        _ => return None,
    })
}

/// An example of a parameter.
pub(super) fn parameter(name: &str) -> Option<Value> {
    Some(match name {
        "module" => json!("tickets"),
        "id" | "comment" | "session" | "user_id" | "company_id" => json!(ID),
        "token" => json!("plnk_…"),
        "limit" => json!(50),
        "cursor" => json!("eyJ…"),
        "state" => json!("failed"),
        "dependents" => json!("keep"),
        "If-None-Match" => json!("\"3\""),
        "sort" => json!("-modified_at,title"),
        "q" => json!("printer"),
        "filter" => json!("{\"field\": \"status\", \"op\": \"eq\", \"value\": \"open\"}"),
        "scope" => json!("mine"),
        "count" => json!("capped"),
        "touchpoint" => json!("customer_portal"),
        "If-Match" => json!("\"3\""),
        "Idempotency-Key" => json!("7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        _ => return None,
    })
}

/// A refusal with this status.
pub(super) fn problem(status: u16) -> Value {
    let (title, code, detail) = match status {
        400 => ("The request is malformed", "malformed", "The body is no JSON."),
        401 => ("Not signed in", "unauthenticated", "Please sign in."),
        403 => ("Not allowed", "forbidden", "You may not do this."),
        404 => ("Not found", "not_found", "There is nothing here that you can see."),
        409 => ("Conflict", "conflict", "It was changed meanwhile."),
        412 => ("Changed meanwhile", "stale_version", "This was changed meanwhile."),
        413 => ("Too large", "too_large", "A body has at most 256 KiB."),
        415 => ("Unsupported media type", "unsupported_media_type", "Please send application/json."),
        428 => (
            "If-Match is missing",
            "if_match_required",
            "Please send If-Match with the ETag of the version that you saw.",
        ),
        429 => ("Too many requests", "rate_limited", "Please wait a moment."),
        503 => ("Temporarily unavailable", "temporarily_unavailable", "A part of the system is away at the moment."),
        _ => ("Not right", "validation_failed", "Some fields are not right."),
    };
    let mut problem = json!({
        "type": "about:blank", "title": title, "status": status, "detail": detail,
        "instance": "/api/v1/modules/tickets/records", "code": code, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    });
    if status == 422 {
        problem["errors"] = json!([{"field": "title", "code": "required", "message": "Please fill this in."}]);
    }
    problem
}

/// An example that fits a schema. Names without a word in the tables above come as `…`.
pub(super) fn of(schema: &Value, schemas: &Value) -> Value {
    made(schema, schemas, "", "")
}

fn made(schema: &Value, schemas: &Value, owner: &str, name: &str) -> Value {
    if let Some(value) = whole(owner, name) {
        return value;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = reference.rsplit('/').next().unwrap_or_default();
        return made(&schemas[target], schemas, target, "");
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[choice].as_array() {
            let filled = choices.iter().find(|c| c["type"] != "null").unwrap_or(&Value::Null);
            return made(filled, schemas, owner, name);
        }
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    match kind(schema) {
        "object" => match schema["properties"].as_object() {
            Some(properties) => {
                let parts = properties.iter().map(|(n, p)| (n.clone(), made(p, schemas, owner, n)));
                Value::Object(parts.collect())
            }
            None => json!({}),
        },
        "array" => json!([made(&schema["items"], schemas, owner, name)]),
        "integer" => schema["minimum"].as_i64().map_or_else(|| json!(1), |least| json!(least.max(1))),
        "number" => json!(1.5),
        "boolean" => json!(false),
        "string" => json!(word(name).unwrap_or("…")),
        _ => Value::Null,
    }
}

/// The type of a schema, null left aside.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|k| *k != "null").unwrap_or_default(),
        _ => "",
    }
}
