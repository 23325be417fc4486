//! What must never lie around: tokens, codes and secrets in tables, events and answers.

use crate::support::{link_of, set_up_app, somebody, token_of};
use anyhow::{Context, Result};
use kit::Portal;
use serde_json::json;

/// Every row of every table of a service as text, bytes as they are and as hexadecimal.
async fn dump(portal: &Portal, service: &str) -> Result<String> {
    let pool = portal.database.pool(service)?;
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select schemaname, tablename from pg_tables where schemaname in ($1, $1 || '_log') order by 1, 2",
    )
    .bind(service)
    .fetch_all(&pool)
    .await?;
    let mut all = String::new();
    for (schema, table) in tables {
        let sql = format!("select coalesce(string_agg(t::text, E'\\n'), '') from {schema}.{table} t");
        // A service can't read everything of its own log's tables (data keys of others); what it can't read, nobody gets.
        if let Ok(text) = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(sql)).fetch_one(&pool).await {
            all.push_str(&text);
        }
    }
    Ok(all)
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

/// proves: A09, A12, A22
#[tokio::test(flavor = "multi_thread")]
async fn no_live_secret_lies_in_a_table_an_event_or_a_later_answer() -> Result<()> {
    let portal = Portal::start().await?;
    let (mut emma, _) = somebody(&portal, "emma@acme.test").await?;
    let (app, codes) = set_up_app(&mut emma).await?;
    let token = emma.post("/auth/api-tokens", json!({"name": "sync", "scopes": ["read"], "valid_days": 30})).await?;
    let token = token.expect(201)?.json();
    let token = token["secret"].as_str().context("a token")?.to_owned();
    portal.mail.clear().await?;
    portal.browser().post("/auth/password/forgot", json!({"login": "emma@acme.test"})).await?.expect(202)?;
    let mail = portal.mail_to("emma@acme.test", "Choose a new password").await?;
    let link = token_of(&link_of(&mail.text).context("a link")?);
    let session = emma.cookies().get("portico_session").context("a session")?.clone();
    portal.settle().await?;

    let mut needles = vec![app.clone(), token, link, session];
    needles.extend(codes.iter().map(|c| c.replace('-', "")));
    needles.extend(codes.iter().cloned());
    assert!(needles.iter().all(|n| n.len() >= 24), "{}", needles.len());
    for service in ["identity", "notification", "permissions", "records"] {
        let dump = dump(&portal, service).await?;
        assert!(dump.len() > 1000, "{service} has rows");
        for needle in &needles {
            let found = dump.contains(needle.as_str()) || dump.contains(&hex(needle));
            assert!(!found, "{service} keeps {}…", &needle[..8]);
        }
    }
    // The secret is shown while it is set up, and never again.
    for path in ["/auth/security", "/auth/session", "/auth/sessions", "/auth/api-tokens"] {
        let answer = emma.get(path).await?.expect(200)?.text();
        assert!(needles.iter().all(|n| !answer.contains(n.as_str())), "{path}");
    }
    portal.stop().await
}
