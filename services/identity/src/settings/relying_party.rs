//! The party that passkeys are for.

use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder};

/// The relying party of an installation: the host of its address. Browsers know passkeys by names, not by numbers, so on
/// a loopback address it is `localhost`.
pub(crate) fn relying_party(portal_url: &str, company: &str) -> Result<Webauthn, String> {
    let mut origin = Url::parse(portal_url).map_err(|e| e.to_string())?;
    if origin.domain().is_none() {
        origin.set_host(Some("localhost")).map_err(|e| e.to_string())?;
    }
    let id = origin.domain().unwrap_or("localhost").to_owned();
    let builder = WebauthnBuilder::new(&id, &origin).map_err(|e| e.to_string())?;
    builder.rp_name(company).build().map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relying_party_is_the_exact_host_and_on_loopback_its_name() {
        for (url, host) in [
            ("https://portal.example", "portal.example"),
            ("http://127.0.0.1:8080", "localhost"),
            ("http://localhost:9000", "localhost"),
        ] {
            let party = relying_party(url, "Acme").unwrap();
            let origins: Vec<String> = party.get_allowed_origins().iter().map(Url::to_string).collect();
            assert!(origins.iter().all(|o| o.contains(host)), "{url}: {origins:?}");
        }
        assert!(relying_party("not a url", "Acme").is_err());
    }
}
