//! Becoming somebody else: with a stale session, with a role that may do less, with a program's token.

use crate::{
    portal,
    support::{company_and_contact, dates, items, let_proofs_age, portal_user, set_up_app, settings},
};
use anyhow::{Context, Result, ensure};
use http::Method;
use kit::{Answer, Browser, PASSWORD, Portal, eventually};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TOKEN: &str = "/auth/api-tokens";

fn wish() -> Value {
    json!({"name": "Mine", "scopes": ["read", "write", "admin"], "valid_days": 30})
}

/// proves: A22, A26
#[tokio::test(flavor = "multi_thread")]
async fn agreeing_to_the_terms_is_no_proof_of_who_agrees() -> Result<()> {
    let portal = portal(&[]).await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let mut emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    set_up_app(&mut emma).await?;
    let_proofs_age(&portal).await?;
    for (who, wanted) in [
        (&mut admin, vec![("POST", TOKEN, Some(json!({"name": "Mine", "scopes": ["read"], "valid_days": 30})))]),
        (
            &mut emma,
            vec![
                ("POST", TOKEN, Some(json!({"name": "Mine", "scopes": ["read"], "valid_days": 30}))),
                ("POST", "/auth/login-change", Some(json!({"new_email": "mole@evil.test"}))),
                ("DELETE", "/auth/mfa/totp", None),
            ],
        ),
    ] {
        for version in [None, Some(0)] {
            if let Some(version) = version {
                who.post("/auth/terms", json!({"version": version})).await?.expect(200)?;
                who.refresh_csrf().await?;
            }
            for (method, path, body) in &wanted {
                let refused = who.call(method, path, body.clone()).await?.expect(403)?;
                assert_eq!(refused.code(), "step_up_required", "{method} {path} after the terms {version:?}");
            }
        }
    }
    // Roles and writable support access are other ways to what the token gives.
    let role = json!({"name": "Mine", "records": "write", "rights": ["configure"]});
    assert_eq!(admin.post("/admin/roles", role).await?.expect(403)?.code(), "step_up_required");
    let open = json!({"contact_id": contact, "reason": "The invoice is not shown", "write": true});
    assert_eq!(admin.post("/admin/impersonate", open).await?.expect(403)?.code(), "step_up_required");
    portal.stop().await
}

/// proves: A20
#[tokio::test(flavor = "multi_thread")]
async fn who_manages_agents_becomes_no_administrator() -> Result<()> {
    let portal = portal(&[]).await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let own = json!({"name": "Team lead", "records": "read", "rights": ["manage_agents", "unlock"]});
    let own = admin.post("/admin/roles", own).await?.expect(201)?.json();
    let role = own["id"].as_str().context("an id")?;
    let mut lead = portal.agent("lead@test.test", role).await?;
    let boss = admin.get("/auth/session").await?.json()["subject"]["id"].as_str().unwrap_or_default().to_owned();
    let path = format!("/admin/agents/{boss}");
    let tries = [
        ("POST", format!("{path}/one-time-password"), json!({})),
        ("POST", format!("{path}/reset-link"), json!({})),
        ("PUT", format!("{path}/mfa"), json!({"required": false})),
        ("POST", format!("{path}/mfa/reset"), json!({"reason": "lost the telephone"})),
        ("PATCH", path.clone(), json!({"email": "mole@evil.test"})),
        ("PATCH", path.clone(), json!({"role": "viewer"})),
        ("GET", format!("{path}/sessions"), Value::Null),
        ("DELETE", format!("{path}/sessions"), Value::Null),
        ("POST", format!("{path}/disable"), json!({})),
        ("POST", "/admin/locked-users/unlock".to_owned(), json!({"user_ids": [boss], "trust": true})),
        ("POST", "/admin/roles".to_owned(), json!({"name": "Mine", "records": "read", "rights": ["configure"]})),
        (
            "POST",
            "/admin/agents".to_owned(),
            json!({"login": "mole@test.test", "name": "Mole", "email": "m@test.test",
            "role": "administrator", "password": PASSWORD}),
        ),
        ("POST", "/admin/groups".to_owned(), json!({"name": "Mine", "member_ids": [boss]})),
    ];
    for (method, path, body) in tries {
        let body = (!body.is_null()).then_some(body);
        let refused = lead.call(method, &path, body).await?;
        assert_eq!((refused.status.as_u16(), &*refused.code()), (403, "rights_beyond_own"), "{method} {path}");
    }
    let more = json!({"name": "Mine", "records": "write", "rights": []});
    assert_eq!(lead.post("/admin/roles", more).await?.expect(403)?.code(), "records_beyond_own");
    // The administrator noticed nothing.
    admin.get("/auth/session").await?.expect(200)?;
    portal.browser().console().sign_in("admin@test.test", PASSWORD).await?;
    portal.stop().await
}

/// What is there to be changed.
struct World {
    contact: String,
    company: String,
    agent: String,
    program: String,
    role: String,
    group: String,
    profile: String,
}

