//! What profiles and rules make of records, and what other services' events change.

use crate::world::{World, fields, value};
use anyhow::Result;
use eventlog::{Announce, Handler, Reaction, Recorded};
use kernel::{ActorKind, Channel, Code, Timestamp};
use policy::{Condition, Effect, Labels, Operator, Origin, Profile, Rule};
use proto::{
    event::StoredEvent,
    identity::v1::{AgentChanged, AgentCreated, AgentDisabled, LoggedIn},
    records::v1::{ListRecordsRequest, Record},
};
use records::Caller;
use std::sync::Arc;

async fn listed(world: &World, caller: &Caller, module: &str) -> Result<Vec<Record>> {
    let request = ListRecordsRequest { module: module.into(), ..ListRecordsRequest::default() };
    Ok(world.records.list(caller, &request).await?.records())
}

#[tokio::test]
async fn a_record_condition_holds_in_lists_and_for_one_record() -> Result<()> {
    let world = World::new().await?;
    let nina = world.nina().await?;
    let draft = world.make(&world.agent, "faqs", fields(&[("title", "Draft"), ("answer", "Not yet.")])).await?;
    let given = fields(&[("title", "How?"), ("answer", "Like this."), ("status", "published")]);
    let published = world.make(&world.agent, "faqs", given).await?;
    let seen = listed(&world, &nina, "faqs").await?;
    assert_eq!(seen.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), [published.id.as_str()]);
    assert_eq!(value(&world.get(&nina, &published).await?, "answer").as_deref(), Some("Like this."));
    assert_eq!(world.get(&nina, &draft).await.unwrap_err().code, Code::NotFound);
    let page = ListRecordsRequest { module: "faqs".into(), count: "exact".into(), ..ListRecordsRequest::default() };
    assert_eq!(world.records.list(&nina, &page).await?.total, Some(1));
    Ok(())
}

#[tokio::test]
async fn a_blocked_companys_page_is_read_only_by_a_rule() -> Result<()> {
    let world = World::new().await?;
    let mut profile = Profile::standard_demo();
    let companies = profile.modules.get_mut("companies").unwrap();
    companies.actions.set(policy::Action::Edit, policy::Grant::Company);
    companies.fields.insert("phone".into(), policy::FieldGrant::new(policy::Access::Write));
    let emma = world.contact(&world.emma, &world.acme, &profile).await?;
    world.change(&emma, &world.acme, &[("phone", "+39 02 123")]).await?;
    world.change(&world.agent, &world.acme, &[("status", "blocked")]).await?;
    let seen = world.get(&emma, &world.acme).await?;
    assert_eq!((seen.access("phone").unwrap_or_default(), seen.actions.contains(&"edit".to_owned())), ("read", false));
    let error = world.change(&emma, &world.acme, &[("phone", "+39 02 456")]).await.unwrap_err();
    assert_eq!((&*error.fields[0].field, &*error.fields[0].code), ("phone", "read_only"));
    assert_eq!(error.fields[0].message, "This company is blocked.");
    Ok(())
}

#[tokio::test]
async fn a_rule_can_look_at_the_company_of_a_record() -> Result<()> {
    let world = World::new().await?;
    let mut profile = Profile::standard_demo();
    let rule = Rule {
        id: "blocked".into(),
        name: "Blocked".into(),
        enabled: true,
        priority: 0,
        when: Condition::test("company.status", Operator::Eq, "blocked"),
        effects: vec![Effect::ReadOnlyRecord {}],
        public_reason: Labels::of([("en", "Blocked.")]),
        origin: Origin::Own,
    };
    profile.modules.get_mut("tickets").unwrap().rules.push(rule);
    let emma = world.contact(&world.emma, &world.acme, &profile).await?;
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer")])).await?;
    world.change(&emma, &made, &[("title", "The printer")]).await?;
    assert_eq!(listed(&world, &emma, "tickets").await?[0].access("title"), Some("write"));
    world.change(&world.agent, &world.acme, &[("status", "blocked")]).await?;
    assert_eq!(listed(&world, &emma, "tickets").await?[0].access("title"), Some("read"));
    let error = world.change(&emma, &made, &[("title", "My printer")]).await.unwrap_err();
    assert_eq!((&*error.fields[0].code, error.fields[0].message.as_str()), ("read_only", "Blocked."));
    Ok(())
}

#[tokio::test]
async fn a_masked_field_shows_its_end_and_can_not_be_searched_by() -> Result<()> {
    let world = World::new().await?;
    let mut profile = Profile::standard_demo();
    let masked = policy::FieldGrant::new(policy::Access::Masked);
    profile.modules.get_mut("contacts").unwrap().fields.insert("email".into(), masked);
    let emma = world.contact(&world.emma, &world.acme, &profile).await?;
    let seen = world.get(&emma, &world.emma).await?;
    assert_eq!(value(&seen, "email").as_deref(), Some("••••test"));
    let filter = r#"{"field":"email","op":"starts_with","value":"emma"}"#;
    let request =
        ListRecordsRequest { module: "contacts".into(), filter: filter.into(), ..ListRecordsRequest::default() };
    let error = world.records.list(&emma, &request).await.unwrap_err();
    assert_eq!((&*error.fields[0].field, &*error.fields[0].code), ("email", "not_filterable"));
    Ok(())
}

