//! Creating, changing, listing.

use crate::support::{create, id, items};
use anyhow::{Context, Result};
use kit::Portal;
use serde_json::json;
use std::collections::BTreeSet;

/// proves: R06
#[tokio::test(flavor = "multi_thread")]
async fn bad_input_names_every_bad_field_and_nothing_is_made() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    create(&mut admin, "tickets", json!({"title": "First"})).await?;
    let body = json!({"fields": {"title": "", "priority": "extreme", "contact_id": kernel::new_id(), "nonsense": 1}});
    let refused = admin.post("/modules/tickets/records", body).await?.expect(422)?;
    let fields: BTreeSet<String> = refused.field_errors().into_iter().map(|(f, _)| f).collect();
    for field in ["title", "priority", "nonsense"] {
        assert!(fields.contains(field), "{field} is not named in {}", refused.text());
    }
    let unknown = admin.post("/modules/tickets/records", json!({"fields": {}, "extra": 1})).await?.expect(422)?;
    assert_eq!(unknown.field_errors(), [("extra".into(), "unknown_field".into())]);
    let key = kernel::new_id().to_string();
    let headers = [("idempotency-key", key.as_str()), ("content-type", "application/json")];
    let csrf = admin.get("/auth/session").await?.json()["csrf_token"].as_str().unwrap_or_default().to_owned();
    let headers = [&headers[..], &[("x-csrf-token", csrf.as_str()), ("x-portico-surface", "console")]].concat();
    let path = "/api/v1/modules/tickets/records";
    admin.send(http::Method::POST, path, &headers, b"{not json".to_vec()).await?.expect(400)?;
    let second = create(&mut admin, "tickets", json!({"title": "Second"})).await?;
    let list = admin.get("/modules/tickets/records?sort=number&count=exact").await?.expect(200)?.json();
    assert_eq!(list["total"], 2);
    // Refused creations used no number.
    let numbers: Vec<i64> =
        items(&list).iter().filter_map(|r| r["number"].as_str()?.trim_start_matches("TT").parse().ok()).collect();
    assert_eq!(numbers[1], numbers[0] + 1);
    assert_eq!(items(&list)[1]["id"], second["id"]);
    portal.stop().await
}

/// proves: R06
#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_creates_once_and_another_body_is_refused() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    create(&mut admin, "tickets", json!({"title": "warm"})).await?;
    let path = "/modules/tickets/records";
    let key = [("idempotency-key", "one-key")];
    let body = json!({"fields": {"title": "Once"}});
    let first = admin.call_with("POST", path, &key, Some(body.clone())).await?.expect(201)?.json();
    let again = admin.call_with("POST", path, &key, Some(body)).await?.expect(201)?.json();
    assert_eq!(first["id"], again["id"]);
    assert_eq!(first["number"], again["number"]);
    let other = json!({"fields": {"title": "Twice"}});
    let refused = admin.call_with("POST", path, &key, Some(other)).await?.expect(422)?;
    assert_eq!(refused.code(), "idempotency_key_reused");
    // Without a key each request makes a record of its own.
    let without = async |admin: &mut kit::Browser| -> Result<String> {
        let answer = admin.call_with("POST", path, &[], Some(json!({"fields": {"title": "x"}}))).await?;
        Ok(id(&answer.expect(201)?.json()))
    };
    assert_ne!(without(&mut admin).await?, without(&mut admin).await?);
    portal.stop().await
}

/// proves: R05
#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_gap_free_under_load() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    create(&mut admin, "tickets", json!({"title": "warm"})).await?;
    let all = futures::future::try_join_all((0..40).map(|n| {
        let admin = admin.clone();
        async move {
            // Every fourth is refused and must use no number.
            let title = if n % 4 == 0 { String::new() } else { format!("Number {n}") };
            let (key, body) = (format!("load {n}"), json!({"fields": {"title": title}}));
            // An overloaded machine may say 503; the same key then makes the same record.
            let answer = kit::eventually("an answer", async || {
                let mut admin = admin.clone();
                let key = [("idempotency-key", key.as_str())];
                let answer = admin.call_with("POST", "/modules/tickets/records", &key, Some(body.clone())).await?;
                anyhow::ensure!(answer.status.as_u16() != 503, "{}", answer.text());
                Ok(answer)
            })
            .await?;
            anyhow::ensure!(answer.status.as_u16() == if n % 4 == 0 { 422 } else { 201 }, "{}", answer.text());
            Ok(answer.json()["number"].as_str().map(str::to_owned))
        }
    }))
    .await?;
    let numbers: BTreeSet<i64> =
        all.into_iter().flatten().filter_map(|n| n.trim_start_matches("TT").parse().ok()).collect();
    assert_eq!(numbers.len(), 30);
    let (first, last) = (numbers.first().copied().unwrap_or(0), numbers.last().copied().unwrap_or(0));
    assert_eq!(last - first, 29, "{numbers:?}");
    portal.stop().await
}

