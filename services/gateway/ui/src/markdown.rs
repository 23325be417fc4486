//! Markdown that people wrote → HTML that is safe to show. The dialect is the crate `markdown`'s, as in mails.

pub use markdown::{SafeHtml, html as render, text as plain};
