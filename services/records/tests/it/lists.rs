use crate::world::{World, fields, number};
use anyhow::Result;
use proto::records::v1::{ListRecordsRequest, Record};
use records::Caller;
use std::collections::BTreeSet;

fn asked(sort: &str) -> ListRecordsRequest {
    ListRecordsRequest { module: "tickets".into(), limit: 7, sort: sort.into(), ..ListRecordsRequest::default() }
}

/// All pages of a list.
async fn all(world: &World, caller: &Caller, request: &ListRecordsRequest) -> Result<Vec<Record>> {
    let mut request = request.clone();
    let mut items = Vec::new();
    for _ in 0..60 {
        let page = world.records.list(caller, &request).await?;
        assert!(page.records().len() <= request.limit as usize);
        items.extend(page.records());
        if page.next_cursor.is_empty() {
            return Ok(items);
        }
        request.cursor = page.next_cursor;
    }
    anyhow::bail!("the list does not end")
}

fn numbers(records: &[Record]) -> Vec<u64> {
    records.iter().map(number).collect()
}

/// Tickets with every tie there is: own company, derived company, both, none; participants; deleted ones.
async fn busy() -> Result<World> {
    let world = World::new().await?;
    let statuses = ["open", "in_progress", "waiting", "closed"];
    let priorities = ["low", "normal", "high", "urgent"];
    for n in 0..36_usize {
        let contact = [&world.emma, &world.marco, &world.nina][n % 3];
        let company = [None, Some(&world.acme), Some(&world.globex)][(n / 3) % 3];
        let mut given = fields(&[
            ("title", &format!("Ticket {:02} {}", (n * 17) % 36, if n % 5 == 0 { "Printer_100%" } else { "Router" })),
            ("status", statuses[n % 4]),
            ("priority", priorities[(n / 2) % 4]),
        ]);
        if n % 7 != 0 {
            given.extend(fields(&[("contact_id", &contact.id)]));
        }
        if let Some(company) = company {
            given.extend(fields(&[("company_id", &company.id)]));
        }
        world.make(&world.agent, "tickets", given).await?;
    }
    let mut owner = world.database.owner().await?;
    sqlx::query(
        "insert into records.participants_v1 select $1, 3, id from records.m3_v1 where number in (1003, 1006, 1002, 1015)",
    )
    .bind(i64::try_from(number(&world.emma))?)
    .execute(&mut owner)
    .await?;
    sqlx::query("update records.m3_v1 set deleted = true where number in (1005, 1012)").execute(&mut owner).await?;
    Ok(world)
}

/// What a caller should see, by the plain question that is too slow to ask.
async fn expected(world: &World, contact: &Record, company: Option<&Record>) -> Result<BTreeSet<u64>> {
    let me = i64::try_from(number(contact))?;
    let company = company.map(|c| i64::try_from(number(c))).transpose()?;
    let found: Vec<i64> = sqlx::query_scalar(
        "select number from m3_v1 r where not deleted and (contact = $1
            or exists (select from participants_v1 p where p.contact = $1 and p.record = r.id)
            or company = $2
            or company is null and contact in (select number from m1_v1 where company = $2 and not deleted))",
    )
    .bind(me)
    .bind(company)
    .fetch_all(world.log().pool())
    .await?;
    Ok(found.into_iter().map(|n| u64::try_from(n).unwrap()).collect())
}

#[tokio::test]
async fn every_scope_holds_exactly_what_it_should_page_by_page() -> Result<()> {
    let world = busy().await?;
    let emma = world.emma().await?;
    let company = expected(&world, &world.emma, Some(&world.acme)).await?;
    let mine = expected(&world, &world.emma, None).await?;
    assert!(mine.len() > 8 && company.len() > mine.len(), "{} {}", mine.len(), company.len());
    for sort in
        ["-modified_at", "modified_at", "number", "-number", "-created_at", "title", "-title", "-status", "priority"]
    {
        let seen = numbers(&all(&world, &emma, &asked(sort)).await?);
        assert_eq!(seen.len(), company.len(), "{sort}: none twice");
        assert_eq!(BTreeSet::from_iter(seen), company, "{sort}");
        let narrowed = ListRecordsRequest { narrow: "mine".into(), ..asked(sort) };
        let seen = numbers(&all(&world, &emma, &narrowed).await?);
        assert_eq!(seen.len(), mine.len(), "{sort}: none twice");
        assert_eq!(BTreeSet::from_iter(seen), mine, "{sort}");
        let every = numbers(&all(&world, &world.agent, &asked(sort)).await?);
        assert_eq!(BTreeSet::from_iter(every), (1001..=1036).filter(|n| ![1005, 1012].contains(n)).collect(), "{sort}");
    }
    let nina = world.nina().await?;
    let seen = numbers(&all(&world, &nina, &asked("-modified_at")).await?);
    assert_eq!(BTreeSet::from_iter(seen), expected(&world, &world.nina, None).await?, "DEFAULT sees its own");
    Ok(())
}

