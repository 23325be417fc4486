//! Addresses that mails lead to, under the configured portal address and never under what a request said.

use crate::recipients::Kind;

/// Addresses of one installation.
#[derive(Debug, Clone)]
pub struct Links {
    base: String,
}

impl Links {
    /// Addresses under the portal's own.
    pub fn new(portal_url: &str) -> Links {
        Links { base: portal_url.trim_end_matches('/').to_owned() }
    }

    /// Where somebody signs in.
    pub fn sign_in(&self, kind: Kind) -> String {
        match kind {
            Kind::Contact => format!("{}/sign-in", self.base),
            Kind::Agent => format!("{}/console/sign-in", self.base),
        }
    }

    /// Where somebody sees a record.
    pub fn record(&self, kind: Kind, module: &str, id: &str) -> String {
        match kind {
            Kind::Contact => format!("{}/modules/{module}/{id}", self.base),
            Kind::Agent => format!("{}/console/modules/{module}/{id}", self.base),
        }
    }

    /// Where somebody sees a comment of a record.
    pub fn comment(&self, kind: Kind, module: &str, id: &str, comment: &str) -> String {
        format!("{}#comment-{comment}", self.record(kind, module, id))
    }
}
