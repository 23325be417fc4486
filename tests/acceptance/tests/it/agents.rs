//! Agents, roles and groups, by API and by form.

use crate::support::items;
use anyhow::{Context, Result};
use kit::{PASSWORD, Portal};
use serde_json::json;

/// proves: A20
#[tokio::test(flavor = "multi_thread")]
async fn an_own_role_is_made_by_form_given_and_in_force() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let open = admin.page("/console/roles/new").await?.expect(200)?;
    let refused = admin.submit(&open, "/console/roles/new", &[("name", ""), ("records", "read")]).await?.expect(422)?;
    assert!(refused.text().contains("id=\"f-name-error\""));
    let fields = [("name", "First line"), ("records", "read"), ("rights", "unlock")];
    let made = admin.submit(&refused, "/console/roles/new", &fields).await?.expect(303)?;
    assert!(admin.follow(made).await?.text().contains("First line"));
    let roles = items(&admin.get("/admin/roles").await?.expect(200)?.json());
    let role = roles.iter().find(|r| r["name"] == "First line").context("the role")?;
    assert_eq!((&role["records"], &role["rights"]), (&json!("read"), &json!(["unlock"])));

    let new = json!({"login": "luca@test.test", "name": "Luca", "email": "luca@test.test", "role": role["id"],
        "password": PASSWORD, "locale": "en"});
    let agent = admin.post("/admin/agents", new).await?.expect(201)?.json();
    let mut luca = portal.browser().console();
    // What an administrator has set must be changed before anything else.
    luca.sign_in("luca@test.test", PASSWORD).await?;
    assert_eq!(luca.get("/admin/locked-users").await?.expect(403)?.code(), "password_change_required");
    let same = luca.post("/auth/password/change", json!({"new_password": PASSWORD})).await?.expect(422)?;
    assert_eq!(same.field_errors()[0].1, "password_unchanged");
    let better = json!({"new_password": "seven quiet lamps under water"});
    luca.post("/auth/password/change", better).await?.expect(200)?;
    luca.refresh_csrf().await?;
    luca.get("/admin/locked-users").await?.expect(200)?;
    luca.page("/console/agents").await?.expect(403)?;
    luca.get("/admin/settings/security").await?.expect(403)?;
    let role_path = format!("/admin/roles/{}", role["id"].as_str().unwrap_or_default());
    let in_use = admin.call("DELETE", &role_path, None).await?.expect(409)?;
    assert_eq!(in_use.code(), "role_in_use");

    let path = format!("/admin/agents/{}", agent["id"].as_str().unwrap_or_default());
    let changed = admin.call("PATCH", &path, Some(json!({"role": "agent"}))).await?.expect(200)?.json();
    assert_eq!(changed["role"], "agent");
    admin.post(&format!("{path}/disable"), json!({})).await?.expect(204)?;
    kit::eventually("the session to end", async || luca.clone().get("/auth/session").await?.expect(401)).await?;
    assert_eq!(admin.get(&path).await?.expect(200)?.json()["disabled"], true);
    let me = admin.get("/auth/session").await?.json()["subject"]["id"].as_str().unwrap_or_default().to_owned();
    let refused = admin.post(&format!("/admin/agents/{me}/disable"), json!({})).await?.expect(409)?;
    assert_eq!(refused.code(), "not_yourself");
    portal.stop().await
}

/// proves: A20
#[tokio::test(flavor = "multi_thread")]
async fn groups_have_members_and_the_agents_page_names_them() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let member = portal.make_agent("luca@test.test", "agent").await?;
    let open = admin.page("/console/groups/new").await?.expect(200)?;
    let fields = [("name", "Night"), ("description", "After eight"), ("member_ids", member.as_str())];
    admin.submit(&open, "/console/groups/new", &fields).await?.expect(303)?;
    let groups = items(&admin.get("/admin/groups").await?.expect(200)?.json());
    assert_eq!((&groups[0]["name"], &groups[0]["member_ids"]), (&json!("Night"), &json!([member])));
    let page = admin.page(&format!("/console/agents/{member}")).await?.expect(200)?.text();
    assert!(page.contains("Night") && page.contains("luca@test.test"));
    let path = format!("/admin/groups/{}", groups[0]["id"].as_str().unwrap_or_default());
    admin.call("DELETE", &path, None).await?.expect(204)?;
    assert!(items(&admin.get("/admin/groups").await?.expect(200)?.json()).is_empty());
    portal.stop().await
}

/// proves: A07, A26
#[tokio::test(flavor = "multi_thread")]
async fn settings_change_once_and_tell_who_comes_second() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let path = "/console/settings/security";
    let open = admin.page(path).await?.expect(200)?;
    let fields = |failures: &'static str| {
        [
            ("require_mfa", "nobody"),
            ("lock_mode", "manual"),
            ("lock_failures", failures),
            ("portal_idle_minutes", "30"),
            ("console_idle_minutes", "15"),
            ("terms.en", "# Terms\n\nBe **kind**."),
            ("help_contact", "+39 02 1234567"),
        ]
    };
    let mut preview = fields("5").to_vec();
    preview.push(("preview", "1"));
    let shown = admin.submit(&open, path, &preview).await?.expect(200)?.text();
    assert!(shown.contains("<strong>kind</strong>"), "{shown}");
    let refused = admin.submit(&open, path, &fields("50")).await?.expect(422)?.text();
    assert!(refused.contains("id=\"f-lock_failures-error\""));
    admin.submit(&open, path, &fields("4")).await?.expect(303)?;
    let second = admin.submit(&open, path, &fields("6")).await?.expect(409)?;
    assert!(second.text().contains("value=\"6\""), "what was typed stays");
    let now = admin.get("/admin/settings/security").await?.expect(200)?;
    assert_eq!((&now.json()["lock_failures"], &now.json()["lock_mode"]), (&json!(4), &json!("manual")));
    let mut body = now.json();
    for name in ["terms_version", "effective"] {
        body.as_object_mut().map(|b| b.remove(name));
    }
    body["lock_failures"] = json!(7);
    let tag = now.header("etag").to_owned();
    let put = "/admin/settings/security";
    admin.call("PUT", put, Some(body.clone())).await?.expect(428)?;
    admin.call_with("PUT", put, &[("if-match", &tag)], Some(body.clone())).await?.expect(200)?;
    admin.call_with("PUT", put, &[("if-match", &tag)], Some(body)).await?.expect(412)?;
    portal.stop().await
}
