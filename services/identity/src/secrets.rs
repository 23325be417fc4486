//! Keys derived from the installation's master key, sealing, random tokens and their hashes.
//!
//! Nothing here is ever printed: keys are [`Secret`], tokens leave only through the answers that carry them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use kernel::{ActorKind, Error, Secret, Timestamp};
use ring::{
    digest, hkdf, hmac,
    rand::{SecureRandom, SystemRandom},
};
use uuid::Uuid;

const NONCE: usize = 24;
/// Prefix of session tokens, so that leaked ones are found by scanners.
const SESSION_PREFIX: &str = "pses_";
/// Prefix of invitation tokens.
const INVITATION_PREFIX: &str = "pinv_";
/// Prefix of programs' tokens.
const API_PREFIX: &str = "pat_";
/// Prefix of the tokens in companies' secure links.
const COMPANY_LINK_PREFIX: &str = "plnk_";
/// Prefix of tokens of links that reset a password or confirm another login.
const LINK_PREFIX: &str = "pmlk_";
/// Prefix of what a browser keeps of a complete login.
const DEVICE_PREFIX: &str = "pdev_";
/// How long a browser is known: 180 days.
const DEVICE_DAYS: i64 = 180;
/// Bytes of a device's id.
const DEVICE_ID: usize = 16;
/// Seconds of a day.
const DAY: i64 = 86_400;

/// The keys of this service, each derived (HKDF-SHA256) for one purpose.
pub(crate) struct ServiceKeys {
    credential: Secret<[u8; 32]>,
    signing: Secret<[u8; 32]>,
    guard: hmac::Key,
    login: hmac::Key,
    csrf: hmac::Key,
    device: hmac::Key,
    factor: Secret<[u8; 32]>,
    ceremony: Secret<[u8; 32]>,
}

