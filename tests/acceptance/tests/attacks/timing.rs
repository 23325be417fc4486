//! Who exists can't be told from how long an answer takes.

use crate::{WRONG, at, portal};
use anyhow::Result;
use kit::Browser;
use serde_json::json;
use std::time::{Duration, Instant};

/// Passwords cost what they cost where people use Portico: with the tests' cheap hash a tenth of a millisecond shows.
const REAL_COST: (&str, &str) = ("PORTICO_PROFILE", "production");

/// Attempts of each class.
const EACH: usize = 200;

/// Milliseconds that a wrong login took.
async fn took(browser: &Browser, login: &str) -> Result<Duration> {
    let mut browser = browser.clone();
    let began = Instant::now();
    browser.post("/auth/login", json!({"login": login, "password": WRONG})).await?.expect(401)?;
    Ok(began.elapsed())
}

/// The share of pairs in which the first is slower: 0.5 when nothing can be told from the time.
fn auc(first: &[Duration], second: &[Duration]) -> f64 {
    let mut wins = 0.0;
    for a in first {
        for b in second {
            wins += if a > b {
                1.0
            } else if a == b {
                0.5
            } else {
                0.0
            };
        }
    }
    wins / (first.len() * second.len()) as f64
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// proves: A06
#[tokio::test(flavor = "multi_thread")]
async fn known_and_unknown_logins_take_the_same_time() -> Result<()> {
    let portal = portal(&[REAL_COST]).await?;
    // Four failures each, so that none is locked.
    for n in 0..EACH / 4 {
        portal.make_agent(&format!("agent{n}@test.test"), "agent").await?;
    }
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for n in 0..EACH {
        // A source does little: its own limits never answer.
        let source = at(&portal, u8::try_from(10 + n / 5)?).console();
        // Neither is always first, and no connection is made within what is measured.
        source.clone().get("/auth/terms").await?.expect(200)?;
        let (agent, nobody) = (format!("agent{}@test.test", n / 4), format!("nobody{}@test.test", n / 4));
        if n % 2 == 0 {
            known.push(took(&source, &agent).await?);
            unknown.push(took(&source, &nobody).await?);
        } else {
            unknown.push(took(&source, &nobody).await?);
            known.push(took(&source, &agent).await?);
        }
    }
    let auc = auc(&known, &unknown);
    assert!((0.40..=0.60).contains(&auc), "known are slower with probability {auc:.3}");
    portal.stop().await
}

/// proves: A07
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_login_answers_no_faster_than_a_wrong_password() -> Result<()> {
    let portal = portal(&[REAL_COST]).await?;
    for n in 0..10 {
        portal.make_agent(&format!("agent{n}@test.test"), "agent").await?;
    }
    portal.make_agent("locked@test.test", "agent").await?;
    for _ in 0..5 {
        took(&at(&portal, 9).console(), "locked@test.test").await?;
    }
    let (mut locked, mut wrong, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..40 {
        let source = at(&portal, u8::try_from(10 + n / 3)?).console();
        locked.push(took(&source, "locked@test.test").await?);
        wrong.push(took(&source, &format!("agent{}@test.test", n / 4)).await?);
        unknown.push(took(&source, &format!("nobody{n}@test.test")).await?);
    }
    let medians = [median(&mut locked), median(&mut wrong), median(&mut unknown)];
    let slowest = medians.iter().max().copied().unwrap_or_default();
    for (class, median) in ["locked", "wrong", "unknown"].into_iter().zip(medians) {
        assert!(median >= slowest.mul_f64(0.6), "{class}: {median:?} of {medians:?}");
    }
    portal.stop().await
}
