//! Calls between the services of one process, made in memory: the routes that the listener serves, under the same layers,
//! without sockets and frames in between.

use crate::{AuthLayer, BoxError, auth::Auth};
use http::{Request, Response};
use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};
use tokio::sync::watch;
use tonic::{Status, TimeoutExpired, body::Body, service::Routes};
use tower::{Layer, ServiceExt};

/// How long a call may take, in memory as over the network.
pub(crate) const CALL_LIMIT: Duration = Duration::from_secs(15);

/// The way to the services of this process. Cheap to clone. Calls that are made before the routes are there wait for them.
#[derive(Clone)]
pub struct InProcess(Arc<watch::Sender<State>>);

#[derive(Clone)]
enum State {
    Starting,
    Serving(Auth<Routes>),
    Closed,
}

impl Default for InProcess {
    fn default() -> InProcess {
        InProcess(Arc::new(watch::Sender::new(State::Starting)))
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl InProcess {
    /// From now on calls are answered.
    pub fn serve(&self, routes: Routes, layer: &AuthLayer) {
        self.0.send_replace(State::Serving(layer.layer(routes.prepare())));
    }

    /// From now on calls are refused. The routes are let go of, which hold clients, which hold this.
    pub fn close(&self) {
        self.0.send_replace(State::Closed);
    }

    async fn send(self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let answer = async {
            let serving = match &*self.0.subscribe().wait_for(|s| !matches!(s, State::Starting)).await? {
                State::Serving(auth) => auth.clone(),
                State::Starting | State::Closed => return Err(Status::unavailable("the process ends").into()),
            };
            // The routes answer all that goes wrong.
            serving.oneshot(request).await.map_err(|never| match never {})
        };
        tokio::time::timeout(CALL_LIMIT, answer).await.unwrap_or_else(|_| Err(TimeoutExpired(()).into()))
    }
}

impl tower::Service<Request<Body>> for InProcess {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().send(request))
    }
}
