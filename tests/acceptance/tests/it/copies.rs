//! Every fact that one service keeps a copy of: a change where it belongs arrives where it is copied.
//!
//! The table is that of ARCHITECTURE.md, "Copied facts". A column of a table of copies that no line names fails the test.

use crate::support::{company_and_contact, dates, id, items, operator};
use anyhow::{Context, Result, ensure};
use kit::{Browser, PASSWORD, Portal};
use proto::identity::v1 as identity;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Tables that hold nothing but copies, and columns of theirs that are no copied facts: keys, and notes of one's own.
const TABLES: [(&str, &str, &[&str]); 11] = [
    ("identity", "contact_name", &["contact_id"]),
    ("identity", "contact_known", &["contact_id", "deletion"]),
    ("permissions", "known_contacts", &["contact_id", "number"]),
    ("permissions", "known_companies", &["company_id", "number"]),
    ("permissions", "known_agents", &["agent_id"]),
    ("permissions", "known_roles", &["role_id"]),
    ("permissions", "known_groups", &["group_id"]),
    ("permissions", "known_modules", &["name", "definition"]),
    ("records", "agents_v1", &["id"]),
    // When something was told, and whether it was: notes, not facts of others.
    ("notification", "recipients", &["id", "kind", "email_at", "login_email_at", "lock_told_at"]),
    // Written by nobody any more: records is asked when a mail is written.
    ("notification", "subjects", &["record_id", "module", "contact_id", "owner_id"]),
];

/// One portal, with what the facts are about.
struct Scene {
    portal: Portal,
    admin: Browser,
    contact: String,
    company: String,
    other_company: String,
    agent: String,
    group: String,
    role: String,
}

/// What a copy must show after a change: service, table, column, and the row's key.
struct Copy {
    service: &'static str,
    table: &'static str,
    column: &'static str,
    key: &'static str,
    of: String,
    shows: String,
}

