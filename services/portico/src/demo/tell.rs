//! Tells stories: each record is opened, given to somebody, and talked about, by the people whom it concerns.

use super::{
    cast::{Agent, CONTACTS, Contact},
    session::As,
    stories::{Said, Story},
    write,
};
use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use proto::{
    identity::v1::SubjectKind,
    records::v1::{AddCommentRequest, FieldValue, Record},
};
use runtime::Clients;
use std::collections::HashMap;

/// So many stories go on at a time.
const AT_ONCE: usize = 12;

/// Everybody who does something, and the ids of whom it is done for.
pub(super) struct World<'a> {
    agents: HashMap<Agent, As>,
    portal: HashMap<&'static str, As>,
    /// By name.
    pub(super) companies: &'a HashMap<&'static str, String>,
    /// By e-mail address.
    pub(super) contacts: &'a HashMap<&'static str, String>,
}

impl<'a> World<'a> {
    /// Logs in everybody but the administrator, who is.
    pub(super) async fn new(
        clients: &Clients,
        admin: As,
        companies: &'a HashMap<&'static str, String>,
        contacts: &'a HashMap<&'static str, String>,
    ) -> Result<World<'a>> {
        let (mut agents, mut portal) = (HashMap::from([(Agent::Ada, admin)]), HashMap::new());
        for agent in [Agent::Alex, Agent::Giulia] {
            agents.insert(agent, As::log_in(clients, agent.login(), SubjectKind::Agent).await?);
        }
        for contact in CONTACTS.iter().filter(|c| c.logs_in) {
            portal.insert(contact.email, As::log_in(clients, contact.email, SubjectKind::Contact).await?);
        }
        Ok(World { agents, portal, companies, contacts })
    }

    pub(super) fn agent(&self, agent: Agent) -> Result<&As> {
        self.agents.get(&agent).context("an agent who is not logged in")
    }

    fn portal(&self, contact: &Contact) -> Result<&As> {
        self.portal.get(contact.email).context("a contact who is not logged in")
    }
}

/// Tells all of them. One is opened after the other, so that their numbers rise with time; what comes then goes on
/// meanwhile.
pub(super) async fn tell(world: &World<'_>, stories: Vec<Story>) -> Result<()> {
    stream::iter(stories)
        .then(|story| async move {
            let record = open(world, &story).await?;
            anyhow::Ok((story, record))
        })
        .map_ok(|(story, record)| go_on(world, story, record))
        .try_buffer_unordered(AT_ONCE)
        .try_for_each(|()| async { Ok(()) })
        .await
}

/// By its contact in the portal, or by an agent for who does not come there.
async fn open(world: &World<'_>, story: &Story) -> Result<Record> {
    let contact = story.contact;
    let mut fields = write::texts(&[
        ("title", &story.title),
        ("description", &story.description),
        ("priority", story.priority),
        ("category", story.category),
    ]);
    if contact.logs_in {
        let who = world.portal(contact)?;
        return write::create(who, story.module, fields, &story.key, Some(story.opened_at)).await;
    }
    let contact_id = world.contacts.get(contact.email).context("a story's contact")?;
    let company_id = world.companies.get(contact.company).context("a story's company")?;
    fields.extend(write::texts(&[
        ("severity", story.severity),
        ("contact_id", contact_id),
        ("company_id", company_id),
    ]));
    fields.push(owner(story.owner));
    let who = world.agent(story.owner.unwrap_or(Agent::Ada))?;
    write::create(who, story.module, fields, &story.key, Some(story.opened_at)).await
}

fn owner(agent: Option<Agent>) -> FieldValue {
    agent.map_or_else(|| write::nothing("owner_id"), |agent| write::text("owner_id", &agent.id()))
}

/// What comes after the opening.
async fn go_on(world: &World<'_>, story: Story, record: Record) -> Result<()> {
    if story.contact.logs_in {
        // What comes from the portal belongs to the profile's agent at first.
        let mut fields = write::texts(&[("severity", story.severity)]);
        fields.push(owner(story.owner));
        let key = format!("{} assigned", story.key);
        write::update(world.agent(Agent::Ada)?, &record, fields, &key, story.assigned_at).await?;
    }
    for (i, said) in story.said.iter().enumerate() {
        say(world, &story, &record, said, i).await?;
    }
    Ok(())
}

async fn say(world: &World<'_>, story: &Story, record: &Record, said: &Said, nth: usize) -> Result<()> {
    let who = match said.by_customer {
        true => world.portal(story.contact)?,
        false => world.agent(story.owner.unwrap_or(Agent::Ada))?,
    };
    let request = AddCommentRequest {
        module: story.module.into(),
        id: record.id.clone(),
        body: said.text.clone(),
        internal: said.internal,
        idempotency_key: format!("{} comment {nth}", story.key),
        set_status: said.status.into(),
        occurred_at_micros: said.at.micros(),
    };
    write::comment(who, request).await
}
