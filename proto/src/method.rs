//! The table of methods: how lately a caller must have proved who they are. Declared beside each method, with the option
//! `proof`; a method without it fails the build.

use crate::identity::v1::SessionProof;

/// How lately somebody must have proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// Asked before anybody is known, or by services for work of their own.
    None,
    /// The call itself is the proof: it brings a password, a code, a passkey's answer or the token of a link.
    Proves,
    /// Whoever is known, however long ago they proved it, and programs with a token.
    Session,
    /// A person in a session who has proved who they are within ten minutes. Never a program.
    Fresh,
}

/// A method of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// As in a gRPC path, without the slash at its beginning: `portico.identity.v1.IdentityService/Login`.
    pub path: &'static str,
    /// What it asks for.
    pub proof: Proof,
    /// The request brings the session that asks; the service that knows sessions looks at it, not the caller's token.
    pub by_session: bool,
    /// It reads only, or twice is the same as once (protobuf's own option `idempotency_level`): a call may be sent again
    /// after it may have arrived.
    pub repeatable: bool,
    /// Names of the request's fields: tests tell from them what a method is about.
    pub fields: &'static [&'static str],
}

impl Method {
    /// The method's own name.
    pub fn name(&self) -> &'static str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// A request that brings the session which asks, and belongs to one method.
pub trait BySession {
    /// The method.
    const METHOD: &'static Method;

    /// The session, as the caller saw it.
    fn session(&self) -> Option<&SessionProof>;
}

/// The method of a path.
pub fn find(path: &str) -> Option<&'static Method> {
    METHODS.binary_search_by(|m| m.path.cmp(path)).ok().map(|n| &METHODS[n])
}

include!(concat!(env!("OUT_DIR"), "/methods.rs"));
