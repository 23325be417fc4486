//! A contact's timeline.

use crate::support::{company_and_contact, create, items, portal_user};
use anyhow::Result;
use kit::{PASSWORD, Portal, eventually};
use serde_json::json;

/// proves: A17
#[tokio::test(flavor = "multi_thread")]
async fn what_a_contact_does_in_the_portal_is_on_the_timeline() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let mut emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    create(&mut emma, "tickets", json!({"title": "Ours"})).await?;
    for _ in 0..5 {
        let wrong = json!({"login": "emma@acme.test", "password": format!("not {PASSWORD}")});
        portal.browser().post("/auth/login", wrong).await?.expect(401)?;
    }
    portal.settle().await?;
    let path = format!("/admin/contacts/{contact}/activity");
    let words = async |filter: &str| {
        let all = admin.clone().get(&format!("{path}?limit=100&touchpoint={filter}")).await?.expect(200)?.json();
        let word = |e: &serde_json::Value| e["type"].as_str().unwrap_or_default().to_owned();
        Ok::<_, anyhow::Error>(items(&all).iter().map(word).collect::<Vec<_>>())
    };
    // Failures are gathered for a moment before they are written.
    let portal_words = eventually("the failures are on the timeline", async || {
        let seen = words("customer_portal").await?;
        anyhow::ensure!(seen.iter().any(|w| w == "locked"), "{seen:?}");
        Ok(seen)
    })
    .await?;
    for word in ["logged_in", "login_failed", "locked", "record_created"] {
        assert!(portal_words.iter().any(|w| w == word), "{word} in {portal_words:?}");
    }
    assert!(!portal_words.iter().any(|w| w == "access_enabled"));
    assert!(words("access").await?.iter().any(|w| w == "access_enabled"));
    admin.get(&format!("{path}?touchpoint=telephone")).await?.expect(422)?;

    let page = admin.page(&format!("/console/modules/contacts/{contact}")).await?.expect(200)?.text();
    assert!(page.contains("Locked after failed sign-ins"), "the newest stand on the contact's page");
    let page = format!("/console/contacts/{contact}/activity?touchpoint=lock");
    let narrowed = admin.page(&page).await?.expect(200)?.text();
    assert!(narrowed.contains("Locked after failed sign-ins") && !narrowed.contains("<strong>Signed in</strong>"));
    portal.stop().await
}

/// proves: A08
#[tokio::test(flavor = "multi_thread")]
async fn an_unlocked_login_can_be_trusted_for_a_day_and_the_trust_taken_back() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    for _ in 0..5 {
        let wrong = json!({"login": "emma@acme.test", "password": format!("not {PASSWORD}")});
        portal.browser().post("/auth/login", wrong).await?.expect(401)?;
    }
    let open = admin.page("/console/locked-users").await?.expect(200)?;
    let seen = items(&admin.get("/admin/locked-users").await?.expect(200)?.json())[0]["seen"][0].clone();
    assert_eq!((&seen["network"], &seen["failures"]), (&json!("127.0.0.0/24"), &json!(5)));
    assert_eq!(seen["succeeded_before"], json!(true));
    let network = format!("{contact} 127.0.0.0/24");
    let ticked = format!("value=\"{network}\" checked");
    assert!(open.text().contains(&ticked), "where she signed in before is proposed");
    let fields =
        [("user_id", contact.as_str()), ("note", "called in"), ("trust", "true"), ("trust_network", network.as_str())];
    admin.submit(&open, "/console/locked-users", &fields).await?.expect(303)?;
    let trusts = items(&admin.get("/admin/trusts").await?.expect(200)?.json());
    assert_eq!(trusts[0]["user_id"], json!(contact));
    let page = admin.page("/console/trusts").await?.expect(200)?;
    assert!(page.text().contains("emma@acme.test"));
    admin.submit(&page, "/console/trusts/revoke", &[]).await?.expect(303)?;
    assert!(items(&admin.get("/admin/trusts").await?.expect(200)?.json()).is_empty());
    portal.stop().await
}
