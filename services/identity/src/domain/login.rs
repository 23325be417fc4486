//! Logins and e-mail addresses: which are valid, and when two are the same.

use unicode_normalization::UnicodeNormalization;

#[cfg(test)]
mod tests;

/// Longest login in bytes; also the longest address that SMTP carries.
pub(crate) const MAX_LOGIN: usize = 254;

/// The form under which two logins are the same: NFKC, lower case, without space around.
pub(crate) fn login_key(login: &str) -> String {
    // Lower case may need composing again, and composing may bring spaces to the ends.
    let lower = login.nfkc().collect::<String>().to_lowercase();
    lower.nfkc().collect::<String>().trim().to_owned()
}

/// True for a login that an account may have: 3 to 254 bytes, without spaces and control characters.
pub(crate) fn login_is_valid(login: &str) -> bool {
    (3..=MAX_LOGIN).contains(&login.len()) && !login.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// True for an address that mail can be sent to: `local@domain` in ASCII, a domain of at least two labels, 254 bytes at
/// most, nothing quoted. Rarer forms that RFC 5321 allows are refused: they are more often mistakes than addresses.
pub(crate) fn email_is_valid(email: &str) -> bool {
    let Some((local, domain)) = email.split_once('@') else { return false };
    email.len() <= MAX_LOGIN && local_is_valid(local) && domain_is_valid(domain)
}

fn local_is_valid(local: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(c);
    (1..=64).contains(&local.len()) && local.chars().all(allowed) && local.split('.').all(|part| !part.is_empty())
}

fn domain_is_valid(domain: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    domain.contains('.') && domain.split('.').all(label)
}

/// True for a language tag that is stored with an account: `en`, `it`, `pt-BR`.
pub(crate) fn locale_is_valid(locale: &str) -> bool {
    let (language, region) = locale.split_once('-').map_or((locale, None), |(l, r)| (l, Some(r)));
    language.len() == 2
        && language.chars().all(|c| c.is_ascii_lowercase())
        && region.is_none_or(|r| r.len() == 2 && r.chars().all(|c| c.is_ascii_uppercase()))
}
