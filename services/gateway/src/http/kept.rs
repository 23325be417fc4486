//! What somebody typed into a form that could not be taken: kept sealed for 15 minutes, and shown again to the same person
//! in the same browser.
//!
//! The body goes to identity, since the gateway has no store and is many processes. It is sealed under a key that is made
//! of the gateway's own and of a random half that only the browser has, in a cookie; so neither the table nor the cookie
//! opens anything alone. Whose it is says the form's own token: it carries a word for the person whom the form was shown
//! to, signed, so that only forms of ours are kept, and that nobody else is shown what was typed. Nothing is ever sent
//! again by itself: the form is filled in, and the person sends it.
//!
//! What is typed before there is a person (a login) is sealed into the cookie itself: strangers fill no table.

use crate::http::{
    app::App,
    clock::now_micros,
    cookies::{cookie, put},
    hex::hex,
    sessions::Session,
};
use axum::response::Response;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use http::HeaderMap;
use kernel::Error;
use proto::identity::v1::{DropKeptFormRequest, GetKeptFormRequest, KeepFormRequest};
use ring::{aead, digest, hkdf, hmac, rand::SecureRandom};
use serde::{Deserialize, Serialize};

/// The cookie with the browser's halves of the keys.
const COOKIE: &str = "portico_kept";
/// How long anything is kept, in seconds; identity keeps a form as long.
const SECONDS: u32 = 15 * 60;
/// Most kept forms of a browser.
const MOST: usize = 3;
/// Most bytes of what is sealed into the cookie itself.
const MOST_INLINE: usize = 700;

/// A word for a person: the same for all their sessions at one front end, and nothing to anybody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner([u8; 16]);

/// Whose form it is, of a session. An agent's look at the portal is somebody of its own.
pub(crate) fn owner_of(app: &App, session: &Session) -> Owner {
    let agent = session.answer.agent.as_ref().map(|a| a.id.as_str()).unwrap_or_default();
    Owner(mac(app, &["owner", session.kind().as_str(), &session.subject().id, agent]))
}

/// The token of a form that is shown to somebody: the session's own, and for whom it is.
pub(crate) fn token_of(app: &App, session: &Session) -> String {
    let owner = owner_of(app, session);
    format!("{}.{}{}", session.csrf_token(), hex(&owner.0), hex(&signature(app, owner)))
}

/// The part of a form's token that is bound to the session.
pub(crate) fn mac_in(token: &str) -> &str {
    token.split('.').next().unwrap_or_default()
}

/// For whom a form was shown, if it is a form of ours.
pub(crate) fn owner_in(app: &App, token: &str) -> Option<Owner> {
    let (_, word) = token.split_once('.')?;
    let bytes: Vec<u8> = word
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|two| u8::from_str_radix(two, 16).ok()))
        .collect::<Option<_>>()?;
    let (owner, signed) = bytes.split_at_checked(16)?;
    let owner = Owner(owner.try_into().ok()?);
    (signature(app, owner).as_slice() == signed).then_some(owner)
}

fn signature(app: &App, owner: Owner) -> [u8; 16] {
    mac(app, &["shown to", &hex(&owner.0)])
}

fn mac(app: &App, parts: &[&str]) -> [u8; 16] {
    let mut mac = [0; 16];
    mac.copy_from_slice(&hmac::sign(&app.key, parts.join("\0").as_bytes()).as_ref()[..16]);
    mac
}

/// What was typed, and where it belongs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Path of the page with the form.
    page: String,
    /// Where the form posts to.
    pub(crate) action: String,
    /// Names and values, without secrets.
    pub(crate) typed: Vec<(String, String)>,
    /// Whose it is; empty for what was typed before there was a person.
    owner: String,
    until: i64,
}

impl Kept {
    pub(crate) fn new(page: &str, action: &str, typed: Vec<(String, String)>) -> Kept {
        // The page's own query is no part of where it belongs.
        let page = page.split(['?', '#']).next().unwrap_or_default().to_owned();
        let until = now_micros() / 1_000_000 + i64::from(SECONDS);
        Kept { page, action: action.to_owned(), typed, owner: String::new(), until }
    }

    /// Shown without a word: the page itself says what happened.
    pub(crate) fn quietly(&self) -> bool {
        self.owner.is_empty()
    }
}

/// A line of the cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    /// The browser's half of the key.
    half: String,
    page: String,
    action: String,
    /// What is sealed into the cookie itself.
    inline: String,
}

impl Line {
    fn parse(text: &str) -> Option<Line> {
        let mut parts = text.split(':').map(str::to_owned);
        let line = Line {
            half: parts.next()?,
            page: parts.next()?,
            action: parts.next()?,
            inline: parts.next().unwrap_or_default(),
        };
        (line.half.len() == 22).then_some(line)
    }

    fn hash(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, self.half.as_bytes()).as_ref().to_vec()
    }
}

fn lines(headers: &HeaderMap) -> Vec<Line> {
    let text = cookie(headers, COOKIE).unwrap_or_default();
    text.split('.').filter_map(Line::parse).take(MOST).collect()
}

fn keep_lines(app: &App, response: &mut Response, lines: &[Line]) {
    let text = |l: &Line| format!("{}:{}:{}:{}", l.half, l.page, l.action, l.inline);
    let value = lines.iter().map(text).collect::<Vec<_>>().join(".");
    put(app, response, COOKIE, &value, Some(if value.is_empty() { 0 } else { SECONDS }));
}

