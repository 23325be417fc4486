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
    let profiles = agent.get("/admin/profiles").await?.expect(200)?.json();
    let default = profiles["items"].as_array().into_iter().flatten().find(|p| p["is_default"] == true);
    let id = default.and_then(|p| p["id"].as_str()).context("a default profile")?.to_owned();
    let answer = agent.get(&format!("/admin/profiles/{id}")).await?.expect(200)?;
    let mut document = answer.json()["published"].clone();
    document["modules"]["tickets"]["actions"]["edit"] = json!("mine");
    document["modules"]["tickets"]["actions"]["view"] = json!("company");
    document["modules"]["tickets"]["fields"]["description"]["access"] = json!("write");
    document["modules"]["tickets"]["fields"]["title"]["access"] = json!("write");
    document["modules"]["tickets"]["actions"]["view_updates"] = json!("inherit");
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
