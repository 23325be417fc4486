//! The vocabulary that every service shares: ids, time, errors, actors, aggregates, paging, secrets, languages.
//!
//! Pure: no async, no I/O, no clock. Everything here can be used inside `decide` and `evolve`.

mod actor;
mod aggregate;
mod error;
mod id;
mod language;
mod paging;
mod right;
mod secret;
pub mod text;
mod timestamp;

pub use actor::{Actor, ActorKind, Channel, FRESH_SECONDS, READ_ONLY, doer};
pub use aggregate::{Aggregate, fold};
pub use error::{Code, Error, FieldError, Result};
pub use id::{command_id, derived_id, new_id, parse_id};
pub use language::{Direction, Language};
pub use paging::{Cursor, CursorError, MAX_PAGE, page_size};
pub use right::{Right, Rights};
pub use secret::Secret;
pub use timestamp::{Timestamp, date_is_valid, support_day_bounds, support_period};
