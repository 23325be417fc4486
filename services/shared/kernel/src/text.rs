//! What people write in: the one place that says what a text, a name, an e-mail address and a login may be, and in which
//! form they are kept and compared. Every service asks here, so that nothing is saved that another refuses later.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Why a text can't be taken: a stable code and a sentence.
pub type Misfit = (&'static str, &'static str);

/// The mark that some programs begin texts with. It is no space, so it would keep those behind it.
const MARK: char = '\u{feff}';
/// Longest part of a person's name (first name, last name), in characters.
pub const MAX_NAME_PART: usize = 100;
/// Longest name of a person, in characters: two parts and the blank between them.
pub const MAX_PERSON_NAME: usize = 2 * MAX_NAME_PART + 1;
/// Longest e-mail address and login in bytes: what SMTP carries.
pub const MAX_EMAIL: usize = 254;

/// Characters that can't be shown, or that turn what is written around them into something else.
pub const CONTROL_CHARACTERS: Misfit = ("control_characters", "This text has characters that can't be shown.");
/// The text is longer than its field.
pub const TOO_LONG: Misfit = ("too_long", "This text is too long.");
/// Something is needed here.
pub const REQUIRED: Misfit = ("required", "Please fill this in.");
/// No e-mail address.
pub const NOT_AN_EMAIL: Misfit = ("not_an_email", "This is not an e-mail address.");
/// No login.
pub const NOT_A_LOGIN: Misfit =
    ("not_a_login", "A login has 3 to 254 characters, without spaces and without letters of several scripts.");

/// One line as it is kept: composed (NFC), without space around, a tab as a blank. None when there is nothing in it that
/// can be seen.
///
/// # Errors
/// [`CONTROL_CHARACTERS`] for control characters, line breaks of every kind and characters that change the direction of
/// what follows; [`TOO_LONG`] for more than `most` characters.
pub fn line(text: &str, most: usize) -> Result<Option<String>, Misfit> {
    kept(text.replace(MARK, "").replace('\t', " ").trim(), most, |_| false)
}

/// Several lines as they are kept: composed (NFC), without empty lines around, line breaks of every kind as `\n`. The
/// first line keeps its indentation, which means something in Markdown. None when there is nothing in it that can be
/// seen.
///
/// # Errors
/// As of [`line()`], but line breaks and tabs belong to it.
pub fn lines(text: &str, most: usize) -> Result<Option<String>, Misfit> {
    let text = text
        .replace(MARK, "")
        .replace("\r\n", "\n")
        .replace(['\r', '\u{85}', '\u{2028}'], "\n")
        .replace('\u{2029}', "\n\n");
    let text = text.trim_end();
    let begins = text.find(|c: char| !c.is_whitespace()).unwrap_or_default();
    let first_line = text[..begins].rfind('\n').map_or(0, |at| at + 1);
    kept(&text[first_line..], most, |c| matches!(c, '\n' | '\t'))
}

/// The name of a person as it is kept.
///
/// # Errors
/// As of [`line()`] with [`MAX_PERSON_NAME`]; [`REQUIRED`] when there is nothing in it.
pub fn person_name(text: &str) -> Result<String, Misfit> {
    line(text, MAX_PERSON_NAME)?.ok_or(REQUIRED)
}

fn kept(text: &str, most: usize, breaks: impl Fn(char) -> bool) -> Result<Option<String>, Misfit> {
    // What is far too long is not worked on.
    if text.len() > most.saturating_mul(16) {
        return Err(TOO_LONG);
    }
    let text: String = text.nfc().collect();
    if text.chars().any(|c| is_forbidden(c) && !breaks(c)) {
        return Err(CONTROL_CHARACTERS);
    }
    if !text.chars().any(is_seen) {
        return Ok(None);
    }
    if text.chars().count() > most {
        return Err(TOO_LONG);
    }
    Ok(Some(text))
}

/// Control characters, line and paragraph separators, and what overrides or isolates the direction of writing: these
/// reach beyond themselves. Marks of direction (U+200E, U+200F) and joiners are part of some scripts and of emoji.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{206a}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// True for a character of which something can be seen by itself.
fn is_seen(c: char) -> bool {
    !(c.is_whitespace()
        || c.is_control()
        || is_combining_mark(c)
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'))
}

/// A text in the form in which texts are kept and compared: composed (NFC).
pub fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// The form under which texts are found and put in order: without accents, marks and case, and with letters that are
/// one in some languages and two in others as two. `STRASSE` finds `Straße`, `cafe` finds `Café` however it was typed.
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let plain = text.nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>();
    for c in plain.to_lowercase().nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            c if c.is_whitespace() => folded.push(' '),
            // What can't be seen can't be typed into a search either.
            c if is_seen(c) => folded.push(c),
            _ => {}
        }
    }
    folded
}

