//! What programs may rely on: answers are as the document says, bad bodies are refused everywhere in the same way, and
//! headers mean what they mean in HTTP.

use crate::support::{create, id};
use anyhow::Result;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use kit::{Answer, Browser, Portal, check_answer};
use serde_json::{Map, Value, json};

/// Method, path after `/api/v1` with something in its places, and operation.
fn operations() -> Vec<(Method, String, Value)> {
    let document = gateway::openapi();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let nobody = kernel::new_id().to_string();
            let path = path.replace("{module}", "tickets").replace("{token}", "plnk_x");
            let path = path.replace("{id}", &nobody).replace("{session}", &nobody);
            all.push((method.to_uppercase().parse().unwrap(), path, operation.clone()));
        }
    }
    all
}

/// An administrator who sends bytes as they are.
struct Sender {
    browser: Browser,
    csrf: String,
}

impl Sender {
    async fn new(portal: &Portal) -> Result<Sender> {
        let mut browser = portal.agent("admin@test.test", "administrator").await?;
        let session = browser.get("/auth/session").await?.json();
        Ok(Sender { browser, csrf: session["csrf_token"].as_str().unwrap_or_default().to_owned() })
    }

    async fn send(&mut self, method: &Method, path: &str, kind: &str, body: impl Into<Vec<u8>>) -> Result<Answer> {
        let headers = [
            ("content-type", kind),
            ("x-csrf-token", &self.csrf),
            ("x-portico-surface", "console"),
            ("if-match", "\"1\""),
        ];
        self.browser.send(method.clone(), &format!("/api/v1{path}"), &headers, body.into()).await
    }
}

const JSON: &str = "application/json";

