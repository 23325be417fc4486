use super::{Composed, compose};
use crate::{
    audience::Involved,
    domain::delivery::{Order, Template},
    links::Links,
    mail::Mail,
    neighbours::{CommentFacts, Entry, IssuedLink, Neighbours, RecordFacts, Shown, Trouble, View},
    recipients::{Kind, Recipient},
    turn::{Installation, Module, Turn},
    wording::Language,
};
use futures::{FutureExt, future::BoxFuture};
use jiff::tz::TimeZone;
use kernel::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

const RECORD: &str = "018f2f6e-0000-7000-8000-000000000003";
const LINK: &str = "https://portal.example.org/set-password?token=abc&x=1";

/// Neighbours that know one record with one comment and one invitation.
struct TestNeighbours {
    link: bool,
    record: bool,
    away: bool,
    entry: Entry,
    visible: bool,
    comments_hidden: bool,
    comment_gone: bool,
    title: &'static str,
    body: String,
}

impl Default for TestNeighbours {
    fn default() -> TestNeighbours {
        let body = "Please **restart** it & tell us.\n\n<script>alert(1)</script>".into();
        TestNeighbours {
            link: true,
            record: true,
            away: false,
            entry: Entry::Open,
            visible: true,
            comments_hidden: false,
            comment_gone: false,
            title: "Printer <b>on</b>\nfire",
            body,
        }
    }
}

impl TestNeighbours {
    fn answer<T>(&self, known: bool, value: T) -> Result<Option<T>, Trouble> {
        if self.away { Err(Trouble::Away("records")) } else { Ok(known.then_some(value)) }
    }
}

impl Neighbours for TestNeighbours {
    fn invitation_link<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<IssuedLink>, Trouble>> {
        let expires_at = Timestamp::from_micros(1_772_373_900_000_000);
        Box::pin(async move { self.answer(self.link, IssuedLink { link: LINK.into(), expires_at }) })
    }

    fn link<'a>(&'a self, request: &'a str) -> BoxFuture<'a, Result<Option<IssuedLink>, Trouble>> {
        assert_eq!(request, RECORD, "the link is asked for by the wish");
        let expires_at = Timestamp::from_micros(1_772_373_900_000_000);
        Box::pin(async move { self.answer(self.link, IssuedLink { link: LINK.into(), expires_at }) })
    }

    fn entry(&self, _: Uuid) -> BoxFuture<'_, Result<Entry, Trouble>> {
        Box::pin(async move { self.answer(true, self.entry.clone()).map(|e| e.unwrap_or(Entry::Open)) })
    }

    fn involved<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Option<Involved>, Trouble>> {
        Box::pin(async move { self.answer(self.record, Involved::default()) })
    }

    fn shown_to<'a>(
        &'a self,
        _: (Kind, Uuid),
        order: &'a Order,
        comment: &'a str,
    ) -> BoxFuture<'a, Result<View, Trouble>> {
        assert_eq!((order.subject_module.as_str(), order.subject_id.as_str()), ("tickets", RECORD));
        let comments_hidden = self.comments_hidden && !comment.is_empty();
        let comment = (!comment.is_empty() && !comments_hidden && !self.comment_gone)
            .then(|| CommentFacts { body: self.body.clone(), author: "Ada Bianchi".into() });
        let record = RecordFacts { number: "TT1042".into(), title: self.title.into() };
        let shown = Shown { record, comments_hidden, comment };
        let view = match (self.record, self.visible) {
            (false, _) => View::Gone,
            (true, false) => View::Hidden,
            (true, true) => View::Shown(Box::new(shown)),
        };
        Box::pin(async move { self.answer(true, view).map(|v| v.unwrap_or(View::Gone)) })
    }

    fn record<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Option<RecordFacts>, Trouble>> {
        let facts = RecordFacts { number: "TT1042".into(), title: "Printer on fire".into() };
        Box::pin(async move { self.answer(self.record, facts) })
    }
}

fn installation() -> Installation {
    Installation {
        links: Links::new("https://portal.example.org"),
        company: "Northwind & Sons".into(),
        zone: TimeZone::get("Europe/Rome").unwrap(),
        language: Language::ENGLISH,
        id: "portico".into(),
        fallback: None,
        mail_without_access: false,
    }
}

fn order(template: Template, facts: &str) -> Order {
    Order {
        template,
        recipient_id: Uuid::from_u128(7),
        recipient: "queued@acme.test".into(),
        locale: "en".into(),
        subject_id: RECORD.into(),
        subject_module: "tickets".into(),
        source_event_id: Uuid::from_u128(9),
        facts: facts.into(),
    }
}