/// proves: R06
#[tokio::test(flavor = "multi_thread")]
async fn a_list_pages_through_everything_once_and_a_deleted_record_comes_back() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    for n in 0..7 {
        create(
            &mut admin,
            "tickets",
            json!({"title": format!("Ticket {n}"), "priority": if n % 2 == 0 { "high" } else { "low" }}),
        )
        .await?;
    }
    for sort in ["-modified_at", "number", "-number", "priority", "created_at"] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/modules/tickets/records?limit=3&sort={sort}&cursor={cursor}");
            let page = admin.get(&path).await?.expect(200)?.json();
            seen.extend(items(&page).iter().map(id));
            match page["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        let distinct: BTreeSet<_> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (7, 7), "{sort}");
    }
    let filter = "%7B%22field%22%3A%22priority%22%2C%22op%22%3A%22eq%22%2C%22value%22%3A%22high%22%7D";
    let high = admin.get(&format!("/modules/tickets/records?filter={filter}&count=exact")).await?.expect(200)?.json();
    assert_eq!((items(&high).len(), &high["total"]), (4, &json!(4)));
    let bad = admin.get("/modules/tickets/records?cursor=zz").await?.expect(422)?;
    assert_eq!(bad.field_errors()[0].0, "cursor");
    let many = admin.get("/modules/tickets/records?limit=201").await?.expect(422)?;
    assert_eq!(many.field_errors()[0].0, "limit");

    let victim = id(&items(&high)[0]);
    let path = format!("/modules/tickets/records/{victim}");
    admin.call("DELETE", &path, None).await?.expect(428)?;
    let etag = admin.get(&path).await?.header("etag").to_owned();
    admin.call_with("DELETE", &path, &[("if-match", &etag)], None).await?.expect(204)?;
    admin.get(&path).await?.expect(404)?;
    admin.post(&format!("{path}/restore"), json!({})).await?.expect(200)?;
    admin.get(&path).await?.expect(200)?;
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_conversation_is_read_in_parts() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let ticket = create(&mut admin, "tickets", json!({"title": "It goes on"})).await?;
    let path = format!("/modules/tickets/records/{}", id(&ticket));
    for at in 0..52 {
        admin.post(&format!("{path}/comments"), json!({"body": format!("word-{at:02}.")})).await?.expect(201)?;
    }
    let words = |text: &str| (0..52).filter(|at| text.contains(&format!("word-{at:02}."))).collect::<Vec<_>>();
    let last = admin.get(&format!("{path}/comments")).await?.expect(200)?.json();
    assert_eq!(words(&last.to_string()), (2..52).collect::<Vec<_>>());
    let cursor = last["next_cursor"].as_str().context("a cursor")?;
    let first = admin.get(&format!("{path}/comments?cursor={cursor}")).await?.expect(200)?.json();
    assert_eq!((words(&first.to_string()), &first["next_cursor"]), (vec![0, 1], &json!(null)));
    let bad = admin.get(&format!("{path}/comments?cursor=zz")).await?.expect(422)?;
    assert_eq!(bad.field_errors()[0].0, "cursor");

    // The page leads to what was said before, and back.
    let address = format!("/console/modules/tickets/{}", id(&ticket));
    let page = admin.page(&address).await?.expect(200)?.text();
    let talk = |page: &str| page.split("id=\"comments-live\"").nth(1).and_then(|p| p.split("</ol>").next()).map(words);
    assert_eq!(talk(&page), Some((2..52).collect()));
    let earlier = format!("{address}?earlier={cursor}");
    assert!(page.contains(&format!("href=\"{earlier}#comments\"")), "{page}");
    let page = admin.page(&earlier).await?.expect(200)?.text();
    assert_eq!(talk(&page), Some(vec![0, 1]));
    assert!(page.contains(&format!("href=\"{address}#comments\"")) && !page.contains("data-refresh-url"));
    Ok(())
}
