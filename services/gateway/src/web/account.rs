//! One's own account: what it is secured with, where it is signed in, what happened, and tokens for programs.

use crate::{
    api::auth::sessions,
    web::{
        ask::{Ask, Posted, html, now_micros},
        fault::Answer,
        proofs::stepped,
        scene::Scene,
        steps,
    },
};
use axum::extract::Path;
use gateway_ui::{
    fmt::{self, Stamp},
    query::encode,
    vm::{
        ActivityPage, AddressFault, ApiTokensPage, Chrome, LoginChangePage, OwnActivity, OwnPasskey, OwnSession,
        OwnToken, Pager, RecoveryCodesPage, RecoveryState, SecurityPage, TokenFault,
    },
};
use http::StatusCode;
use kernel::{Code, Error};
use proto::identity::v1::{
    ActivityEntry, ApiToken, CreateApiTokenRequest, GetSecurityRequest, GetSecurityResponse, ListApiTokensRequest,
    ListOwnActivityRequest, ListSessionsRequest, MakeRecoveryCodesRequest, Passkey, RemovePasskeyRequest,
    RemoveTotpRequest, RequestLoginChangeRequest, RevokeApiTokenRequest, SessionView,
};

/// Things that happened, on the security page.
const FEW: i32 = 5;
/// Things that happened, on a page of their own.
const MANY: i32 = 50;

