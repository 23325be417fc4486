//! What makes a session fresh and sure, and what does not: only a proof of who is there.
//!
//! proves: A09, A14, A26

use crate::portal::{PASSWORD, Portal, agent, by, fresh, gateway, reason};
use identity::AccountServer;
use kernel::{Code, new_id};
use proto::{
    identity::v1::{
        account_service_server::AccountService, administration_service_server::AdministrationService,
        identity_service_server::IdentityService, *,
    },
    method::{METHODS, Proof},
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use tonic::Status;
use totp_rs::{Algorithm, Builder};

const OTHER: &str = "autumn lamp river nine";
/// A proof of five minutes ago: fresh, and told apart from one of now.
const EARLIER: i64 = 300;
/// A proof of half an hour ago.
const STALE: i64 = 1800;

fn proof(token: &str) -> Option<SessionProof> {
    let source = Some(Source { address: "203.0.113.9".into(), user_agent: "Firefox/140.0".into() });
    Some(SessionProof { token: token.into(), surface: SubjectKind::Contact.into(), source })
}

fn account(portal: &Portal) -> AccountServer {
    AccountServer(Arc::clone(&portal.identity))
}

/// The code that an app shows now.
fn code(secret: &[u8]) -> String {
    let app = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(30);
    let app: totp_rs::Totp = app.with_secret(secret.to_vec()).build().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    app.generate(now.as_secs()).to_string()
}

/// How many seconds ago the session's person proved who they are, and how much.
async fn assured(portal: &Portal, session: &str) -> (i64, i16) {
    sqlx::query_as(
        "select extract(epoch from now() - auth_at)::bigint, assurance from session where session_id = $1::uuid",
    )
    .bind(session)
    .fetch_one(&mut portal.owner().await)
    .await
    .unwrap()
}

/// As if everybody had proved who they are so many seconds earlier.
async fn wait(portal: &Portal, seconds: i64) {
    sqlx::query("update session set auth_at = auth_at - $1 * interval '1 second'")
        .bind(seconds as f64)
        .execute(&mut portal.owner().await)
        .await
        .unwrap();
}

/// Sets an authenticator app up in a session: its secret, and the session's new token.
async fn app(portal: &Portal, token: &str) -> (Vec<u8>, LoginResponse) {
    let begun = account(portal).begin_totp(by(&gateway(), BeginTotpRequest { session: proof(token) })).await.unwrap();
    let secret = totp_rs::Secret::try_from_base32(&begun.into_inner().secret).unwrap().as_bytes().to_vec();
    let confirm = ConfirmTotpRequest { session: proof(token), code: code(&secret) };
    let added = account(portal).confirm_totp(by(&gateway(), confirm)).await.unwrap().into_inner();
    // So that the same code can be shown again, without waiting for the next.
    portal.sql("update totp set last_counter = 0").await;
    (secret, added.login.unwrap())
}

/// A command that gives a session another token, or could.
struct Case {
    method: &'static str,
    /// The account has an authenticator app, proved in this session.
    with_app: bool,
    /// Seconds since the last proof.
    age: i64,
    /// It is a proof itself: the session is fresh after it.
    proves: bool,
    /// What is known of the person afterwards.
    assurance: i16,
    renews: bool,
}

const CASES: [Case; 9] = [
    Case { method: "StepUp", with_app: false, age: STALE, proves: true, assurance: 1, renews: true },
    Case { method: "StepUp", with_app: true, age: STALE, proves: true, assurance: 2, renews: true },
    Case { method: "ChangePassword", with_app: false, age: STALE, proves: true, assurance: 1, renews: true },
    // With a second factor a password alone proves too little.
    Case { method: "ChangePassword", with_app: true, age: EARLIER, proves: false, assurance: 2, renews: true },
    Case { method: "AcceptTerms", with_app: false, age: STALE, proves: false, assurance: 1, renews: false },
    Case { method: "AcceptTerms", with_app: true, age: STALE, proves: false, assurance: 2, renews: false },
    // The session holds the factor now; whoever holds the session could have done that.
    Case { method: "ConfirmTotp", with_app: false, age: EARLIER, proves: false, assurance: 2, renews: true },
    Case { method: "RemoveTotp", with_app: true, age: EARLIER, proves: false, assurance: 2, renews: true },
    Case { method: "MakeRecoveryCodes", with_app: true, age: EARLIER, proves: false, assurance: 2, renews: false },
];

async fn run(portal: &Portal, case: &Case, token: &str, secret: &[u8]) -> Result<LoginResponse, Status> {
    let (account, session) = (account(portal), proof(token));
    Ok(match case.method {
        "StepUp" => {
            let (password, code) =
                if case.with_app { (String::new(), code(secret)) } else { (PASSWORD.to_owned(), String::new()) };
            account.step_up(by(&gateway(), StepUpRequest { session, password, code })).await?.into_inner()
        }
        "ChangePassword" => {
            let (current_password, new_password) = (PASSWORD.into(), OTHER.into());
            let request = ChangePasswordRequest { session, current_password, new_password };
            account.change_password(by(&gateway(), request)).await?.into_inner()
        }
        "AcceptTerms" => {
            account.accept_terms(by(&gateway(), AcceptTermsRequest { session, terms_version: 0 })).await?.into_inner()
        }
        "ConfirmTotp" => app(portal, token).await.1,
        "RemoveTotp" => account.remove_totp(by(&gateway(), RemoveTotpRequest { session })).await?.into_inner(),
        "MakeRecoveryCodes" => {
            account.make_recovery_codes(by(&gateway(), MakeRecoveryCodesRequest { session })).await?;
            LoginResponse::default()
        }
        other => panic!("{other}"),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn another_token_makes_no_session_fresher_or_surer_than_what_was_proved() {
    let portal = Portal::new().await;
    for (n, case) in CASES.iter().enumerate() {
        let what = format!("{} {}", case.method, case.with_app);
        let login = format!("emma{n}@acme.test");
        portal.active_contact(&login).await;
        let signed_in = portal.login(&login).await;
        let (mut token, mut secret) = (signed_in.session_token, Vec::new());
        if case.with_app {
            let (set_up, renewed) = app(&portal, &token).await;
            (secret, token) = (set_up, renewed.session_token);
        }
        wait(&portal, case.age).await;
        let after = run(&portal, case, &token, &secret).await.unwrap_or_else(|e| panic!("{what}: {e}"));
        let (age, assurance) = assured(&portal, &signed_in.session_id).await;
        if case.proves {
            assert!(age < 60, "{what} is a proof: {age}");
        } else {
            assert!(age >= case.age, "{what} is none: {age}");
        }
        assert_eq!(assurance, case.assurance, "{what}");
        assert_eq!(!after.session_token.is_empty(), case.renews, "{what}");
        if case.renews {
            assert_eq!(reason(portal.check(&token).await).1, "session_invalid", "{what}: the former token is dead");
            portal.check(&after.session_token).await.unwrap();
        } else {
            portal.check(&token).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_a_login_that_proves_nothing_leaves_it_as_fresh_as_it_was() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    let user_id = contact.to_string();
    // Terms.
    let settings = portal.admin.get_settings(by(&agent("administrator"), GetSettingsRequest {})).await.unwrap();
    let settings = settings.into_inner().settings.unwrap();
    let terms = HashMap::from([("en".to_owned(), "Be kind.".to_owned())]);
    let settings = Some(SecuritySettings { terms_required: true, terms, ..settings });
    let request = ChangeSettingsRequest { settings, expected_version: 0 };
    portal.admin.change_settings(by(&fresh("administrator"), request)).await.unwrap();
    let waiting = portal.login("emma@acme.test").await;
    assert_eq!(waiting.stage(), Stage::TermsRequired);
    wait(&portal, EARLIER).await;
    let request = AcceptTermsRequest { session: proof(&waiting.session_token), terms_version: 1 };
    let done = account(&portal).accept_terms(by(&gateway(), request)).await.unwrap().into_inner();
    assert_eq!(done.stage(), Stage::Complete);
    let (age, assurance) = assured(&portal, &done.session_id).await;
    assert!(age >= EARLIER, "{age}");
    assert_eq!(assurance, 1);

    // Setting up a factor that is asked for.
    let require = RequireMfaRequest { user_id: user_id.clone(), required: true };
    portal.server.require_mfa(by(&fresh("agent"), require)).await.unwrap();
    let waiting = portal.login("emma@acme.test").await;
    assert_eq!(waiting.stage(), Stage::MfaEnrolmentRequired);
    wait(&portal, EARLIER).await;
    let (secret, done) = app(&portal, &waiting.session_token).await;
    assert_eq!(done.stage(), Stage::Complete);
    let (age, assurance) = assured(&portal, &done.session_id).await;
    assert!(age >= EARLIER, "{age}");
    assert_eq!(assurance, 2);

    // The second factor is a proof, and the forced change after it is none.
    let request = SetOneTimePasswordRequest { user_id, password: OTHER.into() };
    portal.server.set_one_time_password(by(&fresh("agent"), request)).await.unwrap();
    let waiting = portal.try_portal("emma@acme.test", OTHER).await.unwrap().into_inner();
    assert_eq!(waiting.stage(), Stage::MfaRequired);
    wait(&portal, EARLIER).await;
    let request = VerifyFactorRequest {
        session: proof(&waiting.session_token),
        code: code(&secret),
        recovery_code: String::new(),
    };
    let waiting = account(&portal).verify_factor(by(&gateway(), request)).await.unwrap().into_inner();
    assert_eq!(waiting.stage(), Stage::PasswordChangeRequired);
    let (age, assurance) = assured(&portal, &waiting.session_id).await;
    assert!(age < 60 && assurance == 2, "{age} {assurance}");
    wait(&portal, EARLIER).await;
    let request = ChangePasswordRequest {
        session: proof(&waiting.session_token),
        current_password: String::new(),
        new_password: PASSWORD.into(),
    };
    let done = account(&portal).change_password(by(&gateway(), request)).await.unwrap().into_inner();
    assert_eq!(done.stage(), Stage::Complete);
    let (age, assurance) = assured(&portal, &done.session_id).await;
    assert!(age >= EARLIER && assurance == 2, "{age} {assurance}");
}

/// Calls each method of one's own account that asks for a fresh proof; what is answered, by name.
async fn fresh_methods(portal: &Portal, token: &str) -> Vec<(&'static str, String)> {
    let (account, gateway) = (account(portal), gateway());
    let session = || proof(token);
    let mut answers = Vec::new();
    macro_rules! ask {
        ($($server:ident.$call:ident($request:expr) is $name:literal;)*) => {
            $(let answer = $server.$call(by(&gateway, $request)).await;
              answers.push(($name, answer.map_or_else(|e| runtime::error_of(e).reason.into_owned(), |_| "done".into())));)*
        };
    }
    let server = &portal.server;
    ask! {
        account.begin_totp(BeginTotpRequest { session: session() }) is "BeginTotp";
        account.confirm_totp(ConfirmTotpRequest { session: session(), code: "000000".into() }) is "ConfirmTotp";
        account.remove_totp(RemoveTotpRequest { session: session() }) is "RemoveTotp";
        account.begin_passkey(BeginPasskeyRequest { session: session() }) is "BeginPasskey";
        account.finish_passkey(FinishPasskeyRequest { session: session(), ..Default::default() }) is "FinishPasskey";
        account.remove_passkey(RemovePasskeyRequest { session: session(), passkey_id: new_id().to_string() }) is "RemovePasskey";
        account.make_recovery_codes(MakeRecoveryCodesRequest { session: session() }) is "MakeRecoveryCodes";
        account.end_session(EndSessionRequest { session: session(), session_id: new_id().to_string() }) is "EndSession";
        account.request_login_change(RequestLoginChangeRequest { session: session(), new_email: "x@evil.test".into() }) is "RequestLoginChange";
        account.create_api_token(CreateApiTokenRequest { session: session(), name: "x".into(), scopes: vec!["read".into()], valid_days: 1 }) is "CreateApiToken";
        server.begin_impersonation(BeginImpersonationRequest { session: session(), ..Default::default() }) is "BeginImpersonation";
    }
    answers
}

/// The attack: agreeing to the terms, which nobody asked for, made a stale session fresh.
#[tokio::test(flavor = "multi_thread")]
async fn a_stale_session_does_nothing_sensitive_whatever_it_agrees_to() {
    let portal = Portal::new().await;
    portal.active_contact("emma@acme.test").await;
    let token = portal.login("emma@acme.test").await.session_token;
    wait(&portal, STALE).await;
    for round in ["before", "after"] {
        let answers = fresh_methods(&portal, &token).await;
        let asked: BTreeSet<&str> = answers.iter().map(|(name, _)| *name).collect();
        let table = METHODS.iter().filter(|m| m.by_session && m.proof == Proof::Fresh).map(|m| m.name()).collect();
        assert_eq!(asked, table, "a new method that asks for a fresh proof is tried here");
        for (name, answer) in answers {
            assert_eq!(answer, "step_up_required", "{name} {round} agreeing to the terms");
        }
        let terms = AcceptTermsRequest { session: proof(&token), terms_version: 0 };
        account(&portal).accept_terms(by(&gateway(), terms)).await.unwrap();
    }
    // With a proof the same session may.
    let step_up = StepUpRequest { session: proof(&token), password: PASSWORD.into(), code: String::new() };
    let token = account(&portal).step_up(by(&gateway(), step_up)).await.unwrap().into_inner().session_token;
    for (name, answer) in fresh_methods(&portal, &token).await {
        assert_ne!(answer, "step_up_required", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_second_factor_is_fresh_with_it_alone() {
    let portal = Portal::new().await;
    portal.active_contact("emma@acme.test").await;
    let (by_password, elsewhere) = (portal.login("emma@acme.test").await, portal.login("emma@acme.test").await);
    app(&portal, &elsewhere.session_token).await;
    // Signed in a moment ago, but without the factor that there is now.
    for (name, answer) in fresh_methods(&portal, &by_password.session_token).await {
        assert_eq!(answer, "step_up_required", "{name}");
    }
    // Nor does the token that other services see say otherwise.
    let checked = portal.check(&by_password.session_token).await.unwrap().into_inner();
    let now = portal.identity.log().now();
    let keys = portal.server.list_signing_keys(by(&gateway(), ListSigningKeysRequest {})).await.unwrap().into_inner();
    let keys: HashMap<_, _> = keys.keys.into_iter().map(|k| (k.kid, k.public_key)).collect();
    let actor =
        runtime::token::verify(&keys, "test", &checked.actor_token, now).unwrap().actor(kernel::Channel::Portal);
    assert!(!actor.is_fresh(now));
    let password =
        StepUpRequest { session: proof(&by_password.session_token), password: PASSWORD.into(), code: String::new() };
    let refused = account(&portal).step_up(by(&gateway(), password)).await;
    assert_eq!(reason(refused).0, Code::Invalid, "the password alone is no step-up either");
}
