//! The mail log.

use crate::{
    backend::{catalogue::visible, deliveries},
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        scene::{Me, Scene},
    },
};
use axum::extract::Path;
use gateway_ui::{
    query::encode,
    vm::{DeliveriesPage, Delivery, DeliveryState, Pager},
};
use http::StatusCode;
use proto::notification::v1;

/// Messages of a page.
const MESSAGES: i32 = 50;

/// The log, newest first.
pub(crate) async fn page(ask: Ask) -> Answer {
    let me = Me::of(&ask).await?;
    let query = Posted::parse(&ask.look.query);
    let state = DeliveryState::from_code(&query.text("state"));
    let cursor = query.text("cursor");
    let code = state.map(|s| s.code().to_owned()).unwrap_or_default();
    let (views, log) = tokio::join!(visible(&ask.app), deliveries::list(&ask.app, code, MESSAGES, cursor.clone()));
    let (scene, log) = (me.with(&ask, views?), log?);
    let path = ask.url("/deliveries");
    let narrowed = state.map_or(path.clone(), |s| format!("{path}?state={}", s.code()));
    let joint = if state.is_some() { '&' } else { '?' };
    let page = DeliveriesPage {
        chrome: scene.chrome(),
        filter_action: path,
        state,
        deliveries: log.deliveries.into_iter().filter_map(|d| delivery(&scene, d)).collect(),
        pager: Pager {
            next_url: (!log.next_cursor.is_empty())
                .then(|| format!("{narrowed}{joint}cursor={}", encode(&log.next_cursor))),
            first_url: (!cursor.is_empty()).then_some(narrowed),
        },
    };
    html(StatusCode::OK, &page)
}

fn delivery(scene: &Scene, delivery: v1::Delivery) -> Option<Delivery> {
    let state = DeliveryState::from_code(&delivery.state)?;
    // What was sent is not sent twice; what will be sent by itself needs nobody.
    let resendable = matches!(state, DeliveryState::Failed | DeliveryState::Uncertain);
    Some(Delivery {
        resend_url: resendable.then(|| scene.ask.url(&format!("/deliveries/{}/resend", delivery.id))),
        id: delivery.id,
        recipient: delivery.recipient,
        template: delivery.template,
        state,
        attempts: delivery.attempts.unsigned_abs(),
        created_at: scene.stamp(delivery.created_at_micros),
        updated_at: scene.stamp(delivery.updated_at_micros),
        error: delivery.error,
        redirected: delivery.redirected,
        message_id: delivery.message_id,
    })
}

/// Sends a message once more, by an agent's decision.
pub(crate) async fn resend(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    deliveries::resend(&ask.app, id).await?;
    ask.done(&ask.url("/deliveries"), "resent")
}
