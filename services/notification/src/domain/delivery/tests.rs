use super::{Command, Delivery, Event, Order, PAUSES, Rejection, Situation, Template};
use kernel::{Aggregate, Timestamp, fold};
use proptest::prelude::*;
use uuid::Uuid;

const ID: &str = "018f2f6e-0000-7000-8000-000000000001@test";

fn order() -> Order {
    Order {
        template: Template::RecordCommented,
        recipient_id: Uuid::from_u128(7),
        recipient: "emma@acme.test".into(),
        locale: "en".into(),
        subject_id: Uuid::from_u128(8).to_string(),
        subject_module: "tickets".into(),
        source_event_id: Uuid::from_u128(9),
        facts: "{}".into(),
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

fn queued() -> Event {
    Event::Queued(order())
}

fn sending(attempt: i32) -> Event {
    Event::Sending { attempt, message_id: ID.into(), recipient: "emma@acme.test".into(), redirected: String::new() }
}

fn sent() -> Event {
    Event::Sent { reply_code: 250, message_id: ID.into() }
}

fn failed(retry_at: Option<i64>) -> Event {
    Event::Failed { error: "smtp_deferred 451".into(), retry_at: retry_at.map(at) }
}

fn skipped() -> Event {
    Event::Skipped { reason: "opted_out".into() }
}

fn begin(now: i64) -> Command {
    Command::Begin {
        now: at(now),
        message_id: ID.into(),
        recipient: "emma@acme.test".into(),
        redirected: String::new(),
    }
}

fn accept() -> Command {
    Command::RecordAcceptance { reply_code: 250, message_id: ID.into() }
}

fn fail(permanent: bool, now: i64) -> Command {
    Command::RecordFailure { error: "smtp_deferred 451".into(), permanent, now: at(now) }
}

fn skip() -> Command {
    Command::Skip { reason: "opted_out".into() }
}

/// What it shows, given, when, then.
type Row = (&'static str, Vec<Event>, Command, Result<Vec<Event>, Rejection>);

#[test]
fn every_situation_answers_every_command_as_the_table_says() {
    use Rejection::{AlreadySent, NotDue, NotSending, Unknown};
    let uncertain = vec![queued(), sending(1), Event::Uncertain];
    let table: Vec<Row> = vec![
        ("a wish is queued", vec![], Command::Queue(order()), Ok(vec![queued()])),
        ("the same wish again is already so", vec![queued()], Command::Queue(order()), Ok(vec![])),
        ("even after it was sent", vec![queued(), sending(1), sent()], Command::Queue(order()), Ok(vec![])),
        ("nothing begins from nothing", vec![], begin(0), Err(Unknown)),
        ("nothing is sent again from nothing", vec![], Command::Resend, Err(Unknown)),
        ("a queued one begins", vec![queued()], begin(0), Ok(vec![sending(1)])),
        ("one that is being sent does not begin", vec![queued(), sending(1)], begin(9), Err(NotDue)),
        ("a sent one does not begin", vec![queued(), sending(1), sent()], begin(9), Err(NotDue)),
        ("an uncertain one does not begin", uncertain.clone(), begin(9_999_999), Err(NotDue)),
        ("a skipped one does not begin", vec![queued(), skipped()], begin(9), Err(NotDue)),
        ("a failed one does not begin", vec![queued(), failed(None)], begin(9), Err(NotDue)),
        ("a retrying one waits", vec![queued(), failed(Some(10))], begin(9), Err(NotDue)),
        ("and begins in time", vec![queued(), failed(Some(10))], begin(10), Ok(vec![sending(2)])),
        ("the server takes it", vec![queued(), sending(1)], accept(), Ok(vec![sent()])),
        ("twice is already so", vec![queued(), sending(1), sent()], accept(), Ok(vec![])),
        ("acceptance needs an attempt", vec![queued()], accept(), Err(NotSending)),
        ("a late acceptance settles an uncertain one", uncertain.clone(), accept(), Ok(vec![sent()])),
        ("a late refusal too", uncertain.clone(), fail(true, 5), Ok(vec![failed(None)])),
        ("a deferral waits a second", vec![queued(), sending(1)], fail(false, 5), Ok(vec![failed(Some(6))])),
        ("also before the text went out", vec![queued()], fail(false, 5), Ok(vec![failed(Some(6))])),
        ("a refusal is final", vec![queued(), sending(1)], fail(true, 5), Ok(vec![failed(None)])),
        ("a sent one can't fail", vec![queued(), sending(1), sent()], fail(true, 5), Err(NotSending)),
        ("the outcome is lost", vec![queued(), sending(1)], Command::GiveUpOutcome, Ok(vec![Event::Uncertain])),
        ("twice is already so", uncertain.clone(), Command::GiveUpOutcome, Ok(vec![])),
        ("only of an attempt", vec![queued()], Command::GiveUpOutcome, Err(NotSending)),
        ("a queued one is skipped", vec![queued()], skip(), Ok(vec![skipped()])),
        ("twice is already so", vec![queued(), skipped()], skip(), Ok(vec![])),
        ("one that is being sent is not skipped", vec![queued(), sending(1)], skip(), Err(NotDue)),
        ("an agent resends a failed one", vec![queued(), failed(None)], Command::Resend, Ok(vec![queued()])),
        ("an uncertain one", uncertain, Command::Resend, Ok(vec![queued()])),
        ("a skipped one", vec![queued(), skipped()], Command::Resend, Ok(vec![queued()])),
        ("one that waits", vec![queued(), failed(Some(99))], Command::Resend, Ok(vec![queued()])),
        ("a queued one is already so", vec![queued()], Command::Resend, Ok(vec![])),
        ("one that is being sent too", vec![queued(), sending(1)], Command::Resend, Ok(vec![])),
        ("a sent one is not resent", vec![queued(), sending(1), sent()], Command::Resend, Err(AlreadySent)),
    ];
    for (what, given, when, then) in table {
        let state = fold(Delivery::default(), &given);
        assert_eq!(state.decide(when), then, "{what}");
    }
}

#[test]
fn the_pauses_grow_and_after_the_last_it_has_failed() {
    let mut delivery = Delivery::default().evolve(&queued());
    let mut now = 0;
    for pause in PAUSES {
        let events = delivery.decide(fail(false, now)).expect("a queued delivery can fail");
        assert_eq!(events, vec![failed(Some(now + pause))]);
        delivery = fold(delivery, &events);
        assert!(!delivery.is_due(at(now + pause - 1)));
        assert!(delivery.is_due(at(now + pause)));
        now += pause;
    }
    let events = delivery.decide(fail(false, now)).expect("a retrying delivery can fail");
    assert_eq!(events, vec![failed(None)]);
    assert_eq!(fold(delivery, &events).situation, Situation::Failed);
}

#[test]
fn a_resent_delivery_has_all_its_retries_again_and_goes_on_counting_attempts() {
    let given = [queued(), sending(1), failed(None), queued()];
    let delivery = fold(Delivery::default(), &given);
    assert_eq!((delivery.failures, delivery.attempts), (0, 1));
    assert_eq!(delivery.decide(begin(0)), Ok(vec![sending(2)]));
}

#[test]
fn every_template_has_a_word_of_its_own() {
    for template in Template::ALL {
        assert_eq!(Template::from_word(template.as_str()), Some(template));
    }
    assert_eq!(Template::from_word("newsletter"), None);
}

fn any_command() -> impl Strategy<Value = Command> {
    let second = 0_i64..20_000;
    prop_oneof![
        Just(Command::Queue(order())),
        second.clone().prop_map(begin),
        Just(accept()),
        (any::<bool>(), second).prop_map(|(p, s)| fail(p, s)),
        Just(Command::GiveUpOutcome),
        Just(skip()),
        Just(Command::Resend),
    ]
}

/// The events of a run of commands, refused ones left out.
fn history(commands: Vec<Command>) -> Vec<Event> {
    let mut state = Delivery::default();
    let mut all = Vec::new();
    for command in commands {
        if let Ok(events) = state.decide(command) {
            state = fold(state, &events);
            all.extend(events);
        }
    }
    all
}

proptest! {
    #[test]
    fn the_fold_of_any_split_is_the_fold_of_the_whole(commands in prop::collection::vec(any_command(), 0..40), cut in 0_usize..40) {
        let events = history(commands);
        let (front, back) = events.split_at(cut.min(events.len()));
        prop_assert_eq!(fold(fold(Delivery::default(), front), back), fold(Delivery::default(), &events));
    }

    #[test]
    fn what_is_sent_or_uncertain_is_never_sent_again_unless_an_agent_wants_it(commands in prop::collection::vec(any_command(), 0..60)) {
        let without_agent: Vec<Command> = commands.into_iter().filter(|c| *c != Command::Resend).collect();
        let events = history(without_agent);
        let accepted = events.iter().filter(|e| matches!(e, Event::Sent { .. })).count();
        prop_assert!(accepted <= 1);
        let mut perhaps_sent = false;
        for event in &events {
            match event {
                Event::Sending { .. } => prop_assert!(!perhaps_sent, "sent again after {:?}", events),
                Event::Sent { .. } | Event::Uncertain => perhaps_sent = true,
                // It was learned late that nothing had been sent.
                Event::Failed { .. } => perhaps_sent = false,
                Event::Queued(_) | Event::Skipped { .. } => {}
            }
        }
    }

    #[test]
    fn one_wish_is_queued_once_however_often_it_is_asked(commands in prop::collection::vec(any_command(), 0..40)) {
        let events = history(commands.into_iter().filter(|c| *c != Command::Resend).collect());
        prop_assert!(events.iter().filter(|e| matches!(e, Event::Queued(_))).count() <= 1);
    }

    #[test]
    fn attempts_only_grow(commands in prop::collection::vec(any_command(), 0..60)) {
        let mut state = Delivery::default();
        for event in history(commands) {
            let before = state.attempts;
            state = state.evolve(&event);
            prop_assert!(state.attempts == before || state.attempts == before + 1);
        }
    }
}
