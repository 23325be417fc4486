//! How much time passes between what is said.

use super::Plot;
use crate::demo::{
    calendar::{HOUR, WORKDAY},
    dice::Dice,
    script::{State, Step},
};

const MINUTE: i64 = 60;

/// The seconds of work that usually pass before a step, which comes after `before`. An agent who begins to work on
/// something says what happens overnight or tomorrow: what comes of that is told on the next working day.
fn usual(before: Option<&Step>, step: &Step, dice: &mut Dice) -> i64 {
    let (from, to) = match (before, step) {
        (_, Step::Notes(_)) => (3 * MINUTE, 45 * MINUTE),
        (Some(Step::Works(_)), Step::Solves(_) | Step::Says(_) | Step::Thanks(_)) => (WORKDAY, 15 * HOUR),
        (Some(Step::Works(_)), Step::Asks(_)) => (HOUR, 6 * HOUR),
        // Once more.
        (Some(Step::Asks(_)), Step::Asks(_)) => (WORKDAY, 2 * WORKDAY),
        (_, Step::Works(_)) => (15 * MINUTE, 3 * HOUR),
        (_, Step::Asks(_)) => (20 * MINUTE, 4 * HOUR),
        (_, Step::Says(_)) => (20 * MINUTE, 9 * HOUR),
        (_, Step::Solves(_) | Step::Thanks(_)) => (30 * MINUTE, 6 * HOUR),
    };
    dice.between(from, to)
}

/// For how many seconds of work nothing has happened, where a conversation goes on.
fn quiet(state: State, dice: &mut Dice) -> i64 {
    let (from, to) = match state {
        State::Answered => (10 * MINUTE, 12 * HOUR),
        State::Working => (HOUR, 30 * HOUR),
        State::New | State::Waiting | State::Closed => (HOUR, 60 * HOUR),
    };
    dice.between(from, to)
}

/// The step before which most of the time passed: an agent asks once more, or a customer answers late.
fn slowest(steps: &[Step]) -> Option<usize> {
    match steps {
        [.., Step::Asks(_), Step::Asks(_)] => Some(steps.len() - 1),
        _ => steps.iter().rposition(|step| matches!(step, Step::Says(_))),
    }
}

/// How many seconds of work ago each step of a plot was.
pub(super) fn ago(plot: &Plot<'_>, dice: &mut Dice) -> Vec<i64> {
    let Plot { opened, state, steps, .. } = *plot;
    let mut gaps = Vec::with_capacity(steps.len());
    for (at, step) in steps.iter().enumerate() {
        let before = steps[..at].iter().rfind(|s| !matches!(s, Step::Notes(_)));
        gaps.push(usual(before, step, dice) * if at == 0 { 1 } else { plot.slowly });
    }
    let taken: i64 = gaps.iter().sum();
    if taken * 10 > opened * 9 {
        // There was less time than that: everything went faster.
        let share = dice.between(55, 90);
        gaps.iter_mut().for_each(|gap| *gap = (*gap * opened / taken * share / 100).max(1));
    } else if let (true, Some(slow)) = (state != State::Closed, slowest(steps)) {
        gaps[slow] += (opened - taken - quiet(state, dice)).max(0);
    }
    let passed = gaps.iter().scan(0, |passed, gap| {
        *passed += gap;
        Some(*passed)
    });
    passed.map(|passed| opened - passed).collect()
}
