//! Whom security mail reaches: the address that identity has, whatever a record says.

use crate::{
    ground::{AGENT, CONTACT, RECORD},
    knowledge::{BY_AGENT, BY_CONTACT, Scene},
};
use notification::domain::delivery::Template;
use proto::{identity::v1 as identity, records::v1::value::Kind as Value};
use uuid::Uuid;

const LOGIN: &str = "emma@acme.test";
const THIEF: &str = "thief@elsewhere.test";
const NEW: &str = "emma@new.test";

/// The event that a template is about, heard; and where its mail belongs. None for mails about records.
async fn cause(scene: &Scene, template: Template) -> Option<&'static str> {
    let user_id = CONTACT.to_string();
    let set = |via: &str| identity::PasswordSet {
        user_id: CONTACT.to_string(),
        credential_id: Uuid::now_v7().to_string(),
        credential_version: 2,
        via: via.into(),
        valid_until_micros: 0,
    };
    let wish = identity::LoginChangeRequested {
        user_id: user_id.clone(),
        request_id: RECORD.to_string(),
        new_email: NEW.into(),
        old_email: LOGIN.into(),
        kind: identity::SubjectKind::Contact.into(),
        ..Default::default()
    };
    let changed = identity::LoginChanged {
        user_id: user_id.clone(),
        login: NEW.into(),
        old_login: LOGIN.into(),
        via: "confirmed".into(),
        email: NEW.into(),
    };
    match template {
        Template::RecordReceived | Template::RecordAssigned | Template::RecordCommented => return None,
        Template::Invitation => scene.ground.handle(&scene.identity, &scene.heard.invitation_issued()).await,
        Template::AccountLocked => scene.ground.handle(&scene.identity, &scene.heard.locked()).await,
        Template::PasswordSet => scene.told(BY_CONTACT, &set("change")).await,
        Template::OneTimePassword => scene.told(BY_AGENT, &set("one_time")).await,
        Template::PasswordReset => {
            let reset = identity::PasswordResetRequested {
                user_id,
                request_id: RECORD.to_string(),
                by: "self".into(),
                email: LOGIN.into(),
                kind: identity::SubjectKind::Contact.into(),
                ..Default::default()
            };
            scene.told(BY_CONTACT, &reset).await;
        }
        Template::LoginChangeConfirm => {
            scene.told(BY_AGENT, &wish).await;
            return Some(NEW);
        }
        Template::LoginChangeAnnounced => scene.told(BY_AGENT, &wish).await,
        Template::LoginChanged => {
            scene.told(BY_CONTACT, &changed).await;
            return Some(NEW);
        }
        Template::LoginLeft => scene.told(BY_CONTACT, &changed).await,
        Template::FactorAdded => scene.told(BY_CONTACT, &identity::TotpEnabled { user_id }).await,
        Template::FactorRemoved => {
            let removed = identity::FactorRemoved { user_id, factor: "all".into(), ..Default::default() };
            scene.told(BY_AGENT, &removed).await;
        }
        Template::RecoveryCodeUsed => {
            scene.told(BY_CONTACT, &identity::RecoveryCodeUsed { user_id, left: 9 }).await;
        }
        Template::RecoveryCodesMade => {
            scene.told(BY_CONTACT, &identity::RecoveryCodesMade { user_id, count: 10 }).await;
        }
    }
    Some(LOGIN)
}

/// Before: all of them but those with a link went to whatever the contact's record said, also when it was changed after
/// the event.
#[tokio::test]
async fn no_record_writer_can_have_a_security_mail_sent_elsewhere() {
    let email = |address: &str| Value::Text(address.into());
    let mut walked = 0;
    for template in Template::ALL {
        let scene = Scene::with_ticket().await;
        scene.records(&scene.heard.contact_updated("email", email(THIEF))).await;
        let Some(address) = cause(&scene, template).await else {
            assert!(!template.is_security(), "{template:?}");
            continue;
        };
        assert!(template.is_security(), "{template:?}");
        // And once more while it waits to be sent.
        scene.records(&scene.heard.contact_updated("email", email("thief@again.test"))).await;
        let word = template.as_str().to_owned();
        assert!(scene.queued().await.contains(&(CONTACT, word, address.to_owned())), "{template:?}");
        let mails = scene.sent().await;
        assert!(mails.iter().any(|m| m.to == [address]), "{template:?}");
        assert!(mails.iter().all(|m| !m.to[0].contains("thief")), "{template:?}");
        walked += 1;
    }
    assert_eq!(walked, 13);
}

#[tokio::test]
async fn who_has_no_address_with_identity_gets_none_by_a_record() {
    let scene = Scene::new().await;
    let access = identity::AccessEnabled {
        user_id: CONTACT.to_string(),
        login: "paolo.neri".into(),
        name: "Paolo Neri".into(),
        ..Default::default()
    };
    scene.told(BY_AGENT, &access).await;
    scene.records(&scene.heard.contact_updated("email", Value::Text(THIEF.into()))).await;
    scene.ground.handle(&scene.identity, &scene.heard.locked()).await;
    assert_eq!(scene.queued().await, [(CONTACT, "account_locked".to_owned(), String::new())]);
}

#[tokio::test]
async fn an_agents_login_is_where_the_agent_is_told_whatever_address_others_give_them() {
    let scene = Scene::with_ticket().await;
    let user_id = AGENT.to_string();
    let changed = identity::AgentChanged { user_id: user_id.clone(), email: THIEF.into(), ..Default::default() };
    scene.told(BY_AGENT, &changed).await;
    scene.told(BY_AGENT, &identity::TotpEnabled { user_id }).await;
    assert_eq!(scene.queued().await, [(AGENT, "factor_added".to_owned(), "ada@northwind.test".to_owned())]);
}

#[tokio::test]
async fn a_corrected_address_of_somebody_who_never_signed_in_is_no_news() {
    let scene = Scene::with_ticket().await;
    let corrected = identity::LoginChanged {
        user_id: CONTACT.to_string(),
        login: NEW.into(),
        old_login: LOGIN.into(),
        via: "contact".into(),
        email: NEW.into(),
    };
    scene.told(BY_AGENT, &corrected).await;
    assert!(scene.queued().await.is_empty());
    scene.ground.handle(&scene.identity, &scene.heard.locked()).await;
    assert_eq!(scene.queued().await[0].2, NEW);
}

/// Before: after access was given anew, mails still went to where the login of the former access had moved.
#[tokio::test]
async fn access_that_is_given_anew_forgets_where_the_former_login_had_moved() {
    let scene = Scene::with_ticket().await;
    let moved = identity::LoginChanged {
        user_id: CONTACT.to_string(),
        login: NEW.into(),
        old_login: LOGIN.into(),
        via: "agent".into(),
        email: NEW.into(),
    };
    scene.told(BY_AGENT, &moved).await;
    let off = identity::AccessDisabled { user_id: CONTACT.to_string(), reason: "agent".into() };
    scene.told(BY_AGENT, &off).await;
    scene.ground.handle(&scene.identity, &scene.heard.access_enabled()).await;
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    scene.ground.handle(&scene.identity, &scene.heard.locked()).await;
    let addresses: Vec<String> = scene.queued().await.into_iter().rev().take(2).map(|q| q.2).collect();
    assert_eq!(addresses, [LOGIN, LOGIN]);
}
