//! Demo data, made through the real commands: agents, companies, contacts with portal access, profiles, a few hundred
//! tickets with comments. Repeating it adds nothing.

mod cast;
mod session;
mod stories;

use crate::refusal::refused;
use anyhow::{Context, Result};
use cast::{COMPANIES, CONTACTS};
use futures::{StreamExt, TryStreamExt, stream};
use kernel::derived_id;
use proto::{
    identity::v1::{
        ChangeSettingsRequest, CreateAgentRequest, EnableAccessRequest, GetSettingsRequest, IssueCompanyLinkRequest,
        SecuritySettings, SetPasswordRequest, SubjectKind,
    },
    permissions::v1::{
        ChooseContactProfileRequest, ChooseDefaultProfileRequest, CreateProfileRequest, ListProfilesRequest,
        PublishProfileRequest,
    },
    records::v1::{
        AddCommentRequest, CreateRecordRequest, FieldValue, ListRecordsRequest, Record, UpdateRecordRequest, Value,
        value::Kind,
    },
};
use runtime::{Clients, Config};
use session::As;
use std::{collections::HashMap, net::SocketAddr};
use stories::{Story, stories};

/// The password of every demo login; accepted only while demo data is loaded.
pub const PASSWORD: &str = "portico-demo-2026";

/// How many tickets the demo has.
const TICKETS: usize = 320;

/// Loads what is not there yet; answers a sentence about it.
pub async fn load(config: &Config, grpc: SocketAddr) -> Result<String> {
    anyhow::ensure!(config.demo, "PORTICO_DEMO is not true: demo logins would not be accepted");
    let clients = Clients::new(config, "demo", grpc)?;
    agents(&clients).await?;
    let admin = As::log_in(&clients, "admin@demo.test", SubjectKind::Agent).await?;
    if tickets(&admin).await? >= i64::try_from(TICKETS)? {
        return Ok("demo data is loaded already".into());
    }
    let profiles = profiles(&admin).await?;
    let companies = companies(&admin).await?;
    let contacts = contacts(&admin, &companies).await?;
    let link = company_link(&clients, &companies).await?;
    access(&clients, &admin, &contacts, &profiles).await?;
    let made = all_tickets(&clients, &admin, &companies, &contacts).await?;
    let link = link.map(|(company, link)| format!("; {company} comes in by {link}")).unwrap_or_default();
    Ok(format!("{} companies, {} contacts, {made} tickets{link}", companies.len(), contacts.len()))
}

/// Switches secure links of companies on, and makes one for a company that has no portal user. Nothing when somebody has
/// changed the settings already.
async fn company_link(
    clients: &Clients,
    companies: &HashMap<&'static str, String>,
) -> Result<Option<(&'static str, String)>> {
    let mut identity = clients.as_service().identity_administration();
    let now = identity.get_settings(GetSettingsRequest {}).await.map_err(|s| refused(s, "identity"))?.into_inner();
    let Some(settings) = now.settings.filter(|_| now.version == 0) else { return Ok(None) };
    let settings = Some(SecuritySettings { company_links: true, ..settings });
    let request = ChangeSettingsRequest { settings, expected_version: now.version };
    identity.change_settings(request).await.map_err(|s| refused(s, "identity"))?;
    let alone = |name: &str| !CONTACTS.iter().any(|c| c.logs_in && c.company == name);
    let Some(company) = COMPANIES.iter().find(|c| alone(c.name)) else { return Ok(None) };
    let company_id = companies.get(company.name).cloned().context("a company's id")?;
    let request = IssueCompanyLinkRequest { company_id, valid_days: 365 };
    let issued = identity.issue_company_link(request).await.map_err(|s| refused(s, "identity"))?.into_inner();
    Ok(Some((company.name, issued.link)))
}

async fn tickets(admin: &As) -> Result<i64> {
    let request = ListRecordsRequest {
        module: "tickets".into(),
        limit: 1,
        count: "exact".into(),
        ..ListRecordsRequest::default()
    };
    let answer = admin.call(|c| {
        let request = request.clone();
        async move { c.records().list_records(request).await }
    });
    Ok(answer.await.map_err(|s| refused(s, "records"))?.into_inner().total.unwrap_or(0))
}

async fn agents(clients: &Clients) -> Result<()> {
    let all = [
        ("admin@demo.test", "Ada Admin", "administrator", "en"),
        ("agent@demo.test", "Alex Agent", "agent", "en"),
        ("giulia@demo.test", "Giulia Supporto", "agent", "it"),
    ];
    for (login, name, role, locale) in all {
        let request = CreateAgentRequest {
            login: login.into(),
            name: name.into(),
            email: login.into(),
            role: role.into(),
            locale: locale.into(),
            password: PASSWORD.into(),
            user_id: derived_id("demo agent", login.as_bytes()).to_string(),
            ..CreateAgentRequest::default()
        };
        let made = session::patiently(|| {
            let request = request.clone();
            async move { clients.identity().create_agent(request).await }
        });
        match made.await.map_err(runtime::error_of) {
            Ok(_) => {}
            Err(e) if e.code == kernel::Code::Conflict => {}
            Err(e) => return Err(e).with_context(|| format!("the agent {login}")),
        }
    }
    Ok(())
}

