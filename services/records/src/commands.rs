//! What callers want done: per command, gather facts, ask policy, decide, append, answer.

mod comment;
mod create;
mod links;
mod module;
mod moves;
mod reading;
mod remove;
mod update;
mod write;

pub use module::DefinedModule;
pub(crate) use module::{define_later_field, define_seed, module_id};