fn person(kind: Kind, locale: &str) -> Recipient {
    Recipient {
        kind,
        name: "Emma Rossi".into(),
        email: "emma@acme.test".into(),
        locale: locale.into(),
        opted_out: false,
        access: Some(true),
        lock_told_at: None,
    }
}

fn module() -> Module {
    let singular = BTreeMap::from([("en".into(), "Ticket".into()), ("it".into(), "Segnalazione".into())]);
    Module { singular }
}

fn composed(village: &TestNeighbours, order: &Order, recipient: Option<&Recipient>) -> Result<Composed, Trouble> {
    composed_in(&installation(), village, order, recipient)
}

fn composed_in(
    installation: &Installation,
    village: &TestNeighbours,
    order: &Order,
    recipient: Option<&Recipient>,
) -> Result<Composed, Trouble> {
    let module = module();
    let turn = Turn { order, recipient, module: Some(&module), now: Timestamp::from_micros(1_772_000_000_000_000) };
    // Nothing in this village takes time.
    compose(installation, village, &turn).now_or_never().unwrap()
}

fn mail(order: &Order, recipient: Option<&Recipient>) -> (Mail, String) {
    match composed(&TestNeighbours::default(), order, recipient) {
        Ok(Composed::Ready { mail, address, .. }) => (*mail, address),
        other => panic!("no mail but {other:?}"),
    }
}

