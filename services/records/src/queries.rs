//! Reads of the read models. Every value that leaves goes through the caller's access plan.

mod agreement;
pub(crate) mod around;
mod comments;
mod dependents;
pub(crate) mod history;
mod list;
mod modules;
mod present;
pub(crate) mod read;
mod suggest;
mod titles;
pub(crate) mod told;
pub(crate) mod versions;

pub use list::sql::{Cursor, ListSql, Order, Reach, list_sql, open_sql, sorted_sql};