/// A short mark of an address, so that pages without a kept form cost nothing.
fn mark(app: &App, address: &str) -> String {
    hex(&mac(app, &["mark", address])[..4])
}

/// Kept, and not yet known to the browser: [`Keeping::tell`] puts it into the answer.
pub(crate) struct Keeping(Line);

impl Keeping {
    /// Gives the browser its half of the key.
    pub(crate) fn tell(self, app: &App, headers: &HeaderMap, response: &mut Response) {
        let mut all = lines(headers);
        all.retain(|l| !(l.inline.len() > 1 && l.action == self.0.action));
        all.push(self.0);
        keep_lines(app, response, &all[all.len().saturating_sub(MOST)..]);
    }
}

/// Keeps what somebody typed; none when that can't be done now.
pub(crate) async fn keep(app: &App, owner: Owner, kept: Kept) -> Option<Keeping> {
    let kept = Kept { owner: hex(&owner.0), ..kept };
    let line = Line {
        half: BASE64.encode(random::<16>()),
        page: mark(app, &kept.page),
        action: mark(app, &kept.action),
        inline: String::new(),
    };
    let sealed = seal(app, &line.half, &kept)?;
    let request = KeepFormRequest { key_hash: line.hash(), owner: owner.0.to_vec(), sealed };
    match app.clients.as_service().identity().keep_form(request).await {
        Ok(_) => Some(Keeping(line)),
        Err(status) => {
            tracing::warn!(event = "form.not_kept", code = %status.code(), "what was typed can't be kept");
            None
        }
    }
}

/// Keeps in the browser itself what was typed before there was a person; none when it is too much for a cookie.
pub(crate) fn keep_inline(app: &App, kept: &Kept) -> Option<Keeping> {
    let half = BASE64.encode(random::<16>());
    let sealed = BASE64.encode(seal(app, &half, kept)?);
    let line = Line { page: mark(app, &kept.page), action: mark(app, &kept.action), half, inline: sealed };
    (line.inline.len() <= MOST_INLINE * 4 / 3).then_some(Keeping(line))
}

/// True when the browser has its half of what a person typed on a page: it is in the form again after the sign-in.
pub(crate) fn is_waiting(app: &App, headers: &HeaderMap, page: &str) -> bool {
    let there = mark(app, page.split(['?', '#']).next().unwrap_or_default());
    lines(headers).iter().any(|l| l.inline.is_empty() && l.page == there)
}

/// What is kept for the form of a page and whoever asks for it now; the latest, if there are several.
pub(crate) async fn find(
    app: &App,
    headers: &HeaderMap,
    path: &str,
    session: Option<&Session>,
) -> Result<Option<Kept>, Error> {
    let here = mark(app, path);
    let owner = session.map(|s| hex(&owner_of(app, s).0)).unwrap_or_default();
    for line in lines(headers).into_iter().rev().filter(|l| l.page == here) {
        let sealed = match line.inline.is_empty() {
            false => BASE64.decode(&line.inline).unwrap_or_default(),
            true if session.is_none() => continue,
            true => {
                let request = GetKeptFormRequest { key_hash: line.hash() };
                let mut identity = app.clients.as_service().identity();
                identity.get_kept_form(request).await.map_err(runtime::error_of)?.into_inner().sealed
            }
        };
        let found = open(app, &line.half, sealed).filter(|kept| {
            let mine = kept.owner == owner || (kept.owner.is_empty() && session.is_none());
            mine && kept.page == path && kept.until > now_micros() / 1_000_000
        });
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// A form was taken: what was kept of it is forgotten.
pub(crate) fn forget(app: &App, headers: &HeaderMap, action: &str, response: &mut Response) {
    let (mark, mut all) = (mark(app, action), lines(headers));
    let Some(place) = all.iter().rposition(|l| l.action == mark) else { return };
    let line = all.remove(place);
    keep_lines(app, response, &all);
    if line.inline.is_empty() {
        let mut identity = app.clients.as_service().identity();
        // It is over in minutes anyway.
        tokio::spawn(async move { drop(identity.drop_kept_form(DropKeptFormRequest { key_hash: line.hash() }).await) });
    }
}

/// The key of one form: made of ours and of the browser's half, and used once.
fn key(app: &App, half: &str) -> Option<aead::LessSafeKey> {
    let mut key = [0; 32];
    let secret = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, hmac::sign(&app.key, b"kept forms").as_ref());
    secret.expand(&[half.as_bytes()], hkdf::HKDF_SHA256).and_then(|okm| okm.fill(&mut key)).ok()?;
    Some(aead::LessSafeKey::new(aead::UnboundKey::new(&aead::CHACHA20_POLY1305, &key).ok()?))
}

fn seal(app: &App, half: &str, kept: &Kept) -> Option<Vec<u8>> {
    let mut bytes = serde_json::to_vec(kept).ok()?;
    // Each key seals one thing only.
    let nonce = aead::Nonce::assume_unique_for_key([0; 12]);
    key(app, half)?.seal_in_place_append_tag(nonce, aead::Aad::empty(), &mut bytes).ok()?;
    Some(bytes)
}

fn open(app: &App, half: &str, mut sealed: Vec<u8>) -> Option<Kept> {
    let nonce = aead::Nonce::assume_unique_for_key([0; 12]);
    let plain = key(app, half)?.open_in_place(nonce, aead::Aad::empty(), &mut sealed).ok()?;
    serde_json::from_slice(plain).ok()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    ring::rand::SystemRandom::new().fill(&mut bytes).expect("the system gives randomness");
    bytes
}