/// Every mail there is, in every language.
fn all() -> Vec<Mail> {
    let mut mails = Vec::new();
    for locale in ["en", "it", "de"] {
        for (template, facts, kind) in [
            (Template::Invitation, r#"{"name":"Emma","to":"contact","support_start":"2027-01-02"}"#, Kind::Contact),
            (Template::RecordReceived, r#"{"to":"contact"}"#, Kind::Contact),
            (Template::RecordAssigned, r#"{"to":"agent"}"#, Kind::Agent),
            (Template::RecordCommented, r#"{"to":"contact","comment_id":"x"}"#, Kind::Contact),
            (Template::RecordCommented, r#"{"to":"agent","comment_id":"x"}"#, Kind::Agent),
            (Template::RecordCommented, r#"{"to":"contact","comment_id":"x","by":"customer"}"#, Kind::Contact),
            (Template::RecordCommented, r#"{"to":"agent","comment_id":"x","by":"agent"}"#, Kind::Agent),
            (Template::AccountLocked, r#"{"to":"contact"}"#, Kind::Contact),
            (Template::AccountLocked, r#"{"to":"agent","locked_until_micros":1772373900000000}"#, Kind::Agent),
            (Template::PasswordSet, r#"{"to":"contact"}"#, Kind::Contact),
            (Template::PasswordSet, r#"{"to":"agent"}"#, Kind::Agent),
            (Template::PasswordReset, r#"{"to":"contact","name":"Emma"}"#, Kind::Contact),
            (Template::PasswordReset, r#"{"to":"agent","by_agent":true}"#, Kind::Agent),
            (Template::OneTimePassword, r#"{"to":"contact","valid_until_micros":1772373900000000}"#, Kind::Contact),
            (Template::OneTimePassword, r#"{"to":"agent"}"#, Kind::Agent),
            (Template::LoginChangeConfirm, r#"{"to":"contact"}"#, Kind::Contact),
            (Template::LoginChangeAnnounced, r#"{"to":"contact"}"#, Kind::Contact),
            (Template::LoginChanged, r#"{"to":"contact","login":"new@acme.test"}"#, Kind::Contact),
            (Template::LoginChanged, r#"{"to":"agent","login":"ada","by_agent":true}"#, Kind::Agent),
            (Template::LoginLeft, r#"{"to":"contact"}"#, Kind::Contact),
            (Template::FactorAdded, r#"{"to":"contact","factor":"totp"}"#, Kind::Contact),
            (Template::FactorAdded, r#"{"to":"agent","factor":"passkey","passkey":"Blue <key>"}"#, Kind::Agent),
            (Template::FactorAdded, r#"{"to":"agent","factor":"passkey"}"#, Kind::Agent),
            (Template::FactorRemoved, r#"{"to":"contact","factor":"totp"}"#, Kind::Contact),
            (Template::FactorRemoved, r#"{"to":"contact","factor":"totp","by_agent":true}"#, Kind::Contact),
            (Template::FactorRemoved, r#"{"to":"contact","factor":"passkey"}"#, Kind::Contact),
            (Template::FactorRemoved, r#"{"to":"contact","factor":"passkey","by_agent":true}"#, Kind::Contact),
            (Template::FactorRemoved, r#"{"to":"contact","factor":"all"}"#, Kind::Contact),
            (Template::FactorRemoved, r#"{"to":"agent","factor":"all","by_agent":true}"#, Kind::Agent),
            (Template::RecoveryCodeUsed, r#"{"to":"contact","codes":7}"#, Kind::Contact),
            (Template::RecoveryCodeUsed, r#"{"to":"contact","codes":1}"#, Kind::Contact),
            (Template::RecoveryCodeUsed, r#"{"to":"agent"}"#, Kind::Agent),
            (Template::RecoveryCodesMade, r#"{"to":"contact","codes":10}"#, Kind::Contact),
        ] {
            mails.push(mail(&order(template, facts), Some(&person(kind, locale))).0);
        }
    }
    mails
}

#[test]
fn every_mail_says_where_to_sign_in_has_one_button_and_leaves_no_key_or_placeholder_open() {
    let mails = all();
    assert_eq!(mails.len(), 99);
    for mail in mails {
        let (html, text) = (mail.html().unwrap(), mail.text().unwrap());
        for part in [&html, &text] {
            assert!(part.contains("https://portal.example.org/sign-in") || part.contains("/console/sign-in"), "{part}");
            assert!(!part.contains("{ $") && !part.contains("{$"), "{part}");
        }
        let button = mail.button.as_ref().unwrap();
        assert!(text.contains(&button.url) && text.contains(&button.label));
        assert_eq!(html.matches("display:inline-block").count(), 1);
        assert!(html.contains("Northwind &#38; Sons") && !html.contains("Northwind & Sons"));
        assert!(html.contains(&format!("lang=\"{}\"", mail.language.code())));
        // A key that is missing shows as itself.
        let lines = [&mail.subject, &mail.heading, &mail.greeting, &button.label, &mail.button_instead];
        for line in lines.into_iter().chain(&mail.before).chain(&mail.after).chain(&mail.footer) {
            assert!(line.contains([' ', ',', '?']) && !line.is_empty(), "{line}");
        }
    }
}

#[test]
fn an_answer_is_quoted_as_text_and_nothing_of_it_becomes_html() {
    let order = order(Template::RecordCommented, r#"{"to":"contact","comment_id":"x"}"#);
    let (mail, address) = mail(&order, Some(&person(Kind::Contact, "en")));
    assert_eq!(address, "emma@acme.test");
    assert_eq!(mail.subject, "New answer: Ticket TT1042 – Printer <b>on</b> fire");
    let html = mail.html().unwrap();
    assert!(!html.contains("<script") && !html.contains("<b>on"));
    assert!(html.contains("Please <strong>restart</strong> it &amp; tell us.") && html.contains("&lt;script&gt;"));
    let text = mail.text().unwrap();
    assert!(text.contains("Ada Bianchi wrote:\n\n> Please restart it & tell us.\n>\n> <script>"), "{text}");
    assert!(text.starts_with("Hello Emma Rossi,\n\nWe have answered on Ticket TT1042"), "{text}");
    assert!(text.contains(&format!("https://portal.example.org/modules/tickets/{RECORD}#comment-x\n")));
    assert_eq!(mail.thread, RECORD);
}

#[test]
fn who_asked_reads_the_number_and_what_happens_next() {
    let order = order(Template::RecordReceived, r#"{"to":"contact"}"#);
    let (mail, address) = mail(&order, Some(&person(Kind::Contact, "en")));
    assert_eq!((address.as_str(), mail.thread.as_str()), ("emma@acme.test", RECORD));
    assert_eq!(mail.subject, "We have received your request: Ticket TT1042 – Printer <b>on</b> fire");
    let text = mail.text().unwrap();
    assert!(text.contains("Your number for it is TT1042. We write to you as soon as"), "{text}");
    assert!(text.contains(&format!("https://portal.example.org/modules/tickets/{RECORD}\n")), "{text}");
    assert!(text.contains("because you sent us this request"), "{text}");
}

#[test]
fn an_italian_reads_italian_and_the_modules_italian_name() {
    let order = order(Template::RecordCommented, r#"{"to":"agent","comment_id":"x"}"#);
    let (mail, _) = mail(&order, Some(&person(Kind::Agent, "it-IT")));
    assert_eq!(mail.subject, "Il cliente ha risposto: Segnalazione TT1042 – Printer <b>on</b> fire");
    assert!(mail.text().unwrap().starts_with("Buongiorno Emma Rossi,"));
    assert!(mail.button.unwrap().url.contains("/console/"));
}

#[test]
fn an_invitation_goes_to_the_address_that_identity_named_and_tells_the_first_day() {
    let facts = r#"{"name":"Emma","to":"contact","support_start":"2027-01-02"}"#;
    let (mail, address) = mail(&order(Template::Invitation, facts), Some(&person(Kind::Contact, "en")));
    assert_eq!(address, "queued@acme.test");
    assert_eq!(mail.button.as_ref().unwrap().url, LINK);
    assert!(mail.before.iter().any(|p| p.contains("2 January 2027")), "{:?}", mail.before);
    assert!(mail.after.iter().any(|p| p.contains("1 March 2026, 15:05 (Europe/Rome)")), "{:?}", mail.after);
    assert!(mail.html().unwrap().contains("token=abc&#38;x=1"));
}

#[test]
fn an_invitation_of_a_day_that_is_here_names_none() {
    let facts = r#"{"name":"Emma","to":"contact","support_start":"2026-02-25"}"#;
    let (mail, _) = mail(&order(Template::Invitation, facts), None);
    assert!(!mail.before.iter().any(|p| p.contains("2026")));
    assert_eq!(mail.greeting, "Hello Emma,");
}

#[test]
fn a_fact_that_cannot_be_had_is_trouble_not_a_mail_without_it() {
    let away = TestNeighbours { away: true, ..TestNeighbours::default() };
    let commented = order(Template::RecordCommented, r#"{"to":"contact","comment_id":"x"}"#);
    assert_eq!(composed(&away, &commented, None), Err(Trouble::Away("records")));
}

#[test]
fn an_empty_comment_leaves_no_empty_quote() {
    let village = TestNeighbours { body: " \n".into(), ..TestNeighbours::default() };
    let order = order(Template::RecordCommented, r#"{"to":"agent","comment_id":"x"}"#);
    match composed(&village, &order, Some(&person(Kind::Agent, "en"))) {
        Ok(Composed::Ready { mail, .. }) => assert_eq!(mail.quote, None),
        other => panic!("no mail but {other:?}"),
    }
}

#[test]
fn a_reset_link_says_how_long_it_works_and_goes_where_identity_said() {
    let facts = r#"{"to":"contact","name":"Emma"}"#;
    let (mail, address) = mail(&order(Template::PasswordReset, facts), Some(&person(Kind::Contact, "en")));
    assert_eq!((address.as_str(), mail.button.unwrap().url.as_str()), ("queued@acme.test", LINK));
    assert!(mail.after[0].contains("30 minutes, until 1 March 2026, 15:05 (Europe/Rome)"), "{:?}", mail.after);
    let used = TestNeighbours { link: false, ..TestNeighbours::default() };
    let order = order(Template::PasswordReset, facts);
    assert_eq!(composed(&used, &order, None), Ok(Composed::Skip("link_used")));
}

#[test]
fn a_one_time_password_is_announced_with_its_end_and_never_named() {
    let facts = r#"{"to":"contact","valid_until_micros":1772373900000000}"#;
    let (mail, address) = mail(&order(Template::OneTimePassword, facts), Some(&person(Kind::Contact, "it")));
    assert_eq!(address, "queued@acme.test");
    assert!(mail.before.iter().any(|p| p.contains("1 marzo 2026, ore 15:05 (Europe/Rome)")), "{:?}", mail.before);
    assert!(mail.before.iter().any(|p| p.contains("non è in questo messaggio")));
}

#[test]
fn the_new_login_is_told_to_the_present_address_only() {
    let facts = r#"{"to":"contact","login":"new@acme.test"}"#;
    let (now, address) = mail(&order(Template::LoginChanged, facts), Some(&person(Kind::Contact, "en")));
    assert_eq!(address, "queued@acme.test");
    assert!(now.text().unwrap().contains("you sign in as new@acme.test"));
    let (left, address) = mail(&order(Template::LoginLeft, r#"{"to":"contact"}"#), Some(&person(Kind::Contact, "en")));
    assert_eq!(address, "queued@acme.test");
    assert!(!left.text().unwrap().contains("acme.test"));
}

#[test]
fn recovery_codes_are_counted_as_people_count() {
    let told = |locale: &str, codes: i64| {
        let facts = format!(r#"{{"to":"contact","codes":{codes}}}"#);
        mail(&order(Template::RecoveryCodeUsed, &facts), Some(&person(Kind::Contact, locale))).0.before
    };
    assert_eq!(told("en", 7)[1], "There are 7 recovery codes left.");
    assert_eq!(told("en", 1)[1], "There is 1 recovery code left.");
    assert_eq!(told("it", 0)[1], "Non resta nessun codice di recupero.");
    assert_eq!(told("de", 1)[1], "Es ist noch 1 Wiederherstellungscode übrig.");
    assert_eq!((told("en", 7).len(), told("en", 3).len()), (3, 4), "few are worth a word");
}

#[test]
fn the_name_of_a_passkey_is_text_and_nothing_else() {
    let facts = r#"{"to":"contact","factor":"passkey","passkey":"<b>Blue</b>\nkey"}"#;
    let (mail, _) = mail(&order(Template::FactorAdded, facts), Some(&person(Kind::Contact, "en")));
    assert!(mail.html().unwrap().contains("&#60;b&#62;Blue&#60;/b&#62; key"));
}

mod reached;
