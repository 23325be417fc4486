//! Whom each mail reaches: every template against every state that its recipient may be in when it is written.

use super::{RECORD, TestNeighbours, composed_in, installation, order, person};
use crate::{
    audience::OPERATOR,
    compose::Composed,
    domain::delivery::{Order, Template},
    mail::Mail,
    neighbours::Entry,
    recipients::{Kind, Recipient},
    turn::Installation,
};

/// What may be the matter with a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Fine,
    OptedOut,
    NoAccess,
    Disabled,
    Suspended,
    SupportEnded,
    SupportNotStarted,
    RecordHidden,
    CommentsHidden,
    CommentGone,
    RecordGone,
    NoAddress,
}

use State::*;

const STATES: [State; 12] = [
    Fine,
    OptedOut,
    NoAccess,
    Disabled,
    Suspended,
    SupportEnded,
    SupportNotStarted,
    RecordHidden,
    CommentsHidden,
    CommentGone,
    RecordGone,
    NoAddress,
];

/// What becomes of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    /// To the recipient, with a link.
    Opens,
    /// To the recipient, without one.
    Reads,
    /// To the operator, and why.
    Operator(&'static str),
    Nobody(&'static str),
}

fn village(state: State) -> TestNeighbours {
    let closed = |why: &str| Entry::Closed(why.into());
    let fine = TestNeighbours::default();
    match state {
        Fine | OptedOut | NoAddress => fine,
        NoAccess => TestNeighbours { entry: closed("no_access"), ..fine },
        Disabled => TestNeighbours { entry: closed("disabled"), ..fine },
        Suspended => TestNeighbours { entry: closed("suspended"), ..fine },
        SupportEnded => TestNeighbours { entry: closed("support_ended"), ..fine },
        SupportNotStarted => TestNeighbours { entry: closed("support_not_started"), ..fine },
        RecordHidden => TestNeighbours { visible: false, ..fine },
        CommentsHidden => TestNeighbours { comments_hidden: true, ..fine },
        CommentGone => TestNeighbours { comment_gone: true, ..fine },
        RecordGone => TestNeighbours { record: false, ..fine },
    }
}

fn recipient(kind: Kind, state: State) -> Recipient {
    let email = if state == NoAddress { String::new() } else { "emma@acme.test".to_owned() };
    Recipient { email, opted_out: state == OptedOut, ..person(kind, "en") }
}

fn fate(installation: &Installation, template: Template, kind: Kind, state: State) -> (Fate, Option<Mail>) {
    let comment = if template == Template::RecordAssigned { "" } else { "x" };
    let facts = format!(r#"{{"to":"{}","comment_id":"{comment}"}}"#, kind.as_str());
    let mut order = order(template, &facts);
    if state == NoAddress {
        order.recipient.clear();
    }
    let recipient = recipient(kind, state);
    match composed_in(installation, &village(state), &order, Some(&recipient)) {
        Ok(Composed::Skip(why)) => (Fate::Nobody(why), None),
        Ok(Composed::Ready { mail, address, redirected, .. }) => {
            let fate = match (redirected, &mail.button) {
                ("", Some(_)) => Fate::Opens,
                ("", None) => Fate::Reads,
                (why, _) => {
                    assert_eq!(address, "desk@northwind.test");
                    Fate::Operator(why)
                }
            };
            (fate, Some(*mail))
        }
        Err(trouble) => panic!("{trouble}"),
    }
}

/// What becomes of a record's mail to an agent, with an address of the operator.
fn of_agent(state: State, template: Template) -> Fate {
    match state {
        Fine => Fate::Opens,
        OptedOut => Fate::Nobody("opted_out"),
        NoAccess => Fate::Operator("no_access"),
        Disabled => Fate::Operator("disabled"),
        Suspended => Fate::Operator("suspended"),
        SupportEnded => Fate::Operator("support_ended"),
        SupportNotStarted => Fate::Operator("support_not_started"),
        RecordHidden => Fate::Operator("record_hidden"),
        CommentsHidden if template == Template::RecordAssigned => Fate::Opens,
        CommentsHidden => Fate::Operator("comments_hidden"),
        CommentGone if template == Template::RecordAssigned => Fate::Opens,
        CommentGone => Fate::Nobody("comment_gone"),
        RecordGone => Fate::Nobody("record_gone"),
        NoAddress => Fate::Operator("no_address"),
    }
}

/// The same to a contact.
fn of_contact(state: State, template: Template, without_access: bool) -> Fate {
    let or_reads = |why| if without_access { Fate::Reads } else { Fate::Nobody(why) };
    match state {
        Fine => Fate::Opens,
        OptedOut => Fate::Nobody("opted_out"),
        NoAccess => or_reads("no_access"),
        Disabled => Fate::Nobody("disabled"),
        Suspended => Fate::Nobody("suspended"),
        SupportEnded => or_reads("support_ended"),
        SupportNotStarted => or_reads("support_not_started"),
        RecordHidden => Fate::Nobody("record_hidden"),
        CommentsHidden if template == Template::RecordAssigned => Fate::Opens,
        CommentsHidden => Fate::Nobody("comments_hidden"),
        CommentGone if template == Template::RecordAssigned => Fate::Opens,
        CommentGone => Fate::Nobody("comment_gone"),
        RecordGone => Fate::Nobody("record_gone"),
        NoAddress => Fate::Nobody("no_address"),
    }
}

#[test]
fn every_template_reaches_whom_it_may_in_every_state_of_its_recipient() {
    for without_access in [false, true] {
        let installation = Installation {
            fallback: Some("desk@northwind.test".into()),
            mail_without_access: without_access,
            ..installation()
        };
        for template in Template::ALL {
            for state in STATES {
                for kind in [Kind::Contact, Kind::Agent] {
                    let (found, mail) = fate(&installation, template, kind, state);
                    let expected = match (template.is_security(), kind, state) {
                        // Mail about an account goes to its owner whatever the matter is.
                        (true, _, NoAddress) => Fate::Nobody("no_address"),
                        (true, ..) => Fate::Opens,
                        (false, Kind::Agent, _) => of_agent(state, template),
                        (false, Kind::Contact, _) => of_contact(state, template, without_access),
                    };
                    assert_eq!(found, expected, "{template:?} {kind:?} {state:?}");
                    // What somebody wrote goes only to who may read it.
                    let said = mail.as_ref().is_some_and(|m| m.text().unwrap().contains("restart"));
                    let quoted = template == Template::RecordCommented && matches!(found, Fate::Opens | Fate::Reads);
                    assert_eq!(said, quoted, "{template:?} {kind:?} {state:?}");
                }
            }
        }
    }
}

#[test]
fn without_an_address_of_the_operator_the_mail_log_says_why_nobody_was_told() {
    for state in [Disabled, Suspended, NoAccess, RecordHidden, NoAddress] {
        for template in [Template::RecordAssigned, Template::RecordCommented] {
            let Fate::Operator(why) = of_agent(state, template) else { panic!("{state:?}") };
            assert_eq!(
                fate(&installation(), template, Kind::Agent, state).0,
                Fate::Nobody(why),
                "{template:?} {state:?}"
            );
        }
    }
}

fn to_nobody(template: Template, why: &str) -> Order {
    let facts = format!(r#"{{"to":"agent","comment_id":"x","by":"customer","why":"{why}"}}"#);
    Order { recipient_id: OPERATOR, recipient: String::new(), ..order(template, &facts) }
}

#[test]
fn what_has_no_reader_goes_to_the_operator_and_names_the_record_but_quotes_nothing() {
    let installation = Installation { fallback: Some("desk@northwind.test".into()), ..installation() };
    let village = TestNeighbours::default();
    for (template, says) in [
        (Template::RecordAssigned, "A customer opened Ticket TT1042 – Printer on fire"),
        (Template::RecordCommented, "There is a new answer on Ticket TT1042 – Printer on fire"),
    ] {
        let composed = composed_in(&installation, &village, &to_nobody(template, "no_owner"), None);
        let Ok(Composed::Ready { mail, address, redirected, .. }) = composed else { panic!("{composed:?}") };
        assert_eq!((address.as_str(), redirected), ("desk@northwind.test", "no_owner"));
        let text = mail.text().unwrap();
        assert!(text.contains(says) && text.contains("Nobody owns it.") && !text.contains("restart"), "{text}");
        assert!(text.contains(&format!("https://portal.example.org/console/modules/tickets/{RECORD}")), "{text}");
    }
    // The operator's own answer that reaches nobody is no news to the operator.
    for why in ["no_contact", "record_gone"] {
        let order = to_nobody(Template::RecordCommented, why);
        assert_eq!(
            composed_in(&installation, &village, &order, None),
            Ok(Composed::Skip(match why {
                "no_contact" => "no_contact",
                _ => "record_gone",
            }))
        );
    }
    let order = to_nobody(Template::RecordCommented, "no_owner");
    assert_eq!(composed_in(&super::installation(), &village, &order, None), Ok(Composed::Skip("no_owner")));
}

#[test]
fn a_contact_without_a_portal_gets_the_whole_answer_and_nothing_to_press() {
    let installation = Installation { mail_without_access: true, ..installation() };
    let body = format!("{}\n\nthe end", "word ".repeat(400));
    let village = TestNeighbours { entry: Entry::Closed("no_access".into()), body, ..TestNeighbours::default() };
    let order = order(Template::RecordCommented, r#"{"to":"contact","comment_id":"x","by":"agent"}"#);
    let composed = composed_in(&installation, &village, &order, Some(&person(Kind::Contact, "en")));
    let Ok(Composed::Ready { mail, .. }) = composed else { panic!("{composed:?}") };
    let (text, html) = (mail.text().unwrap(), mail.html().unwrap());
    assert!(text.contains("> the end") && html.contains("the end"), "{text}");
    for part in [&text, &html] {
        assert!(!part.contains("portal.example.org"), "{part}");
    }
    assert!(text.contains("To answer, please contact us as you usually do."), "{text}");
}

#[test]
fn a_title_that_is_not_for_the_reader_is_left_out_of_subject_and_text() {
    let village = TestNeighbours { title: "", ..TestNeighbours::default() };
    let order = order(Template::RecordCommented, r#"{"to":"contact","comment_id":"x"}"#);
    let composed = composed_in(&installation(), &village, &order, Some(&person(Kind::Contact, "en")));
    let Ok(Composed::Ready { mail, .. }) = composed else { panic!("{composed:?}") };
    assert_eq!(mail.subject, "New answer: Ticket TT1042");
    assert_eq!(mail.before, ["We have answered on Ticket TT1042"]);
}
