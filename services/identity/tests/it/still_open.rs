//! Every later step of a login against everything that may have happened since the login began.
//!
//! proves: A06, A07, A24

use crate::{
    contacts::{deleted, hear},
    portal::{PASSWORD, Portal, WRONG, by, day, fresh, gateway, login_request, reason, refused},
};
use identity::AccountServer;
use kernel::{Code, Error};
use proto::identity::v1::{
    account_service_server::AccountService, administration_service_server::AdministrationService,
    identity_service_server::IdentityService, *,
};
use std::sync::Arc;
use uuid::Uuid;

const BETTER: &str = "seven quiet lamps under water";
const ELSEWHERE: &str = "198.51.100.7";

/// A step that comes after the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Code,
    RecoveryCode,
    Passkey,
    BeginApp,
    ConfirmApp,
    BeginPasskey,
    ChangePassword,
    Terms,
    ProveAgain,
}

impl Step {
    const ALL: [Step; 9] = [
        Step::Code,
        Step::RecoveryCode,
        Step::Passkey,
        Step::BeginApp,
        Step::ConfirmApp,
        Step::BeginPasskey,
        Step::ChangePassword,
        Step::Terms,
        Step::ProveAgain,
    ];

    /// The login waits for the second factor that is set up: nothing is told before it is proved.
    fn before_the_factor(self) -> bool {
        matches!(self, Step::Code | Step::RecoveryCode | Step::Passkey)
    }

    fn has_factor(self) -> bool {
        self.before_the_factor() || self == Step::ProveAgain
    }
}

/// What happened after the password was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    Nothing,
    PasswordLocked,
    HeldForAnAgent,
    FactorLocked,
    Suspended,
    /// The row alone, as if no session had been ended by it.
    SuspendedInTheRow,
    AccessOff,
    OffInTheRow,
    Deleted,
    SupportEnded,
    SupportNotStarted,
    OneTimePasswordOver,
}

impl Since {
    const ALL: [Since; 12] = [
        Since::Nothing,
        Since::PasswordLocked,
        Since::HeldForAnAgent,
        Since::FactorLocked,
        Since::Suspended,
        Since::SuspendedInTheRow,
        Since::AccessOff,
        Since::OffInTheRow,
        Since::Deleted,
        Since::SupportEnded,
        Since::SupportNotStarted,
        Since::OneTimePasswordOver,
    ];

    /// False where it can't happen to that step.
    fn concerns(self, step: Step) -> bool {
        match self {
            Since::FactorLocked => step.has_factor(),
            Since::OneTimePasswordOver => step == Step::ChangePassword,
            _ => true,
        }
    }
}

/// Somebody half signed in.
struct Half {
    contact: Uuid,
    login: String,
    token: String,
    /// What the app computes, and the codes for when it is lost.
    app: Option<totp_rs::Totp>,
    recovery: Vec<String>,
}

fn proof(token: &str) -> Option<SessionProof> {
    let source = Source { address: "203.0.113.77".into(), user_agent: "Firefox/140.0".into() };
    Some(SessionProof { token: token.into(), surface: SubjectKind::Contact.into(), source: Some(source) })
}

/// A code of a step that was not used yet: the confirmation used the one before.
fn code(app: &totp_rs::Totp) -> String {
    app.generate_current().to_string()
}

impl Portal {
    fn account(&self) -> AccountServer {
        AccountServer(Arc::clone(&self.identity))
    }

    async fn wrong_from_elsewhere(&self, login: &str, times: usize) {
        for _ in 0..times {
            let mut request = login_request(login, WRONG, SubjectKind::Contact);
            request.source = Some(Source { address: ELSEWHERE.into(), ..Source::default() });
            self.server.login(by(&gateway(), request)).await.expect_err("a wrong password");
        }
    }

    /// Sets an app up in a session that waits for it; answers the next token, the app, and the recovery codes.
    async fn set_up(&self, token: &str) -> (String, totp_rs::Totp, Vec<String>) {
        let begun = self.account().begin_totp(by(&gateway(), BeginTotpRequest { session: proof(token) })).await;
        let app = totp_rs::Totp::from_url(&begun.unwrap().into_inner().otpauth_uri).unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let code = app.generate(now - 30).to_string();
        let request = ConfirmTotpRequest { session: proof(token), code };
        let done = self.account().confirm_totp(by(&gateway(), request)).await.unwrap().into_inner();
        (done.login.unwrap().session_token, app, done.recovery_codes)
    }

