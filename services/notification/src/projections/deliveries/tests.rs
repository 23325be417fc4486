use super::{Row, project};
use crate::domain::delivery::{Event, Order, Template};
use kernel::Timestamp;
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(1);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

fn order(recipient: &str) -> Event {
    Event::Queued(Order {
        template: Template::RecordAssigned,
        recipient_id: Uuid::from_u128(2),
        recipient: recipient.into(),
        locale: "it".into(),
        subject_id: Uuid::from_u128(3).to_string(),
        subject_module: "tickets".into(),
        source_event_id: Uuid::from_u128(4),
        facts: "{}".into(),
    })
}

fn sending(attempt: i32) -> Event {
    Event::Sending { attempt, message_id: "1@test".into(), recipient: String::new(), redirected: String::new() }
}

fn failed(retry_at: Option<i64>) -> Event {
    Event::Failed { error: "smtp_deferred 451 4.3.0".into(), retry_at: retry_at.map(at) }
}

/// The row after events with versions 1, 2, …, each a second after the other.
fn shown(events: &[Event]) -> Option<Row> {
    events.iter().zip(1_i64..).fold(None, |row, (event, version)| project(row, ID, version, at(version), event))
}

#[test]
fn the_row_shows_state_attempts_and_when_the_next_attempt_is_due() {
    let table = [
        (vec![order("a@b.test")], "queued", 0, Some(at(1)), ""),
        (vec![order("a@b.test"), sending(1)], "sending", 1, None, ""),
        (vec![order("a@b.test"), failed(Some(9))], "retrying", 1, Some(at(9)), "smtp_deferred 451 4.3.0"),
        (vec![order("a@b.test"), sending(1), failed(Some(9))], "retrying", 1, Some(at(9)), "smtp_deferred 451 4.3.0"),
        (vec![order("a@b.test"), failed(Some(9)), sending(2)], "sending", 2, None, "smtp_deferred 451 4.3.0"),
        (vec![order("a@b.test"), sending(1), failed(None)], "failed", 1, None, "smtp_deferred 451 4.3.0"),
        (vec![order("a@b.test"), sending(1), Event::Uncertain], "uncertain", 1, None, ""),
        (vec![order("a@b.test"), Event::Skipped { reason: "opted_out".into() }], "skipped", 0, None, "opted_out"),
        (vec![order("a@b.test"), sending(1), failed(None), order("c@d.test")], "queued", 1, Some(at(4)), ""),
    ];
    for (events, state, attempts, due, error) in table {
        let row = shown(&events).expect("an order makes a row");
        assert_eq!((row.state.as_str(), row.attempts, row.due_at, row.error.as_str()), (state, attempts, due, error));
        assert_eq!(row.created_at, at(1));
        assert_eq!(row.updated_at, at(i64::try_from(events.len()).unwrap()));
    }
}

#[test]
fn the_row_says_where_a_message_really_went_and_why_there() {
    let redirected = Event::Sending {
        attempt: 1,
        message_id: "1@test".into(),
        recipient: "desk@northwind.test".into(),
        redirected: "disabled".into(),
    };
    let row = shown(&[order("a@b.test"), redirected.clone()]).unwrap();
    assert_eq!((row.recipient.as_str(), row.redirected.as_str()), ("desk@northwind.test", "disabled"));
    // Sent again: it is decided anew.
    let row = shown(&[order("a@b.test"), redirected, failed(None), order("a@b.test")]).unwrap();
    assert_eq!((row.recipient.as_str(), row.redirected.as_str()), ("a@b.test", ""));
}

#[test]
fn an_event_that_is_shown_already_changes_nothing() {
    let events = [order("a@b.test"), failed(Some(9)), sending(2)];
    let once = shown(&events);
    let twice = events.iter().zip(1_i64..).fold(once.clone(), |row, (e, v)| project(row, ID, v, at(v), e));
    assert_eq!(once, twice);
}

#[test]
fn without_an_order_there_is_nothing_to_show() {
    assert_eq!(project(None, ID, 1, at(1), &sending(1)), None);
}
