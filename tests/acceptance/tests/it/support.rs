//! What several tests begin with.

use anyhow::{Context, Result};
use kit::{Browser, PASSWORD, Portal, eventually};
use serde_json::{Value, json};

/// Support dates that hold today and for long.
pub(crate) fn dates() -> Value {
    json!({"support_start": "2020-01-01", "support_end": "2099-12-31"})
}

/// Creates a record; answers it.
pub(crate) async fn create(who: &mut Browser, module: &str, fields: Value) -> Result<Value> {
    // What was written in another service a moment ago may be on its way.
    eventually("a record to be created", async || {
        let mut who = who.clone();
        Ok(who.post(&format!("/modules/{module}/records"), json!({"fields": fields})).await?.expect(201)?.json())
    })
    .await
}

/// A company and a contact of it, made by an agent; answers their ids.
pub(crate) async fn company_and_contact(agent: &mut Browser, company: &str, email: &str) -> Result<(String, String)> {
    let company = create(agent, "companies", json!({"name": company, "country": "IT"})).await?;
    let company = id(&company);
    let contact = contact_of(agent, &company, email).await?;
    Ok((company, contact))
}

/// A contact of a company.
pub(crate) async fn contact_of(agent: &mut Browser, company: &str, email: &str) -> Result<String> {
    let name = email.split('@').next().unwrap_or(email);
    let fields = json!({"first_name": name, "last_name": "Test", "email": email, "company_id": company});
    Ok(id(&create(agent, "contacts", fields).await?))
}

/// The id of a record.
pub(crate) fn id(record: &Value) -> String {
    record["id"].as_str().unwrap_or_default().to_owned()
}

/// The link in a mail that leads to the portal and holds a token.
pub(crate) fn link_of(text: &str) -> Option<String> {
    text.split_whitespace()
        .find(|w| w.starts_with("http") && w.len() > 60)
        .map(|w| w.trim_matches(['<', '>']).to_owned())
}

/// The token of an invitation's link: its last part.
pub(crate) fn token_of(link: &str) -> String {
    link.rsplit(['/', '=']).next().unwrap_or_default().to_owned()
}

/// Gives a contact access, waits for the invitation, sets the password and signs in.
pub(crate) async fn portal_user(portal: &Portal, agent: &mut Browser, contact: &str, email: &str) -> Result<Browser> {
    agent.post(&format!("/admin/contacts/{contact}/portal-access"), dates()).await?.expect(200)?;
    let mail = portal.mail_to(email, "").await?;
    let token = token_of(&link_of(&mail.text).context("a link in the invitation")?);
    let mut user = portal.browser();
    user.post("/auth/invitations/accept", json!({"token": token, "new_password": PASSWORD})).await?.expect(204)?;
    eventually("signing in", async || user.clone().sign_in(email, PASSWORD).await).await?;
    user.sign_in(email, PASSWORD).await?;
    portal.settle().await?;
    Ok(user)
}

/// A profile document that lets contacts edit what DEFAULT does not, in force for everybody.
pub(crate) async fn let_contacts_edit(agent: &mut Browser) -> Result<()> {
    // Right after the start permissions may not have heard of the modules yet, and says so with 503.
    eventually("the profile to be published", async || publish_edit(&mut agent.clone()).await).await
}

async fn publish_edit(agent: &mut Browser) -> Result<()> {
    publish(agent, &|document| {
        document["modules"]["tickets"]["actions"]["edit"] = json!("mine");
        document["modules"]["tickets"]["actions"]["view"] = json!("company");
        document["modules"]["tickets"]["fields"]["description"]["access"] = json!("write");
        document["modules"]["tickets"]["fields"]["title"]["access"] = json!("write");
        document["modules"]["tickets"]["actions"]["view_updates"] = json!("inherit");
    })
    .await
}