#[tokio::test]
async fn a_list_is_sorted_by_up_to_three_fields_each_in_its_own_direction() -> Result<()> {
    let world = busy().await?;
    let (emma, value) = (world.emma().await?, crate::world::value);
    let place = |r: &Record, field: &str| {
        let (word, words) = match field {
            "status" => (value(r, "status").unwrap(), ["open", "in_progress", "waiting", "closed"]),
            _ => (value(r, "priority").unwrap(), ["low", "normal", "high", "urgent"]),
        };
        words.iter().position(|w| *w == word).unwrap()
    };
    for caller in [&world.agent, &emma] {
        let every: BTreeSet<u64> = numbers(&all(&world, caller, &asked("number")).await?).into_iter().collect();
        for (sort, down) in [
            ("status,priority,title", [false, false, false]),
            ("-status,priority,-title", [true, false, true]),
            ("priority,-status,title", [false, true, false]),
            ("-priority,-status", [true, true, true]),
            ("status,-number", [false, true, true]),
            ("-modified_at,title", [true, false, false]),
        ] {
            let seen = all(&world, caller, &asked(sort)).await?;
            let found: BTreeSet<u64> = numbers(&seen).into_iter().collect();
            assert_eq!((found.len(), &found), (seen.len(), &every), "{sort}: each of them once");
            for pair in seen.windows(2) {
                let fields: Vec<&str> = sort.split(',').map(|f| f.trim_start_matches('-')).collect();
                let orders = fields.iter().zip(down).map(|(field, down)| {
                    let (a, b) = (&pair[0], &pair[1]);
                    let order = match *field {
                        "title" => value(a, "title").cmp(&value(b, "title")),
                        "number" => number(a).cmp(&number(b)),
                        "modified_at" => a.modified_at_micros.cmp(&b.modified_at_micros),
                        field => place(a, field).cmp(&place(b, field)),
                    };
                    if down { order.reverse() } else { order }
                });
                let order = orders.fold(std::cmp::Ordering::Equal, |all, next| all.then(next));
                assert!(order.is_le(), "{sort}: {} before {}", number(&pair[0]), number(&pair[1]));
            }
        }
    }
    let page = world.records.list(&world.agent, &asked("status,title")).await?;
    for (sort, cursor, code) in [
        ("status,title,priority,number", String::new(), "too_many"),
        ("status,-status", String::new(), "duplicate"),
        ("status,", String::new(), "unknown_field"),
        ("status,nothing", String::new(), "unknown_field"),
        ("status,description", String::new(), "not_sortable"),
        ("status,-title", page.next_cursor.clone(), "not_a_cursor"),
        ("status", page.next_cursor.clone(), "not_a_cursor"),
    ] {
        let request = ListRecordsRequest { cursor, ..asked(sort) };
        let refused = world.records.list(&world.agent, &request).await.unwrap_err();
        assert!(refused.fields.iter().any(|f| f.code == code), "{sort}: {refused}");
    }
    Ok(())
}

