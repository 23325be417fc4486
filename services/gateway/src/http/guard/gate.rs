//! What a session may reach: of an unfinished login only the step that is missing, of support access and of programs only
//! what they are meant for.

use crate::http::{
    app::App,
    request::session_required,
    sessions::{Session, Surface},
};
use http::Method;
use kernel::{ActorKind, Code, Error};
use proto::identity::v1::Stage;
use runtime::{Call, with_call};

/// The step that an unfinished login waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// The page, after the beginning that each front end has.
    pub(crate) page: &'static str,
    /// The API's word, as status of a login and as code of a refusal.
    pub(crate) word: &'static str,
    /// Paths of the API, after `/api/v1`.
    api: &'static [&'static str],
    /// The login itself is complete, and only the profile asks for more: proving again who is there is part of it.
    by_profile: bool,
}

/// The second factor that a profile asks for. Identity knows nothing of it: for identity the login is complete.
const BY_PROFILE: Step = Step {
    page: "/set-up-mfa",
    word: "mfa_enrolment_required",
    api: &[
        "/auth/mfa/totp",
        "/auth/mfa/totp/confirm",
        "/auth/passkeys/register/begin",
        "/auth/passkeys/register/finish",
        "/auth/step-up",
    ],
    by_profile: true,
};

const STEPS: [(Stage, Step); 4] = [
    (
        Stage::MfaRequired,
        Step {
            page: "/second-factor",
            word: "mfa_required",
            api: &["/auth/mfa/verify", "/auth/passkeys/login/begin", "/auth/passkeys/login/finish"],
            by_profile: false,
        },
    ),
    (
        Stage::MfaEnrolmentRequired,
        Step {
            page: "/set-up-mfa",
            word: "mfa_enrolment_required",
            api: &[
                "/auth/mfa/totp",
                "/auth/mfa/totp/confirm",
                "/auth/passkeys/register/begin",
                "/auth/passkeys/register/finish",
            ],
            by_profile: false,
        },
    ),
    (
        Stage::PasswordChangeRequired,
        Step {
            page: "/change-password",
            word: "password_change_required",
            api: &["/auth/password/change"],
            by_profile: false,
        },
    ),
    (Stage::TermsRequired, Step { page: "/terms", word: "terms_required", api: &["/auth/terms"], by_profile: false }),
];

/// Every word that refuses a call until a step is done.
pub(crate) fn step_of_word(word: &str) -> Option<Step> {
    STEPS.iter().map(|(_, step)| *step).find(|step| step.word == word)
}

/// The step of a stage; none when nothing is missing.
pub(crate) fn step_of(stage: Stage) -> Option<Step> {
    STEPS.iter().find(|(of, _)| *of == stage).map(|(_, step)| *step)
}

/// The API's word for where a login stands.
pub(crate) fn word_of(stage: Stage) -> &'static str {
    step_of(stage).map_or("authenticated", |step| step.word)
}

impl Step {
    /// Whether a request is part of the step, or of leaving it.
    fn covers(self, method: &Method, path: &str) -> bool {
        if let Some(call) = path.strip_prefix("/api/v1") {
            return match call {
                "/auth/session" => *method == Method::GET || *method == Method::HEAD,
                "/auth/logout" => true,
                // Removing a second factor lies at the address where one is set up.
                "/auth/mfa/totp" if *method == Method::DELETE => false,
                _ => self.api.contains(&call),
            };
        }
        let page = path.strip_prefix("/console").unwrap_or(path);
        page == self.page || page == "/sign-out" || (self.by_profile && page == "/step-up")
    }

    /// The refusal of everything else.
    fn refusal(self) -> Error {
        let sentence = "Something is missing before you are signed in. Please do that step first.";
        Error::new(Code::Forbidden, self.word, sentence)
    }
}

/// The step that this session waits for: what identity says, and what the profile asks for beyond it.
pub(crate) async fn missing(app: &App, session: &Session) -> Result<Option<Step>, Error> {
    match step_of(session.stage()) {
        None if wants_second_factor(app, session).await? => Ok(Some(BY_PROFILE)),
        step => Ok(step),
    }
}

/// Whether the profile asks for a second factor that the person has not set up. Programs, support access and the visitors
/// of a company's link have nothing to set up.
async fn wants_second_factor(app: &App, session: &Session) -> Result<bool, Error> {
    let answer = &session.answer;
    let own = session.kind() == ActorKind::Contact && !session.support() && !session.is_program();
    if !own || answer.assurance >= 2 || !answer.factors.is_empty() {
        return Ok(false);
    }
    let call = Call { token: Some(answer.actor_token.clone()), ..Call::default() };
    let plan = with_call(call, app.plans.plan_for(&session.actor()?)).await?;
    Ok(plan.require_mfa)
}

/// Whether a session may make this request.
pub(super) async fn check(app: &App, session: &Session, method: &Method, path: &str) -> Result<(), Error> {
    if let Some(scopes) = &session.scopes {
        return check_program(session, scopes, method, path);
    }
    if let Some(step) = missing(app, session).await?
        && !step.covers(method, path)
    {
        return Err(step.refusal());
    }
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    if session.answer.read_only && !reads && !ends(path) {
        let sentence = "This is a look at the portal as somebody else: nothing can be changed.";
        return Err(Error::new(Code::Forbidden, "read_only_session", sentence));
    }
    Ok(())
}

/// What ends a session is no change.
fn ends(path: &str) -> bool {
    ["/impersonation/end", "/sign-out", "/api/v1/auth/impersonation/end", "/api/v1/auth/logout"].contains(&path)
}

fn check_program(session: &Session, scopes: &[String], method: &Method, path: &str) -> Result<(), Error> {
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let admin = path.starts_with("/api/v1/admin/");
    if admin && session.surface == Surface::Portal {
        return Err(Error::not_found());
    }
    if path.starts_with("/api/v1/auth/") && !(reads && path == "/api/v1/auth/session") {
        return Err(session_required());
    }
    let scope = match (admin, reads) {
        (true, _) => "admin",
        (false, true) => "read",
        (false, false) => "write",
    };
    if scopes.iter().any(|s| s == scope) {
        return Ok(());
    }
    let sentence = "The token does not cover this.";
    Err(Error::new(Code::Forbidden, "scope_missing", sentence).with("scope", scope))
}