async fn world(admin: &mut Browser, portal: &Portal) -> Result<World> {
    let id = |made: Answer| Ok::<_, anyhow::Error>(made.json()["id"].as_str().context("an id")?.to_owned());
    let (company, contact) = company_and_contact(admin, "Acme", "emma@acme.test").await?;
    portal_user(portal, admin, &contact, "emma@acme.test").await?;
    let program = json!({"name": "Nightly import", "role": "agent", "service": true});
    let role = json!({"name": "Night desk", "records": "read", "rights": ["unlock"]});
    let profiles = items(&admin.get("/admin/profiles").await?.expect(200)?.json());
    Ok(World {
        contact,
        company,
        agent: portal.make_agent("luca@test.test", "agent").await?,
        program: id(admin.post("/admin/agents", program).await?.expect(201)?)?,
        role: id(admin.post("/admin/roles", role).await?.expect(201)?)?,
        group: id(admin.post("/admin/groups", json!({"name": "Night", "member_ids": []})).await?.expect(201)?)?,
        profile: profiles[0]["id"].as_str().context("a profile")?.to_owned(),
    })
}

/// Requests of the administration that a fresh person may make, by their route: path and body.
fn requests(world: &World) -> BTreeMap<&'static str, (String, Value)> {
    let access = format!("/admin/contacts/{}/portal-access", world.contact);
    let agent = format!("/admin/agents/{}", world.agent);
    let role = json!({"name": "Night desk", "records": "read", "rights": []});
    let group = json!({"name": "Night", "member_ids": []});
    let mut all = BTreeMap::new();
    let mut put = |route, path: String, body: Value| all.insert(route, (path, body));
    put("POST /admin/contacts/{id}/portal-access", access.clone(), dates());
    put("POST /admin/contacts/{id}/portal-access/invitation", format!("{access}/invitation"), json!({}));
    put("POST /admin/contacts/{id}/portal-access/resume", format!("{access}/resume"), json!({}));
    put("PUT /admin/contacts/{id}/portal-access/login", format!("{access}/login"), json!({"login": "mole@evil.test"}));
    put("POST /admin/contacts/{id}/portal-access/reset-link", format!("{access}/reset-link"), json!({}));
    put("POST /admin/contacts/{id}/portal-access/one-time-password", format!("{access}/one-time-password"), json!({}));
    put("PUT /admin/contacts/{id}/portal-access/mfa", format!("{access}/mfa"), json!({"required": false}));
    let reason = json!({"reason": "lost the telephone"});
    put("POST /admin/contacts/{id}/portal-access/mfa/reset", format!("{access}/mfa/reset"), reason.clone());
    let chosen = json!({"profile_id": world.profile});
    put("PUT /admin/contacts/{id}/profile", format!("/admin/contacts/{}/profile", world.contact), chosen);
    let open = json!({"contact_id": world.contact, "reason": "The invoice is not shown"});
    put("POST /admin/impersonate", "/admin/impersonate".into(), open);
    let mut bulk = dates();
    bulk["company_ids"] = json!([world.company]);
    put("POST /admin/portal-access/bulk", "/admin/portal-access/bulk".into(), bulk);
    put("POST /admin/companies/{id}/link", format!("/admin/companies/{}/link", world.company), json!({}));
    let users = format!("/admin/companies/{}/portal-users", world.company);
    put("POST /admin/companies/{id}/portal-users", users, dates());
    let locked = json!({"user_ids": [world.contact], "trust": true});
    put("POST /admin/locked-users/unlock", "/admin/locked-users/unlock".into(), locked);
    let mole = json!({"login": "mole@test.test", "name": "Mole", "email": "mole@test.test", "role": "agent",
        "password": PASSWORD});
    put("POST /admin/agents", "/admin/agents".into(), mole);
    put("PATCH /admin/agents/{id}", agent.clone(), json!({"email": "mole@evil.test"}));
    put("POST /admin/agents/{id}/disable", format!("{agent}/disable"), json!({}));
    put("POST /admin/agents/{id}/enable", format!("{agent}/enable"), json!({}));
    put("POST /admin/agents/{id}/reset-link", format!("{agent}/reset-link"), json!({}));
    put("POST /admin/agents/{id}/one-time-password", format!("{agent}/one-time-password"), json!({}));
    put("PUT /admin/agents/{id}/mfa", format!("{agent}/mfa"), json!({"required": true}));
    put("POST /admin/agents/{id}/mfa/reset", format!("{agent}/mfa/reset"), reason);
    put("POST /admin/agents/{id}/api-tokens", format!("/admin/agents/{}/api-tokens", world.program), wish());
    put("POST /admin/roles", "/admin/roles".into(), json!({"name": "Mine", "records": "read", "rights": []}));
    put("PUT /admin/roles/{id}", format!("/admin/roles/{}", world.role), role);
    put("DELETE /admin/roles/{id}", format!("/admin/roles/{}", world.role), Value::Null);
    put("POST /admin/groups", "/admin/groups".into(), json!({"name": "Mine", "member_ids": []}));
    put("PUT /admin/groups/{id}", format!("/admin/groups/{}", world.group), group);
    put("DELETE /admin/groups/{id}", format!("/admin/groups/{}", world.group), Value::Null);
    let security = json!({"require_mfa": "nobody", "lock_mode": "timed", "lock_failures": 10, "portal_idle_minutes": 30,
        "console_idle_minutes": 15, "company_links": true, "terms_required": false, "terms": {}, "help_contact": ""});
    put("PUT /admin/settings/security", "/admin/settings/security".into(), security);
    put("POST /admin/profiles/{id}/publish", format!("/admin/profiles/{}/publish", world.profile), Value::Null);
    all
}

