//! What other services' events teach, and which messages they make necessary.

use crate::ground::{AGENT, CONTACT, Ground, Heard, MailServer, Process, TestNeighbours};
use eventlog::{Handler, HandlerError, Reaction, Recorded};
use kernel::{ActorKind, Channel, Timestamp};
use notification::reactions::{IdentityReactions, RecordReactions};
use proto::records::v1::value::Kind as Value;
use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
};
use uuid::Uuid;

pub(crate) const BY_AGENT: (ActorKind, Uuid) = (ActorKind::Agent, AGENT);
pub(crate) const BY_CONTACT: (ActorKind, Uuid) = (ActorKind::Contact, CONTACT);
pub(crate) const BY_OTHER_AGENT: (ActorKind, Uuid) = (ActorKind::Agent, Uuid::from_u128(0xa2));

pub(crate) struct Scene {
    pub(crate) ground: Ground,
    pub(crate) village: Arc<TestNeighbours>,
    pub(crate) heard: Heard,
    pub(crate) identity: IdentityReactions,
    records: RecordReactions,
}

impl Scene {
    pub(crate) async fn new() -> Scene {
        let ground = Ground::new().await;
        let village = Arc::new(TestNeighbours::default());
        let identity = IdentityReactions::new(ground.log.clone());
        let records = RecordReactions::new(ground.log.clone(), Arc::<TestNeighbours>::clone(&village));
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
async fn a_modules_definition_is_known_step_by_step() {
    let scene = Scene::new().await;
    scene.records(&scene.heard.module_defined()).await;
    let known = async || {
        let sql = "select contact_field, title_field, singular ->> 'en', singular ->> 'it' from modules";
        let found: (String, String, Option<String>, Option<String>) =
            sqlx::query_as(sql).fetch_one(scene.ground.log.pool()).await.unwrap();
        found
    };
    let of = |contact: &str, title: &str, en: &str, it: Option<&str>| {
        (contact.to_owned(), title.to_owned(), Some(en.to_owned()), it.map(str::to_owned))
    };
    assert_eq!(known().await, of("contact_id", "title", "Ticket", Some("Segnalazione")));
    let [described, titled, tied] = scene.heard.module_changed();
    scene.records(&described).await;
    assert_eq!(known().await, of("contact_id", "title", "Case", None));
    scene.records(&titled).await;
    assert_eq!(known().await, of("contact_id", "subject", "Case", None));
    scene.records(&tied).await;
    assert_eq!(known().await, of("", "subject", "Case", None));
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
async fn whoever_made_a_ticket_and_who_takes_part_hear_of_a_colleagues_comment() {
    let scene = Scene::with_ticket().await;
    let (creator, participant) = (Uuid::from_u128(0xc2), Uuid::from_u128(0xc3));
    {
        let mut involved = scene.village.involved.lock().unwrap();
        let involved = involved.as_mut().unwrap();
        involved.creator = Some(creator);
        involved.participants = vec![participant, CONTACT];
    }
    scene.records(&scene.heard.commented((ActorKind::Contact, creator))).await;
    let told = |queued: Vec<(Uuid, String, String)>| queued.into_iter().map(|q| q.0).collect::<BTreeSet<_>>();
    let queued = scene.queued().await;
    assert_eq!(queued.len(), 3);
    assert_eq!(told(queued), BTreeSet::from([CONTACT, participant, AGENT]));
    scene.records(&scene.heard.commented(BY_OTHER_AGENT)).await;
    let queued = scene.queued().await;
    assert_eq!(queued.len(), 7, "the owner hears a colleague too");
    assert_eq!(told(queued), BTreeSet::from([CONTACT, creator, participant, AGENT]));
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
}

#[tokio::test]
async fn what_reaches_nobody_is_in_the_mail_log_with_its_reason() {
    let scene = Scene::with_ticket().await;
    let mail = MailServer::start().await;
    let process = Process::start(scene.ground.log.clone(), &scene.village, &mail);
    // Access that ended, a profile that changed, no contact at all: nobody gets a mail, and the log says why.
    scene.village.closed.lock().unwrap().insert(CONTACT, "support_ended");
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    scene.ground.settle_one(0, "skipped").await;
    scene.village.closed.lock().unwrap().clear();
    scene.village.blind.lock().unwrap().insert(CONTACT);
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    scene.ground.settle_one(1, "skipped").await;
    {
        let mut involved = scene.village.involved.lock().unwrap();
        let involved = involved.as_mut().unwrap();
        (involved.contact, involved.creator) = (None, None);
    }
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    scene.ground.settle_one(2, "skipped").await;
    *scene.village.involved.lock().unwrap() = None;
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    scene.ground.settle_one(3, "skipped").await;
    process.stop().await;
    let reasons: Vec<String> = scene.ground.deliveries().await.into_iter().map(|d| d.2).collect();
    assert_eq!(reasons, ["support_ended", "record_hidden", "no_contact", "record_gone"]);
    assert!(mail.mails().await.is_empty());
}

#[tokio::test]
async fn a_disabled_owners_mail_goes_to_the_operator_and_the_log_says_so() {
    let scene = Scene::with_ticket().await;
    let mail = MailServer::start().await;
    scene.records(&scene.heard.commented(BY_CONTACT)).await;
    // Disabled after it was queued: what counts is the moment of writing.
    scene.village.closed.lock().unwrap().insert(AGENT, "disabled");
    let process = Process::start(scene.ground.log.clone(), &scene.village, &mail);
    scene.ground.settle("sent").await;
    process.stop().await;
    let mails = mail.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, ["desk@northwind.test"]);
    assert_eq!(mails[0].subject, "Needs an owner: Ticket TT1042 – The printer è in fiamme");
    assert!(mails[0].text.contains("Ada Bianchi, who owns it, can no longer sign in."), "{}", mails[0].text);
    assert!(!mails[0].text.contains("on our way"), "{}", mails[0].text);
    let went: (String, String) = sqlx::query_as("select recipient, redirected from deliveries_v1")
        .fetch_one(scene.ground.log.pool())
        .await
        .unwrap();
    assert_eq!(went, ("desk@northwind.test".to_owned(), "disabled".to_owned()));
}

#[tokio::test]
async fn a_customers_new_ticket_without_an_owner_is_told_to_the_operator() {
    let scene = Scene::with_ticket().await;
    assert!(scene.queued().await.is_empty());
    scene.village.involved.lock().unwrap().as_mut().unwrap().owner = None;
    let now = scene.ground.log.now();
    scene.records(&Recorded { recorded_at: now, ..scene.heard.record_created() }).await;
    let queued = scene.queued().await;
    let mut told: Vec<_> = queued.iter().map(|q| (q.0, q.1.as_str(), q.2.as_str())).collect();
    told.sort_by_key(|t| t.1);
    assert_eq!(
        told,
        [(notification::audience::OPERATOR, "record_assigned", ""), (CONTACT, "record_received", "emma@acme.test")],
        "who sent it is told that it came in"
    );
    // What came in days ago and is heard again, as after a new epoch, is no news to who sent it.
    let old = Timestamp::from_micros(now.micros() - 2 * 86_400_000_000);
    scene.records(&Recorded { event_id: kernel::new_id(), recorded_at: old, ..scene.heard.record_created() }).await;
    let received = scene.queued().await.into_iter().filter(|q| q.1 == "record_received").count();
    assert_eq!(received, 1, "what came in two days ago is told as if it were new");
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
async fn after_a_new_epoch_everything_is_learned_again_and_nothing_sent_again() {
    let scene = Scene::with_ticket().await;
    let (invitation, comment) = (scene.heard.invitation_issued(), scene.heard.commented(BY_AGENT));
    scene.ground.handle(&scene.identity, &invitation).await;
    scene.records(&comment).await;
    let mut tx = scene.ground.log.pool().begin().await.unwrap();
    scene.identity.reset(&mut tx).await.unwrap();
    scene.records.reset(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(scene.ground.count("select count(*) from modules").await, 0);
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
