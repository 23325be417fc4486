//! What agents do with a contact's account, by API and by form.

use crate::support::{company_and_contact, create, dates, id, items, portal_user};
use anyhow::Result;
use kit::{PASSWORD, Portal};
use serde_json::json;

/// proves: A24, A25, A13
#[tokio::test(flavor = "multi_thread")]
async fn access_is_suspended_resumed_and_given_another_login() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let path = format!("/admin/contacts/{contact}/portal-access");
    let signs_in = async |login: &str| {
        let body = json!({"login": login, "password": PASSWORD});
        Ok::<_, anyhow::Error>(portal.browser().post("/auth/login", body).await?.status.as_u16())
    };
    let unknown = signs_in("nobody@acme.test").await?;

    let suspended = admin.post(&format!("{path}/suspend"), json!({"note": "unpaid"})).await?.expect(200)?.json();
    assert_eq!((&suspended["suspended"], &suspended["enabled"]), (&json!(true), &json!(true)));
    assert_eq!(signs_in("emma@acme.test").await?, unknown, "a suspended user looks like a wrong password");
    admin.post(&format!("{path}/resume"), json!({})).await?.expect(200)?;
    assert_eq!(signs_in("emma@acme.test").await?, 200);

    let changed = admin.call("PUT", &format!("{path}/login"), Some(json!({"login": "emma.rossi"}))).await?;
    let changed = changed.expect(200)?.json();
    assert_eq!((&changed["login"], &changed["login_is_email"]), (&json!("emma.rossi"), &json!(false)));
    assert_eq!((signs_in("emma.rossi").await?, signs_in("emma@acme.test").await?), (200, unknown));
    let refused = admin.post(&format!("{path}/reset-link"), json!({})).await?.expect(409)?;
    assert_eq!(refused.code(), "login_is_no_email");
    let once = admin.post(&format!("{path}/one-time-password"), json!({})).await?.expect(200)?;
    assert_eq!(once.header("cache-control"), "no-store");
    let password = once.json()["password"].as_str().unwrap_or_default().to_owned();
    let login = json!({"login": "emma.rossi", "password": password});
    let half = portal.browser().post("/auth/login", login).await?.expect(200)?.json();
    assert_eq!(half["status"], "password_change_required");
    admin.call("PUT", &format!("{path}/login"), Some(json!({"login": ""}))).await?.expect(200)?;
    admin.post(&format!("{path}/reset-link"), json!({})).await?.expect(202)?;

    let viewer = &mut portal.agent("viewer@test.test", "viewer").await?;
    viewer.post(&format!("{path}/suspend"), json!({})).await?.expect(403)?;
    portal.stop().await
}

/// proves: A03, A04, A10
#[tokio::test(flavor = "multi_thread")]
async fn the_contacts_page_gives_access_by_hand_and_shows_what_is_wrong() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let fields = json!({"first_name": "Paolo", "last_name": "Neri"});
    let contact = id(&create(&mut admin, "contacts", fields).await?);
    let (page, manual) =
        (format!("/console/modules/contacts/{contact}"), format!("/console/contacts/{contact}/manual"));
    let open = admin.page(&page).await?.expect(200)?;
    let wrong = [
        ("support_start", "2020-01-01"),
        ("support_end", ""),
        ("login", "paolo.neri"),
        ("first_password", "short"),
        ("mfa_required", "true"),
    ];
    let refused = admin.submit(&open, &manual, &wrong).await?.expect(422)?;
    let text = refused.text();
    assert!(text.contains("id=\"f-support_end-error\""), "the date is named: {text}");
    assert!(
        text.contains("value=\"paolo.neri\"") && !text.contains("value=\"short\""),
        "only the password is forgotten"
    );
    let right = [
        ("support_start", "2020-01-01"),
        ("support_end", "2099-12-31"),
        ("login", "paolo.neri"),
        ("first_password", "a lamp in the harbour"),
        ("mfa_required", "true"),
    ];
    let done = admin.submit(&refused, &manual, &right).await?.expect(303)?;
    assert!(admin.follow(done).await?.text().contains("paolo.neri"));
    let access = admin.get(&format!("/admin/contacts/{contact}/portal-access")).await?.expect(200)?.json();
    assert_eq!((&access["mfa_required"], &access["login"]), (&json!(true), &json!("paolo.neri")));
    let login = json!({"login": "paolo.neri", "password": "a lamp in the harbour"});
    let half = portal.browser().post("/auth/login", login).await?.expect(200)?.json();
    assert_ne!(half["status"], "authenticated", "the password must be changed first");

    // An open invitation can be taken back.
    let (_, emma) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let path = format!("/admin/contacts/{emma}/portal-access");
    admin.post(&path, dates()).await?.expect(200)?;
    let revoked = admin.call("DELETE", &format!("{path}/invitation"), None).await?.expect(200)?.json();
    assert_eq!(revoked["invitation_expires_at"], json!(null));
    portal.stop().await
}

/// proves: A16, A19
#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_and_the_portal_opens_as_a_contact_with_a_reason() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let mut emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let (page, form) =
        (format!("/console/modules/contacts/{contact}"), format!("/console/contacts/{contact}/impersonate"));
    let open = admin.page(&page).await?.expect(200)?;
    let refused = admin.submit(&open, &form, &[("impersonate_reason", "short")]).await?.expect(422)?;
    assert!(refused.text().contains("id=\"f-impersonate_reason-error\""));
    let reason = [("impersonate_reason", "She can't find her invoice")];
    let opened = admin.submit(&refused, &form, &reason).await?.expect(303)?;
    assert_eq!(opened.header("location"), "/");
    assert!(admin.cookies().contains_key("portico_imp"));
    let home = admin.page("/").await?.expect(200)?.text();
    assert!(home.contains("emma"), "the portal says as whom it is seen");

    let path = format!("/admin/contacts/{contact}/portal-access/sessions");
    let live = items(&admin.get(&path).await?.expect(200)?.json());
    assert!(live.iter().any(|s| s["support_access"] == true), "{live:?}");
    admin.call("DELETE", &path, None).await?.expect(200)?;
    assert!(items(&admin.get(&path).await?.expect(200)?.json()).is_empty());
    kit::eventually("the session to end", async || emma.clone().get("/auth/session").await?.expect(401)).await?;
    emma.get("/auth/session").await?.expect(401)?;
    portal.stop().await
}
