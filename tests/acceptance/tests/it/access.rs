//! Who sees what: scope and field access, at every gate that there is.

use crate::support::{company_and_contact, contact_of, create, id, items, let_contacts_edit, portal_user};
use anyhow::Result;
use kit::Portal;
use serde_json::json;

/// proves: P09, P10
#[tokio::test(flavor = "multi_thread")]
async fn another_companys_ticket_is_the_same_404_as_a_random_id() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let_contacts_edit(&mut admin).await?;
    let (acme, emma_id) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let marco_id = contact_of(&mut admin, &acme, "marco@acme.test").await?;
    let (_, nina_id) = company_and_contact(&mut admin, "Globex", "nina@globex.test").await?;
    let mut emma = portal_user(&portal, &mut admin, &emma_id, "emma@acme.test").await?;
    let mut marco = portal_user(&portal, &mut admin, &marco_id, "marco@acme.test").await?;
    let mut nina = portal_user(&portal, &mut admin, &nina_id, "nina@globex.test").await?;
    let ticket = id(&create(&mut emma, "tickets", json!({"title": "Ours"})).await?);
    create(&mut nina, "tickets", json!({"title": "Theirs"})).await?;

    let random = kernel::new_id();
    for rest in ["", "/comments", "/history"] {
        let strange = nina.get(&format!("/modules/tickets/records/{ticket}{rest}")).await?.expect(404)?;
        let nothing = nina.get(&format!("/modules/tickets/records/{random}{rest}")).await?.expect(404)?;
        let plain = |a: &kit::Answer| {
            let mut body = a.json();
            body.as_object_mut().map(|b| (b.remove("trace_id"), b.remove("instance")));
            body
        };
        assert_eq!(plain(&strange), plain(&nothing), "{rest}");
    }
    for (method, body) in [("PATCH", Some(json!({"fields": {"title": "x"}}))), ("DELETE", None)] {
        let path = format!("/modules/tickets/records/{ticket}");
        nina.call_with(method, &path, &[("if-match", "\"1\"")], body).await?.expect(404)?;
    }
    nina.post(&format!("/modules/tickets/records/{ticket}/comments"), json!({"body": "hello"})).await?.expect(404)?;

    // The company's tickets are seen by colleagues, changed only by their own.
    let seen = marco.get(&format!("/modules/tickets/records/{ticket}")).await?.expect(200)?;
    let etag = seen.header("etag").to_owned();
    let refused =
        marco.patch(&format!("/modules/tickets/records/{ticket}"), &etag, json!({"fields": {"title": "x"}})).await?;
    assert!(matches!(refused.status.as_u16(), 403 | 422), "{}", refused.text());
    let all = marco.get("/modules/tickets/records").await?.expect(200)?.json();
    let mine = marco.get("/modules/tickets/records?scope=mine").await?.expect(200)?.json();
    assert_eq!((items(&all).len(), items(&mine).len()), (1, 0));
    portal.stop().await
}

/// proves: P10
#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_field_answers_like_one_that_does_not_exist() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let_contacts_edit(&mut admin).await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let mut emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let ticket = create(&mut emma, "tickets", json!({"title": "Ours"})).await?;
    let path = format!("/modules/tickets/records/{}", id(&ticket));
    let visible = ticket["fields"].as_object().map(|f| f.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let shown = emma.get("/modules/tickets").await?.expect(200)?.json();
    let known: Vec<_> = shown["fields"].as_array().into_iter().flatten().map(|f| f["name"].clone()).collect();
    let whole = admin.get("/modules/tickets").await?.expect(200)?.json();
    let hidden: Vec<_> = whole["fields"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|f| f["name"].as_str().unwrap_or_default().to_owned())
        .filter(|n| !known.contains(&json!(n)))
        .collect();
    assert!(!hidden.is_empty(), "DEFAULT hides something of a ticket");
    let etag = emma.get(&path).await?.header("etag").to_owned();
    for field in hidden.iter().map(String::as_str).chain(["no_such_field"]) {
        assert!(!visible.contains(&field.to_owned()), "{field} is shown");
        let written = emma.patch(&path, &etag, json!({"fields": {field: "x"}})).await?.expect(422)?;
        assert_eq!(written.field_errors(), [(field.to_owned(), "unknown_field".to_owned())]);
        let sorted = emma.get(&format!("/modules/tickets/records?sort={field}")).await?.expect(422)?;
        assert!(sorted.field_errors().iter().any(|(_, c)| c == "unknown_field"), "{field}: {}", sorted.text());
    }
    // A field that is only read is refused with its name, and nothing else of the request happens.
    let body = json!({"fields": {"status": "closed", "title": "Changed"}});
    let read_only = emma.patch(&path, &etag, body).await?.expect(422)?;
    assert_eq!(read_only.field_errors()[0].0, "status");
    assert_eq!(emma.get(&path).await?.json()["fields"]["title"], "Ours");
    portal.stop().await
}

/// proves: P10
#[tokio::test(flavor = "multi_thread")]
async fn a_published_change_is_in_force_within_seconds() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let mut emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let ticket = create(&mut emma, "tickets", json!({"title": "Ours", "description": "old"})).await?;
    let path = format!("/modules/tickets/records/{}", id(&ticket));
    let etag = emma.get(&path).await?.header("etag").to_owned();
    let body = json!({"fields": {"description": "new"}});
    let refused = emma.patch(&path, &etag, body.clone()).await?;
    assert!(matches!(refused.status.as_u16(), 403 | 422), "DEFAULT has no edit: {}", refused.text());
    let_contacts_edit(&mut admin).await?;
    let began = std::time::Instant::now();
    kit::eventually("the change to be in force", async || {
        emma.clone().patch(&path, &etag, body.clone()).await?.expect(200)
    })
    .await?;
    assert!(began.elapsed().as_secs() < 5, "it took {:?}", began.elapsed());
    portal.stop().await
}