/// Something that the type does not take.
fn wrong(property: &Value) -> Value {
    let kinds = property["type"].to_string();
    match () {
        () if kinds.contains("array") => json!({"no": "list"}),
        () if kinds.contains("object") || property["$ref"].is_string() => json!(["no object"]),
        () if kinds.contains("string") => json!(7),
        () => json!({"no": "value"}),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_bad_bodies_alike_and_names_the_place() -> Result<()> {
    let portal = Portal::start().await?;
    let mut sender = Sender::new(&portal).await?;
    let schemas = gateway::openapi()["components"]["schemas"].clone();
    let deep = format!("{{\"deep\": {}{}}}", "[".repeat(100), "]".repeat(100));
    let huge = format!("{{\"number\": 1{}}}", "0".repeat(400));
    let malformed: [&[u8]; 9] = [
        b"",
        b"{",
        b"{} {}",
        b"\xef\xbb\xbf{}",
        b"{\"text\": \"\xff\"}",
        b"{'text': 1}",
        b"{\"a\": 01}",
        b"{\"a\": \"\\ud800\"}",
        b"\0",
    ];
    let (mut bodies, mut tried) = (0, 0);
    for (method, path, operation) in operations() {
        let name = operation["operationId"].as_str().unwrap_or("?");
        let body = &operation["requestBody"]["content"][JSON];
        if body.is_null() {
            if method == Method::GET || method == Method::DELETE {
                continue;
            }
            let refused = sender.send(&method, &path, JSON, "{\"surplus\": 1}").await?;
            assert_eq!(
                refused.field_errors(),
                [("surplus".into(), "unknown_field".into())],
                "{name}: {}",
                refused.text()
            );
            continue;
        }
        bodies += 1;
        for bytes in malformed {
            let refused = sender.send(&method, &path, JSON, bytes).await?;
            let shown = String::from_utf8_lossy(bytes).into_owned();
            assert_eq!((refused.status.as_u16(), &*refused.code()), (400, "malformed"), "{name} {shown:?}");
            tried += 1;
        }
        for kind in ["text/plain", "application/xml", "application/jsonp", "multipart/form-data", ""] {
            let refused = sender.send(&method, &path, kind, "{}").await?;
            assert_eq!((refused.status.as_u16(), &*refused.code()), (415, "unsupported_media_type"), "{name} {kind}");
        }
        for (text, at, code) in [
            ("{\"twice\": 1, \"twice\": 1}", "twice", "duplicate"),
            ("{\"in\": {\"twice\": 1, \"twice\": 2}}", "in.twice", "duplicate"),
            ("{\"number\": 123456789012345678901234567890}", "number", "out_of_range"),
            (&huge, "number", "out_of_range"),
            (&deep, "deep", "too_deep"),
        ] {
            let refused = sender.send(&method, &path, JSON, text).await?;
            assert_eq!(refused.status.as_u16(), 422, "{name} {code}: {}", refused.text());
            assert_eq!(refused.field_errors(), [(at.into(), code.into())], "{name}");
            tried += 1;
        }
        // A document of its own is taken whole; what is in it is another's business.
        let Some(schema) = body["schema"]["$ref"].as_str().and_then(|r| r.rsplit('/').next()) else { continue };
        let example = body["example"].as_object().cloned().unwrap_or_default();
        for text in ["null", "[]", "7", "\"text\"", "true"] {
            let refused = sender.send(&method, &path, JSON, text).await?;
            assert_eq!(refused.field_errors(), [("body".into(), "wrong_type".into())], "{name} {text}");
        }
        let with = |member: &str, value: Value| {
            let mut body: Map<String, Value> = example.clone();
            body.insert(member.to_owned(), value);
            Value::Object(body).to_string()
        };
        let refused = sender.send(&method, &path, JSON, with("zz_unknown", json!(1))).await?;
        assert_eq!(refused.field_errors(), [("zz_unknown".into(), "unknown_field".into())], "{name}");
        for (member, property) in schemas[schema]["properties"].as_object().into_iter().flatten() {
            let required = schemas[schema]["required"].as_array().is_some_and(|r| r.iter().any(|r| r == member));
            if !property["type"].is_null() || property["$ref"].is_string() {
                let refused = sender.send(&method, &path, JSON, with(member, wrong(property))).await?;
                let errors = refused.field_errors();
                let at = errors.first().map(|(field, code)| (field.starts_with(member.as_str()), code.as_str()));
                assert_eq!(at, Some((true, "wrong_type")), "{name}.{member}: {}", refused.text());
                tried += 1;
            }
            if required {
                let mut body = example.clone();
                body.remove(member);
                let refused = sender.send(&method, &path, JSON, Value::Object(body).to_string()).await?;
                assert_eq!(refused.field_errors(), [(member.clone(), "required".into())], "{name}.{member}");
            }
        }
    }
    assert!(bodies > 30 && tried > 400, "only {bodies} bodies, {tried} tries");
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_parameters_that_it_does_not_declare_or_that_come_twice() -> Result<()> {
    let portal = Portal::start().await?;
    let mut sender = Sender::new(&portal).await?;
    // The portal's own home is none for an agent.
    for (method, path, operation) in operations().into_iter().filter(|(_, path, _)| !path.starts_with("/portal/")) {
        let name = operation["operationId"].as_str().unwrap_or("?");
        let refused = sender.send(&method, &format!("{path}?zz=1"), JSON, "").await?;
        assert_eq!(refused.field_errors(), [("zz".into(), "unknown_field".into())], "{name}: {}", refused.text());
        for parameter in operation["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "query") {
            let parameter_name = parameter["name"].as_str().unwrap_or_default();
            let twice = format!("{path}?{parameter_name}=1&{parameter_name}=1");
            let refused = sender.send(&method, &twice, JSON, "").await?;
            assert_eq!(refused.field_errors(), [(parameter_name.into(), "duplicate".into())], "{name}");
            if parameter["schema"]["type"] == "integer" {
                let refused = sender.send(&method, &format!("{path}?{parameter_name}=many"), JSON, "").await?;
                assert_eq!(refused.field_errors(), [(parameter_name.into(), "wrong_type".into())], "{name}");
            }
        }
    }
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_takes_no_number_where_text_is_wanted_and_none_that_would_be_rounded() -> Result<()> {
    let portal = Portal::start().await?;
    let mut sender = Sender::new(&portal).await?;
    let path = "/modules/tickets/records";
    create(&mut sender.browser, "tickets", json!({"title": "warm"})).await?;
    for (fields, at, code) in [
        (r#"{"title": 7}"#, "title", "wrong_type"),
        (r#"{"title": 1.5}"#, "title", "wrong_type"),
        (r#"{"title": 123456789012345678901234567890}"#, "fields.title", "out_of_range"),
        (r#"{"title": "a", "title": "b"}"#, "fields.title", "duplicate"),
        (r#"{"title": true}"#, "title", "wrong_type"),
        (r#"{"title": ["a"]}"#, "title", "wrong_type"),
        (r#"{"title": "a", "status": 1}"#, "status", "wrong_type"),
    ] {
        let refused = sender.send(&Method::POST, path, JSON, format!("{{\"fields\": {fields}}}")).await?;
        assert_eq!(refused.status.as_u16(), 422, "{fields}: {}", refused.text());
        assert_eq!(refused.field_errors(), [(at.into(), code.into())], "{fields}");
    }
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_takes_lists_and_a_star_and_weak_tags_never_match() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let ticket = create(&mut admin, "tickets", json!({"title": "One"})).await?;
    let path = format!("/modules/tickets/records/{}", id(&ticket));
    let tag = admin.get(&path).await?.header("etag").to_owned();
    let change = |title: &str| json!({"fields": {"title": title}});
    let weak = admin.patch(&path, &format!("W/{tag}"), change("weak")).await?.expect(412)?;
    assert_eq!(weak.code(), "stale_version");
    admin.patch(&path, &format!("\"99\", {tag}"), change("list")).await?.expect(200)?;
    let stale = admin.patch(&path, &format!("{tag}, \"99\""), change("stale list")).await?.expect(412)?;
    assert_eq!(stale.code(), "stale_version");
    let any = admin.patch(&path, "*", change("any")).await?.expect(200)?;
    assert_eq!(any.json()["fields"]["title"], "any");
    assert_eq!(admin.patch(&path, "\"abc\"", change("x")).await?.expect(422)?.field_errors()[0].0, "If-Match");
    let nothing = format!("/modules/tickets/records/{}", kernel::new_id());
    admin.patch(&nothing, "*", change("x")).await?.expect(404)?;
    // The same for settings and profiles, and in `If-None-Match`, where weak tags do match.
    let settings = "/admin/settings/security";
    let mut body = admin.get(settings).await?.expect(200)?.json();
    for surplus in ["terms_version", "effective"] {
        body.as_object_mut().map(|all| all.remove(surplus));
    }
    admin.call_with("PUT", settings, &[("if-match", "*")], Some(body)).await?.expect(200)?;
    let tag = any.header("etag");
    for (known, status) in
        [(tag.to_owned(), 304), (format!("W/{tag}"), 304), (format!("\"1\", {tag}"), 304), ("\"99\"".into(), 200)]
    {
        admin.call_with("GET", &path, &[("if-none-match", &known)], None).await?.expect(status)?;
    }
    admin.call_with("DELETE", &path, &[("if-match", "*")], None).await?.expect(204)?;
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn bearer_is_read_in_any_case_and_lists_are_sorted_by_several_fields() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let body = json!({"name": "Program", "scopes": ["read"], "valid_days": 1});
    let made = admin.post("/auth/api-tokens", body).await?.expect(201)?.json();
    let secret = made["secret"].as_str().unwrap_or_default();
    for title in ["b", "a", "c"] {
        create(&mut admin, "tickets", json!({"title": title, "priority": if title == "c" { "low" } else { "high" }}))
            .await?;
    }
    let mut program = portal.browser();
    for word in ["Bearer", "bearer", "BEARER", "beARer"] {
        let headers = [("authorization", &*format!("{word} {secret}"))];
        let list = "/api/v1/modules/tickets/records?sort=-priority,title&limit=200";
        let answer = program.send(Method::GET, list, &headers, Vec::new()).await?.expect(200)?.json();
        let titles: Vec<&str> =
            answer["items"].as_array().into_iter().flatten().filter_map(|i| i["fields"]["title"].as_str()).collect();
        assert_eq!(titles, ["a", "b", "c"], "{word}");
    }
    for word in ["Basic", "Bearer:", ""] {
        let headers = [("authorization", &*format!("{word} {secret}"))];
        let answer = program.send(Method::GET, "/api/v1/modules", &headers, Vec::new()).await?.expect(401)?;
        assert_eq!(answer.code(), "invalid_token");
    }
    portal.stop().await
}

/// Whether an answer would pass.
fn passes(status: u16, headers: &[(&'static str, &'static str)], body: &Value) -> bool {
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        all.insert(*name, HeaderValue::from_static(value));
    }
    let (status, bytes) = (StatusCode::from_u16(status).unwrap(), body.to_string().into_bytes());
    let path = "/api/v1/admin/settings/security";
    let check = || check_answer(&Method::GET, path, status, &all, &bytes);
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).is_ok()
}

/// The check that every other test relies on.
#[test]
fn an_answer_that_differs_from_the_document_is_noticed() {
    let operation = &gateway::openapi()["paths"]["/admin/settings/security"]["get"];
    let good = operation["responses"]["200"]["content"][JSON]["example"].clone();
    let headers = [("content-type", JSON), ("etag", "\"1\"")];
    assert!(passes(200, &headers, &good));
    assert!(!passes(200, &headers[..1], &good), "a header that is declared is missing");
    assert!(!passes(200, &[("content-type", "text/plain"), headers[1]], &good), "another content type");
    assert!(!passes(201, &headers, &good), "a status that is not declared");
    assert!(!passes(500, &headers, &good), "a failure");
    let changed = |member: &str, value: Option<Value>| {
        let mut all = good.as_object().cloned().unwrap_or_default();
        match value {
            Some(value) => all.insert(member.to_owned(), value),
            None => all.remove(member),
        };
        Value::Object(all)
    };
    assert!(!passes(200, &headers, &changed("surplus", Some(json!(1)))), "a property that no schema names");
    assert!(!passes(200, &headers, &changed("terms_version", None)), "a property is missing");
    assert!(!passes(200, &headers, &changed("terms_version", Some(json!("1")))), "another type");
    let problem = operation["responses"]["404"]["$ref"].as_str().unwrap_or_default();
    let problem = gateway::openapi().pointer(&problem[1..]).cloned().unwrap_or_default();
    let problem = &problem["content"]["application/problem+json"]["example"];
    assert!(passes(404, &[("content-type", "application/problem+json")], problem));
    assert!(!passes(404, &headers, problem), "a problem says that it is one");
    assert!(!passes(404, &[("content-type", "application/problem+json")], &json!({"code": "not_found"})));
}