    async fn accept_terms(&self, token: &str) -> Result<LoginResponse, tonic::Status> {
        let request = AcceptTermsRequest { session: proof(token), terms_version: 1 };
        Ok(self.account().accept_terms(by(&gateway(), request)).await?.into_inner())
    }

    /// Somebody whose login waits for a step.
    async fn half(&self, step: Step, name: &str) -> Half {
        let email = format!("{name}@acme.test");
        let contact = self.active_contact(&email).await;
        let mut half = Half { contact, login: email.clone(), token: String::new(), app: None, recovery: Vec::new() };
        let enrols = matches!(step, Step::BeginApp | Step::ConfirmApp | Step::BeginPasskey);
        if enrols || step.has_factor() {
            let request = RequireMfaRequest { user_id: contact.to_string(), required: true };
            self.server.require_mfa(by(&fresh("administrator"), request)).await.unwrap();
        }
        let mut password = PASSWORD.to_owned();
        if step == Step::ChangePassword {
            let request = SetOneTimePasswordRequest { user_id: contact.to_string(), password: String::new() };
            let set = self.server.set_one_time_password(by(&fresh("administrator"), request)).await.unwrap();
            password = set.into_inner().password;
        }
        half.token = self.try_portal(&email, &password).await.unwrap().into_inner().session_token;
        if step.has_factor() {
            let (next, app, recovery) = self.set_up(&half.token).await;
            half.token = if step == Step::ProveAgain {
                self.accept_terms(&next).await.unwrap().session_token
            } else {
                self.login(&email).await.session_token
            };
            (half.app, half.recovery) = (Some(app), recovery);
        }
        if step == Step::ConfirmApp {
            let request = BeginTotpRequest { session: proof(&half.token) };
            let begun = self.account().begin_totp(by(&gateway(), request)).await.unwrap().into_inner();
            half.app = Some(totp_rs::Totp::from_url(&begun.otpauth_uri).unwrap());
        }
        half
    }