fn stamp(ask: &Ask, micros: i64) -> Option<Stamp> {
    (micros != 0).then(|| fmt::stamp_ago(micros, now_micros(), ask.lang(), &ask.app.zone))
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// The security page.
pub(crate) async fn security(ask: Ask) -> Answer {
    let proof = Some(ask.admitted.proof(ask.admitted.own()?));
    let (mut one, mut two, mut three, mut four) =
        (ask.app.account(), ask.app.account(), ask.app.account(), ask.app.account());
    let activity = ListOwnActivityRequest { session: proof.clone(), limit: FEW, cursor: String::new() };
    let (scene, security, live, recent, tokens) = tokio::join!(
        Scene::open(&ask),
        one.get_security(GetSecurityRequest { session: proof.clone() }),
        two.list_sessions(ListSessionsRequest { session: proof.clone() }),
        three.list_own_activity(activity),
        four.list_api_tokens(ListApiTokensRequest { session: proof.clone() }),
    );
    let (scene, security) = (scene?, security?.into_inner());
    // What can't be told now, or isn't this person's, leaves the rest of the page standing.
    let tokens = part("tokens", tokens).map(|answer| answer.tokens.len());
    let recent = part("activity", recent).map(|answer| answer.entries).unwrap_or_default();
    let page = SecurityPage {
        chrome: scene.chrome(),
        base: ask.look.base().to_owned(),
        password_set: stamp(&ask, security.password_set_micros),
        has_password: security.has_password,
        totp: security.totp,
        passkeys: security.passkeys.iter().map(|p| own_passkey(&ask, p)).collect(),
        recovery_left: count(security.recovery_codes_left),
        mfa_required: security.mfa_required || scene.me.plan.require_mfa,
        sessions: live?.into_inner().sessions.iter().map(|s| own_session(&ask, s)).collect(),
        tokens,
        activity: recent.into_iter().map(|e| own_activity(&ask, e)).collect(),
        login: security.login,
        login_is_email: security.login_is_email,
        pending_email: security.pending_email,
    };
    html(StatusCode::OK, &page)
}

/// One part of the page, if it could be fetched.
fn part<T>(name: &'static str, answer: Result<tonic::Response<T>, tonic::Status>) -> Option<T> {
    match answer {
        Ok(answer) => Some(answer.into_inner()),
        Err(status) => {
            tracing::warn!(event = "security.part_failed", name, code = %status.code(), "a part could not be loaded");
            None
        }
    }
}

fn own_passkey(ask: &Ask, passkey: &Passkey) -> OwnPasskey {
    OwnPasskey {
        name: passkey.name.clone(),
        created: stamp(ask, passkey.created_at_micros),
        last_used: stamp(ask, passkey.last_used_micros),
        remove_url: ask.url(&format!("/account/passkeys/{}/remove", encode(&passkey.passkey_id))),
    }
}

fn own_session(ask: &Ask, session: &SessionView) -> OwnSession {
    OwnSession {
        browser: session.browser.clone(),
        network: session.network.clone(),
        since: stamp(ask, session.created_at_micros),
        last_seen: stamp(ask, session.last_seen_micros),
        current: session.current,
        support: session.support_access,
        end_url: (!session.current).then(|| ask.url(&format!("/account/sessions/{}/end", encode(&session.session_id)))),
    }
}

fn own_activity(ask: &Ask, mut entry: ActivityEntry) -> OwnActivity {
    // Of support access the agent is named, whoever the entry is about.
    let agent = entry.facts.remove("agent_name");
    OwnActivity {
        at: fmt::stamp_ago(entry.at_micros, now_micros(), ask.lang(), &ask.app.zone),
        kind: entry.r#type,
        network: entry.network,
        browser: entry.browser,
        actor: agent.unwrap_or(entry.actor_name),
    }
}

/// Everything that happened, page by page.
pub(crate) async fn activity(ask: Ask) -> Answer {
    let session = Some(ask.admitted.proof(ask.admitted.own()?));
    let cursor = Posted::parse(&ask.look.query).text("cursor");
    let request = ListOwnActivityRequest { session, limit: MANY, cursor: cursor.clone() };
    let mut account = ask.app.account();
    let (scene, answer) = tokio::join!(Scene::open(&ask), account.list_own_activity(request));
    let (scene, answer) = (scene?, answer?.into_inner());
    let path = ask.url("/account/activity");
    let page = ActivityPage {
        chrome: scene.chrome(),
        back_url: ask.url("/account/security"),
        entries: answer.entries.into_iter().map(|e| own_activity(&ask, e)).collect(),
        pager: Pager {
            next_url: (!answer.next_cursor.is_empty())
                .then(|| format!("{path}?cursor={}", encode(&answer.next_cursor))),
            first_url: (!cursor.is_empty()).then_some(path),
        },
    };
    html(StatusCode::OK, &page)
}

/// Ends one of the other sessions.
pub(crate) async fn end_session(ask: Ask, Path(id): Path<String>) -> Answer {
    sessions::end(&ask.app, &ask.admitted, id).await?;
    ask.done(&ask.url("/account/security"), "own_session_ended")
}

/// Ends all other sessions.
pub(crate) async fn end_others(ask: Ask) -> Answer {
    sessions::end(&ask.app, &ask.admitted, String::new()).await?;
    ask.done(&ask.url("/account/security"), "sessions_ended")
}

/// Removes the authenticator app.
pub(crate) async fn remove_totp(ask: Ask) -> Answer {
    let request = RemoveTotpRequest { session: Some(ask.admitted.proof(ask.admitted.own()?)) };
    let answer = ask.app.account().remove_totp(request).await?.into_inner();
    stepped(&ask, &answer, &ask.url("/account/security"), "factor_removed")
}

/// Removes a passkey.
pub(crate) async fn remove_passkey(ask: Ask, Path(id): Path<String>) -> Answer {
    let request = RemovePasskeyRequest { session: Some(ask.admitted.proof(ask.admitted.own()?)), passkey_id: id };
    let answer = ask.app.account().remove_passkey(request).await?.into_inner();
    stepped(&ask, &answer, &ask.url("/account/security"), "factor_removed")
}

/// Adds the passkey that the script made.
pub(crate) async fn add_passkey(ask: Ask, body: String) -> Answer {
    steps::add_passkey(ask, Posted::parse(&body)).await
}

/// The question before new recovery codes.
pub(crate) async fn recovery(ask: Ask) -> Answer {
    let security = own_security(&ask).await?;
    let page = RecoveryCodesPage {
        chrome: Scene::open(&ask).await?.chrome(),
        next: ask.url("/account/security"),
        state: RecoveryState::Confirm {
            action: ask.url("/account/recovery-codes"),
            left: count(security.recovery_codes_left),
        },
    };
    html(StatusCode::OK, &page)
}

async fn own_security(ask: &Ask) -> Result<GetSecurityResponse, Error> {
    let request = GetSecurityRequest { session: Some(ask.admitted.proof(ask.admitted.own()?)) };
    Ok(ask.app.account().get_security(request).await.map_err(runtime::error_of)?.into_inner())
}

/// New recovery codes, shown once.
pub(crate) async fn make_codes(ask: Ask) -> Answer {
    let request = MakeRecoveryCodesRequest { session: Some(ask.admitted.proof(ask.admitted.own()?)) };
    let codes = ask.app.account().make_recovery_codes(request).await?.into_inner().recovery_codes;
    let chrome = ask.look.chrome(&ask.app, &ask.admitted.csrf_token);
    html(StatusCode::OK, &codes_page(&ask, chrome, codes, ask.url("/account/security"), false))
}

/// The page that shows recovery codes. Nothing stands around it: the codes are there now or never.
pub(super) fn codes_page(
    ask: &Ask,
    chrome: Chrome,
    codes: Vec<String>,
    next: String,
    unticked: bool,
) -> RecoveryCodesPage {
    let action = ask.url("/account/recovery-codes/saved");
    RecoveryCodesPage { chrome, next, state: RecoveryState::Codes { codes, action, unticked } }
}

/// The codes are saved, says the tick; without it the page stays.
pub(crate) async fn codes_saved(ask: Ask, body: String) -> Answer {
    ask.admitted.own()?;
    let posted = Posted::parse(&body);
    let next = super::sign_in::landing(&ask, &posted.text("next"));
    if posted.get("saved") == Some("yes") {
        return ask.done(&next, "");
    }
    let codes = posted.text("codes").split_whitespace().take(20).map(|code| code.chars().take(60).collect()).collect();
    let chrome = ask.look.chrome(&ask.app, &ask.admitted.csrf_token);
    html(StatusCode::UNPROCESSABLE_ENTITY, &codes_page(&ask, chrome, codes, next, true))
}

/// Asking for another address to sign in with.
pub(crate) async fn login_change(ask: Ask) -> Answer {
    let page = login_change_page(&ask, String::new(), None).await?;
    html(StatusCode::OK, &page)
}

async fn login_change_page(ask: &Ask, typed: String, fault: Option<AddressFault>) -> Result<LoginChangePage, Error> {
    let security = own_security(ask).await?;
    if !security.login_is_email {
        return Err(Error::not_found());
    }
    Ok(LoginChangePage {
        chrome: Scene::open(ask).await?.chrome(),
        action: ask.url("/account/login-change"),
        back_url: ask.url("/account/security"),
        current: security.login,
        typed,
        fault,
    })
}

/// Sends the link to the new address.
pub(crate) async fn request_login_change(ask: Ask, body: String) -> Answer {
    let new_email = Posted::parse(&body).text("new_email").trim().to_owned();
    let session = Some(ask.admitted.proof(ask.admitted.own()?));
    let request = RequestLoginChangeRequest { session, new_email: new_email.clone() };
    let fault = match ask.app.account().request_login_change(request).await.map_err(runtime::error_of) {
        Ok(_) => return ask.done(&ask.url("/account/security"), "login_change_asked"),
        Err(error) if error.code == Code::Conflict => AddressFault::Taken,
        Err(error) if error.code == Code::Invalid && !error.fields.is_empty() => {
            let taken = error.fields.iter().any(|f| matches!(&*f.code, "login_taken" | "unchanged" | "taken"));
            if taken { AddressFault::Taken } else { AddressFault::NoAddress }
        }
        Err(error) => return Err(error.into()),
    };
    html(StatusCode::UNPROCESSABLE_ENTITY, &login_change_page(&ask, new_email, Some(fault)).await?)
}

/// What the form for a new token held.
#[derive(Default)]
struct TokenDraft {
    name: String,
    scopes: Vec<String>,
    days: String,
    fault: Option<TokenFault>,
    made: Option<(String, String)>,
}

/// Tokens for programs.
pub(crate) async fn tokens(ask: Ask) -> Answer {
    let draft = TokenDraft { scopes: vec!["read".to_owned()], days: "90".to_owned(), ..TokenDraft::default() };
    tokens_page(&ask, draft, StatusCode::OK).await
}

async fn tokens_page(ask: &Ask, draft: TokenDraft, status: StatusCode) -> Answer {
    let request = ListApiTokensRequest { session: Some(ask.admitted.proof(ask.admitted.own()?)) };
    let mut account = ask.app.account();
    let (scene, answer) = tokio::join!(Scene::open(ask), account.list_api_tokens(request));
    let (scene, answer) = (scene?, answer?.into_inner());
    let page = ApiTokensPage {
        chrome: scene.chrome(),
        back_url: ask.url("/account/security"),
        action: ask.url("/account/api-tokens"),
        tokens: answer.tokens.into_iter().map(|t| own_token(ask, t)).collect(),
        name: draft.name,
        scopes: draft.scopes,
        days: draft.days,
        offers_admin: ask.look.console(),
        made: draft.made,
        fault: draft.fault,
    };
    html(status, &page)
}

fn own_token(ask: &Ask, token: ApiToken) -> OwnToken {
    OwnToken {
        name: token.name,
        hint: token.hint,
        scopes: token.scopes,
        expires: stamp(ask, token.expires_at_micros),
        last_used: stamp(ask, token.last_used_micros),
        revoke_url: ask.url(&format!("/account/api-tokens/{}/revoke", encode(&token.token_id))),
    }
}

/// Makes a token, and shows its secret this once.
pub(crate) async fn make_token(ask: Ask, body: String) -> Answer {
    let posted = Posted::parse(&body);
    let (name, scopes, days) =
        (posted.text("name").trim().to_owned(), posted.all("scope"), posted.text("valid_days").trim().to_owned());
    let session = Some(ask.admitted.proof(ask.admitted.own()?));
    let number = days.parse::<i32>().ok().filter(|n| (1..=365).contains(n));
    let typed = match number {
        _ if name.is_empty() || name.chars().count() > 100 => Some(TokenFault::Name),
        _ if scopes.is_empty() => Some(TokenFault::Scopes),
        None => Some(TokenFault::Days),
        Some(_) => None,
    };
    let draft = TokenDraft { name: name.clone(), scopes: scopes.clone(), days, ..TokenDraft::default() };
    if typed.is_some() {
        let draft = TokenDraft { fault: typed, ..draft };
        return tokens_page(&ask, draft, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let request = CreateApiTokenRequest { session, name: name.clone(), scopes, valid_days: number.unwrap_or(1) };
    match ask.app.account().create_api_token(request).await.map_err(runtime::error_of) {
        Ok(answer) => {
            let made = Some((name, answer.into_inner().secret));
            let draft = TokenDraft { scopes: vec!["read".to_owned()], days: draft.days, made, ..TokenDraft::default() };
            tokens_page(&ask, draft, StatusCode::OK).await
        }
        Err(error) if error.code == Code::Invalid && !error.fields.is_empty() => {
            let fault = match &*error.fields[0].field {
                "scopes" => TokenFault::Scopes,
                "valid_days" => TokenFault::Days,
                _ => TokenFault::Name,
            };
            let draft = TokenDraft { fault: Some(fault), ..draft };
            tokens_page(&ask, draft, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Revokes a token.
pub(crate) async fn revoke_token(ask: Ask, Path(id): Path<String>) -> Answer {
    let session = ask.admitted.own()?;
    let request = RevokeApiTokenRequest { session: Some(ask.admitted.proof(session)), token_id: id };
    ask.app.account().revoke_api_token(request).await?;
    ask.app.sessions.forget_subject(&session.subject().id);
    ask.done(&ask.url("/account/api-tokens"), "token_revoked")
}
