use super::{
    Story, cases,
    lots::{can_reach, concerns, scripts, spoken, tickets},
};
use crate::demo::{
    TICKETS,
    calendar::Calendar,
    cast::{Agent, CONTACTS},
    script::State,
};
use kernel::Timestamp;
use std::collections::{HashMap, HashSet};

const DAY: i64 = 86_400_000_000;

/// A Monday morning, a Sunday night, a Friday afternoon.
fn presents() -> [Timestamp; 3] {
    ["2026-11-30T08:15:00Z", "2026-08-16T23:40:00Z", "2027-02-26T15:05:00Z"].map(|now| Timestamp::parse(now).unwrap())
}

fn all(now: Timestamp) -> Vec<Story> {
    let calendar = Calendar::new(now);
    tickets(TICKETS, &calendar).into_iter().chain(cases(&calendar)).collect()
}

/// Where the service sees a record after all that was said on it.
fn state(story: &Story) -> State {
    let (mut status, mut customer_last) = ("open", story.contact.logs_in);
    let mut answered = false;
    for said in story.said.iter().filter(|s| !s.internal) {
        if !said.status.is_empty() {
            status = said.status;
        } else if said.by_customer && ["waiting", "closed"].contains(&status) {
            status = "open";
        }
        customer_last = said.by_customer;
        answered = true;
    }
    match (status, customer_last) {
        ("closed", _) => State::Closed,
        ("waiting", false) => State::Waiting,
        ("in_progress", false) => State::Working,
        ("open", true) if answered => State::Answered,
        ("open", _) if !answered => State::New,
        other => panic!("{}: {other:?} is no end of a conversation", story.title),
    }
}

#[test]
fn every_conversation_ends_where_its_status_says() {
    for story in all(presents()[0]) {
        let state = state(&story);
        let last = story.said.iter().rfind(|s| !s.internal);
        match (state, last) {
            (State::New, last) => assert!(last.is_none(), "{}", story.title),
            (State::Waiting, Some(last)) => assert!(last.text.contains('?'), "{}: asks nothing", story.title),
            (_, last) => assert!(last.is_some(), "{}", story.title),
        }
        for said in &story.said {
            assert!(!said.by_customer || story.contact.logs_in, "{}: who can't come says something", story.title);
            assert!(said.status.is_empty() || !said.internal, "{}: a note changes the status", story.title);
            let closes = said.by_customer && !said.status.is_empty();
            assert!(!closes || story.contact.changes(), "{}: who may change nothing closes it", story.title);
            assert!(!said.text.contains('{') && !said.text.trim().is_empty());
        }
        let reopens = |pair: &[super::Said]| pair[0].status == "closed" && pair[1].by_customer;
        assert!(!story.said.windows(2).any(reopens) || story.contact.changes(), "{}", story.title);
        assert!(story.owner.is_some() || state == State::New, "{}: nobody's, and answered", story.title);
    }
}

#[test]
fn times_ascend_within_the_last_days_and_never_come_after_now() {
    for now in presents() {
        let all = all(now);
        let (tickets, _) = all.split_at(TICKETS);
        assert!(tickets.windows(2).all(|pair| pair[0].opened_at < pair[1].opened_at), "numbers rise with time");
        for story in &all {
            let times = [story.opened_at, story.assigned_at].into_iter().chain(story.said.iter().map(|s| s.at));
            let times: Vec<Timestamp> = times.collect();
            assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{}: {times:?}", story.title);
            assert!(times.iter().all(|at| *at <= now && at.micros() > now.micros() - 61 * DAY), "{}", story.title);
        }
        let newest = tickets.iter().filter_map(|story| story.said.last()).map(|said| said.at).max().unwrap();
        assert!(newest.micros() > now.micros() - 4 * DAY / 24, "the newest word is of {newest}");
    }
}

