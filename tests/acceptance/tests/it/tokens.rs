//! Tokens of programs, as administrators make and revoke them.

use crate::support::items;
use anyhow::Result;
use http::Method;
use kit::{Browser, Portal};
use serde_json::json;

async fn with_token(portal: &Portal, path: &str, token: &str) -> Result<u16> {
    let header = format!("Bearer {token}");
    let mut program = Browser::new(&portal.url);
    let answer =
        program.send(Method::GET, &format!("/api/v1{path}"), &[("authorization", &header)], Vec::new()).await?;
    Ok(answer.status.as_u16())
}

/// proves: A22
#[tokio::test(flavor = "multi_thread")]
async fn a_programs_token_is_shown_once_works_and_dies_when_revoked() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let new = json!({"name": "Nightly import", "role": "agent", "service": true});
    let made = admin.post("/admin/agents", new).await?.expect(201)?.json();
    let account = made["id"].as_str().unwrap_or_default().to_owned();
    let path = format!("/admin/agents/{account}/api-tokens");
    let bad = json!({"name": "", "scopes": ["everything"], "valid_days": 4000});
    admin.post(&path, bad).await?.expect(422)?;

    let form = format!("/console/agents/{account}/tokens");
    let open = admin.page(&form).await?.expect(200)?;
    let fields = [("name", "Import"), ("scopes", "read"), ("valid_days", "30")];
    let shown = admin.submit(&open, &form, &fields).await?.expect(200)?;
    let text = shown.text();
    let secret = text.split("pat_").nth(1).map(|rest| rest.split('<').next().unwrap_or_default()).unwrap_or_default();
    let secret = format!("pat_{secret}");
    assert!(shown.headers.get("set-cookie").is_none_or(|c| !c.to_str().unwrap_or_default().contains("pat_")));
    assert_eq!(with_token(&portal, "/modules/tickets/records", &secret).await?, 200);
    let page = admin.page("/console/api-tokens").await?.expect(200)?.text();
    assert!(page.contains("Import") && page.contains("Nightly import") && !page.contains(&secret));
    let all = items(&admin.get("/admin/api-tokens").await?.expect(200)?.json());
    assert_eq!((&all[0]["name"], &all[0]["scopes"]), (&json!("Import"), &json!(["read"])));
    let token = all[0]["id"].as_str().unwrap_or_default().to_owned();
    admin.call("DELETE", &format!("/admin/api-tokens/{token}"), None).await?.expect(204)?;
    kit::eventually("the token to be dead", async || {
        anyhow::ensure!(with_token(&portal, "/modules/tickets/records", &secret).await? == 401);
        Ok(())
    })
    .await?;
    portal.stop().await
}
