//! Security mail, from identity's events to the mail server; and what support access and secure links make of mail.

use crate::{
    ground::{AGENT, CONTACT, MailServer, Process, RECORD},
    knowledge::{BY_AGENT, BY_CONTACT, BY_OTHER_AGENT, Scene},
};
use eventlog::Recorded;
use kernel::ActorKind;
use kit::CaughtMail;
use proto::{event::StoredEvent, identity::v1 as identity, records::v1::value::Kind as Value};
use std::sync::atomic::Ordering;
use uuid::Uuid;

const REQUEST: &str = "018f2f6e-0000-7000-8000-0000000000e1";

impl Scene {
    pub(crate) async fn told<M: StoredEvent>(&self, actor: (ActorKind, Uuid), message: &M) {
        self.ground.handle(&self.identity, &self.heard.event(actor, message)).await;
    }

    /// Everything that is queued, sent.
    pub(crate) async fn sent(&self) -> Vec<CaughtMail> {
        let mail = MailServer::start().await;
        let process = Process::start(self.ground.log.clone(), &self.village, &mail);
        self.ground.settle("sent").await;
        process.stop().await;
        mail.mails().await
    }

    async fn templates(&self) -> Vec<String> {
        self.queued().await.into_iter().map(|(_, template, _)| template).collect()
    }
}

fn user() -> String {
    CONTACT.to_string()
}

fn reset(by: &str) -> identity::PasswordResetRequested {
    identity::PasswordResetRequested {
        user_id: user(),
        request_id: REQUEST.into(),
        by: by.into(),
        email: "emma@acme.test".into(),
        name: "Emma Rossi".into(),
        locale: "it".into(),
        kind: identity::SubjectKind::Contact.into(),
        ..Default::default()
    }
}

fn login_changed(via: &str) -> identity::LoginChanged {
    identity::LoginChanged {
        user_id: user(),
        login: "emma@new.test".into(),
        old_login: "emma@acme.test".into(),
        via: via.into(),
        email: "emma@new.test".into(),
    }
}

/// proves: A12, A13
#[tokio::test]
async fn a_reset_link_is_made_when_the_mail_is_written_and_is_nowhere_else() {
    // Nothing else is known of her: what the event says is enough.
    let scene = Scene::new().await;
    scene.told(BY_CONTACT, &reset("self")).await;
    scene.told(BY_AGENT, &reset("agent")).await;
    let mails = scene.sent().await;
    assert_eq!(mails.len(), 2);
    for mail in &mails {
        assert_eq!(
            (mail.to.as_slice(), mail.subject.as_str()),
            (&["emma@acme.test".to_owned()][..], "Scegli una nuova password")
        );
        assert!(
            mail.text.contains(&format!("https://portal.example.org/link?token=secret-of-{REQUEST}")),
            "{}",
            mail.text
        );
        assert!(mail.text.contains("30 minuti") && mail.html.contains("Scegli una nuova password"));
    }
    assert!(mails.iter().any(|m| m.text.contains("Qualcuno ha chiesto")));
    assert!(mails.iter().any(|m| m.text.contains("Northwind ti invia questo link")));
    // Neither the log nor the read model ever holds the token.
    for event in scene.ground.log.read(1, 1_000).await.unwrap() {
        assert!(!String::from_utf8_lossy(&event.payload).contains("secret-of"), "{}", event.stored_type);
    }
    assert_eq!(scene.ground.count("select count(*) from deliveries_v1 d where d::text like '%secret-of%'").await, 0);
}

#[tokio::test]
async fn a_link_that_was_used_meanwhile_is_not_sent() {
    let scene = Scene::with_ticket().await;
    scene.village.link_used.store(true, Ordering::SeqCst);
    scene.told(BY_CONTACT, &reset("self")).await;
    let mail = MailServer::start().await;
    let process = Process::start(scene.ground.log.clone(), &scene.village, &mail);
    scene.ground.settle("skipped").await;
    process.stop().await;
    assert_eq!(scene.ground.deliveries().await[0].2, "link_used");
    assert!(mail.mails().await.is_empty());
}

/// proves: A12, A13, A03
#[tokio::test]
async fn a_reset_and_a_one_time_password_are_told_whatever_was_wished() {
    let scene = Scene::with_ticket().await;
    scene.records(&scene.heard.contact_updated("email_opt_out", Value::Boolean(true))).await;
    let set = |via: &str, credential_version, until| identity::PasswordSet {
        user_id: user(),
        credential_id: Uuid::now_v7().to_string(),
        credential_version,
        via: via.into(),
        valid_until_micros: until,
    };
    scene.told(BY_CONTACT, &set("reset", 1, 0)).await;
    scene.told(BY_AGENT, &set("one_time", 1, 1_900_000_000_000_000)).await;
    let mails = scene.sent().await;
    let mut subjects: Vec<&str> = mails.iter().map(|m| m.subject.as_str()).collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ["A one-time password was set for you", "Your password was changed"]);
    let one_time = mails.iter().find(|m| m.subject.starts_with("A one-time")).unwrap();
    assert!(one_time.text.contains("valid until 17 March 2030, 17:46 (UTC)"), "{}", one_time.text);
    assert!(one_time.text.contains("it is not in this message"));
}

