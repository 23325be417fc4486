//! Recovery codes, which are shown once.

use crate::{
    backend::account,
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        entry::sign_in::landing,
        scene::Scene,
    },
};
use gateway_ui::vm::{Chrome, RecoveryCodesPage, RecoveryState};
use http::StatusCode;

/// The question before new recovery codes.
pub(crate) async fn recovery(ask: Ask) -> Answer {
    let security = account::security(&ask.app, &ask.admitted).await?;
    let page = RecoveryCodesPage {
        chrome: Scene::open(&ask).await?.chrome(),
        next: ask.url("/account/security"),
        state: RecoveryState::Confirm {
            action: ask.url("/account/recovery-codes"),
            left: u32::try_from(security.recovery_codes_left).unwrap_or(0),
        },
    };
    html(StatusCode::OK, &page)
}

/// New recovery codes, shown once.
pub(crate) async fn make_codes(ask: Ask) -> Answer {
    let codes = account::make_recovery_codes(&ask.app, &ask.admitted).await?;
    let chrome = ask.look.chrome(&ask.app, &ask.admitted.csrf_token);
    html(StatusCode::OK, &codes_page(&ask, chrome, codes, ask.url("/account/security"), false))
}

/// The page that shows recovery codes. Nothing stands around it: the codes are there now or never.
pub(crate) fn codes_page(
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
    let next = landing(&ask, &posted.text("next"));
    if posted.get("saved") == Some("yes") {
        return ask.done(&next, "");
    }
    let codes = posted.text("codes").split_whitespace().take(20).map(|code| code.chars().take(60).collect()).collect();
    let chrome = ask.look.chrome(&ask.app, &ask.admitted.csrf_token);
    html(StatusCode::UNPROCESSABLE_ENTITY, &codes_page(&ask, chrome, codes, next, true))
}
