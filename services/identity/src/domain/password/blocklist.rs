//! The list of common passwords: 64-bit hashes, sorted, made by `blocklist/build.mjs` from a published list.

/// Big-endian FNV-1a hashes of lower-case passwords, ascending.
static HASHES: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/blocklist/dist/common-passwords.bin"));

/// True for a password of the list. `lower` is in lower case.
pub(super) fn has(lower: &str) -> bool {
    let (hashes, _) = HASHES.as_chunks::<8>();
    hashes.binary_search(&fnv1a(lower).to_be_bytes()).is_ok()
}

/// The hash of Fowler, Noll and Vo, variant 1a, 64 bits.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_long_sorted_and_knows_common_passwords() {
        let (hashes, rest) = HASHES.as_chunks::<8>();
        assert!(hashes.len() >= 100_000 && rest.is_empty(), "{}", hashes.len());
        assert!(hashes.is_sorted());
        for common in ["1234567890", "qwertyuiop", "1q2w3e4r5t", "password123"] {
            assert!(has(common), "{common}");
        }
        for rare in ["correct horse battery staple", "tre mele sotto la luna"] {
            assert!(!has(rare), "{rare}");
        }
    }
}
