//! What the hash chain costs: the same digests over the same number of bytes.

use super::PAYLOAD;
use ring::digest::{Context, SHA256, digest};
use std::time::Instant;

const EVENTS: u32 = 100_000;

/// Microseconds per event: the digest of the stored payload, then that of the previous hash, fifteen length-prefixed
/// fields with an id or a number each, and the digest of the payload.
pub(super) fn microseconds() -> f64 {
    let payload = [0xa5_u8; PAYLOAD + 1];
    let field = [7_u8; 16];
    let mut hash = [0_u8; 32];
    let began = Instant::now();
    for _ in 0..EVENTS {
        let mut context = Context::new(&SHA256);
        context.update(b"portico.evt.v1");
        context.update(&hash);
        for _ in 0..15 {
            context.update(&16_u32.to_be_bytes());
            context.update(&field);
        }
        context.update(&32_u32.to_be_bytes());
        context.update(digest(&SHA256, &payload).as_ref());
        hash.copy_from_slice(context.finish().as_ref());
    }
    std::hint::black_box(hash);
    began.elapsed().as_secs_f64() * 1_000_000.0 / f64::from(EVENTS)
}