/// What was sealed does not open: the row was changed or moved, or the master key is another one.
#[derive(Debug, thiserror::Error)]
#[error("a sealed {0} does not open: was the master key changed?")]
pub(crate) struct Unsealable(&'static str);

impl From<Unsealable> for Error {
    fn from(e: Unsealable) -> Error {
        Error::internal(e)
    }
}

impl ServiceKeys {
    /// Derives the keys.
    pub(crate) fn derive(master: &Secret<[u8; 32]>) -> ServiceKeys {
        let key = |purpose: &str| derive(master, purpose);
        let mac = |purpose: &str| hmac::Key::new(hmac::HMAC_SHA256, key(purpose).expose());
        ServiceKeys {
            credential: key("identity credentials"),
            signing: key("identity signing keys"),
            guard: mac("identity attempt guard"),
            login: mac("identity login claims"),
            csrf: mac("identity csrf"),
            device: mac("identity devices"),
            factor: key("identity second factors"),
            ceremony: key("identity ceremonies"),
        }
    }

    /// Seals a PHC string; it opens only for the same user and credential.
    pub(crate) fn seal_credential(&self, user: Uuid, credential: Uuid, phc: &str) -> Result<Vec<u8>, Error> {
        seal(&self.credential, &credential_place(user, credential), phc.as_bytes())
    }

    /// Opens a PHC string.
    pub(crate) fn open_credential(
        &self,
        user: Uuid,
        credential: Uuid,
        sealed: &[u8],
    ) -> Result<Secret<String>, Unsealable> {
        let phc =
            open(&self.credential, &credential_place(user, credential), sealed).ok_or(Unsealable("credential"))?;
        String::from_utf8(phc).map(Secret::new).map_err(|_| Unsealable("credential"))
    }

    /// Seals the private part of a signing key.
    pub(crate) fn seal_signing_key(&self, kid: &str, secret: &[u8]) -> Result<Vec<u8>, Error> {
        seal(&self.signing, kid.as_bytes(), secret)
    }

    /// Opens the private part of a signing key.
    pub(crate) fn open_signing_key(&self, kid: &str, sealed: &[u8]) -> Result<Secret<Vec<u8>>, Unsealable> {
        open(&self.signing, kid.as_bytes(), sealed).map(Secret::new).ok_or(Unsealable("signing key"))
    }

    /// Under what the attempts on a login are counted. Portal and console count apart: a password for the one is never
    /// verified at the other, so guesses there must not lock here.
    pub(crate) fn subject_key(&self, surface: ActorKind, login_key: &str) -> Vec<u8> {
        let message = [surface.as_str().as_bytes(), b"\0", login_key.as_bytes()].concat();
        hmac::sign(&self.guard, &message).as_ref().to_vec()
    }

    /// Under what the attempts on a login from a network that it is trusted from are counted.
    pub(crate) fn trusted_key(&self, subject_key: &[u8], network: &str) -> Vec<u8> {
        hmac::sign(&self.guard, &[b"trusted\0".as_slice(), subject_key, network.as_bytes()].concat()).as_ref().to_vec()
    }

    /// Under what the guesses at a user's second factor are counted.
    pub(crate) fn factor_key(&self, user: Uuid) -> Vec<u8> {
        hmac::sign(&self.guard, &[b"factor\0".as_slice(), user.as_bytes()].concat()).as_ref().to_vec()
    }

    /// Seals the secret of an authenticator app; it opens only for the same user.
    pub(crate) fn seal_totp(&self, user: Uuid, secret: &[u8]) -> Result<Vec<u8>, Error> {
        seal(&self.factor, &totp_place(user), secret)
    }

    /// Opens the secret of an authenticator app.
    pub(crate) fn open_totp(&self, user: Uuid, sealed: &[u8]) -> Result<Secret<Vec<u8>>, Unsealable> {
        open(&self.factor, &totp_place(user), sealed).map(Secret::new).ok_or(Unsealable("second factor"))
    }

    /// Seals what the server keeps of a WebAuthn ceremony; it opens only for the same ceremony.
    pub(crate) fn seal_ceremony(&self, ceremony: Uuid, state: &[u8]) -> Result<Vec<u8>, Error> {
        seal(&self.ceremony, ceremony.as_bytes(), state)
    }

    /// Opens what the server keeps of a WebAuthn ceremony.
    pub(crate) fn open_ceremony(&self, ceremony: Uuid, sealed: &[u8]) -> Result<Secret<Vec<u8>>, Unsealable> {
        open(&self.ceremony, ceremony.as_bytes(), sealed).map(Secret::new).ok_or(Unsealable("ceremony"))
    }

    /// What a browser keeps of a complete login: a random id and the day, signed for this one login.
    pub(crate) fn device_token(&self, subject_key: &[u8], now: Timestamp) -> Result<String, Error> {
        let day = (now.micros() / 1_000_000 / DAY).to_be_bytes();
        let body = [&random::<DEVICE_ID>()?[..], &day].concat();
        let mac = hmac::sign(&self.device, &[&body, subject_key].concat());
        Ok(format!("{DEVICE_PREFIX}{}", URL_SAFE_NO_PAD.encode([&body, mac.as_ref()].concat())))
    }

    /// Under what the attempts of a known browser on its login are counted; None for a browser that is not known, or
    /// not for this login.
    pub(crate) fn device_key(&self, text: &str, subject_key: &[u8], now: Timestamp) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(DEVICE_PREFIX)?).ok()?;
        let (body, mac) = bytes.split_at_checked(DEVICE_ID + 8)?;
        hmac::verify(&self.device, &[body, subject_key].concat(), mac).ok()?;
        let day = i64::from_be_bytes(body[DEVICE_ID..].try_into().ok()?);
        let age = now.micros() / 1_000_000 / DAY - day;
        (0..=DEVICE_DAYS).contains(&age).then(|| {
            let message = [b"device\0".as_slice(), &body[..DEVICE_ID], subject_key].concat();
            hmac::sign(&self.guard, &message).as_ref().to_vec()
        })
    }

    /// The claim of a login: who has this value has the login.
    pub(crate) fn login_claim(&self, login_key: &str) -> Vec<u8> {
        hmac::sign(&self.login, login_key.as_bytes()).as_ref().to_vec()
    }

    /// The secret of a session from which the gateway makes CSRF tokens.
    pub(crate) fn csrf_key(&self, token_hash: &[u8]) -> Vec<u8> {
        hmac::sign(&self.csrf, token_hash).as_ref().to_vec()
    }
}

