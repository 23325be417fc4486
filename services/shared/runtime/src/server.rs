//! The gRPC server of a process.

use crate::AuthLayer;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{
    service::Routes,
    transport::{Server, server::TcpIncoming},
};

/// Serves gRPC until shutdown, then lets calls under way end.
pub async fn serve_grpc(
    listener: TcpListener,
    routes: Routes,
    auth: AuthLayer,
    shutdown: CancellationToken,
) -> Result<(), tonic::transport::Error> {
    // The builder's own `tcp_nodelay` says nothing about sockets that it did not accept itself. Without the option an
    // answer's last packet waits for the client's delayed acknowledgement, 40 ms a call.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    Server::builder()
        .http2_keepalive_interval(Some(Duration::from_secs(20)))
        .max_connection_age(Duration::from_secs(300))
        .layer(auth)
        .add_routes(routes)
        .serve_with_incoming_shutdown(incoming, shutdown.cancelled_owned())
        .await
}
