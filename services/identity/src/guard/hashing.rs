//! Argon2id on threads of its own.
//!
//! Hashing takes tens of milliseconds of a core and 19 MiB, so it never runs on the async runtime: a few operating
//! system threads of low priority take jobs from a bounded queue. A full queue answers at once with 503; a job whose
//! caller went away, or whose deadline passed, is dropped unhashed and gives its attempt back.

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt},
};
use kernel::{Code, Error, Secret};
use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use subtle::ConstantTimeEq;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tracing::{error, info};

#[cfg(test)]
mod tests;

/// How long a job may wait for a thread.
const DEADLINE: Duration = Duration::from_secs(10);
/// An idle thread gives its memory back after this long.
const KEEP_MEMORY: Duration = Duration::from_secs(10);
/// The queue holds what the threads do in this long.
const QUEUE_TIME: Duration = Duration::from_secs(2);
/// Priority of the threads: reads and session checks go first.
const NICE: i32 = 15;
const SALT_BYTES: usize = 16;
const OUTPUT_BYTES: usize = 32;

/// At most so many hashes of one source are computed at once, and at most half of the queue is one source's.
const AT_ONCE_PER_SOURCE: usize = 2;
/// Bounds of the queue's length.
const FEWEST_SLOTS: usize = 4;
const MOST_SLOTS: usize = 1000;

/// What hashing costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Argon2id, 19,456 KiB, two passes, one lane: the OWASP minimum.
    Production,
    /// Argon2id, 256 KiB, one pass, one lane. For tests only: a password hashed so is not safe.
    Test,
}

impl Cost {
    fn params(self) -> Params {
        let (memory, passes) = match self {
            Cost::Production => (19_456, 2),
            Cost::Test => (256, 1),
        };
        Params::new(memory, passes, 1, Some(OUTPUT_BYTES)).expect("the parameters are within Argon2's bounds")
    }
}

/// Why a job gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HashError {
    /// It waited too long, or the pool is closing; it was not hashed.
    #[error("the password was not hashed in time")]
    Dropped,
    /// The stored hash is none of ours, or its cost is out of bounds.
    #[error("the stored password hash can't be used: {0}")]
    Unusable(&'static str),
}

impl From<HashError> for Error {
    fn from(e: HashError) -> Error {
        match e {
            HashError::Dropped => overloaded(),
            HashError::Unusable(_) => Error::internal(e),
        }
    }
}

fn overloaded() -> Error {
    Error::new(Code::Unavailable, "too_many_logins", "Too many people are signing in. Please try again in a moment.")
        .with("retry_after_seconds", QUEUE_TIME.as_secs())
}

/// What came of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verified {
    right: bool,
    outdated: bool,
}

impl Verified {
    /// It is the password.
    pub(crate) fn right(self) -> bool {
        self.right
    }

    /// The hash cost less than one costs today.
    pub(crate) fn outdated(self) -> bool {
        self.outdated
    }
}

enum Work {
    Verify { phc: Secret<String>, answer: oneshot::Sender<Result<Verified, HashError>> },
    Hash { answer: oneshot::Sender<Result<Secret<String>, HashError>> },
}

/// What is done when a job is dropped unhashed.
pub(crate) type Unhashed = Box<dyn FnOnce() + Send>;

struct Job {
    work: Work,
    password: Secret<String>,
    deadline: Instant,
    unhashed: Option<Unhashed>,
    slot: Slot,
}

/// A place in the queue, taken before anything is counted.
pub(crate) struct Slot {
    _permit: OwnedSemaphorePermit,
    source: String,
    shared: Arc<Shared>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut queue = self.shared.jobs();
        if let Some(held) = queue.held.get_mut(&self.source) {
            *held -= 1;
            if *held == 0 {
                queue.held.remove(&self.source);
            }
        }
    }
}

/// Jobs by source, and whose turn it is. A source without an address (a call from inside) is one too.
#[derive(Default)]
struct Queue {
    waiting: HashMap<String, VecDeque<Job>>,
    /// Sources with waiting jobs, in turn.
    turn: VecDeque<String>,
    running: HashMap<String, usize>,
    /// Places taken, waiting and running.
    held: HashMap<String, usize>,
}