/// A token that was just made: the text for its bearer, the hash for us.
pub(crate) struct Token {
    pub(crate) text: Secret<String>,
    pub(crate) hash: Vec<u8>,
}

/// A new session token.
pub(crate) fn session_token() -> Result<Token, Error> {
    token(SESSION_PREFIX)
}

/// A new invitation token.
pub(crate) fn invitation_token() -> Result<Token, Error> {
    token(INVITATION_PREFIX)
}

/// A new token of a link that comes by mail.
pub(crate) fn link_token() -> Result<Token, Error> {
    token(LINK_PREFIX)
}

/// The hash under which a link's token would be stored; None for what can be none.
pub(crate) fn link_token_hash(text: &str) -> Option<Vec<u8>> {
    hash_of(LINK_PREFIX, text)
}

/// The hash under which a session token would be stored; None for what can be none.
pub(crate) fn session_token_hash(text: &str) -> Option<Vec<u8>> {
    hash_of(SESSION_PREFIX, text)
}

/// The hash under which an invitation token would be stored; None for what can be none.
pub(crate) fn invitation_token_hash(text: &str) -> Option<Vec<u8>> {
    hash_of(INVITATION_PREFIX, text)
}

/// A new token for a program.
pub(crate) fn api_token() -> Result<Token, Error> {
    token(API_PREFIX)
}

/// The hash under which a program's token would be stored; None for what can be none.
pub(crate) fn api_token_hash(text: &str) -> Option<Vec<u8>> {
    hash_of(API_PREFIX, text)
}

/// A new token for a company's secure link.
pub(crate) fn company_link_token() -> Result<Token, Error> {
    token(COMPANY_LINK_PREFIX)
}

/// The hash under which a secure link's token would be stored; None for what can be none.
pub(crate) fn company_link_token_hash(text: &str) -> Option<Vec<u8>> {
    hash_of(COMPANY_LINK_PREFIX, text)
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::internal("the system gives no randomness"))?;
    Ok(bytes)
}

/// A password of 20 characters that can be read out: no letters that look like digits. 100 bits.
pub(crate) fn readable_password() -> Result<Secret<String>, Error> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let random = random::<20>()?;
    let letter = |n: &u8| char::from(LETTERS[usize::from(n & 31)]);
    let groups: Vec<String> = random.chunks(5).map(|g| g.iter().map(letter).collect()).collect();
    Ok(Secret::new(groups.join("-")))
}

fn token(prefix: &str) -> Result<Token, Error> {
    let text = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::<32>()?));
    let hash = sha256(&text);
    Ok(Token { text: Secret::new(text), hash })
}

/// 32 random bytes are 43 characters; anything else was never ours.
fn hash_of(prefix: &str, text: &str) -> Option<Vec<u8>> {
    let random = text.strip_prefix(prefix)?;
    (random.len() == 43 && random.is_ascii()).then(|| sha256(text))
}

pub(crate) fn sha256(text: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().to_vec()
}

fn derive(master: &Secret<[u8; 32]>, purpose: &str) -> Secret<[u8; 32]> {
    let mut key = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"portico")
        .extract(master.expose())
        .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut key))
        .expect("HKDF-SHA256 gives 32 bytes");
    Secret::new(key)
}

fn credential_place(user: Uuid, credential: Uuid) -> Vec<u8> {
    format!("cred|{user}|{credential}").into_bytes()
}

fn totp_place(user: Uuid) -> Vec<u8> {
    format!("totp|{user}").into_bytes()
}

/// Nonce of 24 bytes, then the ciphertext (XChaCha20-Poly1305).
fn seal(key: &Secret<[u8; 32]>, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
    let nonce = random::<NONCE>()?;
    let sealed = XChaCha20Poly1305::new(key.expose().into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: place })
        .map_err(|_| Error::internal("sealing failed"))?;
    Ok([&nonce[..], &sealed].concat())
}

fn open(key: &Secret<[u8; 32]>, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
    let nonce: [u8; NONCE] = nonce.try_into().ok()?;
    XChaCha20Poly1305::new(key.expose().into()).decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: place }).ok()
}

#[cfg(test)]
mod tests;
