//! A company's secure link.

use crate::{
    backend::{contacts::company_name, logins},
    http::{cookies::keep_login, sessions::Surface},
    pages::{
        answer::Answer,
        ask::{Ask, html},
        entry::recover::is_over,
    },
};
use axum::extract::Path;
use gateway_ui::{
    query::encode,
    vm::{CompanyLinkPage, LinkState},
};
use http::StatusCode;
use kernel::Code;

/// The page behind a company's link. Opening it changes nothing.
pub(crate) async fn link(ask: Ask, Path(token): Path<String>) -> Answer {
    let answer = logins::inspect_company_link(&ask.app, &ask.admitted, token.clone()).await?;
    let state = match (answer.usable, answer.sign_in_instead) {
        (_, true) => LinkState::SignInInstead,
        (true, false) => LinkState::Continue {
            action: format!("/link/{}", encode(&token)),
            company: company_name(&ask.app, answer.company_id).await,
        },
        (false, false) => LinkState::Unusable,
    };
    link_page(&ask, state)
}

fn link_page(ask: &Ask, state: LinkState) -> Answer {
    let status = if state == LinkState::Unusable { StatusCode::GONE } else { StatusCode::OK };
    let chrome = ask.look.chrome(&ask.app, &ask.admitted.csrf_token);
    html(status, &CompanyLinkPage { chrome, sign_in_url: ask.look.sign_in_url(), state })
}

/// Makes a session of the link.
pub(crate) async fn open_link(ask: Ask, Path(token): Path<String>) -> Answer {
    match logins::open_company_link(&ask.app, &ask.admitted, token).await {
        Ok(answer) => {
            let mut response = ask.on_to("/", "");
            keep_login(&ask.app, &mut response, Surface::Portal, &answer);
            Ok(response)
        }
        Err(error) if error.reason == "sign_in_instead" => link_page(&ask, LinkState::SignInInstead),
        Err(error) if is_over(&error) || error.code == Code::Unauthenticated => link_page(&ask, LinkState::Unusable),
        Err(error) => Err(error.into()),
    }
}