    async fn let_happen(&self, since: Since, half: &Half) {
        let contact_id = half.contact.to_string();
        let row = async |change: &str| {
            let sql = format!("update accounts_v1 set {change} where user_id = '{contact_id}'");
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut self.owner().await).await.unwrap();
        };
        match since {
            Since::Nothing => {}
            Since::PasswordLocked => self.wrong_from_elsewhere(&half.login, 6).await,
            Since::HeldForAnAgent => {
                self.wrong_from_elsewhere(&half.login, 5).await;
                self.sql("update attempt set held = true, locked_until = null where locked_until is not null").await;
            }
            Since::FactorLocked => {
                // The same password in another browser, and codes that are guessed there.
                let other = self.login(&half.login).await.session_token;
                for _ in 0..5 {
                    let request = VerifyFactorRequest {
                        session: proof(&other),
                        code: "000000".into(),
                        recovery_code: String::new(),
                    };
                    self.account().verify_factor(by(&gateway(), request)).await.expect_err("a guessed code");
                }
            }
            Since::Suspended => {
                let request = SuspendAccessRequest { contact_id, note: String::new() };
                self.server.suspend_access(by(&fresh("administrator"), request)).await.unwrap();
            }
            Since::SuspendedInTheRow => row("suspended = true").await,
            Since::AccessOff => drop(self.disable(half.contact).await),
            Since::OffInTheRow => row("enabled = false").await,
            Since::Deleted => assert!(hear(self, &deleted(half.contact, "contacts")).await),
            Since::SupportEnded => row(&format!("support_end = '{}'", day(-1))).await,
            Since::SupportNotStarted => row(&format!("support_start = '{}'", day(1))).await,
            Since::OneTimePasswordOver => {
                self.sql("update credential set one_time_until = now() where one_time_until is not null").await;
            }
        }
    }

    async fn take(&self, step: Step, half: &Half) -> Result<(), tonic::Status> {
        let (account, session) = (self.account(), proof(&half.token));
        let app = || half.app.as_ref().map(code).unwrap_or_default();
        let who = gateway();
        match step {
            Step::Code => {
                let request = VerifyFactorRequest { session, code: app(), recovery_code: String::new() };
                account.verify_factor(by(&who, request)).await.map(drop)
            }
            Step::RecoveryCode => {
                let request =
                    VerifyFactorRequest { session, code: String::new(), recovery_code: half.recovery[0].clone() };
                account.verify_factor(by(&who, request)).await.map(drop)
            }
            Step::Passkey => {
                let request = BeginPasskeyLoginRequest {
                    surface: SubjectKind::Contact.into(),
                    session_token: half.token.clone(),
                    source: session.unwrap().source,
                };
                self.server.begin_passkey_login(by(&who, request)).await.map(drop)
            }
            Step::BeginApp => account.begin_totp(by(&who, BeginTotpRequest { session })).await.map(drop),
            Step::ConfirmApp => {
                account.confirm_totp(by(&who, ConfirmTotpRequest { session, code: app() })).await.map(drop)
            }
            Step::BeginPasskey => account.begin_passkey(by(&who, BeginPasskeyRequest { session })).await.map(drop),
            Step::ChangePassword => {
                let request =
                    ChangePasswordRequest { session, current_password: String::new(), new_password: BETTER.into() };
                account.change_password(by(&who, request)).await.map(drop)
            }
            Step::Terms => self.accept_terms(&half.token).await.map(drop),
            Step::ProveAgain => {
                let request = StepUpRequest { session, password: String::new(), code: app() };
                account.step_up(by(&who, request)).await.map(drop)
            }
        }
    }

    /// Complete sessions of somebody, and whether any of them is not the one given.
    async fn sessions_but(&self, contact: Uuid, but: &str) -> i64 {
        let hash = ring::digest::digest(&ring::digest::SHA256, but.as_bytes());
        sqlx::query_scalar("select count(*) from session where user_id = $1 and stage = 0 and token_hash <> $2")
            .bind(contact)
            .bind(hash.as_ref())
            .fetch_one(&mut self.owner().await)
            .await
            .unwrap()
    }
}

/// What must come of a step after something has happened: the code, and the reason or the field's code; none when it works.
fn expected(step: Step, since: Since) -> Option<(Code, &'static str)> {
    let dead = Some((Code::Unauthenticated, "session_invalid"));
    let wrong = Some((Code::Unauthenticated, "invalid_credentials"));
    match (since, step) {
        // There is no passkey, which is told to whoever may go on.
        (Since::Nothing | Since::SupportEnded | Since::SupportNotStarted, Step::Passkey) => {
            Some((Code::Precondition, "no_passkey"))
        }
        (Since::Nothing, _) => None,
        (Since::PasswordLocked | Since::HeldForAnAgent | Since::FactorLocked, Step::ProveAgain) => {
            Some((Code::Invalid, "wrong_code"))
        }
        (Since::PasswordLocked | Since::HeldForAnAgent | Since::FactorLocked, s) if s.before_the_factor() => wrong,
        (Since::SupportEnded, _) => Some((Code::Precondition, "support_ended")),
        (Since::SupportNotStarted, _) => Some((Code::Precondition, "support_not_started")),
        _ => dead,
    }
}

fn told(error: &Error) -> (Code, String) {
    let field = error.fields.first().map(|f| f.code.to_string());
    (error.code, field.unwrap_or_else(|| error.reason.to_string()))
}

async fn with_terms() -> Portal {
    let portal = Portal::new().await;
    let who = fresh("administrator");
    let now = portal.admin.get_settings(by(&who, GetSettingsRequest {})).await.unwrap().into_inner();
    let settings = SecuritySettings {
        terms_required: true,
        terms: [("en".to_owned(), "Be kind.".to_owned())].into(),
        ..now.settings.unwrap()
    };
    let request = ChangeSettingsRequest { settings: Some(settings), expected_version: now.version };
    portal.admin.change_settings(by(&who, request)).await.unwrap();
    portal
}

