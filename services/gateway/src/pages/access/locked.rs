//! The page of locked users.

use crate::{
    backend::{catalogue::visible, locked},
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        person::{chosen, seen},
        scene::Me,
    },
};
use gateway_ui::{
    query::encode,
    vm::{LockedUser, LockedUsersPage, Pager, lock_tabs},
};
use http::StatusCode;
use proto::identity::v1::{self, SubjectKind, UnlockRequest};

/// Users of a page.
const USERS: i32 = 50;

/// Who is locked now.
pub(crate) async fn page(ask: Ask) -> Answer {
    let me = Me::of(&ask).await?;
    let cursor = Posted::parse(&ask.look.query).text("cursor");
    let (views, locked) = tokio::join!(visible(&ask.app), locked::list(&ask.app, USERS, cursor.clone()));
    let (scene, locked) = (me.with(&ask, views?), locked?);
    let path = ask.url("/locked-users");
    let user = |user: v1::LockedUser| {
        let agent = user.kind() == SubjectKind::Agent;
        let contacts = scene.find(policy::CONTACTS).filter(|_| !agent);
        let user_id = user.user_id;
        LockedUser {
            url: contacts.map(|m| ask.record_url(m.name(), &user_id)),
            id: user_id.clone(),
            name: user.name,
            login: user.login,
            agent,
            since: scene.stamp(user.since_micros),
            until: scene.stamp_of(user.locked_until_micros),
            failures: user.failures.unsigned_abs(),
            seen: seen(&scene, &user_id, user.seen),
        }
    };
    let page = LockedUsersPage {
        chrome: scene.chrome(),
        action: Some(path.clone()),
        tabs: lock_tabs(scene.lang(), path.clone(), ask.url("/trusts"), false),
        users: locked.users.into_iter().map(user).collect(),
        pager: Pager {
            next_url: (!locked.next_cursor.is_empty())
                .then(|| format!("{path}?cursor={}", encode(&locked.next_cursor))),
            first_url: (!cursor.is_empty()).then_some(path),
        },
    };
    html(StatusCode::OK, &page)
}

/// Unlocks those that were chosen.
pub(crate) async fn unlock(ask: Ask, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let (posted, url) = (Posted::parse(&body), ask.url("/locked-users"));
    let user_ids = posted.all("user_id");
    if user_ids.is_empty() {
        return ask.done(&url, "nothing_chosen");
    }
    let trust_networks = chosen(&posted).into_iter().filter(|t| user_ids.contains(&t.user_id)).collect();
    let request = UnlockRequest { user_ids, note: posted.text("note"), trust: false, trust_networks };
    locked::unlock(&ask.app, request).await?;
    ask.done(&url, "unlocked")
}
