//! Read models that are written in the same transaction as the events they show.

pub mod columns;
pub mod records;
pub(crate) mod rows;
pub(crate) mod shape;
mod store;

pub use records::RecordsProjection;
