//! The mail log.

use crate::{
    api::modules::visible,
    web::{
        ask::{Ask, Posted, html},
        fault::Answer,
        scene::{Me, Scene},
    },
};
use axum::extract::Path;
use gateway_ui::{
    query::encode,
    vm::{DeliveriesPage, Delivery, DeliveryState, Pager},
};
use http::StatusCode;
use kernel::Error;
use policy::Right;
use proto::notification::v1::{self, ListDeliveriesRequest, ResendDeliveryRequest};

/// Messages of a page.
const MESSAGES: i32 = 50;

/// The log, newest first.
pub(crate) async fn page(ask: Ask) -> Answer {
    let me = Me::of(&ask).await?;
    if !me.may(Right::ManageAccess) {
        return Err(Error::forbidden("action_not_allowed").into());
    }
    let query = Posted::parse(&ask.look.query);
    let state = DeliveryState::from_code(&query.text("state"));
    let cursor = query.text("cursor");
    let request = ListDeliveriesRequest {
        limit: MESSAGES,
        cursor: cursor.clone(),
        state: state.map(|s| s.code().to_owned()).unwrap_or_default(),
    };
    let mut notification = ask.app.clients.notification();
    let (views, log) = tokio::join!(visible(&ask.app), notification.list_deliveries(request));
    let (scene, log) = (me.with(&ask, views?), log?.into_inner());
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
    ask.app.clients.notification().resend_delivery(ResendDeliveryRequest { id }).await?;
    ask.done(&ask.url("/deliveries"), "resent")
}