impl Queue {
    fn push(&mut self, job: Job) {
        let source = job.slot.source.clone();
        let jobs = self.waiting.entry(source.clone()).or_default();
        if jobs.is_empty() {
            self.turn.push_back(source);
        }
        jobs.push_back(job);
    }

    /// The next job of the next source that has not two at once.
    fn take(&mut self) -> Option<Job> {
        for _ in 0..self.turn.len() {
            let source = self.turn.pop_front()?;
            let running = self.running.get(&source).copied().unwrap_or(0);
            if running >= AT_ONCE_PER_SOURCE && !source.is_empty() {
                self.turn.push_back(source);
                continue;
            }
            let jobs = self.waiting.get_mut(&source)?;
            let job = jobs.pop_front();
            if jobs.is_empty() {
                self.waiting.remove(&source);
            } else {
                self.turn.push_back(source.clone());
            }
            *self.running.entry(source).or_default() += 1;
            return job;
        }
        None
    }

    fn done(&mut self, source: &str) {
        if let Some(running) = self.running.get_mut(source) {
            *running -= 1;
            if *running == 0 {
                self.running.remove(source);
            }
        }
    }
}

struct Shared {
    jobs: Mutex<Queue>,
    ready: Condvar,
    closed: AtomicBool,
    cost: Cost,
    verified: AtomicU64,
}

impl Shared {
    fn jobs(&self) -> MutexGuard<'_, Queue> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The threads and their queue. Dropping it ends the threads.
pub(crate) struct HashPool {
    shared: Arc<Shared>,
    first: Arc<First>,
}

/// What the first hash tells. It is computed beside the rest of the start: it takes half as long as all of that.
struct First {
    cost: Cost,
    threads: usize,
    slots: Arc<Semaphore>,
    /// Moving mean of an attempt whose password was looked at, counting and queueing included, in microseconds.
    mean_micros: AtomicU64,
    told: OnceLock<Told>,
}

struct Told {
    dummy: String,
    most_per_source: usize,
}

impl First {
    /// Waits for it, or computes it where nobody has begun to.
    fn told(&self) -> &Told {
        self.told.get_or_init(|| {
            // The shorter of two: a start is busy, and what one of them lost to that must not shorten the queue for good.
            let (mut memory, mut one, mut dummy) = (Vec::new(), Duration::MAX, String::new());
            for _ in 0..2 {
                let started = Instant::now();
                let phc = hash(&mut memory, self.cost, "nobody has this password")
                    .expect("a constant password is hashed with constant parameters");
                one = one.min(started.elapsed()).max(Duration::from_micros(100));
                phc.expose().clone_into(&mut dummy);
            }
            let fitting = QUEUE_TIME.as_micros() * self.threads as u128 / one.as_micros();
            let slots = usize::try_from(fitting).unwrap_or(usize::MAX).clamp(FEWEST_SLOTS, MOST_SLOTS);
            self.slots.add_permits(slots - FEWEST_SLOTS);
            self.mean_micros.store(u64::try_from(one.as_micros()).unwrap_or(u64::MAX), Relaxed);
            info!(
                event = "hashing.started",
                threads = self.threads,
                queue = slots,
                hash_duration_ms = one.as_millis() as u64,
                cost = ?self.cost,
                "password hashing is ready"
            );
            Told { dummy, most_per_source: (slots / 2).max(FEWEST_SLOTS / 2) }
        })
    }

    /// Until it is told, a source has half of the fewest.
    fn most_per_source(&self) -> usize {
        self.told.get().map_or(FEWEST_SLOTS / 2, |told| told.most_per_source)
    }
}

impl HashPool {
    /// Starts the threads, and one that measures a hash to size the queue; until then the queue is at its shortest.
    pub(crate) fn start(threads: usize, cost: Cost) -> HashPool {
        let threads = threads.max(1);
        let first = Arc::new(First {
            cost,
            threads,
            slots: Arc::new(Semaphore::new(FEWEST_SLOTS)),
            mean_micros: AtomicU64::new(0),
            told: OnceLock::new(),
        });
        let shared = Arc::new(Shared {
            jobs: Mutex::default(),
            ready: Condvar::new(),
            closed: AtomicBool::new(false),
            cost,
            verified: AtomicU64::new(0),
        });
        let measuring = Arc::clone(&first);
        spawn("argon2-first".into(), move || _ = measuring.told());
        for n in 0..threads {
            let shared = Arc::clone(&shared);
            spawn(format!("argon2-{n}"), move || run(&shared));
        }
        HashPool { shared, first }
    }

