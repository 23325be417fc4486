//! What other services' events teach, and which messages they make necessary.

use crate::ground::{AGENT, CONTACT, Ground, Heard, MailServer, Process, Village};
use eventlog::{Handler, HandlerError, Reaction, Recorded};
use kernel::{ActorKind, Channel};
use notification::reactions::{IdentityReactions, RecordReactions};
use proto::records::v1::value::Kind as Value;
use std::sync::{Arc, atomic::Ordering};
use uuid::Uuid;

pub(crate) const BY_AGENT: (ActorKind, Uuid) = (ActorKind::Agent, AGENT);
pub(crate) const BY_CONTACT: (ActorKind, Uuid) = (ActorKind::Contact, CONTACT);
pub(crate) const BY_OTHER_AGENT: (ActorKind, Uuid) = (ActorKind::Agent, Uuid::from_u128(0xa2));

pub(crate) struct Scene {
    pub(crate) ground: Ground,
    pub(crate) village: Arc<Village>,
    pub(crate) heard: Heard,
    pub(crate) identity: IdentityReactions,
    records: RecordReactions,
}

impl Scene {
    pub(crate) async fn new() -> Scene {
        let ground = Ground::new().await;
        let village = Arc::new(Village::default());
        let identity = IdentityReactions::new(ground.log.clone());
        let records = RecordReactions::new(ground.log.clone(), Arc::<Village>::clone(&village));
        Scene { ground, village, heard: Heard::new(), identity, records }
    }

    /// An agent who owns a ticket of a contact with portal access.
    pub(crate) async fn with_ticket() -> Scene {
        let scene = Scene::new().await;
        let (i, r) = (&scene.identity, &scene.records);
        let h = &scene.heard;
        for event in [h.agent_created(), h.access_enabled()] {
            scene.ground.handle(i, &event).await;
        }
        for event in [h.module_defined(), h.record_created(), h.assigned(BY_AGENT, &AGENT.to_string())] {
            scene.ground.handle(r, &event).await;
        }
        scene
    }

    pub(crate) async fn records(&self, event: &Recorded) {
        self.ground.handle(&self.records, event).await;
    }

