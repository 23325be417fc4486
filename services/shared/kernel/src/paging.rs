//! Keyset paging: how many, and from where on.

use crate::{Error, Result};

/// The most items of one page.
pub const MAX_PAGE: u32 = 200;
const DEFAULT_PAGE: u32 = 50;

/// The size of a page: 0 asks for the default of 50; more than [`MAX_PAGE`] is refused.
pub fn page_size(limit: i32) -> Result<u32> {
    match u32::try_from(limit) {
        Ok(0) => Ok(DEFAULT_PAGE),
        Ok(n) if n <= MAX_PAGE => Ok(n),
        _ => Err(Error::invalid_field("limit", "out_of_range", "A page has 1 to 200 items.")),
    }
}

/// A place in a list, as an opaque text for callers: parts joined by `~`, hex-escaped.
///
/// A cursor says where to go on, never what may be seen; it needs no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub Vec<String>);

/// The text is no cursor of ours.
#[derive(Debug, PartialEq, Eq)]
pub struct CursorError;

impl Cursor {
    /// The opaque text.
    pub fn encode(&self) -> String {
        use std::fmt::Write;
        let mut text = String::new();
        for byte in self.0.join("\u{1f}").bytes() {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// Reads a text that [`Cursor::encode`] made with the same number of parts.
    pub fn decode(text: &str, parts: usize) -> Result<Cursor, CursorError> {
        if !text.len().is_multiple_of(2) || !text.is_ascii() {
            return Err(CursorError);
        }
        let bytes = (0..text.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16).map_err(|_| CursorError))
            .collect::<Result<Vec<u8>, _>>()?;
        let joined = String::from_utf8(bytes).map_err(|_| CursorError)?;
        let found: Vec<String> = joined.split('\u{1f}').map(str::to_owned).collect();
        if found.len() == parts { Ok(Cursor(found)) } else { Err(CursorError) }
    }
}

impl From<CursorError> for Error {
    fn from(_: CursorError) -> Error {
        Error::invalid_field("cursor", "not_a_cursor", "This cursor is not one that we gave.")
    }
}

#[cfg(test)]
mod tests;
