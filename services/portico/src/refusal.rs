//! A service's refusal, for people at a command line.

use anyhow::anyhow;

/// A service's refusal in words, each field named.
pub(crate) fn refused(status: tonic::Status, service: &str) -> anyhow::Error {
    let error = runtime::error_of(status);
    let mut text = format!("{service}: {} ({})", error.public, error.reason);
    for field in &error.fields {
        text.push_str(&format!("\n  {}: {}", field.field, field.message));
    }
    anyhow!(text)
}
