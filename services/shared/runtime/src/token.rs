//! Actor tokens: PASETO v4.public, minted by identity for sessions and by each service for its own work, valid for a
//! minute, verified by every service. The installation's id is the implicit assertion, so that a token of another
//! installation never verifies.

use kernel::{Actor, ActorKind, Channel, Rights, Secret, Timestamp};
use pasetors::{
    Public,
    keys::{AsymmetricPublicKey, AsymmetricSecretKey},
    token::UntrustedToken,
    version4::{PublicToken, V4},
};
use ring::{
    hkdf,
    signature::{Ed25519KeyPair, KeyPair},
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// How long a token is valid.
pub const VALID_SECONDS: i64 = 60;
/// Clocks may differ by so much.
const LEEWAY_SECONDS: i64 = 5;
/// The key id of tokens that services mint for themselves.
pub const SERVICE_KID: &str = "service";

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Always `portico`.
    pub iss: String,
    /// Installation id.
    pub aud: String,
    /// The subject's id.
    pub sub: Uuid,
    /// What kind of subject.
    pub kind: ActorKind,
    /// An agent's role, or a service's name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// Session id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<Uuid>,
    /// The agent who acts for the subject (RFC 8693 `act`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Uuid>,
    /// What an agent may do beyond records.
    #[serde(default, skip_serializing_if = "Rights::is_empty")]
    pub rights: Rights,
    /// Nothing may be changed with this token.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    /// How well the subject has proved who it is: 0 a link, 1 a password, 2 with a second factor.
    #[serde(default)]
    pub aal: u8,
    /// When the subject proved who it is, seconds since 1970; 0 for programs.
    #[serde(default)]
    pub auth_time: i64,
    /// Issued, seconds since 1970.
    pub iat: i64,
    /// Valid until, seconds since 1970.
    pub exp: i64,
    /// Unique id.
    pub jti: Uuid,
}

impl Claims {
    /// Claims of a subject, valid from now for [`VALID_SECONDS`].
    pub fn new(installation: &str, sub: Uuid, kind: ActorKind, role: &str, now: Timestamp) -> Claims {
        let iat = now.micros() / 1_000_000;
        Claims {
            iss: "portico".into(),
            aud: installation.to_owned(),
            sub,
            kind,
            role: role.to_owned(),
            sid: None,
            act: None,
            rights: Rights::none(),
            read_only: false,
            aal: 1,
            auth_time: 0,
            iat,
            exp: iat + VALID_SECONDS,
            jti: kernel::new_id(),
        }
    }

    /// The actor that the token stands for.
    pub fn actor(&self, channel: Channel) -> Actor {
        Actor {
            kind: self.kind,
            id: self.sub,
            role: self.role.clone(),
            rights: self.rights.clone(),
            on_behalf_of: self.act,
            session: self.sid,
            channel,
            read_only: self.read_only,
            auth_time: (self.auth_time > 0).then(|| Timestamp::from_micros(self.auth_time * 1_000_000)),
            assurance: match self.kind {
                ActorKind::Service => Actor::service(&self.role).assurance,
                ActorKind::Contact | ActorKind::Agent | ActorKind::Company => self.aal,
            },
        }
    }
}

/// A token that is not to be believed. The reason is for the log, never for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a v4.public token with a key id.
    #[error("not a token of ours")]
    Form,
    /// Signed with a key that is not known (any more).
    #[error("unknown key")]
    UnknownKey,
    /// The signature or the installation is wrong.
    #[error("wrong signature")]
    Signature,
    /// Too old, or from the future.
    #[error("not valid now")]
    Expired,
}

/// A private key with its id.
pub struct SigningKey {
    /// Key id, in the token's footer.
    pub kid: String,
    secret: AsymmetricSecretKey<V4>,
    /// Raw public key, 32 bytes.
    pub public: Vec<u8>,
}

impl SigningKey {
    /// From an Ed25519 seed of 32 bytes.
    pub fn from_seed(kid: &str, seed: &[u8; 32]) -> SigningKey {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are an Ed25519 seed");
        let public = pair.public_key().as_ref().to_vec();
        let both = [seed.as_slice(), &public].concat();
        let secret = AsymmetricSecretKey::<V4>::from(&both).expect("seed and public key are a v4 secret key");
        SigningKey { kid: kid.to_owned(), secret, public }
    }

    /// The key with which services sign tokens for their own work, derived from the master key.
    pub fn for_services(master_key: &Secret<[u8; 32]>) -> SigningKey {
        let mut seed = [0; 32];
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"portico")
            .extract(master_key.expose())
            .expand(&[b"service tokens"], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut seed))
            .expect("HKDF-SHA256 gives 32 bytes");
        SigningKey::from_seed(SERVICE_KID, &seed)
    }
}

/// Mints a token.
pub fn mint(key: &SigningKey, claims: &Claims) -> String {
    let message = serde_json::to_vec(claims).expect("claims are plain JSON");
    PublicToken::sign(&key.secret, &message, Some(key.kid.as_bytes()), Some(claims.aud.as_bytes()))
        .expect("a token of a few hundred bytes can be signed")
}

/// The key id that a token names, without believing it.
pub fn kid_of(token: &str) -> Option<String> {
    let untrusted = UntrustedToken::<Public, V4>::try_from(token).ok()?;
    String::from_utf8(untrusted.untrusted_footer().to_vec()).ok().filter(|k| !k.is_empty())
}

/// Checks a token: known key, signature, installation, time, and that only the services' key speaks for services.
pub fn verify(
    keys: &HashMap<String, Vec<u8>>,
    installation: &str,
    token: &str,
    now: Timestamp,
) -> Result<Claims, TokenError> {
    let untrusted = UntrustedToken::<Public, V4>::try_from(token).map_err(|_| TokenError::Form)?;
    let kid = kid_of(token).ok_or(TokenError::Form)?;
    let public = keys.get(&kid).ok_or(TokenError::UnknownKey)?;
    let public = AsymmetricPublicKey::<V4>::from(public).map_err(|_| TokenError::UnknownKey)?;
    let trusted = PublicToken::verify(&public, &untrusted, Some(kid.as_bytes()), Some(installation.as_bytes()))
        .map_err(|_| TokenError::Signature)?;
    let claims: Claims = serde_json::from_str(trusted.payload()).map_err(|_| TokenError::Form)?;
    if claims.iss != "portico"
        || claims.aud != installation
        || (claims.kind == ActorKind::Service) != (kid == SERVICE_KID)
    {
        return Err(TokenError::Signature);
    }
    let now = now.micros() / 1_000_000;
    if now > claims.exp + LEEWAY_SECONDS || now < claims.iat - LEEWAY_SECONDS || claims.exp - claims.iat > VALID_SECONDS
    {
        return Err(TokenError::Expired);
    }
    Ok(claims)
}

#[cfg(test)]
mod tests;
