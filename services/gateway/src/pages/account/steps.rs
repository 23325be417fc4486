//! The steps of a login that is not complete, which are also pages of whoever is signed in: the second factor and its
//! set-up, another password, the terms of use, and proving again who is there.

use crate::{
    backend::{account, settings},
    http::guard::{missing, step_of},
    pages::{
        account::recovery::codes_page,
        answer::Answer,
        ask::{Ask, Posted, html},
        entry::{
            proofs::{
                chrome_after, keep, passkey_login, passkey_of, password_fault, proof_fault, stepped, typed_fault,
                wait_a_moment,
            },
            sign_in::{landing, onwards},
        },
        links::{is_local, with_next},
        scene::Scene,
    },
};
use gateway_ui::{
    markdown,
    qr::Qr,
    vm::{
        ChangeFault, ChangePasswordPage, Chrome, ProofFault, SecondFactorPage, SetUpMfaPage, SetUpStep, StepUpPage,
        TermsPage,
    },
};
use http::StatusCode;
use kernel::{Code, Error};
use proto::identity::v1::{GetPublicPolicyResponse, Stage};

/// Where to go on to, if it is a page of ours.
fn next_of(posted: &Posted) -> String {
    let next = posted.text("next");
    if is_local(&next) { next } else { String::new() }
}

/// What stands around a step's page: nothing while the login waits for it, everything for who does it by choice.
async fn around(ask: &Ask, forced: bool) -> Result<Chrome, Error> {
    if forced {
        return Ok(ask.look.chrome(&ask.app, &ask.admitted.csrf_token));
    }
    Ok(Scene::open(ask).await?.chrome())
}

/// The page of the second factor.
pub(crate) async fn factor(ask: Ask) -> Answer {
    let next = next_of(&Posted::parse(&ask.look.query));
    if ask.admitted.own()?.stage() != Stage::MfaRequired {
        return ask.done(&landing(&ask, &next), "");
    }
    html(StatusCode::OK, &factor_page(&ask, next, None))
}

fn factor_page(ask: &Ask, next: String, fault: Option<ProofFault>) -> SecondFactorPage {
    let factors = ask.admitted.session.as_ref().map(|s| s.answer.factors.clone()).unwrap_or_default();
    let has = |name: &str| factors.iter().any(|f| f == name);
    let passkey = has("passkey");
    SecondFactorPage {
        chrome: ask.look.chrome(&ask.app, &ask.admitted.csrf_token),
        action: ask.url("/second-factor"),
        next,
        totp: has("totp") || !passkey,
        passkey,
        recovery: true,
        fault,
    }
}