#[tokio::test]
async fn whoever_has_no_address_is_told_on_another_way() {
    let scene = Scene::with_ticket().await;
    let nobody = identity::PasswordSet {
        user_id: Uuid::from_u128(0xc9).to_string(),
        via: "one_time".into(),
        credential_version: 1,
        ..Default::default()
    };
    scene.told(BY_AGENT, &nobody).await;
    let mail = MailServer::start().await;
    let process = Process::start(scene.ground.log.clone(), &scene.village, &mail);
    scene.ground.settle("skipped").await;
    process.stop().await;
    assert_eq!(scene.ground.deliveries().await[0].2, "no_address");
}

#[tokio::test]
async fn another_login_is_confirmed_at_the_new_address_and_announced_at_the_old() {
    let scene = Scene::with_ticket().await;
    let wish = identity::LoginChangeRequested {
        user_id: user(),
        request_id: REQUEST.into(),
        new_email: "emma@new.test".into(),
        old_email: "emma@acme.test".into(),
        name: "Emma Rossi".into(),
        locale: "en".into(),
        kind: identity::SubjectKind::Contact.into(),
        ..Default::default()
    };
    let event = scene.heard.event(BY_CONTACT, &wish);
    for _ in 0..2 {
        scene.ground.handle(&scene.identity, &event).await;
    }
    let mails = scene.sent().await;
    assert_eq!(mails.len(), 2, "two mails, however often the event is handled");
    let to = |address: &str| mails.iter().find(|m| m.to == [address]).unwrap();
    let (new, old) = (to("emma@new.test"), to("emma@acme.test"));
    assert_eq!(
        (new.subject.as_str(), old.subject.as_str()),
        ("Confirm your new sign-in address", "Another sign-in address was asked for")
    );
    assert!(new.text.contains("secret-of") && !old.text.contains("secret-of"), "only the new address can confirm");
    assert!(!old.text.contains("emma@new.test"));
}

#[tokio::test]
async fn a_changed_login_is_told_at_both_ends_and_mail_follows_it() {
    let scene = Scene::with_ticket().await;
    scene.told(BY_AGENT, &login_changed("agent")).await;
    let mails = scene.sent().await;
    let mut to: Vec<&str> = mails.iter().map(|m| m.to[0].as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, ["emma@acme.test", "emma@new.test"]);
    let new = mails.iter().find(|m| m.to == ["emma@new.test"]).unwrap();
    assert!(new.text.contains("you sign in as emma@new.test") && new.text.contains("We changed what you sign in with"));
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    assert_eq!(scene.queued().await.last().unwrap().2, "emma@new.test");

    // Until the record says something newer; what is older and only heard later does not count.
    let late = scene.heard.event(BY_AGENT, &login_changed("agent"));
    scene.records(&scene.heard.contact_updated("email", Value::Text("emma@third.test".into()))).await;
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    assert_eq!(scene.queued().await.last().unwrap().2, "emma@third.test");
    scene.ground.handle(&scene.identity, &late).await;
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    assert_eq!(scene.queued().await.last().unwrap().2, "emma@third.test");
}

#[tokio::test]
async fn every_change_of_second_factors_is_told_once() {
    let scene = Scene::with_ticket().await;
    let enabled = scene.heard.event(BY_CONTACT, &identity::TotpEnabled { user_id: user() });
    let codes = identity::RecoveryCodesMade { user_id: user(), count: 10 };
    // The codes that come with the first factor are of the same command, and told with it.
    let with_it = Recorded { command_id: enabled.command_id, ..scene.heard.event(BY_CONTACT, &codes) };
    for event in [&enabled, &with_it] {
        scene.ground.handle(&scene.identity, event).await;
    }
    scene.told(BY_CONTACT, &codes).await;
    scene
        .told(BY_CONTACT, &identity::PasskeyAdded { user_id: user(), name: "Blue key".into(), ..Default::default() })
        .await;
    scene.told(BY_CONTACT, &identity::RecoveryCodeUsed { user_id: user(), left: 9 }).await;
    let removed = |factor: &str, reason: &str| identity::FactorRemoved {
        user_id: user(),
        factor: factor.into(),
        reason: reason.into(),
        ..Default::default()
    };
    scene.told(BY_CONTACT, &removed("passkey", "")).await;
    scene.told(BY_AGENT, &removed("all", "lost the phone on the train")).await;
    let mut templates = scene.templates().await;
    templates.sort_unstable();
    assert_eq!(
        templates,
        [
            "factor_added",
            "factor_added",
            "factor_removed",
            "factor_removed",
            "recovery_code_used",
            "recovery_codes_made"
        ]
    );
    let mails = scene.sent().await;
    assert!(mails.iter().all(|m| m.to == ["emma@acme.test"]));
    let says = |text: &str| mails.iter().any(|m| m.text.contains(text));
    assert!(says("a code from your authenticator app") && says("Blue key") && says("There are 9 recovery codes left."));
    assert!(says("A passkey was removed from your account.") && says("We removed all second steps"));
    assert!(!says("lost the phone"), "the agent's reason stays inside");
}

