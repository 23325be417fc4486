//! Headers that lettre has no type for, or writes in a way that programs read otherwise.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use lettre::message::header::{Header, HeaderName, HeaderValue};

/// Bytes of text in one encoded word; with its frame and in base64 it stays below the 75 characters of RFC 2047.
const WORD: usize = 42;

/// A text as words of RFC 2047, folded. Decoders leave out what is between two such words, so blanks are inside.
fn encoded_words(text: &str) -> String {
    let mut words = vec![String::new()];
    for c in text.chars() {
        if words.last().is_some_and(|w| w.len() + c.len_utf8() > WORD) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    let words: Vec<String> = words.iter().map(|w| format!("=?utf-8?b?{}?=", BASE64.encode(w))).collect();
    words.join("\r\n ")
}

/// The subject. One that could be taken for encoded text, because it holds `=?`, is encoded too: what somebody wrote into
/// a title is shown as it was written, and nothing else.
#[derive(Clone)]
pub(super) struct Subject(pub(super) String);

impl Header for Subject {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Subject")
    }

    fn parse(text: &str) -> Result<Subject, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Subject(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        let text = crate::mail::one_line(&self.0, usize::MAX);
        let plain = text.is_ascii() && !text.contains("=?");
        if plain {
            return HeaderValue::new(Self::name(), text);
        }
        let encoded = encoded_words(&text);
        HeaderValue::dangerous_new_pre_encoded(Self::name(), text, encoded)
    }
}

/// A header of ASCII words that we choose ourselves. Whatever else comes from settings is left out of them.
macro_rules! plain {
    ($(#[$doc:meta])* $name:ident, $header:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub(super) struct $name(pub(super) String);

        impl Header for $name {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($header)
            }

            fn parse(text: &str) -> Result<$name, Box<dyn std::error::Error + Send + Sync>> {
                Ok($name(text.to_owned()))
            }

            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), self.0.chars().filter(|c| c.is_ascii_graphic()).collect())
            }
        }
    };
}

plain!(
    /// What no person wrote (RFC 3834), so that nothing answers it by itself.
    AutoSubmitted,
    "Auto-Submitted"
);
plain!(
    /// The same for Microsoft's servers, which look here: no out-of-office note, no receipt.
    AutoResponseSuppress,
    "X-Auto-Response-Suppress"
);
plain!(
    /// What sorts the mails about one module's records together in mail programs (RFC 2919). Mails about an account have
    /// none: they belong to no list that one could leave or mute.
    ListId,
    "List-Id"
);
plain!(
    /// Which sort of mail it is, for the operators of large mailboxes: sort, installation, product. Never who gets it.
    FeedbackId,
    "Feedback-ID"
);
plain!(
    /// With what an operator finds everything that led to the mail.
    Reference,
    "X-Portico-Reference"
);
