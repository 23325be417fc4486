//! Demo data, made through the real commands: agents, companies, contacts with portal access, profiles, a few hundred
//! tickets with their conversations, papers of every kind. All of it is told as if it had happened in the last weeks.
//! Repeating it adds nothing.

mod calendar;
mod cast;
mod dice;
mod papers;
mod script;
mod session;
mod stories;
mod tell;
mod write;

use crate::refusal::refused;
use anyhow::{Context, Result};
use calendar::{Calendar, WORKDAY};
use cast::{Agent, COMPANIES, CONTACTS, HAS_DEFAULT};
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
    records::v1::ListRecordsRequest,
};
use runtime::{Clients, Config};
use session::As;
use std::{collections::HashMap, net::SocketAddr};
use tell::World;

/// The password of every demo login; accepted only while demo data is loaded.
pub const PASSWORD: &str = "portico-demo-2026";

/// How many tickets the demo has.
const TICKETS: usize = 320;

/// Loads what is not there yet; answers a sentence about it.
pub async fn load(config: &Config, grpc: SocketAddr) -> Result<String> {
    anyhow::ensure!(config.demo, "PORTICO_DEMO is not true: demo logins would not be accepted");
    let clients = Clients::new(config, "demo", grpc)?;
    agents(&clients).await?;
    let admin = As::log_in(&clients, Agent::Ada.login(), SubjectKind::Agent).await?;
    if tickets(&admin).await? >= i64::try_from(TICKETS)? {
        return Ok("demo data is loaded already".into());
    }
    let profiles = profiles(&admin).await?;
    let calendar = Calendar::new(papers::present(&admin).await?);
    let companies = companies(&admin, &calendar).await?;
    let contacts = contacts(&admin, &companies, &calendar).await?;
    let link = company_link(&clients, &companies).await?;
    access(&clients, &admin, &contacts, &profiles).await?;
    let world = World::new(&clients, admin, &companies, &contacts).await?;
    let papers = papers::file(&world, &calendar).await?;
    tell::tell(&world, stories::cases(&calendar)).await?;
    // The last of all: as long as they are not all there, the demo is loaded further.
    tell::tell(&world, stories::tickets(TICKETS, &calendar)).await?;
    let link = link.map(|(company, link)| format!("; {company} comes in by {link}")).unwrap_or_default();
    let (companies, contacts) = (companies.len(), contacts.len());
    Ok(format!("{companies} companies, {contacts} contacts, {papers} papers, {TICKETS} tickets{link}"))
}

/// Switches secure links of companies on, and makes one for a company that has no portal user. Nothing when somebody
/// has changed the settings already.
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
    for agent in Agent::ALL {
        let login = agent.login();
        let request = CreateAgentRequest {
            login: login.into(),
            name: agent.name().into(),
            email: login.into(),
            role: agent.role().into(),
            locale: agent.locale().into(),
            password: PASSWORD.into(),
            user_id: agent.id(),
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
        document.owner = Some(Agent::Alex.id());
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

async fn companies(admin: &As, calendar: &Calendar) -> Result<HashMap<&'static str, String>> {
    let mut ids = HashMap::new();
    // One became a customer after the other.
    for (company, days) in COMPANIES.iter().zip((0..=400).rev().step_by(30)) {
        let fields = write::texts(&[
            ("name", company.name),
            ("email", company.email),
            ("phone", company.phone),
            ("country", company.country),
            ("status", company.status),
            ("owner_id", &company.representative.id()),
        ]);
        let at = calendar.ago(days * WORKDAY);
        let record =
            write::create(admin, "companies", fields, &format!("demo company {}", company.name), Some(at)).await?;
        ids.insert(company.name, record.id);
    }
    Ok(ids)
}

async fn contacts(
    admin: &As,
    companies: &HashMap<&'static str, String>,
    calendar: &Calendar,
) -> Result<HashMap<&'static str, String>> {
    let mut ids = HashMap::new();
    // Each some time after the company.
    for (contact, days) in CONTACTS.iter().zip((0..=380).rev().step_by(15)) {
        let company = companies.get(contact.company).context("a contact's company")?;
        let fields = write::texts(&[
            ("first_name", contact.first),
            ("last_name", contact.last),
            ("email", contact.email),
            ("phone", contact.phone),
            ("department", contact.department),
            ("company_id", company),
        ]);
        let at = calendar.ago(days * WORKDAY);
        let record =
            write::create(admin, "contacts", fields, &format!("demo contact {}", contact.email), Some(at)).await?;
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
    let nina = contacts.get(HAS_DEFAULT).context("Nina")?;
    let default = profiles.get(policy::DEFAULT_NAME).context("the profile DEFAULT")?;
    let chosen = admin.call(|c| {
        let request = ChooseContactProfileRequest { contact_id: nina.clone(), profile_id: default.clone() };
        async move { c.permissions().choose_contact_profile(request).await }
    });
    chosen.await.map_err(|s| refused(s, "permissions"))?;
    Ok(())
}
