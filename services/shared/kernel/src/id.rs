//! Identifiers. New ones are UUIDv7 (sortable by creation); derived ones are UUIDv5 (the same input gives the same id).

use crate::{Error, Result};
use uuid::Uuid;

/// Name space of every derived id; a random constant.
const NAMESPACE: Uuid = Uuid::from_u128(0x6b7d_0d5e_2f61_4bb1_9a53_8f1f_94c1_70aa);

/// A new UUIDv7. Not for `decide`: ids are facts that a command carries.
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// The id that a kind and some bytes always give: UUIDv5 over both.
pub fn derived_id(kind: &str, bytes: &[u8]) -> Uuid {
    let mut name = Vec::with_capacity(kind.len() + 1 + bytes.len());
    name.extend_from_slice(kind.as_bytes());
    name.push(0);
    name.extend_from_slice(bytes);
    Uuid::new_v5(&NAMESPACE, &name)
}

/// The id of a command that a caller may repeat: the same subject, route and key give the same command.
/// Without a key every call is a command of its own.
pub fn command_id(subject: Uuid, route: &str, idempotency_key: &str) -> Uuid {
    if idempotency_key.is_empty() {
        return new_id();
    }
    let mut bytes = subject.as_bytes().to_vec();
    bytes.extend_from_slice(route.as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(idempotency_key.as_bytes());
    derived_id("command", &bytes)
}

/// Parses an id that a caller sent. What is no id can't be anything that the caller may see.
pub fn parse_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| Error::not_found())
}
