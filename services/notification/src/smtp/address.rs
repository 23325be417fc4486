//! Addresses as mail servers take them.

use lettre::Address;

/// The address of a text, its domain in the ASCII form of international names, so that every server can carry it. A local
/// part beyond ASCII stays: only a server with SMTPUTF8 takes it. `None` for what is no address.
pub(crate) fn address(text: &str) -> Option<Address> {
    let text = text.trim();
    // Control characters are no part of any address, whatever a parser thinks of them.
    if text.chars().any(char::is_control) {
        return None;
    }
    let parsed: Address = text.parse().ok()?;
    if parsed.domain().is_ascii() {
        return Some(parsed);
    }
    Address::new(parsed.user(), idna::domain_to_ascii(parsed.domain()).ok()?).ok()
}

/// True for what mail can be sent to.
pub(crate) fn is_address(text: &str) -> bool {
    address(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::{address, is_address};

    #[test]
    fn an_international_domain_travels_as_ascii_and_a_local_part_as_it_is() {
        let travels = |text: &str| address(text).map(|a| a.to_string());
        assert_eq!(travels(" emma@acme.test ").as_deref(), Some("emma@acme.test"));
        assert_eq!(travels("emma@bücher.example").as_deref(), Some("emma@xn--bcher-kva.example"));
        assert_eq!(travels("émile@bücher.example").as_deref(), Some("émile@xn--bcher-kva.example"));
        assert_eq!(travels("用户@例子.测试").as_deref(), Some("用户@xn--fsqu00a.xn--0zwm56d"));
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in [
            "",
            "emma",
            "emma@",
            "@acme.test",
            "a b@acme.test",
            "emma@acme.test, all@acme.test",
            "emma@acme.test\r\nBcc: all@acme.test",
            "emma@ac\u{0}me.test",
            "Emma <emma@acme.test>",
        ] {
            assert!(!is_address(text), "{text:?}");
        }
    }
}
