//! Calls between services: the context of the one under way, which says whose token goes along when this service calls
//! on; how long a call may take; why it could not be made.

use kernel::Channel;
use std::{future::Future, time::Duration};

/// Why a call could not be made, or broke.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How long a call may take, in memory as over the network.
pub(crate) const CALL_LIMIT: Duration = Duration::from_secs(15);

/// What travels with a request from service to service.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// The actor token of the request's subject. Without one, a call is made with the service's own.
    pub token: Option<String>,
    /// Through what the subject acts.
    pub channel: Option<Channel>,
    /// Positions that the called service must have seen: `records=123`.
    pub after: Vec<(String, i64)>,
}

tokio::task_local! {
    static CURRENT: Call;
}

/// Runs a future within a call's context.
pub async fn with_call<F: Future>(call: Call, future: F) -> F::Output {
    CURRENT.scope(call, future).await
}

/// The context of the call under way; empty outside of one.
pub fn current() -> Call {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}
