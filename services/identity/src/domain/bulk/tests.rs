use super::*;

const JOB: Uuid = Uuid::from_u128(1);

fn start() -> Command {
    let terms = Terms {
        support_start: "2026-01-01".into(),
        support_end: "2026-12-31".into(),
        profile: String::new(),
        mfa_required: false,
        invite: true,
    };
    Command::Start { job: JOB, contacts: 3, terms }
}

fn finish(cancelled: bool) -> Command {
    Command::Finish { job: JOB, enabled: 2, skipped: 1, cancelled }
}

#[test]
fn a_job_starts_once_and_ends_once() {
    let started = BulkAccess::Absent.decide(start()).unwrap_or_default();
    assert_eq!(started.len(), 1);
    let running = BulkAccess::Absent.evolve(&started[0]);
    assert_eq!(running.decide(start()), Ok(vec![]));
    let finished = running.decide(finish(false)).unwrap_or_default();
    assert_eq!(finished, [Event::Finished { job: JOB, enabled: 2, skipped: 1, cancelled: false }]);
    let over = running.evolve(&finished[0]);
    // Who cancels what has just ended is not told off.
    assert_eq!(over.decide(finish(true)), Ok(vec![]));
}

#[test]
fn what_never_began_can_not_end() {
    assert_eq!(BulkAccess::Absent.decide(finish(true)), Err(Rejection::Unknown));
}