/// Checks the code, the recovery code or the passkey.
pub(crate) async fn verify(ask: Ask, body: String) -> Answer {
    let posted = Posted::parse(&body);
    let next = next_of(&posted);
    let (code, recovery) = (posted.text("code"), posted.text("recovery_code"));
    let by_recovery = posted.get("kind") == Some("recovery");
    let (answer, wrong) = match passkey_of(&posted) {
        Some(passkey) => (passkey_login(&ask, passkey).await, ProofFault::Passkey),
        None if by_recovery => (
            account::verify_factor(&ask.app, &ask.admitted, String::new(), recovery).await,
            ProofFault::WrongRecoveryCode,
        ),
        None if code.trim().is_empty() => {
            let page = factor_page(&ask, next, Some(ProofFault::Missing));
            return html(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        None => {
            (account::verify_factor(&ask.app, &ask.admitted, digits(&code), String::new()).await, ProofFault::WrongCode)
        }
    };
    match answer {
        Ok(answer) => stepped(&ask, &answer, &onwards(&ask, answer.stage(), &next), ""),
        Err(error) => {
            let Some((fault, status)) = proof_fault(&error, wrong) else { return Err(error.into()) };
            Ok(wait_a_moment(html(status, &factor_page(&ask, next, Some(fault)))?, &error))
        }
    }
}

/// A code without the spaces that people and apps put into it.
fn digits(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

/// Setting up a second factor: why, and what is needed.
pub(crate) async fn set_up(ask: Ask) -> Answer {
    let next = next_of(&Posted::parse(&ask.look.query));
    let page = set_up_page(&ask, next, SetUpStep::Why, None).await?;
    html(StatusCode::OK, &page)
}

async fn set_up_page(
    ask: &Ask,
    next: String,
    step: SetUpStep,
    fault: Option<ProofFault>,
) -> Result<SetUpMfaPage, Error> {
    let forced = missing(&ask.app, ask.admitted.own()?).await?.is_some();
    Ok(SetUpMfaPage { chrome: around(ask, forced).await?, action: ask.url("/set-up-mfa"), next, forced, step, fault })
}

/// The steps of the set-up, one after the other.
pub(crate) async fn set_up_step(ask: Ask, body: String) -> Answer {
    let posted = Posted::parse(&body);
    match posted.get("step") {
        Some("confirm") => confirm(ask, posted).await,
        Some("passkey") => add_passkey(ask, posted).await,
        _ => begin(ask, posted).await,
    }
}

async fn begin(ask: Ask, posted: Posted) -> Answer {
    let next = next_of(&posted);
    match account::begin_totp(&ask.app, &ask.admitted).await {
        Ok(answer) => {
            let step = scan(answer.secret, answer.otpauth_uri);
            html(StatusCode::OK, &set_up_page(&ask, next, step, None).await?)
        }
        Err(error) if matches!(error.code, Code::Unavailable | Code::Timeout) => {
            let page = set_up_page(&ask, next, SetUpStep::Why, Some(ProofFault::Unavailable)).await?;
            Ok(wait_a_moment(html(StatusCode::SERVICE_UNAVAILABLE, &page)?, &error))
        }
        Err(error) => Err(error.into()),
    }
}

/// The secret in groups of four, as people read it off.
fn scan(secret: String, uri: String) -> SetUpStep {
    let plain: Vec<char> = secret.chars().filter(|c| !c.is_whitespace()).collect();
    let groups: Vec<String> = plain.chunks(4).map(|group| group.iter().collect()).collect();
    SetUpStep::Scan { secret: groups.join(" "), qr: Qr::of(&uri), uri }
}

async fn confirm(ask: Ask, posted: Posted) -> Answer {
    let next = next_of(&posted);
    // The secret is on the page already; it is carried along so that a mistyped code doesn't need another scan.
    let again = || scan(posted.text("secret").chars().take(100).collect(), posted.text("uri"));
    let code = digits(&posted.text("code"));
    if code.is_empty() {
        let page = set_up_page(&ask, next, again(), Some(ProofFault::Missing)).await?;
        return html(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    match account::confirm_totp(&ask.app, &ask.admitted, code).await {
        Ok(answer) => added(ask, answer.login.unwrap_or_default(), answer.recovery_codes, next).await,
        // The set-up took too long: it begins anew.
        Err(error) if error.code == Code::Precondition => ask.done(&with_next(ask.url("/set-up-mfa"), &next, ""), ""),
        Err(error) => {
            let Some((fault, status)) = proof_fault(&error, ProofFault::WrongCode) else { return Err(error.into()) };
            let page = set_up_page(&ask, next, again(), Some(fault)).await?;
            Ok(wait_a_moment(html(status, &page)?, &error))
        }
    }
}

/// Adds the passkey that the script made.
pub(crate) async fn add_passkey(ask: Ask, posted: Posted) -> Answer {
    let next = next_of(&posted);
    let security = ask.url("/account/security");
    let Some((ceremony_id, credential)) = passkey_of(&posted) else { return ask.done(&security, "passkey_failed") };
    let name = posted.text("name").trim().to_owned();
    match account::finish_passkey(&ask.app, &ask.admitted, ceremony_id, credential, name).await {
        Ok(answer) => added(ask, answer.login.unwrap_or_default(), answer.recovery_codes, next).await,
        Err(error) if error.code == Code::Invalid => {
            let forced = missing(&ask.app, ask.admitted.own()?).await?.is_some();
            let url = if forced { ask.url("/set-up-mfa") } else { security };
            ask.done(&url, "passkey_failed")
        }
        Err(error) => Err(error.into()),
    }
}

/// A second factor was added: the recovery codes, which are shown now or never, or straight on.
async fn added(ask: Ask, login: proto::identity::v1::LoginResponse, codes: Vec<String>, next: String) -> Answer {
    let forced = step_of(ask.admitted.own()?.stage()).is_some();
    let next = match (next.is_empty(), forced) {
        (false, _) => next,
        (true, true) => ask.look.home_url().to_owned(),
        (true, false) => ask.url("/account/security"),
    };
    if codes.is_empty() {
        return stepped(&ask, &login, &onwards(&ask, login.stage(), &next), "factor_added");
    }
    let next = match step_of(login.stage()) {
        Some(_) => onwards(&ask, login.stage(), &next),
        None => next,
    };
    let chrome = match login.session_token.is_empty() {
        true => ask.look.chrome(&ask.app, &ask.admitted.csrf_token),
        false => chrome_after(&ask, &login).await?,
    };
    let mut response = html(StatusCode::OK, &codes_page(&ask, chrome, codes, next, false))?;
    keep(&ask, &mut response, &login);
    Ok(response)
}

/// Changing the password.
pub(crate) async fn password(ask: Ask) -> Answer {
    let next = next_of(&Posted::parse(&ask.look.query));
    html(StatusCode::OK, &password_page(&ask, next, None).await?)
}

/// The smallest length that holds for this account.
async fn min_length(ask: &Ask) -> Result<u32, Error> {
    let session = ask.admitted.own()?;
    if step_of(session.stage()).is_none() {
        return Ok(account::security(&ask.app, &ask.admitted).await?.min_password_length.unsigned_abs());
    }
    Ok(settings::public(&ask.app).await?.min_password_length.unsigned_abs())
}

async fn password_page(ask: &Ask, next: String, fault: Option<ChangeFault>) -> Result<ChangePasswordPage, Error> {
    let forced = step_of(ask.admitted.own()?.stage()).is_some();
    let min_length = min_length(ask).await?;
    let fault = fault.map(|fault| match fault {
        // Only now the number is known.
        ChangeFault::New(gateway_ui::vm::PasswordFault::TooShort(_)) => {
            ChangeFault::New(gateway_ui::vm::PasswordFault::TooShort(min_length))
        }
        other => other,
    });
    let chrome = around(ask, forced).await?;
    let login = ask.admitted.own()?.subject().login;
    Ok(ChangePasswordPage { chrome, action: ask.url("/change-password"), next, login, forced, min_length, fault })
}

/// Changes it. Other sessions end.
pub(crate) async fn change_password(ask: Ask, body: String) -> Answer {
    let posted = Posted::parse(&body);
    let next = next_of(&posted);
    let forced = step_of(ask.admitted.own()?.stage()).is_some();
    let current = posted.text("current_password");
    let typed = match !forced && current.is_empty() {
        true => Some(ChangeFault::Current),
        false => typed_fault(&posted).map(ChangeFault::New),
    };
    if let Some(fault) = typed {
        return html(StatusCode::UNPROCESSABLE_ENTITY, &password_page(&ask, next, Some(fault)).await?);
    }
    match account::change_password(&ask.app, &ask.admitted, current, posted.text("new_password")).await {
        Ok(answer) if forced => stepped(&ask, &answer, &onwards(&ask, answer.stage(), &next), "password_changed"),
        Ok(answer) => stepped(&ask, &answer, &ask.url("/account/security"), "password_changed"),
        Err(error) => {
            let fault = match password_fault(&error, 0) {
                Some(fault) => ChangeFault::New(fault),
                None if proof_fault(&error, ProofFault::WrongPassword)
                    .is_some_and(|(f, _)| f == ProofFault::WrongPassword) =>
                {
                    ChangeFault::Current
                }
                None => return Err(error.into()),
            };
            html(StatusCode::UNPROCESSABLE_ENTITY, &password_page(&ask, next, Some(fault)).await?)
        }
    }
}

/// The terms of use.
pub(crate) async fn terms(ask: Ask) -> Answer {
    let next = next_of(&Posted::parse(&ask.look.query));
    let stage = ask.admitted.signed_in()?.stage();
    let policy = settings::public(&ask.app).await?;
    let asked = stage == Stage::TermsRequired;
    let text = terms_in(&policy, &ask).map(|text| markdown::render(&text));
    let page = TermsPage {
        chrome: around(&ask, asked).await?,
        text,
        action: asked.then(|| ask.url("/terms")),
        version: policy.terms_version,
        next,
    };
    html(StatusCode::OK, &page)
}

/// The terms in the reader's language, else in whichever they are written.
fn terms_in(policy: &GetPublicPolicyResponse, ask: &Ask) -> Option<String> {
    let written = |code: &str| policy.terms.get(code).filter(|t| !t.trim().is_empty()).cloned();
    written(ask.lang().code())
        .or_else(|| written(&ask.app.config.language))
        .or_else(|| policy.terms.values().find(|t| !t.trim().is_empty()).cloned())
}

/// Accepts them.
pub(crate) async fn accept_terms(ask: Ask, body: String) -> Answer {
    let posted = Posted::parse(&body);
    let next = next_of(&posted);
    let version = posted.get("version").and_then(|v| v.parse().ok());
    let version = version.ok_or_else(|| Error::new(Code::Invalid, "malformed", "The form says no version."))?;
    match account::accept_terms(&ask.app, &ask.admitted, version).await {
        Ok(answer) => stepped(&ask, &answer, &onwards(&ask, answer.stage(), &next), ""),
        // They changed while they were read: the page shows what holds now.
        Err(error) if matches!(error.code, Code::Conflict | Code::Precondition | Code::Invalid) => {
            ask.done(&ask.url("/terms"), "")
        }
        Err(error) => Err(error.into()),
    }
}

/// Proving again who is there.
pub(crate) async fn step_up(ask: Ask) -> Answer {
    let next = next_of(&Posted::parse(&ask.look.query));
    html(StatusCode::OK, &step_up_page(&ask, next, None).await?)
}

async fn step_up_page(ask: &Ask, next: String, fault: Option<ProofFault>) -> Result<StepUpPage, Error> {
    let factors = &ask.admitted.own()?.answer.factors;
    let has = |name: &str| factors.iter().any(|f| f == name);
    let (totp, passkey) = (has("totp"), has("passkey"));
    let (chrome, login) = (around(ask, false).await?, ask.admitted.own()?.subject().login);
    Ok(StepUpPage { chrome, action: ask.url("/step-up"), next, login, totp, passkey, fault })
}

/// Checks it, and goes back to the page that asked for it.
pub(crate) async fn prove(ask: Ask, body: String) -> Answer {
    let posted = Posted::parse(&body);
    let next = next_of(&posted);
    let (password, code) = (posted.text("password"), digits(&posted.text("code")));
    let (answer, wrong) = match passkey_of(&posted) {
        Some(passkey) => (passkey_login(&ask, passkey).await, ProofFault::Passkey),
        None if password.is_empty() && code.is_empty() => {
            let missing = match posted.get("password") {
                Some(_) => ProofFault::WrongPassword,
                None => ProofFault::Missing,
            };
            let page = step_up_page(&ask, next, Some(missing)).await?;
            return html(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        None => {
            let wrong = if code.is_empty() { ProofFault::WrongPassword } else { ProofFault::WrongCode };
            (account::step_up(&ask.app, &ask.admitted, password, code).await, wrong)
        }
    };
    match answer {
        Ok(answer) => stepped(&ask, &answer, &landing(&ask, &next), ""),
        Err(error) => {
            let Some((fault, status)) = proof_fault(&error, wrong) else { return Err(error.into()) };
            Ok(wait_a_moment(html(status, &step_up_page(&ask, next, Some(fault)).await?)?, &error))
        }
    }
}
