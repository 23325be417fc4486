//! Users who are locked, and networks that are trusted for them.

use super::answer;
use crate::http::app::App;
use kernel::Error;
use proto::identity::v1::{
    ListLockedRequest, ListLockedResponse, ListTrustsRequest, RevokeTrustRequest, Trust, UnlockRequest, UnlockResponse,
};

/// A page of locked users.
pub(crate) async fn list(app: &App, limit: i32, cursor: String) -> Result<ListLockedResponse, Error> {
    answer(app.clients.identity().list_locked(ListLockedRequest { limit, cursor }).await)
}

/// Takes locks away.
pub(crate) async fn unlock(app: &App, request: UnlockRequest) -> Result<UnlockResponse, Error> {
    answer(app.clients.identity().unlock(request).await)
}

/// The trusts of a user; of all where none is named.
pub(crate) async fn trusts(app: &App, user_id: String) -> Result<Vec<Trust>, Error> {
    Ok(answer(app.clients.identity().list_trusts(ListTrustsRequest { user_id }).await)?.trusts)
}

/// Takes a trust back.
pub(crate) async fn revoke_trust(app: &App, trust_id: String) -> Result<(), Error> {
    answer(app.clients.identity().revoke_trust(RevokeTrustRequest { trust_id }).await).map(drop)
}
