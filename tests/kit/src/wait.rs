//! Waiting for what a test needs: always for a condition, never for a time, and never for ever.

use anyhow::{Result, anyhow};
use std::time::{Duration, Instant};

/// Looks again until something holds; fails after half a minute with what was seen last.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Result<T>) -> Result<T> {
    let began = Instant::now();
    loop {
        match look().await {
            Ok(found) => return Ok(found),
            Err(e) if began.elapsed() > Duration::from_secs(30) => return Err(e.context(format!("waited for: {what}"))),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Looks again until it is so; fails after half a minute.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) -> Result<()> {
    eventually(what, async || if holds().await { Ok(()) } else { Err(anyhow!("it is not so")) }).await
}
