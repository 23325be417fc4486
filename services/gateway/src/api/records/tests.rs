use super::{record_body, row_body};
use proto::records::v1::{
    Conversation, ExternalActor, FieldLevel, ListRecordsResponse, Person, RecordRow, RowShape, UnreadField, Value,
    value::Kind,
};

fn text(text: &str) -> Value {
    Value { kind: Some(Kind::Text(text.to_owned())) }
}

fn page() -> ListRecordsResponse {
    let shape = |fields: &[(&str, FieldLevel)], pointing: &[u32]| RowShape {
        fields: fields.iter().map(|(name, _)| (*name).to_owned()).collect(),
        levels: fields.iter().map(|(_, level)| (*level).into()).collect(),
        pointing: pointing.to_vec(),
        unread: vec![UnreadField { field: "description".to_owned(), level: FieldLevel::Read.into() }],
        actions: vec!["edit".to_owned()],
    };
    let row = |id: &str, shape: u32, values: Vec<Value>| RecordRow {
        id: id.to_owned(),
        number: format!("TT{id}"),
        version: 3,
        visible_version: 2,
        shape,
        values,
        title: format!("Title of {id}"),
        created_by: shape,
        created_by_ext: shape,
        modified_by_ext: 0,
        created_at_micros: 1_700_000_000_000_000,
        modified_at_micros: 1_700_000_001_000_000,
        deleted: shape == 1,
        conversation: Some(Conversation {
            last_activity_at_micros: 1_700_000_002_000_000,
            last_word: "support".to_owned(),
            unread: true,
            ..Conversation::default()
        }),
    };
    let (write, masked) = (FieldLevel::Write, FieldLevel::Masked);
    ListRecordsResponse {
        next_cursor: String::new(),
        total: None,
        module: "tickets".to_owned(),
        shapes: vec![
            shape(&[("title", write), ("contact_id", write), ("company_id", write), ("hours", write)], &[1, 2]),
            shape(&[("title", masked)], &[]),
        ],
        rows: vec![
            row("1", 0, vec![text("Slow"), text("c1"), text("f1"), Value { kind: Some(Kind::Integer(7)) }]),
            row("2", 1, vec![Value::default()]),
        ],
        titles: [("c1", "Emma"), ("f1", "Acme")].map(|(id, title)| (id.to_owned(), title.to_owned())).into(),
        deleted_titles: vec!["f1".to_owned()],
        people: ["p1", "p2"].map(|id| Person { id: id.to_owned(), name: "Somebody".to_owned() }).into(),
        external: vec![ExternalActor { id: "p2".to_owned(), name: "Somebody".to_owned(), deleted: true }],
    }
}

#[test]
fn a_record_is_written_alike_whether_it_comes_alone_or_in_a_page() {
    let page = page();
    let written: Vec<_> = page.rows().map(|row| serde_json::to_value(row_body(row)).unwrap()).collect();
    let alone: Vec<_> =
        page.records().iter().map(|record| serde_json::to_value(record_body(record)).unwrap()).collect();
    assert_eq!(written, alone);
    let first = &written[0];
    assert_eq!(
        first["fields"],
        serde_json::json!({"title": "Slow", "contact_id": "c1", "company_id": "f1", "hours": "7"})
    );
    assert_eq!(first["titles"], serde_json::json!({"1": "Title of 1", "c1": "Emma", "f1": "Acme"}));
    assert_eq!((&first["deleted_titles"][0], &first["access"]["description"]), (&"f1".into(), &"read".into()));
    let second = &written[1];
    assert_eq!((&second["fields"]["title"], &second["access"]["title"]), (&serde_json::Value::Null, &"masked".into()));
    assert_eq!(second["created_by_ext"], serde_json::json!({"id": "p2", "name": "Somebody", "deleted": true}));
    assert_eq!((&second["deleted"], second["titles"].as_object().map(|t| t.len())), (&true.into(), Some(1)));
}
