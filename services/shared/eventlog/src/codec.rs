//! The only way to and from payload bytes: `seal` when an event is stored, `open` when it is read.
//!
//! Stored form: one byte 0 and the protobuf message; or one byte 1, the length of the clear part (u32, big endian), the
//! clear part, a nonce of 24 bytes and the encrypted part (XChaCha20-Poly1305, data: stream, event id and type). Both
//! parts are protobuf encodings of the same message: the personal top-level fields, and all others. Protobuf defines
//! that concatenated encodings merge, so opening is decryption and concatenation, and an erased key leaves a message
//! that merely lacks its personal fields.

use crate::{LogError, keys::DataKey};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use ring::rand::{SecureRandom, SystemRandom};
use uuid::Uuid;

const CLEAR: u8 = 0;
const SEALED: u8 = 1;
const NONCE: usize = 24;

/// What a ciphertext is bound to: moving it to another event makes it unreadable.
pub(crate) struct Place<'a> {
    pub(crate) stream: Uuid,
    pub(crate) event_id: Uuid,
    pub(crate) stored_type: &'a str,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.stream.as_bytes().to_vec();
        bytes.extend_from_slice(self.event_id.as_bytes());
        bytes.extend_from_slice(self.stored_type.as_bytes());
        bytes
    }
}

/// The stored bytes of a message, and the key that opens them if part is sealed.
pub(crate) fn seal(
    place: &Place<'_>,
    name: &'static str,
    message: &[u8],
    key: Option<&DataKey>,
) -> Result<(Vec<u8>, Option<Uuid>), LogError> {
    let personal = proto::event::event_type(place.stored_type).map_or(&[][..], |t| t.personal);
    let (clear, secret) = split(message, personal).ok_or_else(|| LogError::Broken(format!("{name} is no protobuf")))?;
    if secret.is_empty() {
        let mut stored = Vec::with_capacity(1 + message.len());
        stored.push(CLEAR);
        stored.extend_from_slice(message);
        return Ok((stored, None));
    }
    let key = key.ok_or(LogError::KeyMissing(name))?;
    let mut nonce = [0_u8; NONCE];
    SystemRandom::new().fill(&mut nonce).map_err(|_| LogError::Broken("no randomness".into()))?;
    let cipher = XChaCha20Poly1305::new(key.bytes().into());
    let sealed = cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: &secret, aad: &place.bytes() })
        .map_err(|_| LogError::Broken("encryption failed".into()))?;
    let mut stored = Vec::with_capacity(5 + clear.len() + NONCE + sealed.len());
    stored.push(SEALED);
    stored.extend_from_slice(&u32::try_from(clear.len()).unwrap_or(u32::MAX).to_be_bytes());
    stored.extend_from_slice(&clear);
    stored.extend_from_slice(&nonce);
    stored.extend_from_slice(&sealed);
    Ok((stored, Some(key.id())))
}

/// The message of stored bytes, and whether personal fields are missing because the key is gone.
pub(crate) fn open(place: &Place<'_>, stored: &[u8], key: Option<&DataKey>) -> Result<(Vec<u8>, bool), LogError> {
    let broken = |what: &str| LogError::Broken(format!("event {}: {what}", place.event_id));
    match stored.split_first() {
        Some((&CLEAR, message)) => Ok((message.to_vec(), false)),
        Some((&SEALED, rest)) => {
            let (length, rest) = rest.split_at_checked(4).ok_or_else(|| broken("cut off"))?;
            let length = u32::from_be_bytes(length.try_into().map_err(|_| broken("cut off"))?);
            let (clear, rest) = rest.split_at_checked(length as usize).ok_or_else(|| broken("cut off"))?;
            let Some(key) = key else {
                return Ok((clear.to_vec(), true));
            };
            let (nonce, sealed) = rest.split_at_checked(NONCE).ok_or_else(|| broken("cut off"))?;
            let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| broken("cut off"))?;
            let secret = XChaCha20Poly1305::new(key.bytes().into())
                .decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: &place.bytes() })
                .map_err(|_| broken("does not open with its key"))?;
            Ok(([clear, &secret].concat(), false))
        }
        _ => Err(broken("unknown form")),
    }
}

/// Splits a message's encoding by top-level field number into what is clear and what is secret.
fn split(message: &[u8], personal: &[u32]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (mut clear, mut secret) = (Vec::new(), Vec::new());
    let mut rest = message;
    while !rest.is_empty() {
        let start = rest;
        let (tag, after) = varint(rest)?;
        let after = match tag & 7 {
            0 => varint(after)?.1,
            1 => after.get(8..)?,
            2 => {
                let (length, body) = varint(after)?;
                body.get(usize::try_from(length).ok()?..)?
            }
            5 => after.get(4..)?,
            _ => return None,
        };
        let field = &start[..start.len() - after.len()];
        let number = u32::try_from(tag >> 3).ok()?;
        if personal.contains(&number) {
            secret.extend_from_slice(field)
        } else {
            clear.extend_from_slice(field)
        }
        rest = after;
    }
    Some((clear, secret))
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (i, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[i + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests;