#[tokio::test]
async fn a_list_is_in_the_order_that_was_asked_for() -> Result<()> {
    let world = busy().await?;
    let emma = world.emma().await?;
    let title = |r: &Record| crate::world::value(r, "title").unwrap();
    for (sort, down) in [("title", false), ("-title", true)] {
        let mut titles: Vec<String> = all(&world, &emma, &asked(sort)).await?.iter().map(title).collect();
        if down {
            titles.reverse();
        }
        assert!(titles.is_sorted(), "{sort}: {titles:?}");
    }
    let seen = numbers(&all(&world, &emma, &asked("-number")).await?);
    assert!(seen.iter().rev().is_sorted());
    let order = |r: &Record| {
        ["low", "normal", "high", "urgent"]
            .iter()
            .position(|p| crate::world::value(r, "priority").as_deref() == Some(p))
    };
    assert!(all(&world, &world.agent, &asked("priority")).await?.iter().map(order).is_sorted());
    Ok(())
}

#[tokio::test]
async fn a_filter_finds_what_it_says_in_every_scope() -> Result<()> {
    let world = busy().await?;
    let emma = world.emma().await?;
    let filter = |text: &str| ListRecordsRequest { filter: text.into(), ..asked("-modified_at") };
    let closed_or_waiting = r#"{"all":[{"field":"status","op":"in","value":["closed","waiting"]},{"not":{"field":"priority","op":"eq","value":"low"}}]}"#;
    for caller in [&emma, &world.agent] {
        let every = all(&world, caller, &asked("-modified_at")).await?;
        let wanted: Vec<u64> = every
            .iter()
            .filter(|r| ["closed", "waiting"].contains(&crate::world::value(r, "status").unwrap().as_str()))
            .filter(|r| crate::world::value(r, "priority").as_deref() != Some("low"))
            .map(number)
            .collect();
        assert!(wanted.len() > 3);
        assert_eq!(numbers(&all(&world, caller, &filter(closed_or_waiting)).await?), wanted);
        let waiting = r#"{"field":"status","op":"in","value":["waiting","closed","waiting"]}"#;
        let has = |r: &&Record| ["closed", "waiting"].contains(&crate::world::value(r, "status").unwrap().as_str());
        let wanted: Vec<u64> = every.iter().filter(has).map(number).collect();
        assert_eq!(numbers(&all(&world, caller, &filter(waiting)).await?), wanted);
        let narrowed = ListRecordsRequest { narrow: "mine".into(), ..filter(waiting) };
        assert!(all(&world, caller, &narrowed).await?.iter().all(|r| has(&r)));
        let none = r#"{"field":"status","op":"is_empty"}"#;
        assert!(all(&world, caller, &filter(none)).await?.is_empty());
        let empty = r#"{"field":"category","op":"is_empty"}"#;
        assert_eq!(all(&world, caller, &filter(empty)).await?.len(), every.len());
        let by_title = r#"{"field":"title","op":"contains","value":"PRINTER_100%"}"#;
        let printers = every.iter().filter(|r| crate::world::value(r, "title").unwrap().contains("Printer")).count();
        assert_eq!(all(&world, caller, &filter(by_title)).await?.len(), printers);
    }
    let hop = r#"{"field":"company.country","op":"eq","value":"IT"}"#;
    let tied = |r: &&Record| ["company_id", "contact_id"].iter().any(|f| crate::world::value(r, f).is_some());
    let every = all(&world, &world.agent, &asked("number")).await?;
    let with_company = every.iter().filter(tied).count();
    assert!(with_company < every.len());
    assert_eq!(
        all(&world, &world.agent, &filter(hop)).await?.len(),
        with_company,
        "what columns can't tell is judged row by row"
    );
    Ok(())
}

#[tokio::test]
async fn words_and_numbers_are_found_in_titles() -> Result<()> {
    let world = busy().await?;
    let emma = world.emma().await?;
    let search = |query: &str| ListRecordsRequest { query: query.into(), ..asked("-modified_at") };
    let every = all(&world, &emma, &asked("-modified_at")).await?;
    let printers = every.iter().filter(|r| crate::world::value(r, "title").unwrap().contains("Printer")).count();
    assert_eq!(all(&world, &emma, &search("printer_100% ticket")).await?.len(), printers);
    assert_eq!(all(&world, &emma, &search("printerx100")).await?.len(), 0, "an underscore is an underscore");
    let one = &every[3];
    assert_eq!(numbers(&all(&world, &emma, &search(&one.number)).await?), [number(one)]);
    let hidden = all(&world, &world.agent, &asked("number")).await?;
    let hidden = hidden.iter().find(|r| !every.iter().any(|e| e.id == r.id)).unwrap();
    assert_eq!(all(&world, &emma, &search(&hidden.number)).await?.len(), 0);
    Ok(())
}