#[tokio::test]
async fn a_suspension_and_support_access_are_told_to_nobody() {
    let scene = Scene::with_ticket().await;
    let started = identity::SupportAccessStarted {
        user_id: user(),
        agent_id: AGENT.to_string(),
        reason: "she called about her ticket".into(),
        ..Default::default()
    };
    scene.told(BY_AGENT, &started).await;
    scene.told(BY_AGENT, &identity::AccessSuspended { user_id: user(), note: "unpaid".into() }).await;
    assert!(scene.queued().await.is_empty());
    // Who can't come in gets no mail about what is inside.
    scene.village.closed.lock().unwrap().insert(CONTACT, "suspended");
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    let mail = MailServer::start().await;
    let process = Process::start(scene.ground.log.clone(), &scene.village, &mail);
    scene.ground.settle_one(0, "skipped").await;
    assert_eq!(scene.ground.deliveries().await[0].2, "suspended");
    scene.told(BY_AGENT, &identity::AccessResumed { user_id: user() }).await;
    scene.village.closed.lock().unwrap().clear();
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    scene.ground.settle_one(1, "sent").await;
    process.stop().await;
    assert_eq!(mail.mails().await.len(), 1);
}

/// proves: A19
#[tokio::test]
async fn what_an_agent_does_as_a_contact_is_mailed_as_the_agents_doing() {
    let scene = Scene::with_ticket().await;
    let by = |agent: Uuid, event: Recorded| Recorded { on_behalf_of: Some(agent), ..event };
    // Records says that the author is the agent; the subject is the contact.
    let comment = proto::records::v1::RecordCommented {
        occurred_at_micros: 0,
        record_id: RECORD.to_string(),
        module: "tickets".into(),
        comment_id: Uuid::now_v7().to_string(),
        body: "She says that it works".into(),
        author_kind: "agent".into(),
    };
    scene.records(&by(AGENT, scene.heard.event(BY_CONTACT, &comment))).await;
    assert_eq!(scene.queued().await, [(CONTACT, "record_commented".to_owned(), "emma@acme.test".to_owned())]);
    // The owner's own doing is no news to the owner, somebody else's is.
    scene.records(&by(AGENT, scene.heard.assigned(BY_CONTACT, &AGENT.to_string()))).await;
    assert_eq!(scene.queued().await.len(), 1);
    scene.records(&by(BY_OTHER_AGENT.1, scene.heard.assigned(BY_CONTACT, &AGENT.to_string()))).await;
    assert_eq!(scene.queued().await.last().unwrap().0, AGENT);
}

/// proves: A18
#[tokio::test]
async fn what_somebody_writes_by_a_companys_link_goes_to_the_owner() {
    let scene = Scene::with_ticket().await;
    let visitor = (ActorKind::Company, Uuid::from_u128(0xf1));
    {
        let mut involved = scene.village.involved.lock().unwrap();
        let involved = involved.as_mut().unwrap();
        (involved.contact, involved.creator) = (None, None);
    }
    scene.records(&scene.heard.commented(visitor)).await;
    scene.records(&scene.heard.assigned(visitor, &AGENT.to_string())).await;
    let ada = |template: &str| (AGENT, template.to_owned(), "ada@northwind.test".to_owned());
    assert_eq!(scene.queued().await, [ada("record_commented"), ada("record_assigned")]);
}

/// proves: A20
#[tokio::test]
async fn an_agents_new_name_address_and_language_are_known_at_once() {
    let scene = Scene::with_ticket().await;
    let changed = |name: &str, email: &str, locale: &str| identity::AgentChanged {
        user_id: AGENT.to_string(),
        name: name.into(),
        email: email.into(),
        locale: locale.into(),
        ..Default::default()
    };
    scene.told(BY_OTHER_AGENT, &changed("", "ada@elsewhere.test", "")).await;
    scene.told(BY_OTHER_AGENT, &changed("Ada Verdi", "", "en")).await;
    scene.records(&scene.heard.assigned(BY_OTHER_AGENT, &AGENT.to_string())).await;
    let mails = scene.sent().await;
    assert_eq!(mails[0].to, ["ada@elsewhere.test"]);
    assert!(mails[0].text.starts_with("Hello Ada Verdi,"), "{}", mails[0].text);
}
