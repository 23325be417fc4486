//! No address, name or link is ever in a log line or a span.

use crate::ground::{Ground, Heard, MailServer, Process, TestNeighbours};
use notification::reactions::IdentityReactions;
use std::{
    io::Write,
    sync::{Arc, Mutex},
};
use tracing_subscriber::fmt::format::FmtSpan;

/// Everything that was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn recipients_and_links_are_in_no_log_line_and_no_span() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // For the whole process: what the other tests do meanwhile is heard too, and holds the same names.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let (ground, mail, heard) = (Ground::new().await, MailServer::start().await, Heard::new());
    let handler = IdentityReactions::new(ground.log.clone());
    let village = Arc::new(TestNeighbours::default());
    // One is deferred and then sent, one refused, one to an address that is none.
    mail.misbehave("451", "rcpt", 0, 1).await;
    ground.handle(&handler, &heard.access_enabled()).await;
    ground.handle(&handler, &heard.invitation_issued()).await;
    let process = Process::start(ground.log.clone(), &village, &mail);
    ground.settle("sent").await;
    mail.misbehave("550", "rcpt", 0, 1).await;
    ground.handle(&handler, &heard.locked()).await;
    ground.settle_one(1, "failed").await;
    process.stop().await;

    let said = String::from_utf8_lossy(&lines.0.lock().unwrap()).into_owned();
    for canary in ["emma", "Emma", "Rossi", "acme.test", "token=secret"] {
        let line = said.lines().find(|l| l.contains(canary));
        assert_eq!(line, None, "{canary} was told");
    }
    for span in ["render notification", "smtp send"] {
        assert!(said.contains(span), "there is no span {span}");
    }
    for fact in [
        "portico.notification.template=\"invitation\"",
        "portico.notification.locale=\"en\"",
        "portico.smtp.reply_code=250",
        "portico.smtp.reply_code=550",
        "portico.recipient.domain_class=\"other\"",
        "server.address=\"127.0.0.1\"",
    ] {
        assert!(said.contains(fact), "{fact} is nowhere");
    }
}
