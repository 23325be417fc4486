//! proves: A02, A04

use crate::portal::{PASSWORD, Portal, agent, by, gateway, reason, token_of, wrong_field};
use kernel::{Actor, Code};
use proto::identity::v1::{identity_service_server::IdentityService, *};

async fn usable(portal: &Portal, token: &str) -> bool {
    let request = InspectInvitationRequest { token: token.into() };
    portal.server.inspect_invitation(by(&gateway(), request)).await.unwrap().into_inner().usable
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_stands_under_the_configured_address_and_is_for_the_notifier_alone() {
    let portal = Portal::new().await;
    let contact = portal.contact("emma@acme.test").await;
    let invitation_id = portal.invitation_id(contact).await;
    for who in [gateway(), agent("administrator"), Actor::service("records")] {
        let request = IssueInvitationLinkRequest { invitation_id: invitation_id.clone() };
        assert_eq!(reason(portal.server.issue_invitation_link(by(&who, request)).await).0, Code::Forbidden);
    }
    let link = portal.link(invitation_id).await;
    assert!(link.usable);
    assert!(link.link.starts_with("https://portal.example/invitation?token=pinv_"), "{}", link.link);
    let days = (link.expires_at_micros - portal.identity.log().now().micros()) / 3_600_000_000;
    assert!((71..=72).contains(&days));
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_at_a_link_changes_nothing_and_using_it_works_once() {
    let portal = Portal::new().await;
    let contact = portal.contact("emma@acme.test").await;
    let token = portal.invitation_token(contact).await;
    for _ in 0..3 {
        assert!(usable(&portal, &token).await);
    }
    let accepted = portal.accept(&token, PASSWORD).await.unwrap().into_inner();
    assert_eq!(accepted.login, "emma@acme.test");
    assert!(!usable(&portal, &token).await);
    assert_eq!(reason(portal.accept(&token, PASSWORD).await), (Code::Invalid, "invitation_unusable".into()));

    let set = portal.events::<PasswordSet>().await.remove(0);
    assert_eq!((set.user_id, set.via.as_str(), set.credential_version), (contact.to_string(), "invitation", 1));
    let recorded = portal.identity.log().read(accepted.position, 1).await.unwrap().remove(0);
    assert_eq!(recorded.actor_id, contact);
    assert_eq!(portal.count("select version from credential").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_use_a_link_at_once_one_succeeds() {
    let portal = Portal::new().await;
    let contact = portal.contact("emma@acme.test").await;
    let token = portal.invitation_token(contact).await;
    let attempts = (0..8).map(|n| {
        let (server, token) = (portal.server.clone(), token.clone());
        tokio::spawn(async move {
            let new_password = format!("{PASSWORD} {n}");
            server
                .accept_invitation(by(&gateway(), AcceptInvitationRequest { token, new_password, source: None }))
                .await
        })
    });
    let mut accepted = 0;
    for result in futures::future::join_all(attempts).await {
        match result.unwrap() {
            Ok(_) => accepted += 1,
            refused => assert_eq!(reason(refused).1, "invitation_unusable"),
        }
    }
    assert_eq!(accepted, 1);
    assert_eq!(portal.events::<PasswordSet>().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_link_and_a_newer_invitation_replace_the_older() {
    let portal = Portal::new().await;
    let contact = portal.contact("emma@acme.test").await;
    let first_id = portal.invitation_id(contact).await;
    let first = token_of(&portal.link(first_id.clone()).await);
    let second = token_of(&portal.link(first_id.clone()).await);
    assert!(!usable(&portal, &first).await && usable(&portal, &second).await);

    let resend = ResendInvitationRequest { contact_id: contact.to_string(), email: None };
    portal.server.resend_invitation(by(&agent("agent"), resend)).await.unwrap();
    assert!(!usable(&portal, &second).await);
    assert_eq!(reason(portal.accept(&second, PASSWORD).await).1, "invitation_unusable");
    let gone = portal.link(first_id).await;
    assert_eq!((gone.usable, gone.link.as_str()), (false, ""));
    let third = portal.invitation_token(contact).await;
    portal.accept(&third, PASSWORD).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_withdrawn_and_invented_links_look_the_same() {
    let portal = Portal::new().await;
    let expired = portal.contact("a@acme.test").await;
    let expired = portal.invitation_token(expired).await;
    portal.sql("update invitation set expires_at = now() - interval '1 second'").await;
    let contact = portal.contact("b@acme.test").await;
    let withdrawn = portal.invitation_token(contact).await;
    portal.disable(contact).await;
    let invented = format!("pinv_{}", "A".repeat(43));
    let session = format!("pses_{}", "A".repeat(43));
    for token in [&expired, &withdrawn, &invented, &session, ""] {
        assert!(!usable(&portal, token).await);
        assert_eq!(reason(portal.accept(token, PASSWORD).await), (Code::Invalid, "invitation_unusable".into()));
    }
    portal.identity.sweep().await.unwrap();
    assert_eq!(portal.count("select count(*) from invitation").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_password_is_refused_with_its_reason_and_the_link_stays_usable() {
    let portal = Portal::new().await;
    let contact = portal.contact("emma@acme.test").await;
    let token = portal.invitation_token(contact).await;
    for (password, code) in [
        ("", "password_too_short"),
        ("fourteen chars", "password_too_short"),
        (&"x y z ".repeat(30), "password_too_long"),
        ("password1234567", "password_too_common"),
        ("emmarossi1234567", "password_about_you"),
        ("emma@acme.test!!", "password_about_you"),
        ("AcmeDesk-2026-1234", "password_about_you"),
        ("Portico 123456789", "password_about_you"),
        ("portico-demo-2026", "password_too_common"),
    ] {
        let refused = portal.accept(&token, password).await;
        assert_eq!(wrong_field(refused), ("new_password".into(), code.into()), "{password}");
    }
    assert!(usable(&portal, &token).await);
    // Composed and decomposed letters are the same password.
    portal.accept(&token, "cafe\u{301} au lait today").await.unwrap();
    portal.try_portal("emma@acme.test", "caf\u{e9} au lait today").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn choosing_a_password_ends_a_lock() {
    let portal = Portal::new().await;
    let contact = portal.contact("emma@acme.test").await;
    portal.guess("emma@acme.test", 6).await;
    let token = portal.invitation_token(contact).await;
    portal.accept(&token, PASSWORD).await.unwrap();
    portal.login("emma@acme.test").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_password_is_not_invited_again() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    let resend = ResendInvitationRequest { contact_id: contact.to_string(), email: None };
    let refused = portal.server.resend_invitation(by(&agent("agent"), resend)).await;
    assert_eq!(reason(refused), (Code::Precondition, "password_already_chosen".into()));
}