    /// Recipients and templates of what is queued.
    pub(crate) async fn queued(&self) -> Vec<(Uuid, String, String)> {
        sqlx::query_as("select recipient_id, template, recipient from deliveries_v1 order by created_at, id")
            .fetch_all(self.ground.log.pool())
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn a_new_owner_is_told_unless_it_was_the_owners_own_doing() {
    let scene = Scene::with_ticket().await;
    assert!(scene.queued().await.is_empty(), "an agent was told of their own work");
    scene.records(&scene.heard.assigned(BY_CONTACT, &AGENT.to_string())).await;
    scene.records(&scene.heard.assigned(BY_OTHER_AGENT, &AGENT.to_string())).await;
    scene.records(&scene.heard.assigned(BY_OTHER_AGENT, "")).await;
    let expected = (AGENT, "record_assigned".to_owned(), "ada@northwind.test".to_owned());
    assert_eq!(scene.queued().await, [expected.clone(), expected]);
}

#[tokio::test]
async fn an_answer_goes_to_the_other_side() {
    let scene = Scene::with_ticket().await;
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    scene.records(&scene.heard.commented(BY_CONTACT)).await;
    let template = "record_commented".to_owned();
    assert_eq!(
        scene.queued().await,
        [(CONTACT, template.clone(), "emma@acme.test".to_owned()), (AGENT, template, "ada@northwind.test".to_owned())]
    );
}

#[tokio::test]
async fn nobody_is_told_of_imports_and_seeds() {
    let scene = Scene::with_ticket().await;
    for channel in [Channel::Import, Channel::System] {
        let assigned = scene.heard.assigned(BY_OTHER_AGENT, &AGENT.to_string());
        let commented = scene.heard.commented(BY_AGENT);
        scene.records(&Recorded { channel, ..assigned }).await;
        scene.records(&Recorded { channel, ..commented }).await;
    }
    assert!(scene.queued().await.is_empty());
    assert_eq!(scene.ground.count("select count(*) from subjects where owner_id is not null").await, 1);
}

#[tokio::test]
async fn a_contact_without_access_gets_no_answer_by_mail() {
    let scene = Scene::with_ticket().await;
    let disabled = proto::identity::v1::AccessDisabled { user_id: CONTACT.to_string(), reason: "agent".into() };
    scene.ground.handle(&scene.identity, &scene.heard.event(BY_AGENT, &disabled)).await;
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    assert!(scene.queued().await.is_empty());
}

#[tokio::test]
async fn of_a_contact_who_was_never_heard_of_identity_is_asked() {
    let scene = Scene::new().await;
    for event in [scene.heard.module_defined(), scene.heard.record_created()] {
        scene.records(&event).await;
    }
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    assert!(scene.queued().await.is_empty());
    scene.village.access.lock().unwrap().insert(CONTACT, true);
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    assert_eq!(scene.queued().await.len(), 1);
    scene.village.away.store(true, Ordering::SeqCst);
    let waits = scene.records.handle(&scene.heard.commented(BY_AGENT)).await;
    assert!(matches!(waits, Err(HandlerError::Away(_))));
}

#[tokio::test]
async fn one_event_makes_one_message_however_often_it_is_handled() {
    let scene = Scene::with_ticket().await;
    let event = scene.heard.commented(BY_AGENT);
    scene.records(&event).await;
    scene.records(&event).await;
    // Long after, when the command is forgotten.
    let mut owner = scene.ground.owner().await;
    sqlx::query("delete from command").execute(&mut owner).await.unwrap();
    scene.records(&event).await;
    assert_eq!(scene.queued().await.len(), 1);
    assert_eq!(scene.ground.count("select pos from head").await, 1);
}

#[tokio::test]
async fn a_lock_is_told_once_a_day() {
    let scene = Scene::with_ticket().await;
    let first = scene.heard.locked();
    let day = 24 * 3600;
    let at = |seconds| Recorded { recorded_at: first.recorded_at.plus_seconds(seconds), ..scene.heard.locked() };
    for event in [first.clone(), at(60), at(day - 1), at(day), at(day + 60)] {
        scene.ground.handle(&scene.identity, &event).await;
    }
    let queued = scene.queued().await;
    assert_eq!(queued.len(), 2);
    assert!(queued.iter().all(|q| q.1 == "account_locked" && q.2 == "emma@acme.test"));
}

#[tokio::test]
async fn only_a_changed_password_is_told_not_a_first_one() {
    let scene = Scene::with_ticket().await;
    let set = |credential_version, via: &str| proto::identity::v1::PasswordSet {
        user_id: CONTACT.to_string(),
        credential_id: Uuid::now_v7().to_string(),
        credential_version,
        via: via.into(),
        valid_until_micros: 0,
    };
    for message in [set(1, "invitation"), set(1, "console"), set(2, "demo"), set(2, "change"), set(3, "console")] {
        scene.ground.handle(&scene.identity, &scene.heard.event(BY_CONTACT, &message)).await;
    }
    assert_eq!(scene.queued().await.len(), 2);
}

#[tokio::test]
async fn a_contacts_record_says_where_mail_goes_and_whether_any_is_wanted() {
    let scene = Scene::with_ticket().await;
    let mail = MailServer::start().await;
    scene.records(&scene.heard.contact_updated("email", Value::Text("new@acme.test".into()))).await;
    scene.records(&scene.heard.contact_updated("last_name", Value::Text("Bruni".into()))).await;
    scene.records(&scene.heard.contact_updated("department", Value::Text("sales".into()))).await;
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    let process = Process::start(scene.ground.log.clone(), &scene.village, &mail);
    scene.ground.settle("sent").await;
    let mails = mail.mails().await;
    assert_eq!(mails[0].to, ["new@acme.test"]);
    assert_eq!(mails[0].subject, "New answer: Ticket TT1042 – The printer è in fiamme");
    assert!(mails[0].text.contains("Ada Bianchi wrote:\n\n> We are on our way."), "{}", mails[0].text);

    scene.records(&scene.heard.contact_updated("email_opt_out", Value::Boolean(true))).await;
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    scene.ground.settle_one(1, "skipped").await;
    assert_eq!(scene.ground.deliveries().await[1].2, "opted_out");
    process.stop().await;
    assert_eq!(mail.mails().await.len(), 1);
}

#[tokio::test]
async fn a_record_that_changes_its_contact_is_answered_to_the_new_one() {
    let scene = Scene::with_ticket().await;
    let other = Uuid::from_u128(0xc2);
    scene.village.access.lock().unwrap().insert(other, true);
    let change = proto::records::v1::FieldChange {
        field: "contact_id".into(),
        old: None,
        new: crate::ground::text("contact_id", &other.to_string()).value,
    };
    let moved = proto::records::v1::RecordUpdated {
        record_id: crate::ground::RECORD.to_string(),
        module: "tickets".into(),
        changes: vec![change],
        ..Default::default()
    };
    scene.records(&scene.heard.event(BY_AGENT, &moved)).await;
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    assert_eq!(scene.queued().await[0].0, other);
}

#[tokio::test]
async fn after_a_new_epoch_everything_is_learned_again_and_nothing_sent_again() {
    let scene = Scene::with_ticket().await;
    let (invitation, comment) = (scene.heard.invitation_issued(), scene.heard.commented(BY_AGENT));
    scene.ground.handle(&scene.identity, &invitation).await;
    scene.records(&comment).await;
    let mut tx = scene.ground.log.pool().begin().await.unwrap();
    scene.identity.reset(&mut tx).await.unwrap();
    scene.records.reset(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(scene.ground.count("select count(*) from subjects").await, 0);
    assert_eq!(scene.ground.count("select count(*) from recipients where access or email <> ''").await, 0);
    for event in [scene.heard.agent_created(), scene.heard.access_enabled(), invitation] {
        scene.ground.handle(&scene.identity, &event).await;
    }
    for event in [scene.heard.module_defined(), scene.heard.record_created(), comment] {
        scene.records(&event).await;
    }
    assert_eq!(scene.queued().await.len(), 2);
}

#[tokio::test]
async fn an_event_of_which_nothing_is_to_be_learned_has_no_effect() {
    let scene = Scene::new().await;
    let message = proto::identity::v1::LoggedIn { user_id: CONTACT.to_string(), ..Default::default() };
    let event = scene.heard.event(BY_CONTACT, &message);
    assert!(matches!(scene.identity.handle(&event).await, Ok(Reaction::Nothing)));
    let broken = Recorded { payload: vec![0xff], ..scene.heard.locked() };
    assert!(matches!(scene.identity.handle(&broken).await, Err(HandlerError::Poison(_))));
}