/// Profiles by name; the demo's Standard becomes the default.
async fn profiles(admin: &As) -> Result<HashMap<String, String>> {
    let documents =
        [policy::Profile::standard_demo(), policy::Profile::accounting_demo(), policy::Profile::technical_demo()];
    let there = admin.call(|c| async move { c.permissions().list_profiles(ListProfilesRequest {}).await });
    let there = there.await.map_err(|s| refused(s, "permissions"))?.into_inner().profiles;
    let mut ids: HashMap<String, String> = there.into_iter().map(|p| (p.name, p.profile_id)).collect();
    for mut document in documents {
        if ids.contains_key(&document.name) {
            continue;
        }
        document.owner = Some(derived_id("demo agent", b"agent@demo.test").to_string());
        let request = CreateProfileRequest {
            profile_id: derived_id("demo profile", document.name.as_bytes()).to_string(),
            name: document.name.clone(),
            description: document.description.clone(),
            copy_from: String::new(),
            document: serde_json::to_string(&document)?,
            idempotency_key: format!("demo profile {}", document.name),
        };
        let made = admin.call(|c| {
            let request = request.clone();
            async move { c.permissions().create_profile(request).await }
        });
        let made = made.await.map_err(|s| refused(s, "permissions"))?.into_inner();
        let publish = PublishProfileRequest {
            profile_id: made.profile_id.clone(),
            expected_version: made.version,
            idempotency_key: format!("demo publish {}", document.name),
        };
        let published = admin.call(|c| {
            let request = publish.clone();
            async move { c.permissions().publish_profile(request).await }
        });
        published.await.map_err(|s| refused(s, "permissions"))?;
        ids.insert(document.name, made.profile_id);
    }
    let standard = ids.get(&policy::Profile::standard_demo().name).cloned().context("the profile Standard")?;
    let chosen = admin.call(|c| {
        let request = ChooseDefaultProfileRequest { profile_id: standard.clone() };
        async move { c.permissions().choose_default_profile(request).await }
    });
    chosen.await.map_err(|s| refused(s, "permissions"))?;
    Ok(ids)
}

async fn companies(admin: &As) -> Result<HashMap<&'static str, String>> {
    let mut ids = HashMap::new();
    for company in COMPANIES {
        let fields = [
            ("name", company.name),
            ("email", company.email),
            ("phone", company.phone),
            ("country", company.country),
            ("status", company.status),
        ];
        let record = create(admin, "companies", &fields, &format!("demo company {}", company.name)).await?;
        ids.insert(company.name, record.id);
    }
    Ok(ids)
}

