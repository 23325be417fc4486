//! Passwords that somebody else has set: they work once, for a while, and never become lasting.
//!
//! proves: A03, A13

use crate::portal::{Portal, WRONG, agent, by, fresh, gateway, login_request, reason, wrong_field};
use identity::AccountServer;
use kernel::{Actor, Code};
use proto::identity::v1::{
    account_service_server::AccountService, administration_service_server::AdministrationService,
    identity_service_server::IdentityService, *,
};
use std::sync::Arc;
use tonic::{Response, Status};
use uuid::Uuid;

const BY_HAND: &str = "amber wheel over dunes";
const BETTER: &str = "seven quiet lamps under water";

impl Portal {
    async fn set_by_hand(&self, user: Uuid, password: &str) -> SetOneTimePasswordResponse {
        let request = SetOneTimePasswordRequest { user_id: user.to_string(), password: password.into() };
        self.server.set_one_time_password(by(&fresh("administrator"), request)).await.unwrap().into_inner()
    }

    async fn change(
        &self,
        token: &str,
        surface: SubjectKind,
        current: &str,
        new: &str,
    ) -> Result<Response<LoginResponse>, Status> {
        let session = Some(SessionProof { token: token.into(), surface: surface.into(), source: None });
        let request = ChangePasswordRequest { session, current_password: current.into(), new_password: new.into() };
        AccountServer(Arc::clone(&self.identity)).change_password(by(&gateway(), request)).await
    }

    async fn reset_token(&self, user: Uuid) -> String {
        let request = SendResetLinkRequest { user_id: user.to_string() };
        self.server.send_reset_link(by(&fresh("administrator"), request)).await.unwrap();
        let request_id = self.events::<PasswordResetRequested>().await.pop().unwrap().request_id;
        let issue = IssueLinkRequest { request_id };
        let issued = self.server.issue_link(by(&Actor::service("notification"), issue)).await.unwrap();
        issued.into_inner().link.split_once("token=").unwrap().1.to_owned()
    }
}

fn unchanged() -> (String, String) {
    ("new_password".into(), "password_unchanged".into())
}

