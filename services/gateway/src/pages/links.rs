//! Addresses to go on to.

use gateway_ui::query::encode;

/// An address with where to go on afterwards; home needs no mention.
pub(crate) fn with_next(url: String, next: &str, home: &str) -> String {
    if next.is_empty() || next == home { url } else { format!("{url}?next={}", encode(next)) }
}

/// An address on this host: one slash in front, and nothing that a browser reads as another host.
pub(crate) fn is_local(next: &str) -> bool {
    let mut characters = next.chars();
    characters.next() == Some('/')
        && !matches!(characters.next(), Some('/' | '\\'))
        && !next.contains('\\')
        && !next.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_addresses_on_this_host_are_opened_after_signing_in() {
        for good in ["/", "/modules/tickets?q=a%20b", "/console/modules/tickets"] {
            assert!(is_local(good), "{good}");
        }
        for bad in ["", "//evil.test", "/\\evil.test", "https://evil.test", "/a\\b", "/a\r\nSet-Cookie: x", "evil"] {
            assert!(!is_local(bad), "{bad}");
        }
    }
}