/// An e-mail address as it is kept: `local@domain` without space around, the local part in ASCII, an international
/// domain in its ASCII form (punycode), at least two labels. Rarer forms that RFC 5321 allows (quoted local parts,
/// address literals) are refused: they are more often mistakes than addresses.
///
/// # Errors
/// [`NOT_AN_EMAIL`].
pub fn email(text: &str) -> Result<String, Misfit> {
    let text: String = text.trim().nfc().collect();
    let (local, domain) = text.rsplit_once('@').ok_or(NOT_AN_EMAIL)?;
    let domain = ascii_domain(domain).ok_or(NOT_AN_EMAIL)?;
    let address = format!("{local}@{domain}");
    (address.len() <= MAX_EMAIL && local_is_valid(local)).then_some(address).ok_or(NOT_AN_EMAIL)
}

fn local_is_valid(local: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(c);
    (1..=64).contains(&local.len()) && local.chars().all(allowed) && local.split('.').all(|part| !part.is_empty())
}

fn ascii_domain(domain: &str) -> Option<String> {
    if domain.len() > MAX_EMAIL {
        return None;
    }
    let ascii = idna::domain_to_ascii_strict(domain).ok()?;
    let label = |l: &str| (1..=63).contains(&l.len()) && !l.starts_with('-') && !l.ends_with('-');
    // An address of four numbers is one of a machine, not of a mailbox.
    let named = ascii.rsplit('.').next().is_some_and(|top| !top.bytes().all(|b| b.is_ascii_digit()));
    (named && ascii.contains('.') && ascii.split('.').all(label)).then_some(ascii)
}

/// A login as it is kept: an e-mail address in its form, else composed (NFC), 3 to 254 bytes, nothing but what can be
/// seen, without spaces. Letters of several scripts in one login, and such of another script that all look like Latin
/// ones, are refused: somebody else's login could be read into them.
///
/// # Errors
/// [`NOT_A_LOGIN`]; of what has an `@` the misfit of [`email()`].
pub fn login(text: &str) -> Result<String, Misfit> {
    if text.contains('@') {
        return email(text);
    }
    let text: String = text.trim().nfc().collect();
    let plain = (3..=MAX_EMAIL).contains(&text.len())
        && text.chars().all(|c| is_seen(c) || is_combining_mark(c))
        && !text.chars().any(is_forbidden);
    (plain && !looks_like_another(&login_key(&text))).then_some(text).ok_or(NOT_A_LOGIN)
}

/// The form under which two logins are the same: of an address with its domain in ASCII; NFKC, lower case, without
/// space around.
pub fn login_key(login: &str) -> String {
    let once = compared(login);
    let Some((local, domain)) = once.rsplit_once('@').filter(|(_, d)| !d.is_ascii()) else { return once };
    match ascii_domain(domain) {
        Some(domain) => format!("{local}@{domain}"),
        None => once,
    }
}

fn compared(text: &str) -> String {
    // Lower case may need composing again, and composing may bring spaces to the ends.
    let lower = text.nfkc().collect::<String>().to_lowercase();
    lower.nfkc().collect::<String>().trim().to_owned()
}

/// The scripts whose letters can be taken for each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Cherokee,
}

fn script(c: char) -> Option<Script> {
    Some(match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Script::Latin,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Script::Greek,
        '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' => Script::Cyrillic,
        '\u{530}'..='\u{58f}' => Script::Armenian,
        '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => Script::Cherokee,
        _ => return None,
    })
}

/// True for letters of several such scripts, and for a whole word of one of them that reads as Latin.
fn looks_like_another(key: &str) -> bool {
    let mut scripts = key.chars().filter(|c| c.is_alphabetic()).filter_map(script);
    let Some(first) = scripts.next() else { return false };
    let like_latin = |c: char| !c.is_alphabetic() || "асеорхуіјѕһԁԛԝӏьгпотϳοανρυικωգհոսցօ".contains(c);
    scripts.any(|s| s != first) || (first != Script::Latin && key.chars().all(like_latin))
}

#[cfg(test)]
mod tests;
