//! An authenticator app: what a phone computes from the secret (RFC 6238).

use ring::hmac;
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds of a code.
const STEP: u64 = 30;

fn base32(text: &str) -> Vec<u8> {
    let mut bits = 0_u64;
    let mut held = 0;
    let mut bytes = Vec::new();
    for letter in text.bytes().filter(u8::is_ascii_alphanumeric) {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => panic!("{} is no letter of base32", char::from(letter)),
        };
        bits = (bits << 5) | u64::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right").as_secs()
}

/// The code of a moment so many steps away from now.
pub(crate) fn code(secret: &str, steps: i64) -> String {
    let counter = (now() / STEP).checked_add_signed(steps).expect("a time after 1970");
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &base32(secret));
    let mac = hmac::sign(&key, &counter.to_be_bytes());
    let mac = mac.as_ref();
    let at = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes([mac[at] & 127, mac[at + 1], mac[at + 2], mac[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// Waits until at least so many seconds of the step under way are left, so that a test sees one step.
pub(crate) async fn room(seconds: u64) -> anyhow::Result<()> {
    kit::eventually("the next code", async || {
        anyhow::ensure!(STEP - now() % STEP > seconds, "the step is nearly over");
        Ok(())
    })
    .await
}

#[test]
fn codes_are_those_of_the_standard() {
    assert_eq!(base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), b"12345678901234567890");
}
