use super::*;
use kernel::{Actor, ActorKind, Channel, Timestamp};
use prost::Message;
use proto::{event::StoredEvent, records::v1::RecordDeleted};

/// Counts, up to three.
#[derive(Debug, Clone, Default, PartialEq)]
struct Counter(usize);

#[derive(Debug, PartialEq)]
struct Full;

impl Aggregate for Counter {
    type Command = usize;
    type Event = String;
    type Rejection = Full;

    fn decide(&self, more: usize) -> Result<Vec<String>, Full> {
        if self.0 + more > 3 { Err(Full) } else { Ok((0..more).map(|n| n.to_string()).collect()) }
    }

    fn evolve(self, _: &String) -> Counter {
        Counter(self.0 + 1)
    }
}

impl Stored for Counter {
    const CATEGORY: &'static str = "counter";

    fn decode(recorded: &Recorded) -> Result<String, LogError> {
        let message = RecordDeleted::decode(&recorded.payload[..]).map_err(|e| LogError::Broken(e.to_string()))?;
        Ok(message.record_id)
    }

    fn encode(_: Uuid, event: &String) -> (&'static str, Vec<u8>) {
        let message = RecordDeleted { occurred_at_micros: 0, record_id: event.clone(), module: "counters".into() };
        (RecordDeleted::STORED_TYPE, message.encode_to_vec())
    }
}

fn recorded(version: i64, payload: Vec<u8>) -> Recorded {
    Recorded {
        position: version,
        stream: Counter::stream(Uuid::nil()).id,
        version,
        event_id: Uuid::nil(),
        stored_type: RecordDeleted::STORED_TYPE.into(),
        recorded_at: Timestamp::from_micros(0),
        actor_id: Actor::service("test").id,
        actor_kind: ActorKind::Service,
        on_behalf_of: None,
        channel: Channel::System,
        session: None,
        command_id: Uuid::nil(),
        correlation_id: Uuid::nil(),
        causation_id: None,
        traceparent: None,
        payload,
        redacted: false,
        prev_hash: Vec::new(),
        hash: Vec::new(),
    }
}

fn loaded(count: i64) -> Loaded<Counter> {
    let events: Vec<Recorded> =
        (1..=count).map(|v| recorded(v, Counter::encode(Uuid::nil(), &v.to_string()).1)).collect();
    Loaded::of(Uuid::nil(), &events).unwrap()
}

#[test]
fn an_aggregate_is_what_its_stream_tells() {
    for count in 0..4 {
        let loaded = loaded(count);
        assert_eq!((loaded.version, loaded.state), (count, Counter(usize::try_from(count).unwrap())));
    }
    let broken = Loaded::<Counter>::of(Uuid::nil(), &[recorded(1, vec![0xff])]);
    assert!(matches!(broken, Err(LogError::Broken(_))));
}

#[test]
fn a_version_that_the_caller_saw_goes_before_what_the_aggregate_says() {
    let loaded = loaded(2);
    assert!(matches!(decided(&loaded, 9, Some(1)), Err(DecideError::Stale { expected: 1, actual: 2 })));
    assert!(matches!(decided(&loaded, 9, Some(2)), Err(DecideError::Rejected(Full))));
    assert!(matches!(decided(&loaded, 9, None), Err(DecideError::Rejected(Full))));
    assert_eq!(decided(&loaded, 1, Some(2)).unwrap(), ["0"]);
    assert_eq!(decided(&loaded, 0, None).unwrap(), [""; 0], "already so");
}

#[test]
fn a_draft_names_each_stream_once() {
    let mut draft = Draft::default();
    let (one, other) = (Counter::stream(Uuid::nil()), Counter::stream(Uuid::max()));
    assert_eq!(draft.stream(one, Expected::Version(3)), 0);
    assert_eq!(draft.stream(other, Expected::Any), 1);
    assert_eq!(draft.stream(one, Expected::Any), 0);
    assert_eq!(draft.streams[0].expected, Expected::Version(3), "the first word holds");
    draft.event(1, Counter::encode(Uuid::nil(), &"a".into()), None);
    draft.result = b"done".to_vec();
    let append = draft.append(Meta::new(Actor::service("test"), Uuid::nil(), b""));
    let reserved = crate::Reserved { counters: Vec::new(), versions: Vec::new(), now: Timestamp::from_micros(0) };
    for _ in 0..2 {
        // A batch may be tried again.
        let built = (append.build)(&reserved).unwrap();
        assert_eq!((built.events.len(), built.events[0].stream, built.result.as_slice()), (1, 1, &b"done"[..]));
    }
}
