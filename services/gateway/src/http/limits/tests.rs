//! Slow and numerous clients, over real sockets.

use super::serve;
use crate::{routes::routes, tests::away_with};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

/// Longer than any limit of these tests, shorter than patience.
const LONG: Duration = Duration::from_secs(20);

/// A gateway with every service away, at an address of its own.
async fn gateway(settings: &[(&str, &str)]) -> (SocketAddr, CancellationToken) {
    let app = away_with(settings);
    let config = (*app.config).clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let until = stop.clone();
    tokio::spawn(async move { serve(listener, routes(app), &config, until).await });
    (address, stop)
}

/// What comes until the other side closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    tokio::time::timeout(LONG, stream.read_to_end(&mut bytes)).await.expect("the connection stays open").ok();
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

const GET: &[u8] = b"GET /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let (address, _stop) = gateway(&[("PORTICO_HTTP_HEADER_SECONDS", "1")]).await;
    let began = Instant::now();
    let mut slow = connect(address).await;
    slow.write_all(b"GET /sign-in HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    // A line now and then doesn't help: the time is for the head as a whole.
    let (mut read, mut write) = slow.split();
    let drip = async {
        while write.write_all(b"X-More: 1\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let mut bytes = Vec::new();
    tokio::select! {
        _ = read.read_to_end(&mut bytes) => {}
        () = drip => {}
        () = tokio::time::sleep(LONG) => panic!("still open after {LONG:?}"),
    }
    assert!(began.elapsed() >= Duration::from_millis(900), "{:?}", began.elapsed());
    // Somebody who says nothing at all, too.
    assert!(rest(&mut connect(address).await).await.is_empty());
    let mut quick = connect(address).await;
    quick.write_all(GET).await.unwrap();
    assert!(rest(&mut quick).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_body_that_drips_is_answered_with_a_page_or_a_problem() {
    let (address, _stop) = gateway(&[("PORTICO_HTTP_BODY_SECONDS", "1")]).await;
    for (path, kind, wanted) in [
        ("/sign-in", "application/x-www-form-urlencoded", "<h1>"),
        ("/modules/tickets/new", "application/x-www-form-urlencoded", "<h1>"),
        ("/api/v1/auth/login", "application/json", "body_too_slow"),
        ("/api/v1/auth/password/reset", "application/json", "body_too_slow"),
    ] {
        let mut slow = connect(address).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: {kind}\r\n\
             Content-Length: 1000\r\n\r\na"
        );
        slow.write_all(head.as_bytes()).await.unwrap();
        let answer = rest(&mut slow).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{path}: {answer}");
        assert!(answer.contains(wanted), "{path}: {answer}");
    }
}

#[tokio::test]
async fn one_address_has_so_many_connections_and_a_proxy_all() {
    let (address, _stop) = gateway(&[("PORTICO_HTTP_CONNECTIONS_PER_ADDRESS", "3")]).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut stream = connect(address).await;
        // Accepted and counted once it answers.
        stream.write_all(b"GET /sign-in HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        open.push(stream);
    }
    let refused = rest(&mut connect(address).await).await;
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("Retry-After: 5"), "{refused}");
    assert!(refused.ends_with("Please try again shortly."), "{refused}");
    // What is closed makes room, as soon as the gateway has seen it.
    drop(open.pop());
    let deadline = Instant::now() + LONG;
    loop {
        let mut again = connect(address).await;
        let _ = again.write_all(GET).await;
        if rest(&mut again).await.starts_with("HTTP/1.1 200") {
            break;
        }
        assert!(Instant::now() < deadline, "no room after a connection was closed");
    }
    let proxy = [("PORTICO_HTTP_CONNECTIONS_PER_ADDRESS", "3"), ("PORTICO_TRUSTED_PROXIES", "127.0.0.1/32")];
    let (address, _stop) = gateway(&proxy).await;
    let mut all = Vec::new();
    for _ in 0..8 {
        all.push(connect(address).await);
    }
    let last = all.last_mut().unwrap();
    last.write_all(GET).await.unwrap();
    assert!(rest(last).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn there_is_a_limit_over_all_and_an_end_waits_for_what_is_under_way() {
    let limits = [("PORTICO_HTTP_CONNECTIONS", "2"), ("PORTICO_TRUSTED_PROXIES", "127.0.0.1/32")];
    let (address, stop) = gateway(&limits).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut stream = connect(address).await;
        stream.write_all(b"GET /sign-in HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        stream.read_exact(&mut [0; 12]).await.unwrap();
        open.push(stream);
    }
    assert!(rest(&mut connect(address).await).await.starts_with("HTTP/1.1 503"));
    stop.cancel();
    for mut stream in open {
        assert!(rest(&mut stream).await.contains("</html>"), "the answer comes as a whole, then the end");
    }
    let deadline = Instant::now() + LONG;
    while TcpStream::connect(address).await.is_ok() {
        assert!(Instant::now() < deadline, "it still listens");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_is_too_large_gets_a_page_or_a_problem() {
    let (address, _stop) = gateway(&[]).await;
    for (path, kind, wanted) in [
        ("/modules/tickets/new", "application/x-www-form-urlencoded", "<h1>"),
        ("/sign-in", "application/x-www-form-urlencoded", "<h1>"),
        ("/console/bulk/new", "application/x-www-form-urlencoded", "<h1>"),
        ("/api/v1/modules/tickets/records", "application/json", "\"code\":\"too_large\""),
    ] {
        // What is larger than anybody would read away is refused by its length alone.
        for length in [300 * 1024, 20 * 1024 * 1024] {
            let mut stream = connect(address).await;
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: {kind}\r\n\
                 Connection: close\r\nContent-Length: {length}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            if length < 1024 * 1024 {
                stream.write_all(&vec![b'a'; length]).await.unwrap();
            }
            let answer = rest(&mut stream).await;
            assert!(answer.starts_with("HTTP/1.1 413"), "{path} {length}: {answer}");
            assert!(answer.contains(wanted), "{path} {length}: {answer}");
        }
    }
}
