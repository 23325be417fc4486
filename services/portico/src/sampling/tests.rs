use super::*;
use kernel::{Code, Error};
use std::sync::atomic::AtomicUsize;

#[tokio::test(start_paused = true)]
async fn a_process_is_ready_only_when_what_a_service_begins_with_is_there() {
    let (health, shutdown, tries) = (Health::default(), CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
    health.started();
    let counted = Arc::clone(&tries);
    let seed: Seed = Box::new(move || {
        let away = counted.fetch_add(1, Ordering::SeqCst) < 2;
        let error = Error::new(Code::Unavailable, "away", "Away.");
        Box::pin(async move { if away { Err(error) } else { Ok(()) } })
    });
    let work = seeded(&health, "records", seed, shutdown.clone());
    // Before the work begins: nobody may ask in between.
    assert_eq!(health.not_ready().len(), 1, "{:?}", health.not_ready());
    let work = tokio::spawn(work);
    for milliseconds in [0, 210] {
        tokio::time::advance(Duration::from_millis(milliseconds)).await;
        tokio::task::yield_now().await;
    }
    assert_eq!((tries.load(Ordering::SeqCst), health.not_ready().len()), (2, 1));
    tokio::time::advance(Duration::from_secs(1)).await;
    tokio::task::yield_now().await;
    assert_eq!((tries.load(Ordering::SeqCst), health.not_ready()), (3, Vec::new()));
    assert!(!work.is_finished(), "it stays until the end: a task that ends ends the process");
    shutdown.cancel();
    work.await.unwrap();
}

/// What is refused would be refused for ever; nobody is kept out by it.
#[tokio::test(start_paused = true)]
async fn what_is_refused_keeps_no_process_from_being_ready() {
    let (health, shutdown) = (Health::default(), CancellationToken::new());
    health.started();
    let seed: Seed = Box::new(|| Box::pin(async { Err(Error::invalid_field("name", "taken", "Taken.")) }));
    let work = tokio::spawn(seeded(&health, "permissions", seed, shutdown.clone()));
    tokio::task::yield_now().await;
    assert_eq!(health.not_ready(), Vec::<String>::new());
    shutdown.cancel();
    work.await.unwrap();
}
