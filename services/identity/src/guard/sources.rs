//! Limits per source address. They come before anything is looked up or hashed, so that one source can neither guess on
//! many logins nor fill the queue of hashes.
//!
//! They are kept in this process's memory: several identity processes each allow so much. What must hold over all
//! processes, the lock of a login, is a row ([`crate::guard::attempts`]).

use kernel::{Code, Error};
use ring::{hmac, rand::SystemRandom};
use runtime::Networks;
use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tracing::warn;

/// Most sources that are remembered; beyond, those without a recent event are forgotten.
const MOST: usize = 100_000;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// How much one source may do. Offices get ten times as much.
#[derive(Debug, Clone)]
pub struct SourceRules {
    /// Failed logins within five minutes; five times as many within an hour.
    pub failures: u32,
    /// Logins of any outcome at once; twice as many a minute.
    pub logins: u32,
    /// Different wrong pairs within ten minutes that block the source for an hour.
    pub pairs: u32,
    /// Networks of offices behind one address.
    pub offices: Networks,
}

impl Default for SourceRules {
    fn default() -> SourceRules {
        SourceRules { failures: 20, logins: 30, pairs: 15, offices: Networks::default() }
    }
}

/// What a source does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asking {
    /// Any login, whatever comes of it.
    Login,
    /// Ten an hour.
    Reset,
    /// Tokens of links: ten a minute.
    Link,
}

#[derive(Default)]
struct Counts {
    logins: VecDeque<Instant>,
    failures: VecDeque<Instant>,
    resets: VecDeque<Instant>,
    links: VecDeque<Instant>,
    /// Wrong pairs of login and password, as hashes under a key of this process.
    pairs: VecDeque<(Instant, [u8; 16])>,
    blocked_until: Option<Instant>,
}

/// The limits.
pub(crate) struct Sources {
    rules: SourceRules,
    key: hmac::Key,
    seen: Mutex<HashMap<IpAddr, Counts>>,
}

impl Sources {
    pub(crate) fn new(rules: SourceRules) -> Sources {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).expect("the system gives randomness");
        Sources { rules, key, seen: Mutex::default() }
    }

    /// Counts what a source asks for. An address that is none (a call from inside) has no limits.
    ///
    /// # Errors
    /// `too_many_requests`, rate limited, with fact `retry_after_seconds`.
    pub(crate) fn ask(&self, address: &str, asking: Asking) -> Result<(), Error> {
        let Some((source, factor)) = self.source(address) else { return Ok(()) };
        let now = Instant::now();
        let mut seen = self.seen();
        let entry = seen.entry(source).or_default();
        let limits: &[(Duration, u32)] = match asking {
            Asking::Login => &[(Duration::from_secs(15), self.rules.logins), (MINUTE, self.rules.logins * 2)],
            Asking::Reset => &[(HOUR, 10)],
            Asking::Link => &[(MINUTE, 10)],
        };
        if asking == Asking::Login {
            if let Some(until) = entry.blocked_until.filter(|u| *u > now) {
                return Err(wait(until - now));
            }
            let failed = [(5 * MINUTE, self.rules.failures), (HOUR, self.rules.failures * 5)];
            beyond(&mut entry.failures, &failed, factor, now).map_or(Ok(()), |pause| Err(wait(pause)))?;
        }
        let queue = match asking {
            Asking::Login => &mut entry.logins,
            Asking::Reset => &mut entry.resets,
            Asking::Link => &mut entry.links,
        };
        if let Some(pause) = beyond(queue, limits, factor, now) {
            return Err(wait(pause));
        }
        queue.push_back(now);
        Ok(())
    }

    /// Counts a failed login, and whether the pair is another one than before.
    pub(crate) fn failed(&self, address: &str, login_key: &str, password: &str) {
        let Some((source, factor)) = self.source(address) else { return };
        let pair = [login_key.as_bytes(), b"\0", password.as_bytes()].concat();
        let tag = hmac::sign(&self.key, &pair);
        let mut hash = [0; 16];
        hash.copy_from_slice(&tag.as_ref()[..16]);
        let now = Instant::now();
        let mut seen = self.seen();
        let entry = seen.entry(source).or_default();
        entry.failures.push_back(now);
        entry.pairs.retain(|(at, _)| now - *at < 10 * MINUTE);
        if !entry.pairs.iter().any(|(_, h)| *h == hash) {
            entry.pairs.push_back((now, hash));
        }
        if entry.pairs.len() > (self.rules.pairs * factor) as usize {
            entry.blocked_until = Some(now + HOUR);
            entry.pairs.clear();
            // The address is not logged: whoever reads logs need not know it, and the block ends by itself.
            warn!(event = "login.stuffing", "a source tried many different passwords and is blocked for an hour");
        }
    }

    /// Forgets sources of which nothing is remembered any more.
    pub(crate) fn sweep(&self) {
        let now = Instant::now();
        self.seen().retain(|_, s| {
            let recent = |q: &VecDeque<Instant>| q.back().is_some_and(|at| now - *at < HOUR);
            [&s.logins, &s.failures, &s.resets, &s.links].into_iter().any(recent)
                || s.blocked_until.is_some_and(|u| u > now)
        });
    }

    fn source(&self, address: &str) -> Option<(IpAddr, u32)> {
        let address: IpAddr = address.parse::<IpAddr>().ok()?.to_canonical();
        let factor = if self.rules.offices.contains(address) { 10 } else { 1 };
        let source = match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(a) => {
                let [a, b, c, d, ..] = a.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        };
        Some((source, factor))
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<IpAddr, Counts>> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST {
            let now = Instant::now();
            seen.retain(|_, s| s.logins.back().is_some_and(|at| now - *at < MINUTE));
        }
        seen
    }
}

