//! The pages of the portal and the console: view-models, templates and texts.
//!
//! Everything here is pure. A handler asks the services, fills a view-model with values that this viewer
//! may see, and calls [`Template::render`]; nothing in this crate reads a clock, a socket or a file.
//!
//! - [`vm`] holds one struct per page. The struct *is* the template: `vm.render()` answers the whole page.
//! - [`lang`] holds the texts of every language (Fluent).
//! - [`fmt`] writes dates, times and numbers for a language and a time zone.
//! - [`markdown`] turns a body into HTML that is safe to show.
//! - [`qr`] draws what an authenticator app scans.
//! - [`refill`](refill()) puts what somebody had typed back into a form of a page.
//! - [`query`] reads and writes the address of a list page.

pub mod fmt;
pub mod lang;
pub mod markdown;
pub mod qr;
pub mod query;
mod refill;
pub mod vm;

pub use askama::{Error as RenderError, Template};
pub use lang::Lang;
pub use refill::{SECRETS, refill, texts};
