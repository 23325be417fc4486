use super::*;
use std::{collections::HashMap, net::Ipv4Addr};
use tonic::transport::{Server, server::TcpIncoming};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

/// A process of a service: answers health checks and counts them, on threads of its own, so that it can die.
struct Process {
    address: SocketAddr,
    calls: Arc<AtomicUsize>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Process {
    fn start() -> Process {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let count = tower::util::MapRequestLayer::new(move |request: http::Request<Body>| {
            counted.fetch_add(1, Relaxed);
            request
        });
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let (reporter, health) = tonic_health::server::health_reporter();
            reporter.set_service_status("", tonic_health::ServingStatus::Serving).await;
            let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
            Server::builder().layer(count).add_service(health).serve_with_incoming(incoming).await
        });
        Process { address, calls, runtime: Some(runtime) }
    }

    /// Takes all connections with it and refuses new ones.
    fn die(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    fn calls(&self) -> usize {
        self.calls.swap(0, Relaxed)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.die();
    }
}

/// What a name stands for right now.
#[derive(Clone, Default)]
struct Names(Arc<Mutex<HashMap<String, Vec<SocketAddr>>>>);

impl Names {
    fn set(&self, processes: &[&Process]) {
        let addresses = processes.iter().map(|p| p.address).collect();
        self.0.lock().unwrap().insert("records".into(), addresses);
    }

    fn service(&self) -> Balanced {
        let names = self.0.clone();
        let resolver: Resolver = Arc::new(move |host, _| {
            let found = names.lock().unwrap().get(&host).cloned();
            Box::pin(async move { found.ok_or_else(|| std::io::Error::other("no such name")) })
        });
        Balanced::with("PORTICO_RECORDS_ADDR", "http://records:7070", resolver, |_| true).unwrap()
    }
}

async fn call(service: &Balanced) -> Result<(), Status> {
    HealthClient::new(service.clone()).check(HealthCheckRequest::default()).await.map(|_| ())
}

async fn calls(service: &Balanced, count: usize) {
    for n in 0..count {
        call(service).await.unwrap_or_else(|status| panic!("call {n}: {status:?}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_spread_over_all_processes_of_a_name_as_they_come_and_go() {
    let (a, mut b, mut c) = (Process::start(), Process::start(), Process::start());
    let names = Names::default();
    names.set(&[&a]);
    let service = names.service();
    calls(&service, 30).await;
    assert_eq!((a.calls(), b.calls(), c.calls()), (30, 0, 0));

    // Scaled to three: no restart, no failure of the first; the name is looked up again by itself.
    names.set(&[&a, &b, &c]);
    service.0.resolved.lock().unwrap().take();
    call(&service).await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), async {
        while service.peers().len() < 3 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the name to be looked up again");
    a.calls();
    calls(&service, 90).await;
    let spread = [a.calls(), b.calls(), c.calls()];
    assert_eq!(spread.iter().sum::<usize>(), 90);
    assert!(spread.iter().all(|n| (20..=40).contains(n)), "{spread:?}");

    // Two die before the name knows: calls that could not be sent go to the third.
    b.die();
    c.die();
    calls(&service, 30).await;
    names.set(&[&a]);
    service.resolve().await;
    a.calls();
    calls(&service, 30).await;
    assert_eq!(a.calls(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_refuses_draws_no_calls() {
    let (alive, mut dead) = (Process::start(), Process::start());
    dead.die();
    let names = Names::default();
    names.set(&[&alive, &dead]);
    let service = names.service();
    let many: Vec<_> = (0..100).map(|_| call(&service)).collect();
    for outcome in futures::future::join_all(many).await {
        outcome.unwrap();
    }
    assert_eq!(alive.calls(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_knows_is_an_error_and_heals() {
    let names = Names::default();
    let service = names.service();
    assert_eq!(call(&service).await.unwrap_err().code(), tonic::Code::Unavailable);
    let process = Process::start();
    names.set(&[&process]);
    calls(&service, 1).await;
    // The resolver going away afterwards takes nothing away.
    names.0.lock().unwrap().clear();
    service.resolve().await;
    calls(&service, 1).await;
}

#[test]
fn an_address_is_a_url_with_a_port() {
    for good in ["http://records:7070", "http://127.0.0.1:1", "http://[::1]:7070", "http://a:1, http://b:2"] {
        assert!(Balanced::new("PORTICO_RECORDS_ADDR", good).is_ok(), "{good}");
    }
    for bad in ["", "records:7070", "http://records", "https://records:7070", "http://a:1,,http://b:2"] {
        let error = Balanced::new("PORTICO_RECORDS_ADDR", bad).unwrap_err();
        assert!(error.0.starts_with("PORTICO_RECORDS_ADDR: "), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_may_arrive_twice_is_sent_again_after_it_may_have_arrived() {
    // Takes whatever comes and hangs up: the caller can't know whether it was done.
    let broken = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = broken.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = broken.accept().await.unwrap();
            let _ = tokio::io::AsyncReadExt::read(&mut socket, &mut [0; 1024]).await;
        }
    });
    let works = Process::start();
    for (repeatable, answered) in [((|_: &str| true) as fn(&str) -> bool, 2), (|_| false, 1)] {
        let both = vec![address, works.address];
        let resolver: Resolver = Arc::new(move |_, _| Box::pin(std::future::ready(Ok(both.clone()))));
        let service = Balanced::with("PORTICO_RECORDS_ADDR", "http://records:7070", resolver, repeatable).unwrap();
        let outcomes = [call(&service).await, call(&service).await];
        assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), answered, "{outcomes:?}");
        assert_eq!(works.calls(), answered);
    }
}

#[test]
fn what_reads_is_repeatable_and_what_changes_is_not() {
    for method in proto::method::METHODS {
        let reads =
            ["Get", "List", "Inspect", "Resolve", "Suggest", "Preview", "Show", "Check", "ChangesSince", "ReadAll"];
        // What is kept under a key of its own is kept once; dropping what is gone is dropping it.
        let expected = reads.iter().any(|word| method.name().starts_with(word))
            || ["KeepForm", "DropKeptForm", "TellEnd"].contains(&method.name());
        assert_eq!(is_repeatable(&format!("/{}", method.path)), expected, "{}", method.path);
    }
    assert!(!is_repeatable("/portico.records.v1.RecordsService/NoSuchMethod"));
}