#[tokio::test]
async fn a_value_that_a_profile_does_not_offer_is_refused() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer")])).await?;
    let error = world.change(&emma, &made, &[("status", "waiting")]).await.unwrap_err();
    assert_eq!((&*error.fields[0].field, &*error.fields[0].code), ("status", "not_allowed_value"));
    world.change(&emma, &made, &[("status", "closed")]).await?;
    world.change(&emma, &made, &[("status", "open")]).await?;
    Ok(())
}

fn event<M: StoredEvent>(message: &M) -> Recorded {
    Recorded {
        position: 1,
        stream: kernel::new_id(),
        version: 1,
        event_id: kernel::new_id(),
        stored_type: Arc::from(M::STORED_TYPE),
        recorded_at: Timestamp::from_micros(0),
        actor_id: kernel::new_id(),
        actor_kind: ActorKind::Service,
        on_behalf_of: None,
        channel: Channel::System,
        session: None,
        command_id: kernel::new_id(),
        correlation_id: kernel::new_id(),
        causation_id: None,
        traceparent: None,
        payload: message.encode_to_vec(),
        redacted: false,
        prev_hash: vec![0; 32],
        hash: vec![0; 32],
    }
}

#[tokio::test]
async fn agents_are_learnt_from_identitys_events() -> Result<()> {
    let world = World::new().await?;
    let id = kernel::new_id();
    let created =
        AgentCreated { user_id: id.to_string(), name: "Carla".into(), role: "agent".into(), ..AgentCreated::default() };
    let Reaction::Independent(append) = records::Agents.handle(&event(&created)).await? else {
        panic!("nothing was done")
    };
    world.log().append(append).await?;
    assert!(matches!(records::Agents.handle(&event(&LoggedIn::default())).await?, Reaction::Nothing));
    let made = world.ticket("Printer", &world.emma, None).await?;
    let owned = world.change(&world.agent, &made, &[("owner_id", &id.to_string())]).await?;
    assert_eq!(owned.titles[&id.to_string()], "Carla");
    // Renamed and disabled, she still owns what is hers.
    let renamed = AgentChanged { user_id: id.to_string(), name: "Carla Verdi".into(), ..AgentChanged::default() };
    let disabled = AgentDisabled { user_id: id.to_string() };
    for told in [event(&renamed), event(&disabled)] {
        let Reaction::Independent(append) = records::Agents.handle(&told).await? else { panic!("nothing was done") };
        world.log().append(append).await?;
    }
    assert_eq!(world.get(&world.agent, &made).await?.titles[&id.to_string()], "Carla Verdi");
    let known: (String, bool) = sqlx::query_as("select role, disabled from agents_v1 where id = $1")
        .bind(id)
        .fetch_one(world.log().pool())
        .await?;
    assert_eq!(known, ("agent".to_owned(), true));
    let nobody = world.change(&world.agent, &made, &[("owner_id", &kernel::new_id().to_string())]).await.unwrap_err();
    assert_eq!(&*nobody.fields[0].code, "unknown_agent");
    Ok(())
}

#[tokio::test]
async fn events_are_announced_under_their_module() -> Result<()> {
    let world = World::new().await?;
    let made = world.ticket("Printer", &world.emma, None).await?;
    world.change(&world.agent, &made, &[("status", "closed")]).await?;
    let mut names = Vec::new();
    for event in world.log().read(1, 1_000).await? {
        let json = proto::event::to_json(&event.stored_type, &event.payload)?;
        let announced = records::RecordNames.announce(&event, &json);
        assert!(announced.public && !announced.subject.is_empty());
        if announced.subject == made.id {
            names.push(format!("{}.{}", announced.aggregate, announced.event));
        }
    }
    assert_eq!(names, ["tickets.created", "tickets.assigned", "tickets.updated", "tickets.closed"]);
    Ok(())
}

#[tokio::test]
async fn whoever_lacks_the_second_factor_of_the_profile_gets_nothing() -> Result<()> {
    let world = World::new().await?;
    let profile = Profile { require_mfa: true, ..Profile::standard_demo() };
    let emma = world.contact(&world.emma, &world.acme, &profile).await?;
    let with = |assurance| Caller::new(kernel::Actor { assurance, ..emma.actor.clone() }, Arc::clone(&emma.plan));
    let refused = with(1).unwrap_err();
    assert_eq!((refused.code, &*refused.reason), (Code::Forbidden, "mfa_enrolment_required"));
    assert!(listed(&world, &with(2)?, "tickets").await?.is_empty());
    Ok(())
}
