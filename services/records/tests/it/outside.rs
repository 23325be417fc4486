//! Who looks from outside without being a contact: somebody by a company's link, and an agent as a contact.

use crate::world::{World, fields, value};
use anyhow::Result;
use kernel::{Actor, Channel, Code};
use policy::{Action, Grant, Profile};
use proto::records::v1::{
    AddCommentRequest, Comment, GetHistoryRequest, HistoryEntry, ListCommentsRequest, ListRecordsRequest, Record,
    ResolveTitlesRequest, records_service_server::RecordsService,
};
use records::{Caller, RecordsGrpc};

use tonic::Request;

impl World {
    async fn say(&self, caller: &Caller, record: &Record, body: &str) -> Result<Comment, kernel::Error> {
        let request = AddCommentRequest {
            module: record.module.clone(),
            id: record.id.clone(),
            body: body.into(),
            ..AddCommentRequest::default()
        };
        Ok(self.records.comment(caller, &request).await?.comment.unwrap())
    }

    async fn said(&self, caller: &Caller, record: &Record) -> Result<Vec<Comment>> {
        let request = ListCommentsRequest {
            module: record.module.clone(),
            id: record.id.clone(),
            ..ListCommentsRequest::default()
        };
        Ok(self.records.comments(caller, &request).await?.comments)
    }

    async fn past(&self, caller: &Caller, record: &Record) -> Result<Vec<HistoryEntry>> {
        let request =
            GetHistoryRequest { module: record.module.clone(), id: record.id.clone(), ..GetHistoryRequest::default() };
        Ok(self.records.history(caller, &request).await?.entries)
    }

    async fn titles_seen(&self, caller: &Caller, narrow: &str) -> Result<Vec<String>> {
        let request = ListRecordsRequest {
            module: "tickets".into(),
            sort: "number".into(),
            narrow: narrow.into(),
            ..ListRecordsRequest::default()
        };
        let items = self.records.list(caller, &request).await?.records();
        Ok(items.iter().filter_map(|r| value(r, "title")).collect())
    }
}

fn open_to_visitors() -> Profile {
    let mut profile = Profile::standard_demo();
    profile.modules.get_mut("tickets").unwrap().actions = policy::PerAction::all(Grant::Company);
    profile
}

/// proves: A18, P06
#[tokio::test]
async fn a_link_shows_the_companys_records_and_nothing_of_others() -> Result<()> {
    let world = World::new().await?;
    let of_emma = world.ticket("Emma's", &world.emma, None).await?;
    world.ticket("Marco's", &world.marco, None).await?;
    let of_nina = world.ticket("Nina's", &world.nina, None).await?;
    let note = AddCommentRequest {
        module: "tickets".into(),
        id: of_emma.id.clone(),
        body: "Between us".into(),
        internal: true,
        ..AddCommentRequest::default()
    };
    world.records.comment(&world.agent, &note).await?;
    world.say(&world.agent, &of_emma, "We look at it").await?;

    let visitor = world.visitor(&world.acme, &Profile::non_portal_users()).await?;
    assert_eq!(world.titles_seen(&visitor, "").await?, ["Emma's", "Marco's"]);
    assert_eq!(world.titles_seen(&visitor, "mine").await?, [] as [&str; 0], "nobody is there to whom anything belongs");
    assert_eq!(value(&world.get(&visitor, &world.acme).await?, "name").as_deref(), Some("Acme"));
    for foreign in [&of_nina, &world.globex, &world.emma] {
        let error = world.get(&visitor, foreign).await.unwrap_err();
        assert_eq!((error.code, &*error.reason), (Code::NotFound, "not_found"));
    }
    let bodies: Vec<String> = world.said(&visitor, &of_emma).await?.into_iter().map(|c| c.body).collect();
    assert_eq!(bodies, ["We look at it"], "notes among agents stay among agents");
    let ids = vec![of_nina.id.clone(), of_emma.id.clone()];
    let titles = world.records.titles(&visitor, &ResolveTitlesRequest { ids }).await?;
    assert_eq!(titles.into_keys().collect::<Vec<_>>(), std::slice::from_ref(&of_emma.id));
    // The profile grants nothing that writes.
    let error = world.change(&visitor, &of_emma, &[("title", "Mine now")]).await.unwrap_err();
    assert!(matches!(error.code, Code::Forbidden | Code::Invalid), "{error:?}");
    assert_eq!(world.say(&visitor, &of_emma, "Hello").await.unwrap_err().code, Code::Forbidden);
    Ok(())
}

