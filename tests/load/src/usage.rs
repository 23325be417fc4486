//! What processes use, from their own accounting in /proc.

use anyhow::{Context, Result};
use std::{
    collections::HashMap,
    fs,
    ops::Sub,
    time::{Duration, Instant},
};

/// The unit of CPU times in /proc, the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU time of the product's processes since their start, in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cpu {
    pub(crate) portico: f64,
    pub(crate) postgres: f64,
    pub(crate) nats: f64,
}

impl Cpu {
    /// Of everything together.
    pub(crate) fn total(&self) -> f64 {
        self.portico + self.postgres + self.nats
    }

    /// Each part in milliseconds per operation.
    pub(crate) fn per(&self, operations: f64) -> Cpu {
        let share = |seconds: f64| if operations > 0.0 { seconds * 1_000.0 / operations } else { 0.0 };
        Cpu { portico: share(self.portico), postgres: share(self.postgres), nats: share(self.nats) }
    }
}

impl Sub for Cpu {
    type Output = Cpu;

    fn sub(self, before: Cpu) -> Cpu {
        Cpu {
            portico: self.portico - before.portico,
            postgres: self.postgres - before.postgres,
            nats: self.nats - before.nats,
        }
    }
}

/// CPU seconds of a process, of its children, and of children that have ended.
pub(crate) fn cpu_seconds(pid: u32) -> f64 {
    // Fields 14 and 15 are the process's own ticks, 16 and 17 those of children that it has waited for.
    let ticks: u64 = family(pid).into_values().map(|s| s.own + if s.pid == pid { s.ended_children } else { 0 }).sum();
    ticks as f64 / TICKS_PER_SECOND
}

/// Proportional memory of a process and its children, in MB: shared pages count by the number of their users.
pub(crate) fn pss_megabytes(pid: u32) -> Result<f64> {
    megabytes(pid, "Pss:")
}

/// What of [`pss_megabytes`] is shared memory: of Postgres its buffers, which are as large as they are set to be.
pub(crate) fn shared_megabytes(pid: u32) -> Result<f64> {
    megabytes(pid, "Pss_Shmem:")
}

fn megabytes(pid: u32, what: &str) -> Result<f64> {
    let mut kilobytes = 0.0;
    for (member, _) in family(pid) {
        let path = format!("/proc/{member}/smaps_rollup");
        // A worker may have ended since.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let line = text.lines().find_map(|l| l.strip_prefix(what)).unwrap_or("0 kB");
        kilobytes += line.trim().trim_end_matches(" kB").parse::<f64>().with_context(|| path.clone())?;
    }
    Ok(kilobytes / 1_000.0 * 1.024)
}

/// Waits until processes have nothing to do, at most a time.
pub(crate) async fn idle(look: impl Fn() -> Cpu, within: Duration) {
    let began = Instant::now();
    let step = Duration::from_millis(500);
    while began.elapsed() < within {
        let before = look().total();
        tokio::time::sleep(step).await;
        if look().total() - before < 0.15 * step.as_secs_f64() {
            return;
        }
    }
    crate::tell(format!("the processes were still busy after {} s", within.as_secs()));
}

struct Stat {
    pid: u32,
    parent: u32,
    own: u64,
    ended_children: u64,
}

/// A process and everything below it.
fn family(root: u32) -> HashMap<u32, Stat> {
    let mut all: Vec<Stat> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| stat(entry.file_name().to_str()?.parse().ok()?))
        .collect();
    let mut found = HashMap::new();
    loop {
        let (members, others): (Vec<Stat>, Vec<Stat>) =
            all.into_iter().partition(|s| s.pid == root || found.contains_key(&s.parent));
        if members.is_empty() {
            return found;
        }
        found.extend(members.into_iter().map(|s| (s.pid, s)));
        all = others;
    }
}

/// From `/proc/<pid>/stat`, whose second field is the name in parentheses.
fn stat(pid: u32) -> Option<Stat> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = line.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at - 3).and_then(|f| f.parse::<u64>().ok()).unwrap_or_default();
    Some(Stat {
        pid,
        parent: u32::try_from(number(4)).ok()?,
        own: number(14) + number(15),
        ended_children: number(16) + number(17),
    })
}