/// How long to wait until one more fits under every limit; None when it fits now. Forgets what no limit looks at.
fn beyond(queue: &mut VecDeque<Instant>, limits: &[(Duration, u32)], factor: u32, now: Instant) -> Option<Duration> {
    let longest = limits.iter().map(|(window, _)| *window).max().unwrap_or_default();
    while queue.front().is_some_and(|at| now - *at >= longest) {
        queue.pop_front();
    }
    limits
        .iter()
        .filter_map(|(window, most)| {
            let most = (most * factor) as usize;
            let within = queue.iter().rev().take_while(|at| now - **at < *window).count();
            // The one that must leave the window before another fits.
            (within >= most).then(|| queue[queue.len() - most] + *window - now)
        })
        .max()
}

fn wait(pause: Duration) -> Error {
    let seconds = pause.as_secs().max(1);
    Error::new(Code::RateLimited, "too_many_requests", "Too many attempts from your address. Please wait a little.")
        .with("retry_after_seconds", seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(offices: &str) -> Sources {
        Sources::new(SourceRules { offices: Networks::parse(offices).unwrap(), ..SourceRules::default() })
    }

    fn refused(result: Result<(), Error>) -> bool {
        match result {
            Ok(()) => false,
            Err(e) => {
                assert_eq!(e.code, Code::RateLimited);
                assert!(e.facts["retry_after_seconds"].parse::<u64>().unwrap() >= 1);
                true
            }
        }
    }

    #[test]
    fn from_the_twenty_first_failure_on_a_source_waits_and_another_does_not() {
        let sources = sources("");
        for _ in 0..20 {
            sources.ask("203.0.113.9", Asking::Login).unwrap();
            sources.failed("203.0.113.9", "emma", "the same wrong password");
        }
        assert!(refused(sources.ask("203.0.113.9", Asking::Login)));
        assert!(!refused(sources.ask("203.0.113.10", Asking::Login)));
        assert!(!refused(sources.ask("", Asking::Login)), "calls from inside have no source");
    }

    #[test]
    fn thirty_logins_at_once_and_no_more() {
        let sources = sources("");
        let fitting = (0..40).filter(|_| !refused(sources.ask("203.0.113.9", Asking::Login))).count();
        assert_eq!(fitting, 30);
    }

    #[test]
    fn sixteen_different_pairs_block_and_one_pair_repeated_does_not() {
        let stuffing = sources("");
        for n in 0..16 {
            assert!(!refused(stuffing.ask("203.0.113.9", Asking::Login)), "{n}");
            stuffing.failed("203.0.113.9", "emma", &format!("guess {n}"));
        }
        assert!(refused(stuffing.ask("203.0.113.9", Asking::Login)));
        let forgetful = sources("");
        for _ in 0..12 {
            assert!(!refused(forgetful.ask("203.0.113.9", Asking::Login)));
            forgetful.failed("203.0.113.9", "emma", "caps lock");
        }
        assert!(!refused(forgetful.ask("203.0.113.9", Asking::Login)));
    }

    #[test]
    fn neighbours_in_a_v6_network_are_one_source_and_offices_get_ten_times_as_much() {
        let sources = sources("198.51.100.0/24");
        let reset = |address: &str| refused(sources.ask(address, Asking::Reset));
        assert_eq!((0..20).filter(|n| !reset(&format!("2001:db8:1:2::{n:x}"))).count(), 10);
        assert!(!reset("2001:db8:1:3::1"));
        assert_eq!((0..150).filter(|_| !reset("198.51.100.7")).count(), 100);
    }
}