/// proves: A18, R13, R14
#[tokio::test]
async fn what_is_made_by_a_link_belongs_to_the_company_and_is_named_after_it() -> Result<()> {
    let world = World::new().await?;
    let visitor = world.visitor(&world.acme, &open_to_visitors()).await?;
    let made = world.make(&visitor, "tickets", fields(&[("title", "Printer")])).await?;
    let seen = world.get(&world.agent, &made).await?;
    assert_eq!(value(&seen, "company_id").as_deref(), Some(world.acme.id.as_str()));
    assert_eq!(value(&seen, "contact_id"), None);
    let by = seen.created_by_ext.unwrap();
    assert_eq!((by.id, by.name.as_str(), by.deleted), (world.acme.id.clone(), "Acme", false));
    // The company's contacts see it; another company's link does not.
    assert_eq!(world.titles_seen(&world.emma().await?, "").await?, ["Printer"]);
    let stranger = world.visitor(&world.globex, &open_to_visitors()).await?;
    assert_eq!(world.get(&stranger, &made).await.unwrap_err().code, Code::NotFound);

    let comment = world.say(&visitor, &made, "It is on fire").await?;
    assert_eq!((comment.author_kind.as_str(), comment.author_name.as_str()), ("company", "Acme"));
    world.change(&world.agent, &made, &[("priority", "urgent")]).await?;
    world.change(&visitor, &made, &[("description", "Still on fire")]).await?;
    let seen = world.get(&world.agent, &made).await?;
    assert_eq!(seen.modified_by_ext.unwrap().name, "Acme");
    let past = world.past(&world.agent, &made).await?;
    let by_visitor = past.iter().filter(|e| e.actor_kind == "company" && e.actor_name == "Acme");
    assert_eq!(by_visitor.map(|e| e.r#type.as_str()).collect::<Vec<_>>(), ["updated", "commented", "created"]);

    // Companies come from the operator, files and deletions are not for links, whatever the profile says.
    let create = world.make(&visitor, "companies", fields(&[("name", "Mine")])).await;
    assert!(create.is_err());
    assert!(
        !seen.actions.contains(&"nothing".to_owned())
            && visitor.plan.scope("tickets", Action::Delete) == policy::Scope::None
    );
    let own = world.get(&visitor, &made).await?;
    assert!(!own.actions.contains(&"delete".to_owned()) && !own.actions.contains(&"upload".to_owned()));
    Ok(())
}

/// proves: A19, R13, R14
#[tokio::test]
async fn what_an_agent_does_as_a_contact_is_the_agents_doing_on_behalf_of_the_contact() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let support = world.as_contact(&emma);
    let made = world.make(&support, "tickets", fields(&[("title", "By phone")])).await?;
    assert_eq!(value(&made, "contact_id").as_deref(), Some(world.emma.id.as_str()), "it is the contact's ticket");
    assert_eq!((made.created_by_name.as_str(), made.created_by_ext.is_none()), ("Ben", true));
    world.change(&support, &made, &[("description", "Dictated")]).await?;
    assert!(world.get(&emma, &made).await?.modified_by_ext.is_none(), "the contact changed nothing");
    world.change(&emma, &made, &[("description", "Corrected")]).await?;
    world.change(&support, &made, &[("description", "Dictated again")]).await?;
    assert_eq!(world.get(&emma, &made).await?.modified_by_ext.unwrap().name, "Emma Rossi", "the last was not hers");

    let comment = world.say(&support, &made, "She says that it works").await?;
    assert_eq!((comment.author_kind.as_str(), comment.author_name.as_str()), ("agent", "Ben"));
    assert_eq!((comment.on_behalf_of_id.as_str(), comment.on_behalf_of_name.as_str()), (&*world.emma.id, "Emma Rossi"));
    let read = world.said(&emma, &made).await?;
    assert_eq!(read, [Comment { open_until_micros: 0, ..comment }], "the agent's word is not hers to mend");

    let past = world.past(&emma, &made).await?;
    let told: Vec<(&str, &str, &str)> =
        past.iter().map(|e| (e.r#type.as_str(), e.actor_name.as_str(), e.on_behalf_of_name.as_str())).collect();
    assert_eq!(told[0], ("commented", "Ben", "Emma Rossi"));
    assert_eq!(told[2], ("updated", "Emma Rossi", ""));
    assert!(told.contains(&("created", "Ben", "Emma Rossi")));
    assert_eq!((past[0].actor_kind.as_str(), past[0].actor_id.clone()), ("agent", world.agent.actor.id.to_string()));
    // The event itself says both: the subject is the contact.
    let stream = eventlog::StreamId::new("record", made.id.parse()?);
    let first = world.log().load(stream).await?.remove(0);
    assert_eq!((first.actor_id, first.on_behalf_of), (emma.actor.id, Some(world.agent.actor.id)));
    Ok(())
}

/// proves: A19
#[tokio::test]
async fn support_access_sees_what_the_contact_sees_and_no_more() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let support = world.as_contact(&emma);
    world.ticket("Emma's", &world.emma, None).await?;
    let of_nina = world.ticket("Nina's", &world.nina, None).await?;
    assert_eq!(world.titles_seen(&support, "").await?, world.titles_seen(&emma, "").await?);
    assert_eq!(world.get(&support, &of_nina).await.unwrap_err().code, Code::NotFound);
    Ok(())
}

/// proves: A19
#[tokio::test]
async fn a_session_that_only_looks_changes_nothing_by_any_call() -> Result<()> {
    let world = World::new().await?;
    // Permissions is away: what is refused is refused before anything is looked at.
    let config = runtime::Config::from_settings(
        vec![
            (
                "PORTICO_MASTER_KEY".to_owned(),
                base64::Engine::encode(&base64::prelude::BASE64_STANDARD, kit::MASTER_KEY),
            ),
            ("PORTICO_DATABASE_URL".to_owned(), "postgres://nobody@127.0.0.1:1/none".to_owned()),
        ],
        &[],
    )?;
    let clients = runtime::Clients::new(&config, "records", "127.0.0.1:1".parse()?)?;
    let grpc = RecordsGrpc::new(world.records.clone(), None, runtime::PlanCache::new(clients));
    let emma = world.emma().await?.actor;
    let looking = Actor { read_only: true, on_behalf_of: Some(world.agent.actor.id), ..emma };
    let program = Actor { read_only: true, channel: Channel::Api, ..world.administrator.actor.clone() };
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto/portico/records/v1/records.proto"))?;
    let named = |line: &str| line.trim().strip_prefix("rpc ")?.split_once('(').map(|(name, _)| name.to_owned());
    for actor in [looking, program] {
        let mut refused = Vec::new();
        let mut open = Vec::new();
        let mut services_only = Vec::new();
        macro_rules! call {
            ($name:literal, $call:ident) => {
                let mut request = Request::new(Default::default());
                request.extensions_mut().insert(actor.clone());
                let error = runtime::error_of(grpc.$call(request).await.unwrap_err());
                match (error.code, &*error.reason) {
                    (Code::Forbidden, "read_only_session") => refused.push($name),
                    (Code::Unavailable, _) => open.push($name),
                    (Code::Forbidden, _) => services_only.push($name),
                    other => panic!("{}: {other:?}", $name),
                }
            };
        }
        call!("ListModules", list_modules);
        call!("DefineModule", define_module);
        call!("ListRecords", list_records);
        call!("GetRecord", get_record);
        call!("CreateRecord", create_record);
        call!("UpdateRecord", update_record);
        call!("DeleteRecord", delete_record);
        call!("PreviewDeletion", preview_deletion);
        call!("RestoreRecord", restore_record);
        call!("AddComment", add_comment);
        call!("EditComment", edit_comment);
        call!("RemoveComment", remove_comment);
        call!("MarkRead", mark_read);
        call!("ListComments", list_comments);
        call!("GetHistory", get_history);
        call!("ResolveTitles", resolve_titles);
        call!("SuggestRecords", suggest_records);
        call!("PreviewMove", preview_move);
        call!("CloseToContact", close_to_contact);
        call!("ListInvolved", list_involved);
        call!("ShowTo", show_to);
        let changing = [
            "DefineModule",
            "CreateRecord",
            "UpdateRecord",
            "DeleteRecord",
            "RestoreRecord",
            "AddComment",
            "EditComment",
            "RemoveComment",
            "MarkRead",
            "CloseToContact",
        ];
        assert_eq!(refused, changing);
        assert_eq!(services_only, ["ListInvolved", "ShowTo"]);
        let tried = refused.len() + open.len() + services_only.len();
        assert_eq!(tried, text.lines().filter_map(named).count(), "a call of the service was not tried");
    }
    Ok(())
}

/// proves: A27
#[tokio::test]
async fn an_installation_of_before_gets_the_mark_of_the_companys_own_user_once() -> Result<()> {
    let world = World::new().await?;
    let contacts = || async {
        let modules = world.records.catalogue().refresh().await?;
        let found = modules.iter().find(|d| d.module.name() == "contacts").cloned();
        anyhow::Ok(found.map(|d| (d.module.definition.clone(), d.version)).unwrap())
    };
    let (mut definition, version) = contacts().await?;
    assert_eq!(version, 1, "a new installation has it from the start");
    assert!(definition.fields.iter().any(|f| f.name == policy::PRIMARY));
    // What an administrator took away stays away.
    definition.fields.retain(|f| f.name != policy::PRIMARY);
    world.records.define(&world.administrator, definition, version).await?;
    records::seed(&world.records).await?;
    assert_eq!(contacts().await?.1, 2);

    // As the first version defined it, with a field of the installation's own in the next place.
    let old = World::before_the_mark().await?;
    let modules = old.catalogue().refresh().await?;
    let before = modules.iter().find(|d| d.module.name() == "contacts").unwrap();
    assert!(before.module.definition.fields.iter().all(|f| f.name != policy::PRIMARY));
    for _ in 0..2 {
        records::seed(&old).await?;
        let modules = old.catalogue().refresh().await?;
        let after = modules.iter().find(|d| d.module.name() == "contacts").unwrap();
        let field = after.module.definition.fields.iter().find(|f| f.name == policy::PRIMARY).unwrap();
        assert_eq!((after.version, field.number), (2, 10));
    }
    Ok(())
}

#[tokio::test]
async fn no_profile_lets_a_contact_mark_itself() -> Result<()> {
    let world = World::new().await?;
    let mut profile = Profile::standard_demo();
    let contacts = profile.modules.get_mut("contacts").unwrap();
    contacts.fields.insert(policy::PRIMARY.into(), policy::FieldGrant::new(policy::Access::Write));
    let emma = world.contact(&world.emma, &world.acme, &profile).await?;
    let error = world.change(&emma, &world.emma, &[(policy::PRIMARY, "true")]).await.unwrap_err();
    assert_eq!((&*error.fields[0].field, &*error.fields[0].code), (policy::PRIMARY, "read_only"));
    Ok(())
}