async fn contacts(admin: &As, companies: &HashMap<&'static str, String>) -> Result<HashMap<&'static str, String>> {
    let mut ids = HashMap::new();
    for contact in CONTACTS {
        let company = companies.get(contact.company).context("a contact's company")?;
        let fields = [
            ("first_name", contact.first),
            ("last_name", contact.last),
            ("email", contact.email),
            ("phone", contact.phone),
            ("department", contact.department),
            ("company_id", company),
        ];
        let record = create(admin, "contacts", &fields, &format!("demo contact {}", contact.email)).await?;
        ids.insert(contact.email, record.id);
    }
    Ok(ids)
}

/// Portal access with the demo password for those who log in.
async fn access(
    clients: &Clients,
    admin: &As,
    contacts: &HashMap<&'static str, String>,
    profiles: &HashMap<String, String>,
) -> Result<()> {
    for contact in CONTACTS.iter().filter(|c| c.logs_in) {
        let id = contacts.get(contact.email).context("a contact's id")?;
        let request = EnableAccessRequest {
            contact_id: id.clone(),
            email: contact.email.into(),
            name: format!("{} {}", contact.first, contact.last),
            support_start: "2026-01-01".into(),
            support_end: "2035-12-31".into(),
            locale: contact.locale.into(),
            idempotency_key: format!("demo access {}", contact.email),
            ..EnableAccessRequest::default()
        };
        let enabled = admin.call(|c| {
            let request = request.clone();
            async move { c.identity().enable_access(request).await }
        });
        match enabled.await.map_err(runtime::error_of) {
            Ok(_) => {}
            // It was enabled by a load that did not come to its end.
            Err(e) if e.code == kernel::Code::Conflict => {}
            Err(e) => return Err(e).with_context(|| format!("access of {}", contact.email)),
        }
        let password = SetPasswordRequest { user_id: id.clone(), password: PASSWORD.into(), via: "demo".into() };
        let set = session::patiently(|| {
            let request = password.clone();
            async move { clients.identity().set_password(request).await }
        });
        set.await.map_err(|s| refused(s, "identity")).with_context(|| format!("password of {}", contact.email))?;
    }
    // Nina has DEFAULT although the demo's default is Standard.
    let nina = contacts.get("nina@globex.test").context("Nina")?;
    let default = profiles.get(policy::DEFAULT_NAME).context("the profile DEFAULT")?;
    let chosen = admin.call(|c| {
        let request = ChooseContactProfileRequest { contact_id: nina.clone(), profile_id: default.clone() };
        async move { c.permissions().choose_contact_profile(request).await }
    });
    chosen.await.map_err(|s| refused(s, "permissions"))?;
    Ok(())
}

async fn all_tickets(
    clients: &Clients,
    admin: &As,
    companies: &HashMap<&'static str, String>,
    contacts: &HashMap<&'static str, String>,
) -> Result<usize> {
    let agent = As::log_in(clients, "agent@demo.test", SubjectKind::Agent).await?;
    let mut portal = HashMap::new();
    for contact in CONTACTS.iter().filter(|c| c.logs_in) {
        portal.insert(contact.email, As::log_in(clients, contact.email, SubjectKind::Contact).await?);
    }
    let world = World { admin, agent: &agent, portal: &portal, companies, contacts };
    let all: Vec<Story> = stories(TICKETS);
    stream::iter(all.into_iter().map(|story| tell(&world, story)))
        .buffered(12)
        .try_for_each(|()| async { Ok(()) })
        .await?;
    Ok(TICKETS)
}

struct World<'a> {
    admin: &'a As,
    agent: &'a As,
    portal: &'a HashMap<&'static str, As>,
    companies: &'a HashMap<&'static str, String>,
    contacts: &'a HashMap<&'static str, String>,
}

/// One ticket's life: opened by its contact or an agent, answered, sometimes closed.
async fn tell(world: &World<'_>, story: Story) -> Result<()> {
    let contact = story.contact;
    let key = format!("demo ticket {}", story.number);
    let contact_id = world.contacts.get(contact.email).context("a ticket's contact")?;
    let company_id = world.companies.get(contact.company).context("a ticket's company")?;
    let record = match world.portal.get(contact.email) {
        Some(portal) => {
            let fields = [("title", story.title), ("description", story.description), ("priority", story.priority)];
            create(portal, "tickets", &fields, &key).await?
        }
        None => {
            let fields = [
                ("title", story.title),
                ("description", story.description),
                ("priority", story.priority),
                ("category", story.category),
                ("contact_id", contact_id),
                ("company_id", company_id),
            ];
            create(world.admin, "tickets", &fields, &key).await?
        }
    };
    for (i, comment) in story.comments.iter().enumerate() {
        let who = match (comment.by_contact, world.portal.get(contact.email)) {
            (true, Some(portal)) => portal,
            (true, None) => continue,
            (false, _) => world.agent,
        };
        let request = AddCommentRequest {
            module: "tickets".into(),
            id: record.id.clone(),
            body: comment.text.into(),
            internal: comment.internal,
            idempotency_key: format!("{key} comment {i}"),
        };
        let said = who.call(|c| {
            let request = request.clone();
            async move { c.records().add_comment(request).await }
        });
        said.await.map_err(|s| refused(s, "records")).with_context(|| key.clone())?;
    }
    if story.status != "open" {
        let request = UpdateRecordRequest {
            module: "tickets".into(),
            id: record.id.clone(),
            fields: vec![text("status", story.status)],
            expected_version: record.visible_version,
            idempotency_key: format!("{key} status"),
        };
        let changed = world.agent.call(|c| {
            let request = request.clone();
            async move { c.records().update_record(request).await }
        });
        changed.await.map_err(|s| refused(s, "records")).with_context(|| key.clone())?;
    }
    Ok(())
}

fn text(field: &str, value: &str) -> FieldValue {
    FieldValue { field: field.into(), value: Some(Value { kind: Some(Kind::Text(value.into())) }) }
}

async fn create(who: &As, module: &str, fields: &[(&str, &str)], key: &str) -> Result<Record> {
    let request = CreateRecordRequest {
        module: module.into(),
        fields: fields.iter().filter(|(_, v)| !v.is_empty()).map(|(f, v)| text(f, v)).collect(),
        idempotency_key: key.into(),
    };
    let made = who.call(|c| {
        let request = request.clone();
        async move { c.records().create_record(request).await }
    });
    let made = made.await.map_err(|s| refused(s, "records")).with_context(|| key.to_owned())?;
    made.into_inner().record.context("an answer without its record")
}
