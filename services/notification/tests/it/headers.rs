//! What a mail's headers say to a parser that is not ours: the mail catcher reads them with Python's `email`.

use crate::{
    ground::{MailServer, Process},
    knowledge::{BY_AGENT, Scene},
};
use kit::CaughtMail;
use proto::records::v1::value::Kind as Value;
use std::collections::BTreeSet;

/// What people, and attackers, write into titles and names.
const CORPUS: [&str; 22] = [
    "plain",
    "=?utf-8?q?Urgent=3A_pay?=",
    "=?utf-8?b?QmNjOiBhbGw=?= and more",
    "a =? b ?= c",
    "=?",
    "?= =?x",
    "Perché è qui – già",
    "日本語のチケット タイトル",
    "שלום עולם",
    "👩‍👩‍👧 family 😀",
    "\"quoted\" and 'single'",
    "back\\slash \\\" end",
    "Rossi, Emma <emma@evil.test>",
    "a;b:c,d<e>f@g(h)[i]",
    "two  blanks   three",
    "é",
    "Bcc: all@acme.test",
    "line\r\nBcc: all@acme.test",
    "line\nX-Injected: yes\r\n\r\nbody",
    "tab\tand\u{b}vertical\u{7f}",
    "ünïcödé mixed with =?ascii?q?words?= in between, long enough to be folded",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

/// As it is meant to arrive: on one line.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

async fn mail_of_an_answer() -> CaughtMail {
    let scene = Scene::with_ticket().await;
    let mail = MailServer::start().await;
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    let process = Process::start(scene.ground.log.clone(), &scene.village, &mail);
    scene.ground.settle("sent").await;
    process.stop().await;
    mail.mails().await.remove(0)
}

#[tokio::test]
async fn whatever_a_title_or_a_name_holds_arrives_as_it_was_written_and_adds_no_header() {
    let expected: BTreeSet<&str> = BTreeSet::from([
        "Auto-Submitted",
        "Content-Type",
        "Date",
        "Feedback-ID",
        "From",
        "In-Reply-To",
        "List-Id",
        "MIME-Version",
        "Message-ID",
        "References",
        "Subject",
        "To",
        "X-Auto-Response-Suppress",
        "X-Portico-Reference",
    ]);
    let scene = Scene::with_ticket().await;
    let mail = MailServer::start().await;
    let process = Process::start(scene.ground.log.clone(), &scene.village, &mail);
    for (n, text) in CORPUS.into_iter().enumerate() {
        *scene.village.title.lock().unwrap() = text;
        scene.records(&scene.heard.contact_updated("first_name", Value::Text(text.into()))).await;
        scene.records(&scene.heard.commented(BY_AGENT)).await;
        scene.ground.settle_one(n, "sent").await;
    }
    process.stop().await;
    let mails = mail.mails().await;
    assert_eq!(mails.len(), CORPUS.len());
    for (mail, text) in mails.iter().zip(CORPUS) {
        let text = one_line(text);
        assert_eq!(mail.subject, format!("New answer: Ticket TT1042 – {text}"));
        let to = &mail.headers["To"];
        // A parser quotes what needs it. Python leaves the blank between two encoded words of a name, which RFC 2047
        // takes away, so blanks are not compared here.
        let blankless = |text: &str| text.split_whitespace().collect::<String>();
        let read = blankless(&to.replace("\\\"", "\"").replace("\\\\", "\\"));
        assert!(read.contains(&blankless(&text)) && to.ends_with("<emma@acme.test>"), "{text:?}: {to:?}");
        assert_eq!(mail.to, ["emma@acme.test"], "{text:?}");
        let found: BTreeSet<&str> = mail.headers.keys().map(String::as_str).collect();
        assert_eq!(found, expected, "{text:?}");
    }
}

#[tokio::test]
async fn mails_about_a_record_belong_together_and_ask_for_no_automatic_answer() {
    let mail = mail_of_an_answer().await;
    let header = |name: &str| mail.headers[name].as_str();
    let thread = format!("<record-{}@example.org>", crate::ground::RECORD);
    assert_eq!((header("In-Reply-To"), header("References")), (thread.as_str(), thread.as_str()));
    assert_eq!(header("List-Id"), "<tickets.example.org>");
    assert_eq!(header("Feedback-ID"), "record_commented:portico:portico");
    assert_eq!((header("Auto-Submitted"), header("X-Auto-Response-Suppress")), ("auto-generated", "All"));
    assert!(header("Message-ID").ends_with("@example.org>"), "{}", header("Message-ID"));
}

#[tokio::test]
async fn a_mail_about_an_account_is_in_no_list_and_no_thread() {
    let scene = Scene::with_ticket().await;
    let server = MailServer::start().await;
    scene.ground.handle(&scene.identity, &scene.heard.locked()).await;
    let process = Process::start(scene.ground.log.clone(), &scene.village, &server);
    scene.ground.settle("sent").await;
    process.stop().await;
    let mail = server.mails().await.remove(0);
    for name in ["List-Id", "In-Reply-To", "References"] {
        assert!(!mail.headers.contains_key(name), "{name}");
    }
    assert_eq!(mail.headers["X-Auto-Response-Suppress"], "All");
}

#[tokio::test]
async fn addresses_beyond_ascii_travel_as_far_as_the_server_can_carry_them() {
    let scene = Scene::with_ticket().await;
    let server = MailServer::start().await;
    // An international domain needs nothing of the server, a local part does.
    server.misbehave("550", "utf8", 0, 1).await;
    let process = Process::start(scene.ground.log.clone(), &scene.village, &server);
    for (n, (address, state)) in
        [("emma@bücher.example", "sent"), ("émile@acme.test", "failed")].into_iter().enumerate()
    {
        scene.records(&scene.heard.contact_updated("email", Value::Text(address.into()))).await;
        scene.records(&scene.heard.commented(BY_AGENT)).await;
        scene.ground.settle_one(n, state).await;
    }
    process.stop().await;
    assert_eq!(scene.ground.deliveries().await[1].2, "smtp_no_utf8");
    // A server that can.
    let process = Process::start(scene.ground.other_process(), &scene.village, &server);
    scene.records(&scene.heard.commented(BY_AGENT)).await;
    scene.ground.settle_one(2, "sent").await;
    process.stop().await;
    let to: Vec<Vec<String>> = server.mails().await.into_iter().map(|m| m.to).collect();
    assert_eq!(to, [["emma@xn--bcher-kva.example"], ["émile@acme.test"]]);
    let shown: Vec<String> = sqlx::query_scalar("select recipient from deliveries_v1 order by created_at, id")
        .fetch_all(scene.ground.log.pool())
        .await
        .unwrap();
    assert_eq!(shown, ["emma@bücher.example", "émile@acme.test", "émile@acme.test"]);
}