    /// Takes a place in the queue for a source; an empty one is a call from inside.
    ///
    /// # Errors
    /// `too_many_logins`, unavailable, with fact `retry_after_seconds`, when the queue is full.
    pub(crate) fn slot(&self, source: &str) -> Result<Slot, Error> {
        let permit = Arc::clone(&self.first.slots).try_acquire_owned().map_err(|_| overloaded())?;
        let most = self.first.most_per_source();
        let mut queue = self.shared.jobs();
        if !source.is_empty() && queue.held.get(source).is_some_and(|held| *held >= most) {
            return Err(overloaded());
        }
        *queue.held.entry(source.to_owned()).or_default() += 1;
        Ok(Slot { _permit: permit, source: source.to_owned(), shared: Arc::clone(&self.shared) })
    }

    /// A hash of a password that nobody has, for logins that nobody has.
    pub(crate) fn dummy(&self) -> Secret<String> {
        Secret::new(self.first.told().dummy.clone())
    }

    /// How long an attempt takes at the moment whose password is looked at, counting and queueing included.
    pub(crate) fn mean(&self) -> Duration {
        self.first.told();
        Duration::from_micros(self.first.mean_micros.load(Relaxed))
    }

    /// How many verifications were really computed.
    pub(crate) fn verified(&self) -> u64 {
        self.shared.verified.load(Relaxed)
    }

    /// Verifies a password against a PHC string. `unhashed` runs when the job is dropped without having been computed.
    pub(crate) async fn verify(
        &self,
        slot: Slot,
        password: Secret<String>,
        phc: Secret<String>,
        unhashed: Unhashed,
    ) -> Result<Verified, HashError> {
        let (answer, answered) = oneshot::channel();
        self.enqueue(slot, Work::Verify { phc, answer }, password, Some(unhashed));
        answered.await.unwrap_or(Err(HashError::Dropped))
    }

    /// Tells how long an attempt took whose password was really looked at, from its place in the queue to its end.
    pub(crate) fn took(&self, duration: Duration) {
        let took = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let mean = self.first.mean_micros.load(Relaxed);
        // A lost update between two callers only slows the mean down a little.
        self.first.mean_micros.store(mean - mean / 8 + took / 8, Relaxed);
    }

    /// Hashes a new password; the PHC string.
    pub(crate) async fn hash(&self, slot: Slot, password: Secret<String>) -> Result<Secret<String>, HashError> {
        let (answer, answered) = oneshot::channel();
        self.enqueue(slot, Work::Hash { answer }, password, None);
        answered.await.unwrap_or(Err(HashError::Dropped))
    }

    fn enqueue(&self, slot: Slot, work: Work, password: Secret<String>, unhashed: Option<Unhashed>) {
        let job = Job { work, password, deadline: Instant::now() + DEADLINE, unhashed, slot };
        self.shared.jobs().push(job);
        self.shared.ready.notify_one();
    }
}

impl Drop for HashPool {
    fn drop(&mut self) {
        self.shared.closed.store(true, Relaxed);
        self.shared.ready.notify_all();
    }
}

fn spawn(name: String, work: impl FnOnce() + Send + 'static) {
    if let Err(e) = std::thread::Builder::new().name(name).spawn(work) {
        error!(event = "hashing.no_thread", error = %e, "a hashing thread could not be started");
    }
}

/// A thread: takes jobs until the pool is gone.
fn run(shared: &Shared) {
    // Raising the nice value needs no privilege; without it hashing competes with everything else.
    if let Err(e) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE) {
        info!(event = "hashing.priority", error = %e, "hashing threads keep the ordinary priority");
    }
    let mut memory: Vec<Block> = Vec::new();
    while let Some(job) = next(shared, &mut memory) {
        let source = job.slot.source.clone();
        compute(shared, job, &mut memory);
        shared.jobs().done(&source);
        // Another job of this source may have waited for it.
        shared.ready.notify_one();
    }
}

