//! Logins and languages. What a login and an address may be, and when two are the same, says the kernel for everybody.

pub(crate) use kernel::text::{MAX_EMAIL as MAX_LOGIN, login_key};

#[cfg(test)]
mod tests;

/// True for an address that mail can be sent to, in the form in which it is kept.
pub(crate) fn email_is_valid(email: &str) -> bool {
    kernel::text::email(email).is_ok_and(|kept| kept == email)
}

/// True for a language tag that is stored with an account: `en`, `it`, `pt-BR`.
pub(crate) fn locale_is_valid(locale: &str) -> bool {
    let (language, region) = locale.split_once('-').map_or((locale, None), |(l, r)| (l, Some(r)));
    language.len() == 2
        && language.chars().all(|c| c.is_ascii_lowercase())
        && region.is_none_or(|r| r.len() == 2 && r.chars().all(|c| c.is_ascii_uppercase()))
}
