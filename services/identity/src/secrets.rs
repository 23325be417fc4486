//! Keys derived from the installation's master key, sealing, random tokens and their hashes.
//!
//! Nothing here is ever printed: keys are [`Secret`], tokens leave only through the answers that carry them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use kernel::{ActorKind, Error, Secret};
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

/// The keys of this service, each derived (HKDF-SHA256) for one purpose.
pub(crate) struct ServiceKeys {
    credential: Secret<[u8; 32]>,
    signing: Secret<[u8; 32]>,
    guard: hmac::Key,
    login: hmac::Key,
    csrf: hmac::Key,
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

fn sha256(text: &str) -> Vec<u8> {
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