impl Scene {
    async fn new() -> Result<Scene> {
        let portal = Portal::start().await?;
        let mut admin = portal.agent("admin@test.test", "administrator").await?;
        let (company, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
        let other =
            admin.post("/modules/companies/records", json!({"fields": {"name": "Globex"}})).await?.expect(201)?;
        let agent = portal.make_agent("luca@test.test", "agent").await?;
        let new = json!({"name": "First line", "description": "", "records": "read", "rights": ["unlock"]});
        let role = admin.post("/admin/roles", new).await?.expect(201)?.json();
        let new = json!({"name": "Night", "description": "", "member_ids": [agent]});
        let group = admin.post("/admin/groups", new).await?.expect(201)?.json();
        let other_company = id(&other.json());
        let (role, group) = (id(&role), id(&group));
        Ok(Scene { portal, admin, contact, company, other_company, agent, group, role })
    }

    async fn set(&mut self, module: &str, record: &str, fields: Value) -> Result<()> {
        let path = format!("/modules/{module}/records/{record}");
        let tag = self.admin.get(&path).await?.expect(200)?.header("etag").to_owned();
        let body = json!({"fields": fields});
        self.admin.call_with("PATCH", &path, &[("if-match", &tag)], Some(body)).await?.expect(200)?;
        Ok(())
    }

    async fn delete(&mut self, module: &str, record: &str) -> Result<()> {
        let path = format!("/modules/{module}/records/{record}");
        let tag = self.admin.get(&path).await?.expect(200)?.header("etag").to_owned();
        self.admin.call_with("DELETE", &path, &[("if-match", &tag)], None).await?.expect(204)?;
        Ok(())
    }

    async fn restore(&mut self, module: &str, record: &str) -> Result<()> {
        self.admin.post(&format!("/modules/{module}/records/{record}/restore"), json!({})).await?.expect(200)?;
        Ok(())
    }

    async fn column(&self, copy: &Copy) -> Result<String> {
        let sql = format!("select {}::text from {} where {}::text = $1", copy.column, copy.table, copy.key);
        let pool = self.portal.database.pool(copy.service)?;
        let found: Option<Option<String>> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(&copy.of).fetch_optional(&pool).await?;
        Ok(found.flatten().unwrap_or_default())
    }
}

/// What the copies have shown so far.
#[derive(Default)]
struct Seen(BTreeSet<(&'static str, &'static str, &'static str)>);

impl Seen {
    /// After a change: every copy of it shows it.
    async fn all(&mut self, scene: &Scene, what: &str, copies: &[Copy]) -> Result<()> {
        scene.portal.settle().await?;
        for copy in copies {
            let found = scene.column(copy).await?;
            let Copy { service, table, column, .. } = copy;
            ensure!(
                found.contains(&copy.shows) && found.is_empty() == copy.shows.is_empty(),
                "{what}: {service}.{table}.{column} shows {found:?}, not {:?}",
                copy.shows
            );
            self.0.insert((service, table, column));
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_every_copied_fact_arrives() -> Result<()> {
    let mut scene = Scene::new().await?;
    let mut seen = Seen::default();
    records_facts(&mut scene, &mut seen).await?;
    agents_facts(&mut scene, &mut seen).await?;
    access_facts(&mut scene, &mut seen).await?;
    deletions(&mut scene, &mut seen).await?;

    for (service, table, own) in TABLES {
        let pool = scene.portal.database.pool(service)?;
        let columns: Vec<String> = sqlx::query_scalar(
            "select column_name::text from information_schema.columns where table_schema = $1 and table_name = $2",
        )
        .bind(service)
        .bind(table)
        .fetch_all(&pool)
        .await?;
        ensure!(!columns.is_empty(), "there is no {service}.{table}");
        for column in columns.iter().filter(|c| !own.contains(&c.as_str())) {
            let shown = seen.0.iter().any(|(s, t, c)| (*s, *t, *c) == (service, table, column.as_str()));
            ensure!(shown, "nothing shows that a change arrives at {service}.{table}.{column}");
        }
    }
    scene.portal.stop().await
}

/// What records owns: contacts, companies, and whom a record concerns.
async fn records_facts(scene: &mut Scene, seen: &mut Seen) -> Result<()> {
    let (contact, company, other) = (scene.contact.clone(), scene.company.clone(), scene.other_company.clone());
    let of_contact = |service, table, column, key, shows: &str| Copy {
        service,
        table,
        column,
        key,
        of: contact.clone(),
        shows: shows.to_owned(),
    };
    let name = json!({"first_name": "Emilia", "last_name": "Bianchi"});
    scene.set("contacts", &contact, name).await?;
    let names = [
        of_contact("identity", "contact_name", "first_name", "contact_id", "Emilia"),
        of_contact("identity", "contact_name", "last_name", "contact_id", "Bianchi"),
        of_contact("notification", "recipients", "first_name", "id", "Emilia"),
        of_contact("notification", "recipients", "last_name", "id", "Bianchi"),
    ];
    seen.all(scene, "a contact's name", &names).await?;
    scene.set("contacts", &contact, json!({"email": "emilia@acme.test", "email_opt_out": true})).await?;
    let addresses = [
        of_contact("identity", "contact_known", "email", "contact_id", "emilia@acme.test"),
        of_contact("notification", "recipients", "email", "id", "emilia@acme.test"),
        of_contact("notification", "recipients", "opted_out", "id", "true"),
    ];
    seen.all(scene, "a contact's address", &addresses).await?;
    for company in [other.as_str(), ""] {
        scene
            .set(
                "contacts",
                &contact,
                json!({"company_id": if company.is_empty() { Value::Null } else { json!(company) }}),
            )
            .await?;
        let companies = [
            of_contact("identity", "contact_known", "company_id", "contact_id", company),
            of_contact("permissions", "known_contacts", "company_id", "contact_id", company),
        ];
        seen.all(scene, "a contact's company", &companies).await?;
    }
    scene.set("contacts", &contact, json!({"company_id": company, "department": "accounting"})).await?;
    let department = of_contact("permissions", "known_contacts", "fields", "contact_id", "accounting");
    seen.all(scene, "what conditions ask of a contact", &[department]).await?;
    let agent = scene.agent.clone();
    scene.set("contacts", &contact, json!({"owner_id": agent})).await?;
    let owner = of_contact("permissions", "known_contacts", "fields", "contact_id", &agent);
    seen.all(scene, "a contact's owner", &[owner]).await?;
    scene.set("companies", &company, json!({"country": "FR"})).await?;
    let country = Copy {
        service: "permissions",
        table: "known_companies",
        column: "fields",
        key: "company_id",
        of: company.clone(),
        shows: "FR".into(),
    };
    seen.all(scene, "what conditions ask of a company", &[country]).await?;
    Ok(())
}

/// What identity owns of agents: name, address, language, role, groups, whether they are disabled.
async fn agents_facts(scene: &mut Scene, seen: &mut Seen) -> Result<()> {
    let agent = scene.agent.clone();
    let of_agent = |service, table, column, key, shows: &str| Copy {
        service,
        table,
        column,
        key,
        of: agent.clone(),
        shows: shows.to_owned(),
    };
    let path = format!("/admin/agents/{agent}");
    let change = json!({"name": "Luca Verdi", "email": "luca@new.test", "locale": "it", "role": scene.role});
    scene.admin.call("PATCH", &path, Some(change)).await?.expect(200)?;
    let role = scene.role.clone();
    let copies = [
        of_agent("records", "agents_v1", "name", "id", "Luca Verdi"),
        of_agent("records", "agents_v1", "role", "id", &role),
        of_agent("permissions", "known_agents", "role", "agent_id", &role),
        of_agent("notification", "recipients", "first_name", "id", "Luca Verdi"),
        of_agent("notification", "recipients", "email", "id", "luca@new.test"),
        of_agent("notification", "recipients", "account_email", "id", "luca@new.test"),
        of_agent("notification", "recipients", "account_login", "id", "luca@test.test"),
        of_agent("notification", "recipients", "locale", "id", "it"),
    ];
    seen.all(scene, "an agent", &copies).await?;
    for (word, shows) in [("disable", "true"), ("enable", "false")] {
        scene.admin.post(&format!("{path}/{word}"), json!({})).await?.expect(204)?;
        let copies = [
            of_agent("records", "agents_v1", "disabled", "id", shows),
            of_agent("permissions", "known_agents", "disabled", "agent_id", shows),
        ];
        seen.all(scene, word, &copies).await?;
    }
    let wanted =
        json!({"name": "First line", "description": "", "records": "write", "rights": ["unlock", "read_audit"]});
    scene.admin.call("PUT", &format!("/admin/roles/{role}"), Some(wanted)).await?.expect(200)?;
    let of_role = |column, shows: &str| Copy {
        service: "permissions",
        table: "known_roles",
        column,
        key: "role_id",
        of: role.clone(),
        shows: shows.to_owned(),
    };
    seen.all(scene, "an own role", &[of_role("records", "write"), of_role("rights", "read_audit")]).await?;
    let group = scene.group.clone();
    let path = format!("/admin/groups/{group}");
    let wanted = json!({"name": "Night", "description": "", "member_ids": []});
    scene.admin.call("PUT", &path, Some(wanted)).await?.expect(200)?;
    let members = |shows: &str| Copy {
        service: "permissions",
        table: "known_groups",
        column: "member_ids",
        key: "group_id",
        of: group.clone(),
        shows: shows.to_owned(),
    };
    seen.all(scene, "a group", &[members("{}")]).await?;
    scene.admin.call("DELETE", &path, None).await?.expect(204)?;
    seen.all(scene, "a deleted group", &[members("")]).await
}

/// What identity owns of contacts: whether they have access, how they sign in, where they are reached.
async fn access_facts(scene: &mut Scene, seen: &mut Seen) -> Result<()> {
    let contact = scene.contact.clone();
    let shows = |column, shows: &str| Copy {
        service: "notification",
        table: "recipients",
        column,
        key: "id",
        of: contact.clone(),
        shows: shows.to_owned(),
    };
    let path = format!("/admin/contacts/{contact}/portal-access");
    let mut wanted = dates();
    wanted["locale"] = json!("it");
    scene.admin.post(&path, wanted).await?.expect(200)?;
    let given = [
        shows("access", "true"),
        shows("access_name", "Emilia Bianchi"),
        shows("access_email", "emilia@acme.test"),
        shows("account_login", "emilia@acme.test"),
        shows("account_email", "emilia@acme.test"),
        shows("locale", "it"),
    ];
    seen.all(scene, "access", &given).await?;
    scene.set("contacts", &contact, json!({"email": "emilia@new.test"})).await?;
    scene.admin.post(&format!("{path}/invitation"), json!({})).await?.expect(200)?;
    let moved = [
        shows("login_email", "emilia@new.test"),
        shows("account_login", "emilia@new.test"),
        shows("account_email", "emilia@new.test"),
    ];
    seen.all(scene, "another address", &moved).await?;
    for (word, access) in [("suspend", "false"), ("resume", "true")] {
        scene.admin.post(&format!("{path}/{word}"), json!({})).await?.expect(200)?;
        seen.all(scene, word, &[shows("access", access)]).await?;
    }
    // Who is signed in sees another name within the five seconds that a gateway keeps a session for.
    let mail = scene.portal.mail_to("emilia@new.test", "").await?;
    let token = crate::support::token_of(&crate::support::link_of(&mail.text).context("a link")?);
    let body = json!({"token": token, "new_password": PASSWORD});
    scene.portal.browser().post("/auth/invitations/accept", body).await?.expect(204)?;
    let mut emilia = scene.portal.browser();
    emilia.sign_in("emilia@new.test", PASSWORD).await?;
    scene.set("contacts", &contact, json!({"first_name": "Emma"})).await?;
    kit::eventually("the name in a live session", async || {
        let session = emilia.clone().get("/auth/session").await?.expect(200)?.json();
        ensure!(session["subject"]["name"] == "Emma Bianchi", "{session}");
        Ok(())
    })
    .await?;
    scene.admin.call("DELETE", &path, None).await?.expect(200)?;
    seen.all(scene, "access taken away", &[shows("access", "false")]).await?;
    // A profile that is given with access is permissions' from then on.
    let profiles = items(&scene.admin.get("/admin/profiles").await?.expect(200)?.json());
    let profile = profiles.iter().find(|p| p["is_default"] == true).map(id).context("a profile")?;
    let mut wanted = dates();
    wanted["profile_id"] = json!(profile);
    scene.admin.post(&path, wanted).await?.expect(200)?;
    let given = Copy {
        service: "permissions",
        table: "contact_profile_v1",
        column: "profile_id",
        key: "contact_id",
        of: contact.clone(),
        shows: profile,
    };
    seen.all(scene, "a profile", &[given]).await
}

/// Deleted and restored.
async fn deletions(scene: &mut Scene, seen: &mut Seen) -> Result<()> {
    let (contact, company) = (scene.contact.clone(), scene.other_company.clone());
    let deleted = |service, table, key, of: &str, shows: &str| Copy {
        service,
        table,
        column: "deleted",
        key,
        of: of.to_owned(),
        shows: shows.to_owned(),
    };
    crate::support::settings(&scene.portal, |s| s.company_links = true).await?;
    let link = operator(&scene.portal)?.identity_administration();
    let request = identity::IssueCompanyLinkRequest { company_id: company.clone(), valid_days: 0 };
    link.clone().issue_company_link(request).await.map_err(runtime::error_of)?;
    scene.delete("contacts", &contact).await?;
    scene.delete("companies", &company).await?;
    let gone = [
        deleted("identity", "contact_known", "contact_id", &contact, "true"),
        deleted("permissions", "known_contacts", "contact_id", &contact, "true"),
        deleted("permissions", "known_companies", "company_id", &company, "true"),
        Copy { column: "access", ..deleted("notification", "recipients", "id", &contact, "false") },
        Copy { column: "link_id", ..deleted("identity", "company_link", "company_id", &company, "") },
    ];
    seen.all(scene, "deleted", &gone).await?;
    scene.restore("contacts", &contact).await?;
    scene.restore("companies", &company).await?;
    let back = [
        deleted("identity", "contact_known", "contact_id", &contact, "false"),
        deleted("permissions", "known_contacts", "contact_id", &contact, "false"),
        deleted("permissions", "known_companies", "company_id", &company, "false"),
    ];
    seen.all(scene, "restored", &back).await
}
