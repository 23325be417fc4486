use super::{EnvelopeError, Marks, envelope};
use crate::{
    mail::{Button, Mail},
    wording::Language,
};

fn mail() -> Mail {
    Mail {
        language: Language::from_tag("it").unwrap(),
        company: "Northwind".into(),
        subject: "Perché è qui – TT1042".into(),
        heading: "Perché".into(),
        greeting: "Buongiorno,".into(),
        before: vec!["Una riga è qui.".into()],
        quote: None,
        button: Some(Button { label: "Apri".into(), url: "https://portal.example.org/m/tickets/1".into() }),
        after: Vec::new(),
        button_instead: "Oppure:".into(),
        footer: vec!["Fine".into()],
        thread: "018f2f6e".into(),
        list: "tickets".into(),
    }
}

fn headers(to: (&str, &str)) -> Result<String, EnvelopeError> {
    let sender = "Portico <portal@example.org>".parse().unwrap();
    let marks = Marks {
        message_id: "0001@example.org",
        reference: Some("4bf92f3577b34da6a3ce929d0e0e4736"),
        template: "record_commented",
        installation: "portico",
    };
    let envelope = envelope(&mail(), &sender, to, &marks)?;
    assert!(envelope.text.is_ascii());
    Ok(String::from_utf8(envelope.text).unwrap())
}

#[test]
fn the_headers_say_who_what_and_where_to_look_it_up() {
    let text = headers(("Émile O'Neil", "emile@acme.test")).ok().unwrap();
    for line in [
        "Message-ID: <0001@example.org>\r\n",
        "X-Portico-Reference: 4bf92f3577b34da6a3ce929d0e0e4736\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "X-Auto-Response-Suppress: All\r\n",
        "In-Reply-To: <record-018f2f6e@example.org>\r\n",
        "References: <record-018f2f6e@example.org>\r\n",
        "List-Id: <tickets.example.org>\r\n",
        "Feedback-ID: record_commented:portico:portico\r\n",
        "MIME-Version: 1.0\r\n",
        "From: Portico <portal@example.org>\r\n",
        "Content-Type: multipart/alternative;",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(text.contains("\r\nDate: "));
    let plain = text.find("Content-Type: text/plain; charset=utf-8").unwrap();
    assert!(plain < text.find("Content-Type: text/html; charset=utf-8").unwrap(), "the richer part comes last");
}

#[test]
fn what_is_no_address_makes_no_mail() {
    for address in ["", "emma", "emma@", "emma@acme.test\r\nBcc: all@acme.test", "a b@acme.test"] {
        assert_eq!(headers(("Emma", address)).err(), Some(EnvelopeError::Address), "{address}");
    }
}

#[test]
fn a_name_cannot_add_a_header() {
    let text = headers(("Emma\r\nBcc: all@acme.test", "emma@acme.test")).ok().unwrap();
    assert!(!text.contains("\r\nBcc:"), "{text}");
}
