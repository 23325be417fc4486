//! Support access: an agent's look at the portal as a contact.

use super::{answer, contacts::contact};
use crate::http::{app::App, request::Admitted};
use kernel::Error;
use proto::identity::v1::{BeginImpersonationRequest, LoginResponse, SessionProof};

/// Begins support access; the request names contact, reason and what it is for.
pub(crate) async fn begin(
    app: &App,
    admitted: &Admitted,
    wanted: BeginImpersonationRequest,
) -> Result<LoginResponse, Error> {
    let session = admitted.signed_in()?;
    if session.is_program() {
        return Err(runtime::person_required());
    }
    contact(app, &wanted.contact_id).await?;
    let proof = SessionProof {
        token: session.token.clone(),
        surface: session.surface.kind().into(),
        source: Some(admitted.source()),
    };
    let request = BeginImpersonationRequest { session: Some(proof), ..wanted };
    // In the gateway's own name: the session in the request proves who asks.
    answer(app.clients.as_service().identity().begin_impersonation(request).await)
}