/// Before: a login that waited for its second factor answered 200 to the right code after six wrong passwords.
#[tokio::test(flavor = "multi_thread")]
async fn every_later_step_of_a_login_asks_everything_again() {
    let portal = with_terms().await;
    let mut seen = 0;
    for step in Step::ALL {
        for since in Since::ALL.into_iter().filter(|s| s.concerns(step)) {
            seen += 1;
            let half = portal.half(step, &format!("user{seen}")).await;
            portal.let_happen(since, &half).await;
            let taken = portal.take(step, &half).await;
            let found = taken.map_err(|status| told(&runtime::error_of(status)));
            let wanted = expected(step, since).map(|(code, reason)| (code, reason.to_owned()));
            assert_eq!(found.as_ref().err(), wanted.as_ref(), "{step:?} after {since:?}");
            let got_in = portal.sessions_but(half.contact, &half.token).await > 0;
            assert_eq!(got_in, opened(step, since), "{step:?} after {since:?}: a session");
        }
    }
    assert!(seen > 90, "{seen} combinations");
}

/// True where the step gives a session that is complete, or a new token for the one that was.
fn opened(step: Step, since: Since) -> bool {
    since == Since::Nothing && matches!(step, Step::Terms | Step::ProveAgain)
}

/// A browser that has signed in before has a budget of its own: a stranger's lock does not end its login in the middle.
#[tokio::test(flavor = "multi_thread")]
async fn a_known_browsers_login_outlives_a_strangers_lock_but_not_its_own() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    let device = portal.login("emma@acme.test").await.device;
    let request = RequireMfaRequest { user_id: contact.to_string(), required: true };
    portal.server.require_mfa(by(&fresh("administrator"), request)).await.unwrap();
    let login = async |password: &str| {
        let request =
            LoginRequest { device: device.clone(), ..login_request("emma@acme.test", password, SubjectKind::Contact) };
        portal.server.login(by(&gateway(), request)).await
    };
    let waiting = login(PASSWORD).await.unwrap().into_inner().session_token;
    let second = login(PASSWORD).await.unwrap().into_inner().session_token;
    portal.wrong_from_elsewhere("emma@acme.test", 6).await;
    let begin = async |token: &str| {
        portal.account().begin_totp(by(&gateway(), BeginTotpRequest { session: proof(token) })).await
    };
    begin(&waiting).await.unwrap();
    for _ in 0..5 {
        login(WRONG).await.expect_err("a wrong password");
    }
    for token in [&waiting, &second] {
        assert_eq!(reason(begin(token).await), (Code::Unauthenticated, "session_invalid".into()));
    }
}

/// A link to choose a password is no login: a lock does not stand in its way and ends with it, all else does.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_asked_too_whether_its_account_is_open() {
    let portal = Portal::new().await;
    for (n, since) in [
        Since::PasswordLocked,
        Since::HeldForAnAgent,
        Since::Suspended,
        Since::SuspendedInTheRow,
        Since::AccessOff,
        Since::OffInTheRow,
        Since::Deleted,
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("user{n}@acme.test");
        let contact = portal.active_contact(&email).await;
        let request = SendResetLinkRequest { user_id: contact.to_string() };
        portal.server.send_reset_link(by(&fresh("administrator"), request)).await.unwrap();
        let request_id = portal.events::<PasswordResetRequested>().await.pop().unwrap().request_id;
        let issue = IssueLinkRequest { request_id };
        let issued = portal.server.issue_link(by(&kernel::Actor::service("notification"), issue)).await.unwrap();
        let token = issued.into_inner().link.split_once("token=").unwrap().1.to_owned();
        let half = Half { contact, login: email.clone(), token: String::new(), app: None, recovery: Vec::new() };
        portal.let_happen(since, &half).await;
        let reset = ResetPasswordRequest { token, new_password: BETTER.into(), source: None };
        let done = portal.server.reset_password(by(&gateway(), reset)).await;
        if matches!(since, Since::PasswordLocked | Since::HeldForAnAgent) {
            done.unwrap();
            portal.try_portal(&email, BETTER).await.unwrap();
        } else {
            assert_eq!(refused(done).reason, "link_unusable", "{since:?}");
        }
    }
}
