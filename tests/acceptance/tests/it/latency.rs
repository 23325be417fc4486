//! What one client waits for when nobody else is there: work, and no timer.

use crate::support::create;
use anyhow::Result;
use kit::Portal;
use serde_json::json;
use std::time::{Duration, Instant};

/// The middle of so many answers' times.
const ROUNDS: usize = 41;

/// A socket that gathers small packets (Nagle) makes its peer's delayed acknowledgement part of each call: 40 ms, whatever
/// the work is. Load with many clients hides it.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_through_a_service_takes_at_most_a_few_times_as_long_as_one_without() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let ticket = create(&mut admin, "tickets", json!({"title": "Printer on fire"})).await?;
    let path = format!("/modules/tickets/records/{}", ticket["id"].as_str().unwrap_or_default());
    let (mut gateway_alone, mut through_records) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        admin.get("/no-such-thing").await?.expect(404)?;
        gateway_alone.push(began.elapsed());
        let began = Instant::now();
        admin.get(&path).await?.expect(200)?;
        through_records.push(began.elapsed());
    }
    let middle = |times: &mut Vec<Duration>| {
        times.sort();
        times[ROUNDS / 2]
    };
    let (alone, through) = (middle(&mut gateway_alone), middle(&mut through_records));
    assert!(through < alone * 8 + Duration::from_millis(15), "{through:?} through a service, {alone:?} without");
    portal.stop().await
}
