//! What the fields of records can hold: the types, and everything that follows from a field's type.
//!
//! Pure: no I/O, no async, no clock. Whoever has a question about a type asks here, so that no service has a list of the
//! types of its own.
//!
//! - [`FieldType`]: the table of the types, one file each in `types/`. [`FieldType::accept`] turns what was given into the
//!   one form in which it is kept, or says what does not fit.
//! - [`Value`]: a value as it stands in a field, in events and in rows; [`ValueRef`]: one as it is compared.
//! - [`Family`]: how values are compared; several types share one.
//! - [`Column`]: how lists keep and sort values; [`Display`]: how people see them and fill them in.
//! - [`Fault`] and [`Misfit`]: why a value can't be taken.

pub mod calendar;
mod column;
pub mod decimals;
mod display;
mod family;
mod fault;
mod types;
mod value;

pub use column::Column;
pub use display::Display;
pub use family::Family;
pub use fault::{Fault, Misfit};
pub use types::{FieldType, Limits, PicklistKey, PointsTo};
pub use value::{Value, ValueRef};
