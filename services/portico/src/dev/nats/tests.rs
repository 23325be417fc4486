use std::path::Path;

use async_nats::HeaderMap;
use async_nats::jetstream::{self, consumer, stream};
use futures::StreamExt as _;

use super::*;
use crate::host::TestDirectory;

async fn start(directory: &Path) -> Nats {
    Nats::start(NatsOptions {
        tools: Tools::locate().unwrap(),
        directory: directory.to_path_buf(),
        port: None,
        users: portico_users().unwrap(),
        sync_always: true,
    })
    .await
    .unwrap()
}

/// A connection of the user that also hands over what the server complains about.
async fn connect(nats: &Nats, user: &str) -> (async_nats::Client, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let (sender, complaints) = tokio::sync::mpsc::unbounded_channel();
    let address: async_nats::ServerAddr = nats.url_for(user).unwrap().parse().unwrap();
    let password = address.password().unwrap().to_owned();
    // The client does not take user and password from the address by itself.
    let client = async_nats::ConnectOptions::with_user_and_password(user.to_owned(), password)
        .custom_inbox_prefix(format!("_INBOX_{user}"))
        .event_callback(move |event| {
            let sender = sender.clone();
            async move {
                if let async_nats::Event::ServerError(error) = event {
                    sender.send(error.to_string()).ok();
                }
            }
        })
        .connect(address)
        .await
        .unwrap();
    (client, complaints)
}

async fn complaint(complaints: &mut tokio::sync::mpsc::UnboundedReceiver<String>) -> String {
    tokio::time::timeout(Duration::from_secs(5), complaints.recv()).await.expect("the server complains").unwrap()
}

/// Makes the stream of the records service and publishes there, each message at its expected sequence.
async fn publish(client: &async_nats::Client, subjects: &[&str]) {
    let context = jetstream::new(client.clone());
    let configuration = stream::Config {
        name: "PORTICO_RECORDS".to_owned(),
        subjects: vec!["portico.v1.records.>".to_owned()],
        deny_purge: true,
        allow_direct: true,
        ..Default::default()
    };
    let mut stream = context.get_or_create_stream(configuration).await.unwrap();
    let before = stream.info().await.unwrap().state.last_sequence;
    for (last, subject) in (before..).zip(subjects) {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Expected-Last-Sequence", last.to_string().as_str());
        let sent = context.publish_with_headers((*subject).to_owned(), headers, "{}".into()).await;
        assert_eq!(sent.unwrap().await.unwrap().sequence, last + 1);
    }
}

#[tokio::test]
async fn a_service_keeps_its_stream_and_another_reads_it_in_order() {
    let directory = TestDirectory::new();
    let mut nats = start(&directory.0).await;
    let (records, _) = connect(&nats, "records").await;
    publish(&records, &["portico.v1.records.tickets.created", "portico.v1.records.internal.key_made"]).await;

    let (notification, _) = connect(&nats, "notification").await;
    assert_eq!(sequences_from(&notification, 1, 2).await, [1, 2]);

    // The server dies and comes back: what was acknowledged is there, and both connections go on by themselves.
    nats.kill().await;
    nats.start_again().await.unwrap();
    publish(&records, &["portico.v1.records.tickets.updated"]).await;
    assert_eq!(sequences_from(&notification, 2, 2).await, [2, 3]);
}

/// The stream sequences that an ordered consumer sees from `first` on.
async fn sequences_from(client: &async_nats::Client, first: u64, count: usize) -> Vec<u64> {
    let stream = jetstream::new(client.clone()).get_stream("PORTICO_RECORDS").await.unwrap();
    let ordered = consumer::pull::OrderedConfig {
        deliver_policy: consumer::DeliverPolicy::ByStartSequence { start_sequence: first },
        ..Default::default()
    };
    let messages = stream.create_consumer(ordered).await.unwrap().messages().await.unwrap();
    let sequences = messages.take(count).map(|message| message.unwrap().info().unwrap().stream_sequence).collect();
    tokio::time::timeout(Duration::from_secs(10), sequences).await.unwrap()
}

#[tokio::test]
async fn a_service_cannot_publish_for_another_or_touch_its_stream() {
    let directory = TestDirectory::new();
    let nats = start(&directory.0).await;
    let (records, _) = connect(&nats, "records").await;
    publish(&records, &["portico.v1.records.tickets.created"]).await;

    let (identity, mut complaints) = connect(&nats, "identity").await;
    for subject in [
        "portico.v1.records.tickets.created",
        "portico.hint.records",
        "$JS.API.STREAM.DELETE.PORTICO_RECORDS",
        "$JS.API.STREAM.MSG.DELETE.PORTICO_RECORDS",
        "$JS.API.STREAM.CREATE.PORTICO_NOTIFICATION",
    ] {
        identity.publish(subject, "{}".into()).await.unwrap();
        identity.flush().await.unwrap();
        let text = complaint(&mut complaints).await;
        assert!(text.to_lowercase().contains("permissions violation") && text.contains(subject), "{text}");
    }
    let mut stream = jetstream::new(records).get_stream("PORTICO_RECORDS").await.unwrap();
    assert_eq!(stream.info().await.unwrap().state.messages, 1);
}

#[tokio::test]
async fn nothing_that_the_server_keeps_is_open_to_other_users_and_no_page_tells_of_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = TestDirectory::new();
    let nats = start(&directory.0).await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory.0), 0o700);
    for file in ["nats.conf", "programs.conf", "nats.log"] {
        assert_eq!(mode(&directory.0.join(file)), 0o600, "{file}");
    }
    let log = std::fs::read_to_string(directory.0.join("nats.log")).unwrap();
    assert!(!log.contains("Starting http monitor") && log.contains("Listening for client connections"), "{log}");
    drop(nats);
}

#[tokio::test]
async fn nobody_connects_without_a_password() {
    let directory = TestDirectory::new();
    let nats = start(&directory.0).await;
    assert!(async_nats::connect(nats.url()).await.is_err());
}