/// Before: the forced change accepted the same value, and what the agent had set was the password from then on.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_set_by_hand_can_not_be_chosen_again_on_any_way() {
    let portal = Portal::new().await;
    let emma = portal.active_contact("emma@acme.test").await;
    portal.set_by_hand(emma, BY_HAND).await;
    let waiting = portal.try_portal("emma@acme.test", BY_HAND).await.unwrap().into_inner();
    assert_eq!(waiting.stage(), Stage::PasswordChangeRequired);
    let contact = SubjectKind::Contact;
    let again = portal.change(&waiting.session_token, contact, "", BY_HAND).await;
    assert_eq!(wrong_field(again), unchanged());
    // Nor by a link that came by mail.
    let token = portal.reset_token(emma).await;
    let reset =
        |password: &str| ResetPasswordRequest { token: token.clone(), new_password: password.into(), source: None };
    assert_eq!(wrong_field(portal.server.reset_password(by(&gateway(), reset(BY_HAND))).await), unchanged());
    portal.change(&waiting.session_token, contact, "", BETTER).await.unwrap();

    // Whoever changes a password of their own wants another one too.
    let own = portal.try_portal("emma@acme.test", BETTER).await.unwrap().into_inner();
    assert_eq!(own.stage(), Stage::Complete);
    assert_eq!(wrong_field(portal.change(&own.session_token, contact, BETTER, BETTER).await), unchanged());
    // A reset of a password that its owner chose tells nobody what it was.
    let token = portal.reset_token(emma).await;
    let same = ResetPasswordRequest { token, new_password: BETTER.into(), source: None };
    portal.server.reset_password(by(&gateway(), same)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_for_three_days_or_what_the_settings_say_and_is_then_a_wrong_password() {
    let portal = Portal::new().await;
    let emma = portal.active_contact("emma@acme.test").await;
    let hours = |set: &SetOneTimePasswordResponse| {
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        (set.valid_until_micros / 1_000_000 - now + 60) / 3600
    };
    assert_eq!(hours(&portal.set_by_hand(emma, BY_HAND).await), 72);
    let who = fresh("administrator");
    let now = portal.admin.get_settings(by(&who, GetSettingsRequest {})).await.unwrap().into_inner();
    let settings = now.settings.unwrap();
    assert_eq!(settings.one_time_password_hours, Some(72));
    let change = |hours, expected_version| ChangeSettingsRequest {
        settings: Some(SecuritySettings { one_time_password_hours: hours, ..settings.clone() }),
        expected_version,
    };
    for odd in [0, 169, -1] {
        let refused = portal.admin.change_settings(by(&who, change(Some(odd), 0))).await;
        assert_eq!(wrong_field(refused), ("one_time_password_hours".into(), "out_of_range".into()));
    }
    portal.admin.change_settings(by(&who, change(Some(2), 0))).await.unwrap();
    assert_eq!(hours(&portal.set_by_hand(emma, BY_HAND).await), 2);
    // A gateway of before, which doesn't know of it, leaves it as it is.
    let kept = portal.admin.change_settings(by(&who, change(None, 1))).await.unwrap().into_inner();
    assert_eq!(kept.settings.unwrap().one_time_password_hours, Some(2));

    let access = portal.access(emma).await;
    assert!(access.one_time_password && !access.one_time_expired && access.one_time_until_micros > 0);
    portal.sql("update credential set one_time_until = now() - interval '1 second'").await;
    let whole = |status: Status| (status.code(), status.message().to_owned(), status.details().to_vec());
    let expired = whole(portal.try_portal("emma@acme.test", BY_HAND).await.unwrap_err());
    assert_eq!(expired, whole(portal.try_portal("emma@acme.test", WRONG).await.unwrap_err()));
    let access = portal.access(emma).await;
    assert!(!access.one_time_password && access.one_time_expired && access.one_time_until_micros > 0);
    // The way out: another one.
    portal.set_by_hand(emma, BETTER).await;
    assert!(!portal.access(emma).await.one_time_expired);
    portal.try_portal("emma@acme.test", BETTER).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn manual_credentials_end_too() {
    let portal = Portal::new().await;
    let contact = kernel::new_id();
    let request = EnableAccessRequest {
        email: String::new(),
        login: "paolo.neri".into(),
        first_password: BY_HAND.into(),
        ..portal.enabling(contact, "")
    };
    portal.server.enable_access(by(&agent("agent"), request)).await.unwrap();
    let half = portal.try_portal("paolo.neri", BY_HAND).await.unwrap().into_inner();
    assert_eq!(half.stage(), Stage::PasswordChangeRequired);
    let again = portal.change(&half.session_token, SubjectKind::Contact, "", BY_HAND).await;
    assert_eq!(wrong_field(again), unchanged());
    portal.sql("update credential set one_time_until = now() - interval '1 second'").await;
    let late = portal.change(&half.session_token, SubjectKind::Contact, "", BETTER).await;
    assert_eq!(reason(late), (Code::Unauthenticated, "session_invalid".into()));
    assert_eq!(reason(portal.try_portal("paolo.neri", BY_HAND).await).1, "invalid_credentials");
    assert!(portal.access(contact).await.one_time_expired);
}

/// Before: an administrator chose the lasting password of another agent.
#[tokio::test(flavor = "multi_thread")]
async fn an_agents_first_password_is_the_agents_own_only_by_the_command_line_and_when_it_says_so() {
    let portal = Portal::new().await;
    let new = |login: &str, lasting| CreateAgentRequest {
        login: login.into(),
        name: "Ada Lovelace".into(),
        email: "ada@desk.example".into(),
        role: "agent".into(),
        password: BY_HAND.into(),
        lasting,
        ..CreateAgentRequest::default()
    };
    let (console, administrator) = (Actor::service("console"), fresh("administrator"));
    let stage =
        async |login: &str| portal.try_login(login, BY_HAND, SubjectKind::Agent).await.unwrap().into_inner().stage();
    let lasting = portal.server.create_agent(by(&administrator, new("eve", true))).await;
    assert_eq!(reason(lasting).0, Code::Forbidden);
    for (login, who, lasting, expected) in [
        ("ada", &administrator, false, Stage::PasswordChangeRequired),
        ("bob", &console, false, Stage::PasswordChangeRequired),
        ("cleo", &console, true, Stage::Complete),
    ] {
        let made = portal.server.create_agent(by(who, new(login, lasting))).await.unwrap().into_inner();
        assert_eq!(made.valid_until_micros > 0, !lasting, "{login}");
        assert_eq!(stage(login).await, expected, "{login}");
    }
    let half = portal.try_login("ada", BY_HAND, SubjectKind::Agent).await.unwrap().into_inner();
    let again = portal.change(&half.session_token, SubjectKind::Agent, "", BY_HAND).await;
    assert_eq!(wrong_field(again), unchanged());
    portal.sql("update credential set one_time_until = now() where one_time_until is not null").await;
    let agents = portal.server.list_agents(by(&agent("viewer"), ListAgentsRequest {})).await.unwrap().into_inner();
    let expired: Vec<_> = agents.agents.iter().filter(|a| a.one_time_expired).map(|a| a.login.as_str()).collect();
    assert_eq!(expired, ["ada", "bob"]);

    // What the command line sets for somebody who is there already is for one use as well.
    let request =
        SetPasswordRequest { user_id: half.subject.unwrap().id, password: BETTER.into(), via: "console".into() };
    portal.server.set_password(by(&console, request)).await.unwrap();
    let login = login_request("ada", BETTER, SubjectKind::Agent);
    let set = portal.server.login(by(&gateway(), login)).await.unwrap().into_inner();
    assert_eq!(set.stage(), Stage::PasswordChangeRequired);
}

/// An invitation that was withdrawn, or never accepted, is not replaced by the page for forgotten passwords.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_resets_a_password_that_was_never_chosen() {
    let portal = Portal::new().await;
    let invited = portal.contact("emma@acme.test").await;
    portal.active_contact("marco@acme.test").await;
    for login in ["emma@acme.test", "marco@acme.test"] {
        let request =
            RequestPasswordResetRequest { login: login.into(), surface: SubjectKind::Contact.into(), source: None };
        portal.server.request_password_reset(by(&gateway(), request)).await.unwrap();
    }
    let asked = portal.settled::<PasswordResetRequested>(1).await;
    assert_eq!(asked.iter().map(|a| a.email.as_str()).collect::<Vec<_>>(), ["marco@acme.test"]);
    let request = SendResetLinkRequest { user_id: invited.to_string() };
    let by_agent = portal.server.send_reset_link(by(&fresh("administrator"), request)).await;
    assert_eq!(reason(by_agent), (Code::Precondition, "no_password_yet".into()));
    assert_eq!(portal.access(invited).await.state, "invited");
}
