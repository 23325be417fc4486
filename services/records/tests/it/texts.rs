//! Texts as people write them: how they are kept, found and put in order.

use crate::world::{World, fields, value};
use anyhow::Result;
use proto::records::v1::{FieldType, ListRecordsRequest, Record};

async fn titles(world: &World, request: &ListRecordsRequest) -> Result<Vec<String>> {
    let mut request = request.clone();
    let mut found = Vec::new();
    loop {
        let page = world.records.list(&world.agent, &request).await?;
        found.extend(page.records().iter().map(|r| r.titles[&r.id].clone()));
        if page.next_cursor.is_empty() {
            return Ok(found);
        }
        request.cursor = page.next_cursor;
    }
}

#[tokio::test]
async fn a_text_is_found_in_any_form_case_and_accents() -> Result<()> {
    let world = World::new().await?;
    for title in ["Café au lait", "CAFE\u{301}", "Große Straße", "Teahouse"] {
        world.ticket(title, &world.emma, None).await?;
    }
    let mut request = ListRecordsRequest { module: "tickets".into(), sort: "number".into(), ..Default::default() };
    for (query, expected) in [
        ("café", 2),
        ("cafe\u{301}", 2),
        ("CAFE", 2),
        ("STRASSE", 1),
        ("straße große", 1),
        ("ｔｅａ", 1),
        ("tea\u{200b}house", 1),
        ("t_a", 0),
    ] {
        request.query = query.into();
        assert_eq!(titles(&world, &request).await?.len(), expected, "{query}");
    }
    world.make(&world.agent, "companies", fields(&[("name", "Çelik & Söhne")])).await?;
    for typed in ["celik", "ÇEL", "Söhne", "sohne"] {
        let found = world.records.suggest(&world.agent, "companies", typed).await?;
        assert_eq!(found.iter().map(|s| s.title.as_str()).collect::<Vec<_>>(), ["Çelik & Söhne"], "{typed}");
    }
    // A filter is over what was kept, whatever form it was typed in.
    request.query.clear();
    request.filter = serde_json::json!({"field": "title", "op": "contains", "value": "cafe\u{301}"}).to_string();
    assert_eq!(titles(&world, &request).await?, ["Café au lait"], "the other one is in capitals");
    Ok(())
}

#[tokio::test]
async fn texts_are_in_the_order_that_people_expect_page_by_page() -> Result<()> {
    let world = World::new().await?;
    for title in ["Zebra", "apple", "éclair", "Eagle", "Ärger", "zoo", "Éclair", "Ångström", "banana"] {
        world.ticket(title, &world.emma, None).await?;
    }
    let mut request = ListRecordsRequest { module: "tickets".into(), sort: "title".into(), ..Default::default() };
    let expected = ["Ångström", "apple", "Ärger", "banana", "Eagle", "éclair", "Éclair", "Zebra", "zoo"];
    assert_eq!(titles(&world, &request).await?, expected);
    for limit in [1, 2, 4] {
        request.limit = limit;
        assert_eq!(titles(&world, &request).await?, expected, "{limit} at a time");
    }
    request.sort = "-title".into();
    let mut backwards = expected.to_vec();
    backwards.reverse();
    assert_eq!(titles(&world, &request).await?, backwards);
    Ok(())
}

#[tokio::test]
async fn a_text_is_kept_composed_and_what_can_not_be_seen_is_not_there() -> Result<()> {
    let world = World::new().await?;
    let made = world.ticket(" Cafe\u{301}\tau lait ", &world.emma, None).await?;
    assert_eq!(value(&made, "title").as_deref(), Some("Café au lait"));
    for (title, code) in [
        ("\u{200b}\u{3164}", "required"),
        ("a\u{202e}b", "control_characters"),
        ("a\u{2028}b", "control_characters"),
        ("a\0b", "control_characters"),
    ] {
        let refused = world.change(&world.agent, &made, &[("title", title)]).await.unwrap_err();
        assert_eq!((refused.fields[0].field.as_str(), &*refused.fields[0].code), ("title", code), "{title:?}");
    }
    let changed = world.change(&world.agent, &world.emma, &[("email", "emma@Bücher.example")]).await?;
    assert_eq!(value(&changed, "email").as_deref(), Some("emma@xn--bcher-kva.example"));
    Ok(())
}

#[tokio::test]
async fn a_text_of_full_length_can_be_sorted_by_whatever_it_is_written_in() -> Result<()> {
    let world = World::new().await?;
    let mut definition = records::standard_modules().into_iter().find(|m| m.name == "requests").unwrap();
    (definition.name, definition.number, definition.prefix) = ("payments".into(), 0, "PAY".into());
    for field in definition.fields.iter_mut().filter(|f| f.r#type() == FieldType::Text) {
        (field.promoted, field.max_length) = (true, 0);
    }
    world.records.define(&world.administrator, definition, 0).await?;
    // Nothing in it repeats, so that nothing can make it smaller.
    let long = |from: u32| -> String { (0..1_000).filter_map(|n| char::from_u32(0x2_0000 + from + n * 7)).collect() };
    let mut made: Vec<Record> = Vec::new();
    for from in [3, 1, 2] {
        made.push(world.make(&world.agent, "payments", fields(&[("title", &long(from))])).await?);
    }
    let request =
        ListRecordsRequest { module: "payments".into(), sort: "title".into(), limit: 1, ..Default::default() };
    assert_eq!(titles(&world, &request).await?, [long(1), long(2), long(3)]);
    Ok(())
}