/// Sends a request of the table.
async fn ask(who: &mut Browser, route: &str, path: &str, body: &Value, token: Option<&str>) -> Result<Answer> {
    let method = route.split(' ').next().unwrap_or_default();
    let (key, bearer) = (kernel::new_id().to_string(), format!("Bearer {}", token.unwrap_or_default()));
    let mut headers = vec![("if-match", "\"1\"")];
    if method == "POST" {
        headers.push(("idempotency-key", &key));
    }
    if token.is_some() {
        headers.push(("authorization", &bearer));
    }
    who.call_with(method, path, &headers, (!body.is_null()).then(|| body.clone())).await
}

/// Every call of the administration that the OpenAPI document says needs a fresh person, tried by an administrator whose
/// last proof is old, and by a program with every scope.
///
/// proves: A13, A22
#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_fresh_person_is_done_by_no_stale_session_and_by_no_program() -> Result<()> {
    let portal = portal(&[]).await?;
    settings(&portal, |s| s.company_links = true).await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let world = world(&mut admin, &portal).await?;
    let token = admin.post(TOKEN, wish()).await?.expect(201)?.json()["secret"].as_str().context("a token")?.to_owned();
    let requests = requests(&world);

    let document = portal.browser().send(Method::GET, "/api/openapi.json", &[], Vec::new()).await?.json();
    let mut said = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten().filter(|(method, _)| *method != "get") {
            let path = path.strip_prefix("/api/v1").context("a path of the API")?;
            let proof =
                operation["x-portico-proof"].as_str().with_context(|| format!("{method} {path} says nothing"))?;
            if proof == "fresh" && path.starts_with("/admin/") {
                said.push(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    said.sort();
    assert_eq!(said, requests.keys().map(|route| (*route).to_owned()).collect::<Vec<_>>(), "a new route is tried here");

    let_proofs_age(&portal).await?;
    let mut program = Browser::new(&portal.url);
    // What the gateway knows of a session may be five seconds old.
    let (path, body) = &requests["POST /admin/roles"];
    eventually("the old proof to be known", async || {
        let answer =
            ask(&mut admin.clone(), "POST", path, &json!({"name": "", "records": body["records"]}), None).await?;
        ensure!(answer.code() == "step_up_required", "{}", answer.text());
        Ok(())
    })
    .await?;
    let heads = async || -> Result<(i64, i64, i64)> {
        portal.settle().await?;
        let head = async |service: &str| anyhow::Ok(portal.log(service).head().await?.0);
        Ok((head("identity").await?, head("permissions").await?, head("records").await?))
    };
    let before = heads().await?;
    for (route, (path, body)) in &requests {
        let stale = ask(&mut admin, route, path, body, None).await?;
        assert_eq!((stale.status.as_u16(), &*stale.code()), (403, "step_up_required"), "{route}: {}", stale.text());
        let refused = ask(&mut program, route, path, body, Some(&token)).await?;
        assert_eq!(
            (refused.status.as_u16(), &*refused.code()),
            (403, "person_required"),
            "{route}: {}",
            refused.text()
        );
        let detail = refused.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert!(detail.contains("person"), "it says what to do: {detail}");
    }
    assert_eq!(heads().await?, before, "nothing happened, not even half of it");

    // Reading, planning and taking away are for programs, too.
    let mut plan = dates();
    plan["company_ids"] = json!([world.company]);
    plan["dry_run"] = json!(true);
    for (route, path, body) in [
        ("GET", "/admin/agents".to_owned(), Value::Null),
        ("GET", "/admin/locked-users".to_owned(), Value::Null),
        ("POST", "/admin/portal-access/bulk".to_owned(), plan),
        ("PATCH", format!("/admin/contacts/{}/portal-access", world.contact), dates()),
        ("POST", format!("/admin/contacts/{}/portal-access/suspend", world.contact), json!({})),
        ("DELETE", format!("/admin/agents/{}/sessions", world.agent), Value::Null),
    ] {
        let done = ask(&mut program, route, &path, &body, Some(&token)).await?;
        assert!(done.status.is_success(), "{route} {path}: {}", done.text());
    }

    // And with a proof the same session does all of it, as far as there is something to do.
    admin.post("/auth/step-up", json!({"password": PASSWORD})).await?.expect(200)?;
    admin.refresh_csrf().await?;
    for (route, (path, body)) in &requests {
        let fresh = ask(&mut admin, route, path, body, None).await?;
        assert_ne!(fresh.status.as_u16(), 403, "{route}: {}", fresh.text());
    }
    portal.stop().await
}
