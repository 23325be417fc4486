use super::*;
use std::sync::atomic::AtomicUsize;

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn nothing() -> Unhashed {
    Box::new(|| {})
}

/// A pool with one thread whose queue has its length.
fn measured(cost: Cost) -> HashPool {
    let pool = HashPool::start(1, cost);
    pool.first.told();
    pool
}

#[tokio::test]
async fn a_hashed_password_verifies_and_another_does_not() {
    let pool = measured(Cost::Test);
    let phc = pool.hash(pool.slot("").unwrap(), secret("winter lamp river")).await.unwrap();
    assert!(phc.expose().starts_with("$argon2id$v=19$m=256,t=1,p=1$"), "{}", phc.expose());
    assert!(
        pool.verify(pool.slot("").unwrap(), secret("winter lamp river"), phc.clone(), nothing()).await.unwrap().right
    );
    assert!(!pool.verify(pool.slot("").unwrap(), secret("winter lamp rivers"), phc, nothing()).await.unwrap().right);
    assert_eq!(pool.verified(), 2);
}

#[test]
fn production_cost_is_the_published_minimum() {
    let params = Cost::Production.params();
    assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (19_456, 2, 1));
    let phc = hash(&mut Vec::new(), Cost::Production, "winter lamp river").unwrap();
    assert!(phc.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", phc.expose());
    assert!(verify(&mut Vec::new(), Cost::Test, phc.expose(), "winter lamp river").unwrap().right);
}

#[test]
fn a_hash_of_another_implementation_verifies() {
    // Made with the reference implementation's parameters: argon2id, m=256, t=1, p=1, salt "somesaltsomesalt".
    let params = Params::new(256, 1, 1, Some(32)).unwrap();
    let mut expected = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(b"winter lamp river", b"somesaltsomesalt", &mut expected)
        .unwrap();
    let output = Output::new(&expected).unwrap();
    let phc = format!("$argon2id$v=19$m=256,t=1,p=1$c29tZXNhbHRzb21lc2FsdA${output}");
    assert!(verify(&mut Vec::new(), Cost::Test, &phc, "winter lamp river").unwrap().right);
}

#[test]
fn hashes_of_excessive_cost_are_refused_before_computing() {
    let tail = "$c29tZXNhbHRzb21lc2FsdA$3EQeWVdWJ8hQ5hQZ8CWbCiZUIcZ3yCiDEkbiBhWPXk8";
    for head in [
        "$argon2id$v=19$m=70000,t=1,p=1",
        "$argon2id$v=19$m=256,t=5,p=1",
        "$argon2i$v=19$m=256,t=1,p=1",
        "$argon2id$v=16$m=256,t=1,p=1",
    ] {
        assert!(verify(&mut Vec::new(), Cost::Test, &format!("{head}{tail}"), "x").is_err(), "{head}");
    }
    assert!(verify(&mut Vec::new(), Cost::Test, "", "x").is_err());
    assert!(verify(&mut Vec::new(), Cost::Test, "plain", "x").is_err());
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_says_when_to_come_again() {
    let pool = measured(Cost::Test);
    let mut held = Vec::new();
    let refused = loop {
        match pool.slot("") {
            Ok(slot) => held.push(slot),
            Err(e) => break e,
        }
    };
    assert_eq!((refused.code, &*refused.reason), (Code::Unavailable, "too_many_logins"));
    assert_eq!(refused.facts["retry_after_seconds"], "2");
    held.pop();
    assert!(pool.slot("").is_ok());
}

#[tokio::test]
async fn a_job_whose_caller_went_away_is_dropped_unhashed_and_gives_its_attempt_back() {
    let pool = Arc::new(measured(Cost::Production));
    let given_back = Arc::new(AtomicUsize::new(0));
    let phc = pool.dummy();
    // One job keeps the only thread busy while its followers are cancelled.
    let busy = {
        let (pool, phc) = (Arc::clone(&pool), phc.clone());
        tokio::spawn(async move { pool.verify(pool.slot("").unwrap(), secret("a"), phc, nothing()).await })
    };
    tokio::task::yield_now().await;
    let mut waiting = Vec::new();
    for _ in 0..3 {
        let (pool, phc, count) = (Arc::clone(&pool), phc.clone(), Arc::clone(&given_back));
        waiting.push(tokio::spawn(async move {
            let back: Unhashed = Box::new(move || {
                count.fetch_add(1, Relaxed);
            });
            pool.verify(pool.slot("").unwrap(), secret("b"), phc, back).await
        }));
    }
    tokio::task::yield_now().await;
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
    for job in waiting {
        assert!(job.await.unwrap_err().is_cancelled());
    }
    assert!(!busy.await.unwrap().unwrap().right);
    // The queue is empty again once the next job is answered.
    assert!(!pool.verify(pool.slot("").unwrap(), secret("c"), phc, nothing()).await.unwrap().right);
    assert_eq!(given_back.load(Relaxed) as u64 + pool.verified(), 5);
    assert!(given_back.load(Relaxed) >= 2, "{given_back:?}");
}

#[test]
fn a_hash_that_cost_less_than_one_costs_today_is_told() {
    let phc = hash(&mut Vec::new(), Cost::Test, "winter lamp river").unwrap();
    let seen = |cost, password| verify(&mut Vec::new(), cost, phc.expose(), password).unwrap();
    assert_eq!(seen(Cost::Production, "winter lamp river"), Verified { right: true, outdated: true });
    assert_eq!(seen(Cost::Test, "winter lamp river"), Verified { right: true, outdated: false });
    assert_eq!(seen(Cost::Production, "another"), Verified { right: false, outdated: true });
}

#[tokio::test]
async fn one_source_gets_half_of_the_queue_and_the_others_the_rest() {
    let pool = measured(Cost::Test);
    let mut greedy = Vec::new();
    while let Ok(slot) = pool.slot("203.0.113.9") {
        greedy.push(slot);
    }
    assert_eq!(greedy.len(), pool.first.most_per_source());
    assert!(pool.slot("203.0.113.10").is_ok(), "another source still fits");
    assert!(pool.slot("").is_ok(), "calls from inside fit too");
    drop(greedy.pop());
    assert!(pool.slot("203.0.113.9").is_ok());
}

#[tokio::test]
async fn sources_take_turns() {
    // No thread: jobs stay where they are put.
    let pool = measured(Cost::Test);
    let mut queue = Queue::default();
    let mut put = |source: &str| {
        let (answer, _) = oneshot::channel();
        let slot = pool.slot(source).unwrap();
        let deadline = Instant::now() + DEADLINE;
        queue.push(Job { work: Work::Hash { answer }, password: secret("x"), deadline, unhashed: None, slot });
    };
    for source in ["a", "a", "a", "b", "c"] {
        put(source);
    }
    let mut order = Vec::new();
    while let Some(job) = queue.take() {
        order.push(job.slot.source.clone());
    }
    assert_eq!(order, ["a", "b", "c", "a"], "two of one source at once, then it waits");
    queue.done("a");
    assert_eq!(queue.take().map(|j| j.slot.source.clone()).as_deref(), Some("a"));
}