#[test]
fn titles_are_short_and_hardly_repeat() {
    let all = all(presents()[0]);
    let mut times: HashMap<&str, usize> = HashMap::new();
    for story in &all {
        let words = story.title.split_whitespace().count();
        assert!(story.title.chars().count() <= 80 && (4..=9).contains(&words), "{}", story.title);
        assert!(!story.title.contains('{') && !story.description.contains('{'), "{}", story.title);
        *times.entry(&story.title).or_default() += 1;
    }
    let often: Vec<_> = times.iter().filter(|(_, times)| **times > 3).collect();
    assert!(often.is_empty(), "{often:?}");
    assert!(times.len() > TICKETS / 2, "{} titles", times.len());
}

#[test]
fn open_and_closed_are_in_proportion_and_everybody_has_something_to_do() {
    let all = all(presents()[0]);
    let (tickets, _) = all.split_at(TICKETS);
    let count = |of: &dyn Fn(&Story) -> bool| tickets.iter().filter(|story| of(story)).count();
    let percent = |states: &[State]| count(&|s| states.contains(&state(s))) * 100 / TICKETS;
    assert!((52..=60).contains(&percent(&[State::Closed])), "{} %", percent(&[State::Closed]));
    for states in [&[State::Waiting][..], &[State::Working], &[State::New, State::Answered]] {
        assert!((12..=18).contains(&percent(states)), "{states:?}: {} %", percent(states));
    }
    let of = |email: &'static str, wanted: State| count(&|s| s.contact.email == email && state(s) == wanted);
    assert_eq!(of("emma@acme.test", State::Waiting), 3);
    let open = [State::New, State::Answered, State::Working].map(|state| of("emma@acme.test", state));
    assert_eq!(open.iter().sum::<usize>(), 5);
    let fortnight = presents()[0].micros() - 14 * DAY;
    let solved = |s: &Story| s.said.last().is_some_and(|said| said.at.micros() > fortnight);
    let emmas = count(&|s| s.contact.email == "emma@acme.test" && state(s) == State::Closed && solved(s));
    assert!((3..=12).contains(&emmas), "{emmas} of Emma's were solved in the last two weeks");
    assert_eq!(count(&|s| s.owner.is_none()), 5);
    let alex = count(&|s| s.owner == Some(Agent::Alex) && state(s) != State::Closed);
    assert!((10..=14).contains(&alex), "Alex has {alex}");
    assert!(tickets.iter().any(|s| s.said.windows(2).any(|p| p[0].status == "closed" && p[1].by_customer)));
    // The benchmark of lists copies the tickets of these two companies and asks for the open ones.
    for email in ["emma@acme.test", "nina@globex.test"] {
        let company = CONTACTS.iter().find(|c| c.email == email).unwrap().company;
        let colleagues = |s: &Story| s.contact.company == company && s.contact.email != email;
        assert!(count(&|s| colleagues(s) && state(s).status() == "open") > 1, "{company}");
    }
}

#[test]
fn there_is_a_script_for_everybody_and_every_state() {
    for contact in CONTACTS {
        for language in spoken(contact) {
            for state in [State::New, State::Working, State::Waiting, State::Answered, State::Closed] {
                let suits = |long| {
                    let mut suiting = scripts().filter(|s| s.language == *language && concerns(s, contact));
                    suiting.any(|s| can_reach(s, contact, state, long))
                };
                let expected = contact.logs_in || state != State::Answered;
                assert_eq!([suits(false), suits(true)], [expected; 2], "{}, {language:?}, {state:?}", contact.email);
            }
        }
    }
    for script in scripts() {
        assert_eq!(script.until(State::Closed).len(), 1, "{} does not end closed", script.title);
    }
}

#[test]
fn the_same_present_gives_the_same_stories() {
    let now = presents()[1];
    assert_eq!(all(now), all(now));
    let all = all(now);
    let keys: HashSet<&str> = all.iter().map(|story| story.key.as_str()).collect();
    assert_eq!(keys.len(), all.len());
}
