//! Accepting connections: counted, with a time for the head of each request.

use super::connections::{Connections, Rules};
use axum::{Router, body::Body, extract::ConnectInfo};
use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use runtime::{Config, Networks};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tracing::{debug, warn};

/// How long a trusted proxy may keep a connection open between two requests: longer than proxies do by themselves, so that
/// none sends a request into a connection that is being closed.
const PROXY: Duration = Duration::from_secs(2 * 60 * 60);
/// What a connection beyond the limit is told.
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 5\r\n\
    Connection: close\r\nContent-Length: 47\r\n\r\nToo many connections. Please try again shortly.";
/// How long that may take, and how long a failed accept waits.
const MOMENT: Duration = Duration::from_millis(500);

/// Serves until the shutdown, then lets requests under way end.
pub async fn serve(listener: TcpListener, router: Router, config: &Config, shutdown: CancellationToken) {
    // What is no network was refused with the settings.
    let networks = |text: &str| Networks::parse(text).unwrap_or_default();
    let connections = Connections::new(Rules {
        most: config.http_connections,
        most_per_address: config.http_connections_per_address,
        proxies: networks(&config.trusted_proxies),
        offices: networks(&config.office_networks),
    });
    let head = Duration::from_secs(config.http_header_seconds);
    let graceful = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // No more files, or the other side was gone already: neither ends the server.
                    warn!(event = "http.not_accepted", error = %error, "a connection was not accepted");
                    let _ = tokio::time::timeout(MOMENT, shutdown.cancelled()).await;
                    continue;
                }
            },
            () = shutdown.cancelled() => break,
        };
        let Some(open) = connections.open(peer.ip()) else {
            tokio::spawn(turn_away(stream));
            continue;
        };
        // Without it the last packet of an answer waits for the client's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer));
            router.clone().oneshot(request)
        });
        let time = if connections.is_proxy(peer.ip()) { PROXY } else { head };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(time)
            .serve_connection(TokioIo::new(stream), service);
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = watched.await {
                debug!(event = "http.connection_ended", error = %error, "a connection ended early");
            }
            drop(open);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Says why before the connection is closed.
async fn turn_away(mut stream: TcpStream) {
    let _ = tokio::time::timeout(MOMENT, async {
        stream.write_all(FULL).await?;
        stream.shutdown().await
    })
    .await;
}
