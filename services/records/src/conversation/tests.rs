use super::*;
use crate::{domain::record::StatusChange, seeds};

const EMMA: u128 = 1;
const ALEX: u128 = 2;

fn at(minute: i64, who: u128) -> Done {
    Done { at: Timestamp::from_micros(minute * 60_000_000), customer: who == EMMA }
}

fn minute(minute: i64) -> Option<Timestamp> {
    Some(Timestamp::from_micros(minute * 60_000_000))
}

fn tickets() -> Module {
    let tickets = seeds::standard_modules().into_iter().find(|m| m.name == "tickets").unwrap();
    Module::of(crate::codec::definition(tickets))
}

fn comment(author: Author) -> Event {
    Event::Commented { comment_id: Uuid::nil(), body: "x".into(), author }
}

fn status(new: &str) -> StatusChange {
    StatusChange { field: "status".into(), old: "x".into(), new: new.into(), by_reply: None }
}

fn begun(who: u128) -> Conversation {
    Conversation::begun(&tickets(), Some(&Value::text("open")), at(0, who))
}

#[test]
fn who_opens_a_ticket_waits_until_support_answers_and_again_from_the_first_question_on() {
    let mut talk = begun(EMMA);
    assert_eq!((talk.last_word, talk.waiting_since), (Some(Side::Customer), minute(0)));
    talk.apply(&comment(Author::Contact), at(1, EMMA));
    assert_eq!(talk.waiting_since, minute(0), "since the first word that nobody answered");
    talk.apply(&comment(Author::Agent), at(2, ALEX));
    assert_eq!((talk.last_word, talk.waiting_since, talk.first_answer_at), (Some(Side::Support), None, minute(2)));
    talk.apply(&comment(Author::Company), at(3, EMMA));
    talk.apply(&comment(Author::Contact), at(4, EMMA));
    assert_eq!((talk.last_word, talk.waiting_since), (Some(Side::Customer), minute(3)));
    talk.apply(&comment(Author::Agent), at(5, ALEX));
    assert_eq!(talk.first_answer_at, minute(2), "the first one stays the first");
}

#[test]
fn what_an_agent_writes_down_nobody_has_said_and_nobody_waits_for() {
    let talk = begun(ALEX);
    assert_eq!((talk.last_word, talk.waiting_since, talk.first_answer_at), (None, None, None));
}

#[test]
fn a_note_is_activity_for_agents_alone() {
    let mut talk = begun(EMMA);
    talk.apply(&Event::InternalNoted { comment_id: Uuid::nil(), body: "x".into() }, at(1, ALEX));
    talk.apply(&Event::CommentEdited { comment_id: Uuid::nil(), body: "y".into(), internal: true }, at(2, ALEX));
    talk.apply(&Event::CommentRemoved { comment_id: Uuid::nil(), internal: true }, at(3, ALEX));
    assert_eq!(Some(talk.activity), minute(0));
    assert_eq!(Some(talk.agents_activity), minute(3));
    assert_eq!(talk.last_word, Some(Side::Customer));
}

#[test]
fn nobody_waits_on_what_is_closed_and_who_opens_it_again_waits_from_then_on() {
    let mut talk = begun(EMMA);
    talk.apply(&Event::Closed(status("closed")), at(1, ALEX));
    assert_eq!((talk.closed_at, talk.waiting_since), (minute(1), None));
    talk.apply(&Event::Reopened(status("open")), at(2, EMMA));
    assert_eq!((talk.closed_at, talk.waiting_since, talk.reopened), (None, minute(2), 1));
    talk.apply(&comment(Author::Agent), at(3, ALEX));
    talk.apply(&Event::Closed(status("closed")), at(4, ALEX));
    talk.apply(&comment(Author::Contact), at(5, EMMA));
    talk.apply(&Event::Reopened(status("open")), at(5, EMMA));
    assert_eq!((talk.waiting_since, talk.reopened), (minute(5), 2));
    talk.apply(&Event::Closed(status("closed")), at(6, ALEX));
    talk.apply(&Event::Reopened(status("open")), at(7, ALEX));
    assert_eq!(talk.waiting_since, None, "an agent's doing is no question");
}

#[test]
fn in_a_module_without_conversation_nobody_speaks() {
    let documents = seeds::standard_modules().into_iter().find(|m| m.name == "documents").unwrap();
    let module = Module::of(crate::codec::definition(documents));
    let talk = Conversation::begun(&module, None, at(0, EMMA));
    assert_eq!((talk.last_word, talk.waiting_since), (None, None));
}

#[test]
fn what_is_taken_back_was_never_said_unless_somebody_spoke_after_it() {
    let said = |id: u128, author| Event::Commented { comment_id: Uuid::from_u128(id), body: "x".into(), author };
    let unsaid = |id: u128| Event::CommentRemoved { comment_id: Uuid::from_u128(id), internal: false };
    let mut talk = Conversation::begun(&tickets(), Some(&Value::text("open")), at(10, EMMA));
    talk.apply(&said(1, Author::Agent), at(11, ALEX));
    talk.apply(&unsaid(1), at(12, ALEX));
    assert_eq!((talk.last_word, talk.waiting_since), (Some(Side::Customer), minute(10)), "the customer still waits");
    assert_eq!(talk.first_answer_at, None);
    talk.apply(&said(2, Author::Agent), at(13, ALEX));
    talk.apply(&said(3, Author::Contact), at(14, EMMA));
    talk.apply(&unsaid(2), at(15, ALEX));
    assert_eq!((talk.last_word, talk.waiting_since), (Some(Side::Customer), minute(14)));
    // On what was closed meanwhile nobody waits.
    talk.apply(&said(4, Author::Agent), at(16, ALEX));
    talk.apply(&Event::Closed(status("closed")), at(17, ALEX));
    talk.apply(&unsaid(4), at(18, ALEX));
    assert_eq!((talk.last_word, talk.waiting_since), (Some(Side::Customer), None));
}
