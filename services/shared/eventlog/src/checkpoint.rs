//! Signed checkpoints: kept outside, they show truncation and replacement, which a chain alone can't.

use kernel::Secret;
use ring::{
    digest, hkdf,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Everything that a log was at a position: a root over all stream heads, signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Whose log.
    pub service: String,
    /// Epoch of the log.
    pub epoch: i32,
    /// Last position that it covers.
    pub position: i64,
    /// SHA-256 over (stream id, version, hash) of every stream in order of id.
    #[serde(with = "base64_bytes")]
    pub root: Vec<u8>,
    /// Ed25519 over all of the above.
    #[serde(with = "base64_bytes")]
    pub signature: Vec<u8>,
    /// Public key of the signature.
    #[serde(with = "base64_bytes")]
    pub public_key: Vec<u8>,
}

/// A checkpoint that can't be believed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CheckpointError(&'static str);

/// The installation's key for checkpoints, derived from the master key.
pub struct CheckpointKey(Ed25519KeyPair);

impl CheckpointKey {
    /// Derives the key.
    pub fn derive(master_key: &Secret<[u8; 32]>) -> CheckpointKey {
        let mut bytes = [0; 32];
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"portico")
            .extract(master_key.expose())
            .expand(&[b"checkpoints"], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut bytes))
            .expect("HKDF-SHA256 gives 32 bytes");
        let seed = Secret::new(bytes);
        CheckpointKey(Ed25519KeyPair::from_seed_unchecked(seed.expose()).expect("any 32 bytes are an Ed25519 seed"))
    }

    /// Signs a checkpoint over stream heads.
    pub fn sign(&self, service: &str, epoch: i32, position: i64, heads: &HashMap<Uuid, (i64, Vec<u8>)>) -> Checkpoint {
        let mut checkpoint = Checkpoint {
            service: service.to_owned(),
            epoch,
            position,
            root: Checkpoint::root_of(heads),
            signature: Vec::new(),
            public_key: self.0.public_key().as_ref().to_vec(),
        };
        checkpoint.signature = self.0.sign(&checkpoint.signed_bytes()).as_ref().to_vec();
        checkpoint
    }

    /// Checks that a checkpoint was signed with this key.
    pub fn check(&self, checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
        if checkpoint.public_key != self.0.public_key().as_ref() {
            return Err(CheckpointError("the checkpoint was signed by another installation"));
        }
        UnparsedPublicKey::new(&ED25519, &checkpoint.public_key)
            .verify(&checkpoint.signed_bytes(), &checkpoint.signature)
            .map_err(|_| CheckpointError("the checkpoint's signature is wrong"))
    }
}

impl Checkpoint {
    /// The root over stream heads.
    pub(crate) fn root_of(heads: &HashMap<Uuid, (i64, Vec<u8>)>) -> Vec<u8> {
        let ordered: BTreeMap<_, _> = heads.iter().collect();
        let mut context = digest::Context::new(&digest::SHA256);
        for (stream, (version, hash)) in ordered {
            context.update(stream.as_bytes());
            context.update(&version.to_be_bytes());
            context.update(hash);
        }
        context.finish().as_ref().to_vec()
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes =
            format!("portico.checkpoint.v1\n{}\n{}\n{}\n", self.service, self.epoch, self.position).into_bytes();
        bytes.extend_from_slice(&self.root);
        bytes
    }
}

mod base64_bytes {
    use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        BASE64.decode(String::deserialize(from)?).map_err(D::Error::custom)
    }
}