#[tokio::test]
async fn counts_tell_what_the_list_holds() -> Result<()> {
    let world = busy().await?;
    let emma = world.emma().await?;
    for caller in [&emma, &world.agent] {
        for filter in ["", r#"{"field":"status","op":"eq","value":"closed"}"#] {
            let request = ListRecordsRequest { filter: filter.into(), ..asked("-modified_at") };
            let held = all(&world, caller, &request).await?.len() as i64;
            for count in ["exact", "capped"] {
                let page =
                    world.records.list(caller, &ListRecordsRequest { count: count.into(), ..request.clone() }).await?;
                assert_eq!(page.total, Some(held), "{filter} {count}");
            }
            assert_eq!(world.records.list(caller, &request).await?.total, None);
        }
    }
    Ok(())
}

#[tokio::test]
async fn agents_can_narrow_a_list_to_what_they_own() -> Result<()> {
    let world = busy().await?;
    let one = &all(&world, &world.agent, &asked("number")).await?[0];
    world.change(&world.administrator, one, &[("owner_id", &world.administrator.actor.id.to_string())]).await?;
    let narrowed = ListRecordsRequest { narrow: "mine".into(), ..asked("number") };
    assert_eq!(numbers(&all(&world, &world.administrator, &narrowed).await?), [number(one)]);
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_the_field_named() -> Result<()> {
    let world = World::new().await?;
    let nina = world.nina().await?;
    let refused = |request: ListRecordsRequest| {
        let (world, nina) = (&world, &nina);
        async move {
            let error = world.records.list(nina, &request).await.unwrap_err();
            let first = error.fields.first().map(|f| (f.field.clone(), f.code.to_string()));
            first.unwrap_or((error.reason.to_string(), String::new()))
        }
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let list = |sort: &str| asked(sort);
    assert_eq!(refused(list("owner_id")).await, pair("sort", "unknown_field"));
    assert_eq!(refused(list("nothing")).await, pair("sort", "unknown_field"));
    assert_eq!(refused(list("description")).await, pair("sort", "not_sortable"));
    assert_eq!(refused(list("title,status,priority,number")).await, pair("sort", "too_many"));
    assert_eq!(refused(ListRecordsRequest { limit: 201, ..list("") }).await, pair("limit", "out_of_range"));
    assert_eq!(refused(ListRecordsRequest { cursor: "zz".into(), ..list("") }).await, pair("cursor", "not_a_cursor"));
    assert_eq!(refused(ListRecordsRequest { narrow: "all".into(), ..list("") }).await, pair("narrow", "unknown_value"));
    assert_eq!(refused(ListRecordsRequest { count: "all".into(), ..list("") }).await, pair("count", "unknown_value"));
    assert_eq!(refused(ListRecordsRequest { filter: "{".into(), ..list("") }).await, pair("filter", "not_a_condition"));
    let by = |field: &str| format!(r#"{{"field":"{field}","op":"is_empty"}}"#);
    assert_eq!(
        refused(ListRecordsRequest { filter: by("owner_id"), ..list("") }).await,
        pair("owner_id", "unknown_field")
    );
    assert_eq!(
        refused(ListRecordsRequest { filter: by("nothing"), ..list("") }).await,
        pair("nothing", "unknown_field")
    );
    assert_eq!(refused(ListRecordsRequest { module: "quotes".into(), ..list("") }).await, pair("not_found", ""));
    // A cursor that somebody made up casts to nothing else than its column.
    let forged = kernel::Cursor(vec!["-modified_at".into(), "now(); drop table x".into(), "1".into()]).encode();
    assert_eq!(refused(ListRecordsRequest { cursor: forged, ..list("") }).await, pair("cursor", "not_a_cursor"));
    let other = kernel::Cursor(vec!["title".into(), "a".into(), "1".into()]).encode();
    assert_eq!(refused(ListRecordsRequest { cursor: other, ..list("") }).await, pair("cursor", "not_a_cursor"));
    Ok(())
}
