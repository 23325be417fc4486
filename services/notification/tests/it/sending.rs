//! From a queued delivery to the mail server and what came of it.

use crate::ground::{CONTACT, Ground, Heard, MailServer, PATIENCE, Process, TestNeighbours, sender};
use eventlog::Recorded;
use notification::reactions::IdentityReactions;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

/// Queues an invitation for each event.
async fn invite(ground: &Ground, events: &[Recorded]) {
    let handler = IdentityReactions::new(ground.log.clone());
    for event in events {
        ground.handle(&handler, event).await;
    }
}

fn village() -> Arc<TestNeighbours> {
    Arc::new(TestNeighbours::default())
}

#[tokio::test]
async fn a_queued_message_is_sent_once_with_its_ids_and_both_parts() {
    let (ground, mail, village, heard) = (Ground::new().await, MailServer::start().await, village(), Heard::new());
    invite(&ground, &[heard.access_enabled(), heard.invitation_issued()]).await;
    let process = Process::start(ground.log.clone(), &village, &mail);
    ground.settle("sent").await;
    process.stop().await;

    let mails = mail.mails().await;
    assert_eq!(mails.len(), 1);
    let caught = &mails[0];
    assert_eq!(caught.to, ["emma@acme.test"]);
    assert_eq!(caught.subject, "Your access to the customer portal of Northwind");
    assert!(caught.text.contains("https://portal.example.org/set-password?token=secret-1"), "{}", caught.text);
    assert!(caught.html.contains("Choose your password"));
    assert_eq!(caught.headers["Auto-Submitted"], "auto-generated");
    let (id, message_id): (uuid::Uuid, String) =
        sqlx::query_as("select id, message_id from deliveries_v1").fetch_one(ground.log.pool()).await.unwrap();
    assert_eq!(message_id, format!("{id}@example.org"));
    assert_eq!(caught.headers["Message-ID"], format!("<{message_id}>"));
    // The trace of the event that made the message necessary.
    assert_eq!(caught.headers["X-Portico-Reference"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(ground.deliveries().await, [("sent".to_owned(), 1, String::new())]);
    assert_eq!(ground.count("select count(*) from sending_leases").await, 0);
}

#[tokio::test]
async fn a_server_that_says_later_gets_the_message_later_and_once() {
    for when in ["rcpt", "data"] {
        let (ground, mail, heard) = (Ground::new().await, MailServer::start().await, Heard::new());
        mail.misbehave("451", when, 0, 1).await;
        invite(&ground, &[heard.invitation_issued()]).await;
        let process = Process::start(ground.log.clone(), &village(), &mail);
        ground.settle("sent").await;
        process.stop().await;
        assert_eq!(mail.mails().await.len(), 1, "{when}");
        assert_eq!(ground.deliveries().await, [("sent".to_owned(), 2, String::new())], "{when}");
    }
}

#[tokio::test]
async fn a_refusal_is_final_and_keeps_only_the_codes() {
    for when in ["rcpt", "data"] {
        let (ground, mail, heard) = (Ground::new().await, MailServer::start().await, Heard::new());
        mail.misbehave("550", when, 0, 100).await;
        invite(&ground, &[heard.invitation_issued()]).await;
        let process = Process::start(ground.log.clone(), &village(), &mail);
        ground.settle("failed").await;
        process.stop().await;
        assert!(mail.mails().await.is_empty());
        let deliveries = ground.deliveries().await;
        assert_eq!((deliveries[0].1, deliveries[0].2.as_str()), (1, "smtp_refused 550"), "{when}");
    }
}

#[tokio::test]
async fn while_the_mail_server_is_away_messages_wait_and_then_all_are_sent() {
    let (ground, mut mail, heard) = (Ground::new().await, MailServer::start().await, Heard::new());
    mail.kill().await;
    let invitations: Vec<Recorded> = (0..12).map(|_| heard.invitation_issued()).collect();
    invite(&ground, &invitations).await;
    let sender = sender(ground.log.clone(), &village(), &mail, Duration::from_secs(2));
    let mut standing = sender.standing();
    let process = Process::with(sender);
    tokio::time::timeout(PATIENCE, standing.changed()).await.unwrap().unwrap();
    assert!(matches!(&*standing.borrow(), notification::sender::Standing::Away(_)));
    assert!(ground.deliveries().await.iter().all(|d| d.0 == "queued"));
    mail.start_again().await;
    ground.settle("sent").await;
    // In the middle of work too.
    mail.kill().await;
    invite(&ground, &[heard.invitation_issued()]).await;
    let away = standing.wait_for(|standing| matches!(standing, notification::sender::Standing::Away(_)));
    tokio::time::timeout(PATIENCE, away).await.unwrap().unwrap();
    mail.start_again().await;
    ground.settle("sent").await;
    process.stop().await;
    assert_eq!(mail.mails().await.len(), 13);
}

#[tokio::test]
async fn a_process_killed_while_it_sends_leaves_the_message_uncertain_and_nobody_sends_it_again() {
    let (ground, mail, village, heard) = (Ground::new().await, MailServer::start().await, village(), Heard::new());
    // The server takes the text and does not answer.
    mail.misbehave("250", "data", 60, 1).await;
    invite(&ground, &[heard.invitation_issued()]).await;
    let first = Process::start(ground.log.clone(), &village, &mail);
    ground.settle("sending").await;
    mail.misbehaved().await;
    first.kill().await;

    let second = Process::start(ground.other_process(), &village, &mail);
    ground.settle("uncertain").await;
    // Another message is sent, so everything that is due was looked at.
    invite(&ground, &[heard.invitation_issued()]).await;
    ground.settle_one(1, "sent").await;
    second.stop().await;
    assert_eq!(mail.mails().await.len(), 2, "an uncertain message was sent again");
    assert_eq!(ground.deliveries().await[0], ("uncertain".to_owned(), 1, String::new()));
}

#[tokio::test]
async fn a_server_that_dies_with_the_text_leaves_the_message_uncertain() {
    let (ground, mut mail, heard) = (Ground::new().await, MailServer::start().await, Heard::new());
    mail.misbehave("250", "data", 60, 1).await;
    invite(&ground, &[heard.invitation_issued()]).await;
    let process = Process::start(ground.log.clone(), &village(), &mail);
    mail.misbehaved().await;
    mail.kill().await;
    ground.settle("uncertain").await;
    mail.start_again().await;
    invite(&ground, &[heard.invitation_issued()]).await;
    ground.settle_one(1, "sent").await;
    process.stop().await;
    assert_eq!(ground.deliveries().await[0], ("uncertain".to_owned(), 1, String::new()));
}

#[tokio::test]
async fn a_process_killed_before_the_text_goes_out_leaves_the_message_to_the_next() {
    let (ground, mail, village, heard) = (Ground::new().await, MailServer::start().await, village(), Heard::new());
    mail.misbehave("250", "rcpt", 60, 1).await;
    invite(&ground, &[heard.invitation_issued()]).await;
    let first = Process::start(ground.log.clone(), &village, &mail);
    mail.misbehaved().await;
    first.kill().await;
    let second = Process::start(ground.other_process(), &village, &mail);
    ground.settle("sent").await;
    second.stop().await;
    let mails = mail.mails().await;
    assert_eq!(mails.len(), 1);
    // Each link makes the one before it worthless, so the one that was mailed is the last.
    assert!(mails[0].text.contains("token=secret-2"), "{}", mails[0].text);
}

#[tokio::test]
async fn an_outcome_that_is_learned_late_replaces_the_uncertainty() {
    let (ground, mail, village, heard) = (Ground::new().await, MailServer::start().await, village(), Heard::new());
    mail.misbehave("250", "data", 3, 1).await;
    invite(&ground, &[heard.invitation_issued()]).await;
    let process = Process::start(ground.log.clone(), &village, &mail);
    ground.settle("sending").await;
    // As if the process had been frozen: its lease is gone, and another one looks.
    sqlx::query("delete from sending_leases").execute(ground.log.pool()).await.unwrap();
    let other = Process::start(ground.other_process(), &village, &mail);
    ground.settle("uncertain").await;
    ground.settle("sent").await;
    process.stop().await;
    other.stop().await;
    assert_eq!(mail.mails().await.len(), 1);
}

#[tokio::test]
async fn several_processes_send_each_message_once() {
    let (ground, mail, village, heard) = (Ground::new().await, MailServer::start().await, village(), Heard::new());
    let processes: Vec<Process> = (0..3).map(|_| Process::start(ground.other_process(), &village, &mail)).collect();
    let invitations: Vec<Recorded> = (0..40).map(|_| heard.invitation_issued()).collect();
    invite(&ground, &invitations).await;
    ground.settle("sent").await;
    for process in processes {
        process.stop().await;
    }
    let mut ids: Vec<String> = mail.mails().await.into_iter().map(|m| m.headers["Message-ID"].clone()).collect();
    assert_eq!(ids.len(), 40);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 40);
}

#[tokio::test]
async fn a_message_whose_facts_are_away_waits_without_a_failure() {
    let (ground, mail, village, heard) = (Ground::new().await, MailServer::start().await, village(), Heard::new());
    village.away.store(true, Ordering::SeqCst);
    invite(&ground, &[heard.invitation_issued()]).await;
    let process = Process::start(ground.log.clone(), &village, &mail);
    kit::until("it to be tried", async || village.asked_in_vain.load(Ordering::SeqCst) > 0).await.unwrap();
    assert_eq!(ground.deliveries().await, [("queued".to_owned(), 0, String::new())]);
    village.away.store(false, Ordering::SeqCst);
    ground.settle("sent").await;
    process.stop().await;
    assert_eq!(mail.mails().await.len(), 1);
}

#[tokio::test]
async fn what_need_not_be_sent_any_more_is_skipped_with_the_reason() {
    let (ground, mail, village, heard) = (Ground::new().await, MailServer::start().await, village(), Heard::new());
    village.link_used.store(true, Ordering::SeqCst);
    invite(&ground, &[heard.invitation_issued()]).await;
    let process = Process::start(ground.log.clone(), &village, &mail);
    ground.settle("skipped").await;
    process.stop().await;
    assert_eq!(ground.deliveries().await[0].2, "link_used");
    assert!(mail.mails().await.is_empty());
}

#[tokio::test]
async fn a_stopping_process_finishes_what_it_is_handing_over() {
    let (ground, mail, village, heard) = (Ground::new().await, MailServer::start().await, village(), Heard::new());
    mail.misbehave("250", "data", 1, 1).await;
    invite(&ground, &[heard.invitation_issued()]).await;
    let process = Process::start(ground.log.clone(), &village, &mail);
    ground.settle("sending").await;
    process.stop().await;
    assert_eq!(ground.deliveries().await, [("sent".to_owned(), 1, String::new())]);
}

#[tokio::test]
async fn mails_of_a_locked_person_come_to_the_login_whatever_was_wished_or_written_into_the_record() {
    let (ground, mail, village, heard) = (Ground::new().await, MailServer::start().await, village(), Heard::new());
    invite(&ground, &[heard.access_enabled(), heard.locked()]).await;
    sqlx::query("update recipients set email = 'emma.rossi@acme.test', opted_out = true where id = $1")
        .bind(CONTACT)
        .execute(ground.log.pool())
        .await
        .unwrap();
    let process = Process::start(ground.log.clone(), &village, &mail);
    ground.settle("sent").await;
    process.stop().await;
    let mails = mail.mails().await;
    assert_eq!(mails[0].to, ["emma@acme.test"]);
    assert_eq!(mails[0].subject, "Your account is locked");
}
