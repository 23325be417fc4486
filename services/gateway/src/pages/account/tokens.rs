//! Tokens of one's own for programs.

use crate::{
    backend::account,
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        scene::Scene,
    },
};
use axum::extract::Path;
use gateway_ui::{
    query::encode,
    vm::{ApiTokensPage, OwnToken, TokenFault},
};
use http::StatusCode;
use kernel::Code;
use proto::identity::v1::ApiToken;

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
    ask.admitted.own()?;
    let (scene, tokens) = tokio::join!(Scene::open(ask), account::tokens(&ask.app, &ask.admitted));
    let (scene, tokens) = (scene?, tokens?);
    let page = ApiTokensPage {
        chrome: scene.chrome(),
        back_url: ask.url("/account/security"),
        action: ask.url("/account/api-tokens"),
        tokens: tokens.into_iter().map(|t| own_token(ask, t)).collect(),
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
        expires: ask.stamp_ago(token.expires_at_micros),
        last_used: ask.stamp_ago(token.last_used_micros),
        revoke_url: ask.url(&format!("/account/api-tokens/{}/revoke", encode(&token.token_id))),
    }
}

/// Makes a token, and shows its secret this once.
pub(crate) async fn make_token(ask: Ask, body: String) -> Answer {
    let posted = Posted::parse(&body);
    let (name, scopes, days) =
        (posted.text("name").trim().to_owned(), posted.all("scope"), posted.text("valid_days").trim().to_owned());
    ask.admitted.own()?;
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
    let valid_days = number.unwrap_or(1);
    match account::create_token(&ask.app, &ask.admitted, name.clone(), scopes, valid_days).await {
        Ok(answer) => {
            let made = Some((name, answer.secret));
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
    account::revoke_token(&ask.app, &ask.admitted, id).await?;
    ask.done(&ask.url("/account/api-tokens"), "token_revoked")
}
