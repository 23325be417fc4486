//! Tokens for programs: all of the installation, and new ones for accounts of programs.

use crate::{
    backend::{agents, tokens},
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        refusal::Refusal,
        scene::Scene,
        team::agents::url_of,
    },
};
use axum::extract::Path;
use gateway_ui::vm::{Crumb, Faults, Once, TokenDraft, TokenRow, secret_page, token_form, tokens_page};
use http::StatusCode;
use proto::identity::v1::{ApiToken, CreateServiceTokenRequest};

/// Every token of the installation.
pub(crate) async fn page(ask: Ask) -> Answer {
    let scene = Scene::open(&ask).await?;
    let row = |token: ApiToken| TokenRow {
        owner_url: Some(url_of(&ask, &token.user_id)),
        expires: scene.stamp_of(token.expires_at_micros),
        used: scene.stamp_of(token.last_used_micros),
        revoke_url: Some(ask.url(&format!("/api-tokens/{}/revoke", token.token_id))),
        id: token.token_id,
        name: token.name,
        hint: token.hint,
        owner: token.user_name,
        scopes: token.scopes,
    };
    let tokens = tokens::all(&ask.app).await?.into_iter().map(row).collect();
    html(StatusCode::OK, &tokens_page(scene.chrome(), tokens))
}

/// Takes one back.
pub(crate) async fn revoke_one(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    tokens::revoke(&ask.app, &id).await?;
    ask.done(&ask.url("/api-tokens"), "api_token_revoked")
}

/// The form of a new one for a program.
pub(crate) async fn new(ask: Ask, Path(id): Path<String>) -> Answer {
    let draft = TokenDraft { scopes: vec!["read".to_owned()], valid_days: "90".to_owned(), ..TokenDraft::default() };
    let scene = Scene::open(&ask).await?;
    scene.fresh()?;
    form(&ask, &scene, &id, &draft, &Faults::default(), StatusCode::OK).await
}

async fn form(ask: &Ask, scene: &Scene, id: &str, draft: &TokenDraft, faults: &Faults, status: StatusCode) -> Answer {
    let agent = agents::get(&ask.app, id).await?;
    let owner = Crumb { label: agent.name, url: url_of(ask, id) };
    let action = format!("{}/tokens", owner.url);
    html(status, &token_form(scene.chrome(), owner, action, draft, faults))
}

/// Makes one, and shows its secret once.
pub(crate) async fn submit(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    let scene = Scene::open(&ask).await?;
    let posted = Posted::parse(&body);
    let draft = TokenDraft {
        name: posted.text("name").trim().to_owned(),
        scopes: posted.all("scopes"),
        valid_days: posted.text("valid_days").trim().to_owned(),
    };
    // A number that is none is out of range like one that is too large.
    let valid_days = draft.valid_days.parse().unwrap_or(-1);
    let new = CreateServiceTokenRequest {
        user_id: id.clone(),
        name: draft.name.clone(),
        scopes: draft.scopes.clone(),
        valid_days,
    };
    match tokens::create(&ask.app, new).await {
        Ok(made) => {
            let token = made.token.unwrap_or_default();
            let back = Crumb { label: token.user_name, url: url_of(&ask, &id) };
            let until = scene.stamp_of(token.expires_at_micros);
            let once = Once::Token { name: token.name, secret: made.secret, until };
            html(StatusCode::OK, &secret_page(scene.chrome(), back, once))
        }
        Err(error) => {
            let inputs = [("name", "name"), ("scopes", "scopes"), ("valid_days", "valid_days")];
            let refusal = Refusal::of(error, ask.lang(), &inputs)?;
            form(&ask, &scene, &id, &draft, &refusal.faults, refusal.status).await
        }
    }
}