fn next(shared: &Shared, memory: &mut Vec<Block>) -> Option<Job> {
    let mut jobs = shared.jobs();
    loop {
        if shared.closed.load(Relaxed) {
            // Whoever still waits is told so; dropping a job gives its place back, which needs the lock.
            let rest = std::mem::take(&mut jobs.waiting);
            drop(jobs);
            drop(rest);
            return None;
        }
        if let Some(job) = jobs.take() {
            return Some(job);
        }
        let (waited, timeout) = shared.ready.wait_timeout(jobs, KEEP_MEMORY).unwrap_or_else(PoisonError::into_inner);
        jobs = waited;
        if timeout.timed_out() {
            *memory = Vec::new();
        }
    }
}

fn compute(shared: &Shared, job: Job, memory: &mut Vec<Block>) {
    let gone = match &job.work {
        Work::Verify { answer, .. } => answer.is_closed(),
        Work::Hash { answer } => answer.is_closed(),
    };
    if gone || Instant::now() > job.deadline {
        if let Some(unhashed) = job.unhashed {
            unhashed();
        }
        return;
    }
    // An answer that nobody waits for any more is of no use to anybody.
    match job.work {
        Work::Verify { phc, answer } => {
            let result = verify(memory, shared.cost, phc.expose(), job.password.expose());
            shared.verified.fetch_add(1, Relaxed);
            drop(job.slot);
            let _ = answer.send(result);
        }
        Work::Hash { answer } => {
            let result = hash(memory, shared.cost, job.password.expose());
            drop(job.slot);
            let _ = answer.send(result);
        }
    }
}

fn hash(memory: &mut Vec<Block>, cost: Cost, password: &str) -> Result<Secret<String>, HashError> {
    let params = cost.params();
    let salt = crate::secrets::random::<SALT_BYTES>().map_err(|_| HashError::Unusable("no randomness"))?;
    let output = argon2id(memory, &params, password, &salt, OUTPUT_BYTES)?;
    let phc = PasswordHash {
        algorithm: argon2::ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(|_| HashError::Unusable("parameters"))?,
        salt: Some(Salt::new(&salt).map_err(|_| HashError::Unusable("salt"))?),
        hash: Some(Output::new(&output).map_err(|_| HashError::Unusable("output"))?),
    };
    Ok(Secret::new(phc.to_string()))
}

fn verify(memory: &mut Vec<Block>, cost: Cost, phc: &str, password: &str) -> Result<Verified, HashError> {
    let stored = PasswordHash::new(phc).map_err(|_| HashError::Unusable("no PHC string"))?;
    let argon2id: Ident = argon2::ARGON2ID_IDENT;
    if stored.algorithm != argon2id || stored.version != Some(Version::V0x13.into()) {
        return Err(HashError::Unusable("another algorithm"));
    }
    let params = Params::try_from(&stored).map_err(|_| HashError::Unusable("parameters"))?;
    let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else {
        return Err(HashError::Unusable("no salt or output"));
    };
    // Whoever can write a row must not be able to make us allocate or compute without bound.
    if params.m_cost() > 65_536 || params.t_cost() > 4 || params.p_cost() > 4 || !(16..=64).contains(&expected.len()) {
        return Err(HashError::Unusable("cost out of bounds"));
    }
    let output = self::argon2id(memory, &params, password, &salt, expected.len())?;
    let today = cost.params();
    let outdated = params.m_cost() < today.m_cost()
        || params.t_cost() < today.t_cost()
        || params.p_cost() < today.p_cost()
        || expected.len() < OUTPUT_BYTES;
    Ok(Verified { right: output.ct_eq(expected.as_bytes()).into(), outdated })
}

fn argon2id(
    memory: &mut Vec<Block>,
    params: &Params,
    password: &str,
    salt: &[u8],
    length: usize,
) -> Result<Vec<u8>, HashError> {
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::new());
    }
    let mut output = vec![0; length];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut output, memory.as_mut_slice())
        .map_err(|_| HashError::Unusable("computation"))?;
    Ok(output)
}