/// Changes the default profile and publishes it. A draft that can't be published is an error with the answer in it.
pub(crate) async fn publish(agent: &mut Browser, change: &dyn Fn(&mut Value)) -> Result<()> {
    let profiles = agent.get("/admin/profiles").await?.expect(200)?.json();
    let default = profiles["items"].as_array().into_iter().flatten().find(|p| p["is_default"] == true);
    let id = default.and_then(|p| p["id"].as_str()).context("a default profile")?.to_owned();
    let answer = agent.get(&format!("/admin/profiles/{id}")).await?.expect(200)?;
    let mut document = answer.json()["published"].clone();
    change(&mut document);
    let path = format!("/admin/profiles/{id}");
    let tag = answer.header("etag").to_owned();
    let saved = agent.call_with("PUT", &path, &[("if-match", &tag)], Some(document)).await?.expect(204)?;
    let tag = saved.header("etag").to_owned();
    agent.call_with("POST", &format!("{path}/publish"), &[("if-match", &tag)], None).await?.expect(204)?;
    Ok(())
}

/// The items of a list.
pub(crate) fn items(list: &Value) -> Vec<Value> {
    list["items"].as_array().cloned().unwrap_or_default()
}

/// Identity as the command line calls it: it may do what an administrator may.
pub(crate) fn operator(portal: &Portal) -> Result<runtime::Clients> {
    Ok(runtime::Clients::new(&portal.config, "console", portal.grpc("identity"))?)
}

/// Changes the security settings.
pub(crate) async fn settings(
    portal: &Portal,
    change: impl Fn(&mut proto::identity::v1::SecuritySettings),
) -> Result<()> {
    use proto::identity::v1::{ChangeSettingsRequest, GetSettingsRequest};
    let mut administration = operator(portal)?.identity_administration();
    let now = administration.get_settings(GetSettingsRequest {}).await.map_err(runtime::error_of)?.into_inner();
    let mut settings = now.settings.unwrap_or_default();
    change(&mut settings);
    let request = ChangeSettingsRequest { settings: Some(settings), expected_version: now.version };
    administration.change_settings(request).await.map_err(runtime::error_of)?;
    Ok(())
}

/// Asks for a second factor of somebody.
pub(crate) async fn require_mfa(portal: &Portal, user_id: &str) -> Result<()> {
    let request = proto::identity::v1::RequireMfaRequest { user_id: user_id.to_owned(), required: true };
    operator(portal)?.identity().require_mfa(request).await.map_err(runtime::error_of)?;
    Ok(())
}

/// A portal user of a company of their own; answers browser and contact.
pub(crate) async fn somebody(portal: &Portal, email: &str) -> Result<(Browser, String)> {
    let mut admin = portal.agent(&format!("admin-of-{email}"), "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, &format!("Company of {email}"), email).await?;
    let user = portal_user(portal, &mut admin, &contact, email).await?;
    Ok((user, contact))
}

/// Signs in with a new browser; answers it and the status word.
pub(crate) async fn login(portal: &Portal, login: &str, password: &str) -> Result<(Browser, Value)> {
    let mut browser = portal.browser();
    let answer = browser.post("/auth/login", json!({"login": login, "password": password})).await?.expect(200)?;
    browser.refresh_csrf().await?;
    Ok((browser, answer.json()))
}

/// Sets an authenticator app up; answers its secret and the recovery codes. The code of the step before is used up.
pub(crate) async fn set_up_app(who: &mut Browser) -> Result<(String, Vec<String>)> {
    crate::totp::room(8).await?;
    let begun = who.post("/auth/mfa/totp", json!({})).await?.expect(200)?.json();
    let secret = begun["secret"].as_str().context("a secret")?.to_owned();
    let code = crate::totp::code(&secret, -1);
    let confirmed = who.post("/auth/mfa/totp/confirm", json!({"code": code})).await?.expect(200)?.json();
    who.refresh_csrf().await?;
    let codes = confirmed["recovery_codes"].as_array().into_iter().flatten();
    Ok((secret, codes.filter_map(|c| c.as_str().map(str::to_owned)).collect()))
}

/// Makes everybody's last proof eleven minutes old.
pub(crate) async fn let_proofs_age(portal: &Portal) -> Result<()> {
    let pool = portal.database.pool("identity")?;
    sqlx::query("update session set auth_at = auth_at - interval '11 minutes'").execute(&pool).await?;
    Ok(())
}
