use crate::tests::gateway;
use axum::body::Body;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use proto::event::{EVENT_TYPES, EventType};
use tower::ServiceExt;

async fn get(path: &str) -> (StatusCode, String, String) {
    let response = gateway().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let text = |name| parts.headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    let facts = format!("{} {}", text(header::CONTENT_TYPE), text(header::CACHE_CONTROL));
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts.status, facts, String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn every_event_type_has_its_schema_where_ce_dataschema_says() {
    assert!(EVENT_TYPES.len() > 40);
    for event in EVENT_TYPES {
        let (status, facts, body) = get(&EventType::schema_path(event.stored)).await;
        assert_eq!(
            (status, facts.as_str()),
            (StatusCode::OK, "application/schema+json public, max-age=3600"),
            "{}",
            event.stored
        );
        let schema: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(schema["title"], event.stored);
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        let marked = schema["properties"].as_object().unwrap().values().filter(|p| p["x-personal"] == true).count();
        assert_eq!(marked, event.personal.len(), "{}", event.stored);
    }
    for path in [
        "/schemas/events/records.record.created/v2.json",
        "/schemas/events/records.record.created/v1",
        "/schemas/events/nobody/v1.json",
    ] {
        assert_eq!(get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}
