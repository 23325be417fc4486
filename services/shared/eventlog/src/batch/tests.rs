use super::*;
use crate::{Built, Meta, NewEvent, StreamId, StreamWrite};
use kernel::Actor;
use proptest::prelude::*;
use prost::Message;
use proto::{event::StoredEvent, records::v1::RecordDeleted};

fn append(command: u128, stream: u128, expected: Expected, events: usize) -> Append {
    let payload = RecordDeleted { occurred_at_micros: 0, record_id: stream.to_string(), module: "tickets".into() }
        .encode_to_vec();
    Append {
        meta: Meta::new(Actor::service("test"), Uuid::from_u128(command), b"request"),
        streams: vec![StreamWrite { stream: StreamId::new("record", Uuid::from_u128(stream)), expected }],
        claims: Vec::new(),
        counters: Vec::new(),
        build: Box::new(move |_| {
            let event =
                || NewEvent { stream: 0, stored_type: RecordDeleted::STORED_TYPE, payload: payload.clone(), key: None };
            Ok(Built { events: (0..events).map(|_| event()).collect(), result: b"done".to_vec() })
        }),
        side_writes: Vec::new(),
        inbox: None,
    }
}

fn run(facts: Facts, appends: &[Append]) -> Decided {
    decide(facts, &appends.iter().collect::<Vec<_>>(), Timestamp::from_micros(1))
}

#[test]
fn the_second_command_for_a_stream_sees_the_version_of_the_first() {
    let decided = run(
        Facts::default(),
        &[
            append(1, 7, Expected::Version(0), 2),
            append(2, 7, Expected::Version(2), 1),
            append(3, 7, Expected::Version(2), 1),
        ],
    );
    assert_eq!(decided.answers[0].as_ref().unwrap().versions, vec![2]);
    assert_eq!(decided.answers[1].as_ref().unwrap().versions, vec![3]);
    assert!(matches!(decided.answers[2], Err(LogError::WrongExpectedVersion { expected: 2, actual: 3, .. })));
    assert_eq!(decided.rows.len(), 3, "a refused command leaves the others alone");
    assert_eq!(decided.rows[1].recorded.hash, decided.rows[2].recorded.prev_hash);
}

#[test]
fn a_command_that_was_seen_gets_its_first_answer_and_appends_nothing() {
    let decided = run(Facts::default(), &[append(1, 7, Expected::Any, 1), append(1, 7, Expected::Any, 1)]);
    let second = decided.answers[1].as_ref().unwrap();
    assert!(second.replayed);
    assert_eq!((second.first, second.last, second.result.as_slice()), (1, 1, b"done".as_slice()));
    assert_eq!(decided.rows.len(), 1);

    let mut other = append(1, 7, Expected::Any, 1);
    other.meta.request_hash = [9; 32];
    let decided = run(Facts::default(), &[append(1, 7, Expected::Any, 1), other]);
    assert!(matches!(decided.answers[1], Err(LogError::CommandReused)));
}

#[test]
fn a_refused_create_uses_no_number() {
    let numbered = |command: u128, refuse: bool| {
        let mut a = append(command, command, Expected::Version(0), 1);
        a.counters = vec![("tickets".into(), 1000)];
        let inner = std::mem::replace(&mut a.build, Box::new(|_| Ok(Built::default())));
        a.build = Box::new(move |r| {
            if refuse {
                Err(kernel::Error::not_found())
            } else {
                let mut built = inner(r)?;
                built.result = r.counters[0].to_be_bytes().to_vec();
                Ok(built)
            }
        });
        a
    };
    let decided = run(Facts::default(), &[numbered(1, false), numbered(2, true), numbered(3, false)]);
    assert_eq!(decided.answers[0].as_ref().unwrap().result, 1000_i64.to_be_bytes());
    assert!(matches!(decided.answers[1], Err(LogError::Refused(_))));
    assert_eq!(decided.answers[2].as_ref().unwrap().result, 1001_i64.to_be_bytes());
}

#[test]
fn a_taken_value_is_refused_until_its_holder_gives_it_back() {
    let claim = |command: u128, change: ClaimChange| {
        let mut a = append(command, command, Expected::Any, 1);
        a.claims = vec![change];
        a
    };
    let take =
        |holder: u128| ClaimChange::Take { scope: "login", key: b"emma".to_vec(), holder: Uuid::from_u128(holder) };
    let release =
        |holder: u128| ClaimChange::Release { scope: "login", key: b"emma".to_vec(), holder: Uuid::from_u128(holder) };
    let decided = run(
        Facts::default(),
        &[
            claim(1, take(1)),
            claim(2, take(2)),
            claim(3, release(2)),
            claim(4, take(2)),
            claim(5, release(1)),
            claim(6, take(2)),
        ],
    );
    let ok: Vec<bool> = decided.answers.iter().map(Result::is_ok).collect();
    assert_eq!(ok, [true, false, true, false, true, true]);
}

#[test]
fn a_consumer_that_was_overtaken_moves_nothing() {
    let step = |command: u128, from: i64, to: i64| {
        let mut a = append(command, command, Expected::Any, 1);
        a.inbox = Some(crate::InboxMove { source: "records".into(), epoch: 1, from, to });
        a
    };
    let decided = run(Facts::default(), &[step(1, 0, 5), step(2, 0, 6), step(3, 5, 6)]);
    assert!(matches!(decided.answers[1], Err(LogError::InboxMoved(_))));
    assert!(decided.answers[2].is_ok());
    assert_eq!(decided.inbox["records"], (1, 6));
}

proptest! {
    /// Deciding in one batch or one by one gives the same log.
    #[test]
    fn a_batch_decides_what_its_commands_decide_one_by_one(
        plan in proptest::collection::vec((0_u128..6, 0_u128..4, -1_i64..4, 0_usize..3), 1..20)
    ) {
        let make = || plan.iter().map(|(c, s, v, n)| {
            append(*c, *s, if *v < 0 { Expected::Any } else { Expected::Version(*v) }, *n)
        }).collect::<Vec<_>>();
        let together = run(Facts::default(), &make());
        let mut facts = Facts::default();
        let mut hashes = Vec::new();
        let mut answers = Vec::new();
        for one in make() {
            let d = run(facts.clone(), std::slice::from_ref(&one));
            hashes.extend(d.rows.iter().map(|r| r.recorded.hash.clone()));
            facts.head += i64::try_from(d.rows.len()).unwrap();
            facts.streams.extend(d.streams);
            facts.commands.extend(d.commands);
            answers.extend(d.answers.into_iter().map(|a| a.map(|a| (a.first, a.last)).map_err(|e| e.to_string())));
        }
        prop_assert_eq!(together.rows.iter().map(|r| r.recorded.hash.clone()).collect::<Vec<_>>(), hashes);
        let told: Vec<_> = together.answers.into_iter().map(|a| a.map(|a| (a.first, a.last)).map_err(|e| e.to_string())).collect();
        prop_assert_eq!(told, answers);
        for (i, row) in together.rows.iter().enumerate() {
            prop_assert_eq!(row.recorded.position, i64::try_from(i).unwrap() + 1);
        }
    }
}
