//! Calls between the services of one process, made in memory: the routes that the listener serves, under the same layers,
//! without sockets and frames in between.

use crate::call::{BoxError, CALL_LIMIT};
use http::{Request, Response};
use std::{convert::Infallible, fmt, future::Future, pin::Pin, sync::Arc};
use tokio::sync::watch;
use tonic::{Status, TimeoutExpired, body::Body, service::Routes};
use tower::{Layer, Service, ServiceExt, util::BoxCloneSyncService};

/// The way to the services of this process. Cheap to clone. Calls that are made before the routes are there wait for them.
#[derive(Clone)]
pub struct InProcess(Arc<watch::Sender<State>>);

/// The routes under their layer; they answer all that goes wrong.
type Served = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

#[derive(Clone)]
enum State {
    Starting,
    Serving(Served),
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
    /// From now on calls are answered, by routes under the layer that the listener has too.
    pub fn serve<L>(&self, routes: Routes, layer: &L)
    where
        L: Layer<Routes>,
        L::Service:
            Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request<Body>>>::Future: Send + 'static,
    {
        self.0.send_replace(State::Serving(BoxCloneSyncService::new(layer.layer(routes.prepare()))));
    }

    /// From now on calls are refused. The routes are dropped: they hold clients, which hold this, so nothing of it
    /// would ever be freed.
    pub fn close(&self) {
        self.0.send_replace(State::Closed);
    }

    async fn send(self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let answer = async {
            let serving = match &*self.0.subscribe().wait_for(|s| !matches!(s, State::Starting)).await? {
                State::Serving(served) => served.clone(),
                State::Starting | State::Closed => return Err(Status::unavailable("the process ends").into()),
            };
            serving.oneshot(request).await.map_err(|never| match never {})
        };
        tokio::time::timeout(CALL_LIMIT, answer).await.unwrap_or_else(|_| Err(TimeoutExpired(()).into()))
    }
}

impl Service<Request<Body>> for InProcess {
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
