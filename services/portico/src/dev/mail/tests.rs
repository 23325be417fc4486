use std::path::Path;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::*;
use crate::host::TestDirectory;

async fn start(directory: &Path) -> MailCatcher {
    MailCatcher::start(MailOptions {
        tools: Tools::locate().unwrap(),
        directory: directory.to_path_buf(),
        smtp_port: None,
        web_port: None,
    })
    .await
    .unwrap()
}

/// Speaks SMTP line by line and returns the reply codes up to the first refusal, `---` for silence of half a second.
async fn send(catcher: &MailCatcher, content: &str) -> Vec<String> {
    let stream = TcpStream::connect(("127.0.0.1", catcher.smtp_port())).await.unwrap();
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut replies: Vec<String> = Vec::new();
    let data = format!("{content}\r\n.");
    for command in ["", "HELO test", "MAIL FROM:<a@demo.test>", "RCPT TO:<b@acme.test>", "DATA", &data] {
        if !command.is_empty() && writer.write_all(format!("{command}\r\n").as_bytes()).await.is_err() {
            break;
        }
        match tokio::time::timeout(Duration::from_millis(500), lines.next_line()).await {
            Ok(Ok(Some(line))) => replies.push(line[..3].to_owned()),
            Ok(_) => break,
            Err(_) => replies.push("---".to_owned()),
        }
        if replies.last().is_some_and(|reply| !matches!(reply.as_bytes()[0], b'2' | b'3')) {
            break;
        }
    }
    replies
}

const ACCEPTED: [&str; 6] = ["220", "250", "250", "250", "354", "250"];

#[tokio::test]
async fn a_caught_mail_is_shown_and_survives_a_kill() {
    let directory = TestDirectory::new();
    let mut catcher = start(&directory.0).await;
    let mail =
        "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nX-Portico-Reference: 7\r\n\r\nSee http://127.0.0.1/set?a=1&b=2 <b>";
    assert_eq!(send(&catcher, mail).await, ACCEPTED);
    catcher.kill().await;
    assert!(catcher.messages().await.is_err());
    catcher.start_again().await.unwrap();
    let caught = catcher.messages().await.unwrap();
    assert_eq!(caught.len(), 1);
    assert_eq!((caught[0].from.as_str(), caught[0].to.as_slice()), ("a@demo.test", &["b@acme.test".to_owned()][..]));
    assert_eq!((caught[0].subject.as_str(), caught[0].headers["X-Portico-Reference"].as_str()), ("Grüße", "7"));
    assert!(caught[0].text.contains("<b>") && caught[0].html.is_empty());
    let raw = catcher.ask("GET", &format!("/messages/{}.eml", caught[0].id), "").await.unwrap();
    assert!(String::from_utf8(raw).unwrap().contains("X-Portico-Reference: 7"));
    let page = String::from_utf8(catcher.ask("GET", "/", "").await.unwrap()).unwrap();
    assert!(page.contains("<a href=\"http://127.0.0.1/set?a=1&amp;b=2\">") && page.contains("&lt;b&gt;"), "{page}");
    catcher.clear().await.unwrap();
    assert!(catcher.messages().await.unwrap().is_empty());
}

#[tokio::test]
async fn it_refuses_and_hangs_when_told_and_for_as_long_as_told() {
    let directory = TestDirectory::new();
    let catcher = start(&directory.0).await;
    let mode = |reply, when, hang_seconds| MailMode { reply, when, hang_seconds, count: Some(1) };
    let cases: [(MailMode, &[&str]); 4] = [
        (mode("451", "connect", 0), &["451"]),
        (mode("550", "rcpt", 0), &["220", "250", "250", "550"]),
        (mode("451", "data", 0), &["220", "250", "250", "250", "354", "451"]),
        (mode("250", "data", 60), &["220", "250", "250", "250", "354", "---"]),
    ];
    for (mode, expected) in &cases {
        catcher.misbehave(Some(mode)).await.unwrap();
        assert_eq!(send(&catcher, "Subject: one\r\n\r\none").await, *expected, "{mode:?}");
    }
    // Only the mail whose answer never came has arrived; after one use each mode is over.
    assert_eq!(catcher.messages().await.unwrap().len(), 1);
    assert_eq!(send(&catcher, "Subject: two\r\n\r\ntwo").await, ACCEPTED);
    catcher.misbehave(Some(&MailMode { count: None, ..mode("550", "data", 0) })).await.unwrap();
    for _ in 0..2 {
        assert_eq!(send(&catcher, "Subject: x\r\n\r\nx").await.last().unwrap(), "550");
    }
    catcher.misbehave(None).await.unwrap();
    assert_eq!(send(&catcher, "Subject: three\r\n\r\nthree").await, ACCEPTED);
    assert!(catcher.misbehave(Some(&mode("999", "data", 0))).await.is_err());
}

#[tokio::test]
async fn no_other_user_of_the_machine_reads_the_mails() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = TestDirectory::new();
    let mut catcher = start(&directory.0).await;
    assert_eq!(send(&catcher, "Subject: a link\r\n\r\nhttp://127.0.0.1/invitation/secret").await, ACCEPTED);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory.0), 0o700);
    let mut files: Vec<_> =
        std::fs::read_dir(directory.0.join("messages")).unwrap().flatten().map(|e| e.path()).collect();
    assert!(files.len() >= 2, "{files:?}");
    files.extend([directory.0.join("mailcatcher.log"), directory.0.join("mailcatcher.py")]);
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    // Everybody can connect to a port of this machine; nobody gets a mail without the key of the address.
    let key = catcher.web_url().rsplit('/').next().unwrap().to_owned();
    let half = &key[..key.len() / 2];
    for path in [
        "/".to_owned(),
        "/messages".to_owned(),
        "/mode".to_owned(),
        format!("/{half}/messages"),
        "//messages".to_owned(),
    ] {
        let (status, body) = http(catcher.web_port, "GET", &path, "").await.unwrap();
        assert_eq!(status, 404, "{path}: {}", String::from_utf8_lossy(&body));
        assert!(!String::from_utf8_lossy(&body).contains("secret"));
    }
    // What an older version left open is closed at the next start.
    std::fs::set_permissions(&directory.0, std::fs::Permissions::from_mode(0o755)).unwrap();
    catcher.kill().await;
    let _again = start(&directory.0).await;
    assert_eq!(mode(&directory.0), 0o700);
}
