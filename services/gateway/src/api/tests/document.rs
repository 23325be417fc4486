//! What a generator of clients needs of the document: every name once, every place declared, examples that fit.

use crate::api::{described, examples, served};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Method, path and operation, for all.
fn operations() -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in served()["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            all.push((method.clone(), path.clone(), operation.clone()));
        }
    }
    assert!(all.len() > 100, "only {} operations", all.len());
    all
}

fn parameters(operation: &Value, place: &str) -> BTreeSet<String> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    all.filter(|p| p["in"] == place).map(|p| p["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn path_parameters_are_those_of_the_path_and_queries_are_optional() {
    for (method, path, operation) in operations() {
        let of_path: BTreeSet<String> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{').and_then(|p| p.strip_suffix('}')).map(str::to_owned))
            .collect();
        assert_eq!(parameters(&operation, "path"), of_path, "{method} {path}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let place = parameter["in"].as_str().unwrap_or("header");
            assert!(["path", "query", "header"].contains(&place), "{method} {path}: {parameter}");
            assert_eq!(
                parameter["required"] == true,
                place == "path" || parameter["name"] == "If-Match",
                "{parameter}"
            );
            if parameter["$ref"].is_null() {
                assert!(!parameter["example"].is_null(), "{method} {path}: no example of {}", parameter["name"]);
                assert!(!parameter["schema"]["type"].is_null(), "{method} {path}: {parameter}");
            }
        }
    }
    let list = &served()["paths"]["/api/v1/modules/{module}/records"]["get"];
    let expected = ["count", "cursor", "filter", "limit", "q", "scope", "sort"];
    assert_eq!(parameters(list, "query"), expected.map(str::to_owned).into());
}

#[test]
fn operations_have_speaking_names_of_their_own_a_tag_and_a_summary() {
    let mut names = BTreeMap::new();
    let tags: Vec<&str> = served()["tags"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
    let mut used = BTreeSet::new();
    for (method, path, operation) in operations() {
        let name = operation["operationId"].as_str().unwrap_or_default().to_owned();
        let speaks = name.len() > 5 && name.chars().any(char::is_uppercase) && name.chars().all(char::is_alphanumeric);
        assert!(speaks && !name.contains('_'), "{method} {path}: `{name}` (operation_id = \"verbNoun\")");
        if let Some(other) = names.insert(name.to_lowercase(), path.clone()) {
            panic!("{name} is the name of {other} and of {path}");
        }
        let of = operation["tags"].as_array().unwrap();
        assert!(of.len() == 1 && tags.contains(&of[0].as_str().unwrap()), "{method} {path}: {of:?}");
        used.insert(of[0].as_str().unwrap().to_owned());
        assert!(operation["summary"].as_str().is_some_and(|s| s.len() > 5), "{method} {path} has no summary");
    }
    assert_eq!(used, tags.iter().map(|t| (*t).to_owned()).collect(), "tags that nothing has");
    assert!(served()["tags"].as_array().unwrap().iter().all(|t| !t["description"].as_str().unwrap().is_empty()));
}

#[test]
fn no_schema_takes_the_place_of_another() {
    let clashes = described().finish().2;
    assert!(clashes.is_empty(), "two types are called {clashes:?}: give one of them #[schema(as = …)]");
    // Generators make modules and classes of these names, some of them without regard to case.
    let mut seen = BTreeMap::new();
    for name in served()["components"]["schemas"].as_object().unwrap().keys() {
        if let Some(other) = seen.insert(name.to_lowercase().replace(['_', '.'], ""), name.clone()) {
            panic!("{name} and {other} are the same to a generator");
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    fn walk(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(to) = members.get("$ref").and_then(Value::as_str) {
                    found.insert(to.to_owned());
                }
                members.values().for_each(|v| walk(v, found));
            }
            Value::Array(items) => items.iter().for_each(|v| walk(v, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    walk(served(), &mut found);
    for reference in &found {
        assert!(served().pointer(&reference[1..]).is_some(), "{reference} leads nowhere");
    }
    for name in served()["components"]["schemas"].as_object().unwrap().keys() {
        assert!(found.contains(&format!("#/components/schemas/{name}")), "{name} is used nowhere");
    }
}

#[test]
fn every_operation_says_who_may_call_it_and_how_it_refuses() {
    let schemes = served()["components"]["securitySchemes"].as_object().unwrap();
    for (method, path, operation) in operations() {
        let ways = operation["security"].as_array().unwrap_or_else(|| panic!("{method} {path} has no security"));
        for scheme in ways.iter().flat_map(|w| w.as_object().unwrap().keys()) {
            assert!(schemes.contains_key(scheme), "{scheme}");
        }
        for way in ways.iter().filter_map(Value::as_object) {
            let session = way.keys().any(|k| k.ends_with("Session"));
            assert_eq!(way.contains_key("csrfToken"), session && method != "get", "{method} {path}");
        }
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.keys().any(|s| s.starts_with('2')), "{method} {path} never succeeds");
        assert!(["429", "503"].iter().all(|s| answers.contains_key(*s)), "{method} {path}");
        assert_eq!(ways.is_empty(), !answers.contains_key("401") || path.contains("/auth/") && ways.is_empty());
        for (status, answer) in answers {
            let answer = match answer["$ref"].as_str() {
                Some(to) => served().pointer(&to[1..]).unwrap(),
                None => answer,
            };
            assert!(answer["description"].as_str().is_some_and(|d| !d.is_empty()), "{method} {path} {status}");
            if status.starts_with('4') || status.starts_with('5') {
                let problem = &answer["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(problem, "#/components/schemas/Problem", "{method} {path} {status}");
            }
            if ["429", "503"].contains(&status.as_str()) {
                assert_eq!(answer["headers"]["Retry-After"]["required"], true, "{method} {path} {status}");
            }
        }
    }
}

/// The document's schemas as one JSON Schema, so that references lead somewhere.
fn validator(schema: &Value) -> jsonschema::Validator {
    let whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": {"schemas": served()["components"]["schemas"]},
        "allOf": [schema],
    });
    jsonschema::validator_for(&whole).unwrap()
}

#[test]
fn every_body_and_answer_has_an_example_that_fits_its_schema() {
    fn contents(operation: &Value) -> Vec<&Map<String, Value>> {
        let answers = operation["responses"].as_object().into_iter().flat_map(Map::values);
        answers.chain([&operation["requestBody"]]).filter_map(|a| a["content"].as_object()).collect()
    }
    let mut checked = 0;
    let named = served()["components"]["responses"].as_object().unwrap().values();
    let named = named.map(|answer| ("component".to_owned(), String::new(), json!({"responses": {"0": answer}})));
    for (method, path, operation) in operations().into_iter().chain(named) {
        for media in contents(&operation).into_iter().flat_map(Map::values) {
            let example = &media["example"];
            let errors: Vec<String> = validator(&media["schema"])
                .iter_errors(example)
                .map(|e| format!("{}: {e}", e.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{method} {path}: {errors:?} in {example}");
            assert!(
                !example.to_string().contains("\"…\""),
                "{method} {path}: a word is missing in examples.rs: {example}"
            );
            checked += 1;
        }
    }
    assert!(checked > 150, "only {checked}");
    assert_eq!(examples::problem(404)["status"], 404);
}
